"""An attacker who subtracts, sums and intersects everything published never learns more of a small number than `<5`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from operator import itemgetter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kobo_crc.disclosure import SPECIALISED, Cell, Range, Rule, Split, given_away, public_service, safe, shared

RULES = st.sampled_from([Rule(), Rule(3, 3), Rule(3, 5), Rule(5, 3), Rule(4, 4), Rule(6, 5)])
SMALL = range(5)


def table(count_of: dict[str, list[int]], *, published: bool = True) -> Cell:
    splits = [
        Split(by, tuple(Cell(f"{by}{number}", count) for number, count in enumerate(counts)))
        for by, counts in count_of.items()
    ]
    (total,) = {sum(counts) for counts in count_of.values()}
    return Cell("all", total, tuple(splits), published)


def worlds(cell: Cell, rule: Rule, most: int) -> Iterator[dict[str, int]]:
    """Brute force: every set of whole numbers that all the published numbers allow; unpublished ones up to `most`."""
    for count in range(most + 1):
        if cell.published and rule.rounded(count) != rule.rounded(cell.count):
            continue
        for splits in product(*(partitions(split, rule, count) for split in cell.splits)):
            yield {cell.code: count} | {code: value for found in splits for code, value in found.items()}


def partitions(split: Split, rule: Rule, total: int) -> list[dict[str, int]]:
    found: list[tuple[int, dict[str, int]]] = [(0, {})]
    for cell in split.cells:
        options = list(worlds(cell, rule, total))
        found = [
            (total_so_far + option[cell.code], known | option)
            for total_so_far, known in found
            for option in options
            if total_so_far + option[cell.code] <= total
        ]
    return [known for total_so_far, known in found if total_so_far == total]


def cells(cell: Cell) -> Iterator[Cell]:
    yield cell
    for split in cell.splits:
        for inner in split.cells:
            yield from cells(inner)


def nested(place: str, draw: st.DrawFn) -> Cell:
    """A cell that is parted in two, as overdue referrals are within each governorate."""
    inner = draw(st.lists(st.integers(0, 7), min_size=2, max_size=2))
    cells = tuple(Cell(f"in{place}{number}", count) for number, count in enumerate(inner))
    return Cell(f"by{place}", sum(inner), (Split("inner", cells),))


@st.composite
def tables(draw: st.DrawFn) -> Cell:
    """A number parted in one or two ways, the first two cells of the first perhaps parted again in the same way."""
    counts = draw(st.lists(st.integers(0, 9), min_size=2, max_size=3))
    first = nested("0", draw) if draw(st.booleans()) else Cell("by0", counts[0], published=draw(st.booleans()))
    second_cell = nested("1", draw) if draw(st.booleans()) else Cell("by1", counts[1])
    parts = (first, second_cell, *(Cell(f"by{n}", c) for n, c in enumerate(counts[2:], 2)))
    total = sum(cell.count for cell in parts)
    other = draw(st.integers(0, total))
    second = Split("other", (Cell("other0", other), Cell("other1", total - other)))
    splits = (Split("by", parts), second) if draw(st.booleans()) else (Split("by", parts),)
    return Cell("all", total, splits, draw(st.booleans()))


@given(tables(), RULES)
def test_safe__attacker_with_everything_published__knows_no_more_than_small(drawn: Cell, rule: Rule) -> None:
    shown = safe(drawn, rule)
    possible = defaultdict(set)
    for world in worlds(shown, rule, drawn.count + 12):
        for code, value in world.items():
            possible[code].add(value)
    for cell in cells(shown):
        if min(possible[cell.code]) < rule.threshold:
            assert possible[cell.code] >= set(range(rule.threshold)), cell.code
        assert cell.count in possible[cell.code]


@given(tables(), RULES)
def test_given_away__brute_force__finds_the_same_cells(drawn: Cell, rule: Rule) -> None:
    possible = defaultdict(set)
    for world in worlds(drawn, rule, drawn.count + 12):
        for code, value in world.items():
            possible[code].add(value)
    small = set(range(rule.threshold))
    narrowed = {code for code, values in possible.items() if min(values) < rule.threshold and not values >= small}
    assert set(given_away(drawn, rule)) == narrowed


@pytest.mark.parametrize("counts", [2, 3])
@pytest.mark.parametrize("rule", [Rule(), Rule(3, 3), Rule(3, 5)])
def test_safe__attacker_who_knows_the_program__pins_no_cell_even_of_a_split_left_out(counts: int, rule: Rule) -> None:
    groups = defaultdict(list)
    for values in product(range(13), repeat=counts):
        shown = safe(table({"by": list(values)}), rule)
        seen = (rule.rounded(shown.count), tuple(rule.rounded(cell.count) for cell in shown.split("by")))
        groups[seen].append(values)
    for alike in groups.values():
        if rule.range(sum(alike[0])).high > 12:
            continue  # some who would look alike are beyond what was tried
        for column in zip(*alike, strict=True):
            assert len(set(column)) > 1 or column[0] >= rule.threshold


@given(st.integers(0, 10_000), RULES)
def test_rule__range__is_what_is_shown_alike(count: int, rule: Rule) -> None:
    low, high = rule.range(count)
    assert low <= count <= high
    assert {rule.rounded(value) for value in range(low, high + 1)} == {rule.rounded(count)}
    assert rule.rounded(high + 1) != rule.rounded(count) and (not low or rule.rounded(low - 1) != rule.rounded(count))


def test_rule__text__small_and_zero_alike_others_rounded() -> None:
    assert [Rule().text(count) for count in (0, 4, 5, 7, 8, 1203)] == ["<5", "<5", "5", "5", "10", "1,205"]
    assert Rule(6, 5).text(6) == "10" and Rule(6, 5).range(6) == Range(6, 12)


@pytest.mark.parametrize(("threshold", "base"), [(2, 5), (5, 2), (0, 0)])
def test_rule__below_three__refused(threshold: int, base: int) -> None:
    with pytest.raises(ValueError, match="at least 3"):
        Rule(threshold, base)


def test_safe__two_fours_and_their_sum__split_is_left_out() -> None:
    """8 is shown as 10, which is at least 8: both would be known to be 4."""
    assert given_away(table({"sex": [4, 4]}), Rule()) == ["sex0", "sex1"]
    assert safe(table({"sex": [4, 4]}), Rule()).splits == ()


def test_safe__sum_within_reach__split_stays() -> None:
    kept = safe(table({"centre": [4, 40, 62]}), Rule())
    assert [Rule().text(cell.count) for cell in kept.split("centre")] == ["<5", "40", "60"]


def test_safe__two_splits_that_betray_each_other__the_less_important_goes() -> None:
    """Each alone is safe. Two centres of 5 to 7 make the total at most 14, which leaves the small rest 1 at most."""
    both = table({"sex": [0, 13], "centre": [6, 7]})
    assert given_away(table({"sex": [0, 13]}), Rule()) == given_away(table({"centre": [6, 7]}), Rule()) == []
    assert given_away(both, Rule()) == ["sex0"]
    assert [split.by for split in safe(both, Rule()).splits] == ["sex"]


def test_safe__unpublished_rest__is_protected_too() -> None:
    """100 agreed and one did not: centre totals of everybody beside them may not tell that there is one."""
    agreed = Cell("agreed", 97)
    wishes = Split("wish", (agreed, Cell("refused", 3, published=False)))
    one_centre = Split("centre", (Cell("baiji", 100),))
    everybody = Cell("all", 100, (wishes, one_centre), published=False)
    assert given_away(everybody, Rule()) == ["refused"]
    assert [split.by for split in safe(everybody, Rule()).splits] == ["wish"]


def test_cell__parts_that_are_not_the_whole__refused() -> None:
    with pytest.raises(ValueError, match="sex"):
        Cell("all", 5, (Split("sex", (Cell("female", 4),)),))


def test_public_service__sensitive_and_other__are_one() -> None:
    sensitive = {"gbv", "child_protection"}
    assert {public_service(code, sensitive) for code in ("gbv", "child_protection", "other")} == {SPECIALISED}
    assert public_service("health", sensitive) == "health" and public_service(None, sensitive) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 30)), max_size=60), st.integers(3, 6))
def test_shared__any_rows__every_group_shown_and_every_rest_is_of_enough_people(
    rows: list[tuple[int, int, int]], few: int
) -> None:
    assume(len({row[2] for row in rows}) >= few)
    shown = shared(rows, [itemgetter(0), itemgetter(1)], few, itemgetter(2))
    for columns in (1, 2):
        groups: dict[tuple[int, ...], set[int]] = defaultdict(set)
        for row, count in zip(rows, shown, strict=True):
            groups[(count >= columns, *row[: min(count, columns)])].add(row[2])
        assert all(len(people) >= few for people in groups.values())


def test_shared__small_part__stays_behind_with_the_smallest_large_one() -> None:
    rows = [("f", "a")] * 9 + [("f", "b")] * 5 + [("f", "c")] * 2 + [("m", "a")] * 6
    numbered = [(*row, number) for number, row in enumerate(rows)]
    shown = shared(numbered, [itemgetter(0), itemgetter(1)], 5, itemgetter(2))
    assert shown == [2] * 9 + [1] * 7 + [2] * 6


def test_shared__one_person_with_many_rows__is_one() -> None:
    rows = [("f", number) for number in range(9)] + [("m", 100)] * 8
    assert shared(rows, [itemgetter(0)], 5, itemgetter(1)) == [0] * 17


def test_shared__fewer_people_than_few__none_may_be_shown() -> None:
    with pytest.raises(ValueError, match="too few"):
        shared([1, 2, 3, 4, 4], [lambda row: row], 5, lambda row: row)

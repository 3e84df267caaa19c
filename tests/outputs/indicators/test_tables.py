"""Units become lines: exact, or as they may be published."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_crc.disclosure import Cell, Rule, Split, safe
from kobo_crc.outputs.indicators.tables import CENTRE, Line, Material, Share, Unit, Way, lines, table_of
from tests.test_disclosure import cells, worlds

SEX = Way("sex", ("female", "male"))
CENTRES = Way(CENTRE, ("baiji", "jalawla"))


def units(number: int, centre: str = "baiji", sex: str | None = "female", **more: object) -> tuple[Unit, ...]:
    return tuple(Unit(centre, {"sex": sex}, **more) for _ in range(number))  # type: ignore[arg-type]


def texts(found: list[Line]) -> dict[tuple[str, str], str]:
    return {(line.by, line.category): line.text for line in found}


def test_lines__no_rule__every_split_exactly() -> None:
    material = Material((*units(3), *units(2, "jalawla", "male"), *units(1, sex=None)), (SEX, CENTRES))
    assert texts(lines(material, (), None)) == {
        ("", ""): "6",
        ("sex", "female"): "3",
        ("sex", "male"): "2",
        ("sex", "not_known"): "1",
        ("centre", "baiji"): "4",
        ("centre", "jalawla"): "2",
        ("centre", "not_known"): "0",
    }


def test_lines__published__rounded_and_zero_like_small() -> None:
    found = texts(lines(Material((*units(41), *units(37, sex="male")), (SEX,)), (), Rule()))
    assert found == {
        ("", ""): "80",
        ("sex", "female"): "40",
        ("sex", "male"): "35",
        ("sex", "not_known"): "<5",
    }


def test_lines__split_that_gives_away__is_not_there() -> None:
    """Two of 63 to 67 leave of 123 to 127 at most 1: whose sex is not known would be no more than one."""
    assert texts(lines(Material((*units(63), *units(63, sex="male")), (SEX,)), (), Rule())) == {("", ""): "125"}


def test_lines__opted_out__counted_in_their_centres_total_alone() -> None:
    material = Material((*units(20), *units(9, reported=False)), (SEX, CENTRES), by_wish=True)
    found = texts(lines(material, (), None))
    assert (found["", ""], found["sex", "female"], found["centre", "baiji"]) == ("20", "20", "29")
    assert not [place for place in found if "not_counted" in place or "wish" in place]


def test_lines__one_opted_out_in_one_centre__its_total_is_left_out() -> None:
    material = Material((*units(37), *units(3, reported=False)), (CENTRES,), by_wish=True)
    assert texts(lines(material, (), Rule())) == {("", ""): "35"}


def test_lines__numbers_used_twice__make_a_range_of_what_may_be_counted() -> None:
    material = Material(
        (*units(30), *units(5, doubtful=1), *units(8, doubtful=1, reported=False)), (SEX,), by_wish=True
    )
    assert texts(lines(material, (), None))["", ""] == "35 – 40"
    assert texts(lines(Material((*units(30), *units(1, doubtful=1)), ()), (), Rule())) == {("", ""): "30"}
    assert texts(lines(Material((*units(30), *units(2, doubtful=1)), ()), (), Rule())) == {("", ""): "30 – 35"}


def test_lines__shares__of_what_is_shown() -> None:
    """22 of 62: the rounded numbers say 20 of 60, and the share may say no more."""
    share = Share("women", (("sex", "female"),))
    material = Material((*units(22), *units(40, sex="male")), (SEX,))
    assert texts(lines(material, [share], Rule()))["share", "women"] == "≈ 33 %"
    assert texts(lines(material, [share], None))["share", "women"] == "≈ 35 %"


def test_lines__share_of_a_split_left_out_of_a_small_part_or_of_nothing__says_nothing() -> None:
    share = Share("women", (("sex", "female"),))
    left_out = Material((*units(63), *units(63, sex="male")), (SEX,))
    assert ("share", "women") not in texts(lines(left_out, [share], Rule()))
    for some in ((*units(3), *units(40, sex="male")), ()):
        assert texts(lines(Material(some, (SEX,)), [share], Rule()))["share", "women"] == "–"


@pytest.mark.parametrize(("number", "shown"), [(9, "–"), (10, "5.5")])
def test_lines__days__only_of_enough(number: int, shown: str) -> None:
    some = (*units(5), *(Unit("baiji", days={"served": days}) for days in range(1, number + 1)))
    found = texts(lines(Material(some, (), stages=("served",)), (), Rule()))
    assert found["days_median", "served"] == shown
    assert (found.get(("days_mean", "served")), found.get(("days_p90", "served"))) == (
        ("5.5", "9.1") if number == 10 else (None, None)
    )


def test_lines__days_of_people_not_counted__are_left_out() -> None:
    slow = tuple(Unit("baiji", reported=False, days={"served": 99}) for _ in range(20))
    some = tuple(Unit("baiji", days={"served": 1}) for _ in range(10))
    material = Material((*some, *slow, *units(5)), (), by_wish=True, stages=("served",))
    assert texts(lines(material, (), Rule()))["days_median", "served"] == "1"


def test_of_centre__others__are_gone() -> None:
    own = Material((*units(3), *units(2, "jalawla")), (SEX,), plain={"sessions": 7}).of_centre("jalawla")
    assert texts(lines(own, (), None)) == {
        ("", ""): "2",
        ("sex", "female"): "2",
        ("sex", "male"): "0",
        ("sex", "not_known"): "0",
    }


def test_lines__way_that_knows_of_everybody__has_no_category_for_the_rest() -> None:
    whole = Way("closed", ("closed", "not_closed"), whole=True)
    some = tuple(Unit("baiji", {"closed": "closed"}) for _ in range(3))
    assert texts(lines(Material(some, (whole,)), (), None)) == {
        ("", ""): "3",
        ("closed", "closed"): "3",
        ("closed", "not_closed"): "0",
    }


LIMITS = (
    Way("origin", ("north", "south"), whole=True),
    Way("waiting", ("overdue", "not_overdue"), ("origin", "north"), whole=True),
    Way("waiting", ("overdue", "not_overdue"), ("origin", "south"), whole=True),
    Way("decision", ("in_time", "late"), whole=True),
)
KINDS = [
    {"origin": origin, "waiting": waiting, "decision": decision}
    for origin in ("north", "south")
    for waiting, decision in (("overdue", "late"), ("not_overdue", "late"), ("not_overdue", "in_time"))
]


@given(st.lists(st.integers(0, 5), min_size=len(KINDS), max_size=len(KINDS)), st.sampled_from([Rule(), Rule(3, 3)]))
@settings(max_examples=60)
def test_table__overdue_and_in_time__attacker_with_everything_published_knows_no_more_than_small(
    numbers: list[int], rule: Rule
) -> None:
    some = [Unit("baiji", dict(kind)) for kind, number in zip(KINDS, numbers, strict=True) for _ in range(number)]
    shown = safe(table_of(Material(tuple(some), LIMITS)), rule)
    named = _by_place(shown)
    possible = defaultdict(set)
    for world in worlds(named, rule, named.count + 6):
        for code, value in world.items():
            possible[code].add(value)
    for cell in cells(named):
        values = possible[cell.code]
        assert cell.count in values
        assert min(values) >= rule.threshold or values >= set(range(rule.threshold)), cell.code


def _by_place(cell: Cell, place: str = "") -> Cell:
    """The same table, with a name of its own for each cell: overdue is in both governorates."""
    splits = tuple(
        Split(split.by, tuple(_by_place(part, f"{place}/{cell.code}/{split.by}") for part in split.cells))
        for split in cell.splits
    )
    return Cell(f"{place}/{cell.code}", cell.count, splits, cell.published)


def test_lines__code_of_no_list__is_among_what_is_not_known() -> None:
    """A row that came only with its first case would tell that there is one."""
    found = texts(lines(Material((*units(1, sex="gone"), *units(2, sex=None)), (SEX,)), (), None))
    assert found == {("", ""): "3", ("sex", "female"): "0", ("sex", "male"): "0", ("sex", "not_known"): "3"}


@pytest.mark.parametrize(("others", "shown"), [(0, "–"), (2, "–"), (4, "–"), (5, "1")])
def test_lines__days__only_where_those_that_have_not_come_so_far_are_enough_too(others: int, shown: str) -> None:
    """Ten of a number shown as 10 leave two at most, and all of the others are in one small cell."""
    way = Way("outcome", ("no_feedback", "served"), whole=True)
    served = tuple(Unit("baiji", {"outcome": "served"}, days={"served": 1}) for _ in range(10))
    waiting = tuple(Unit("baiji", {"outcome": "no_feedback"}) for _ in range(others))
    found = texts(lines(Material((*served, *waiting), (way,), stages=("served",)), (), Rule()))
    assert found["days_median", "served"] == shown

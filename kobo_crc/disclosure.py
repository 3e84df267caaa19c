"""Keeps small numbers from whoever reads published tables: rounding, and splits left out that would give a cell away.

Pure. What is guaranteed and what is not stands in docs/disclosure.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeVar

SMALLEST: Final = 3  # neither the threshold nor the rounding may go below it, whatever the settings say
SPECIALISED: Final = "specialised_or_other"
SPECIALISED_NAME: Final = {
    "en": "Specialised protection and other services",
    "ar": "الحماية المتخصصة وخدمات أخرى",
    "ckb": "پاراستنی تایبەت و خزمەتگوزارییەکانی دیکە",
}
_UNKNOWN: Final = 10**12  # more than any count: what is known of a number that is not published

Row = TypeVar("Row")


class Range(NamedTuple):
    """The smallest and the largest value that a count may have."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How counts are published: those below `threshold` as `<5`, zero too, others as multiples of `base`.

    ValueError when either is below 3.
    """

    threshold: int = 5
    base: int = 5

    def __post_init__(self) -> None:
        if min(self.threshold, self.base) < SMALLEST:
            raise ValueError(f"The threshold and the base of rounding should be at least {SMALLEST}.")

    @property
    def first(self) -> int:
        """The smallest number that is ever shown."""
        return -(-self.threshold // self.base) * self.base

    def rounded(self, count: int) -> int:
        """The number as it is shown; 0 for one that is too small to be."""
        if count < self.threshold:
            return 0
        return max(self.first, (count + self.base // 2) // self.base * self.base)

    def text(self, count: int) -> str:
        """As it is printed: `<5`, `1,205`."""
        return f"{self.rounded(count):,}" if count >= self.threshold else f"<{self.threshold}"

    def range(self, count: int) -> Range:
        """What a reader of the shown number may take the count for."""
        shown = self.rounded(count)
        if not shown:
            return Range(0, self.threshold - 1)
        below = self.threshold if shown == self.first else shown - self.base // 2
        return Range(below, shown + (self.base - 1) // 2)


@dataclass(frozen=True, slots=True)
class Split:
    """One way of parting a number: every unit counted is in exactly one of the cells."""

    by: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table, with the splits of it that are to be published, the most important first.

    An unpublished cell is shown to nobody, and protected like the others.
    """

    code: str
    count: int
    splits: tuple[Split, ...] = ()
    published: bool = True

    def __post_init__(self) -> None:
        for split in self.splits:
            if sum(cell.count for cell in split.cells) != self.count:
                raise ValueError(f"The cells of {split.by} do not make up {self.code}.")

    def split(self, by: str) -> tuple[Cell, ...]:
        """The cells of that split, wherever it hangs; none where it was left out."""
        for split in self.splits:
            inner = [cell.split(by) for cell in split.cells]
            found = split.cells if split.by == by else tuple(cell for cells in inner for cell in cells)
            if found:
                return found
        return ()


def safe(table: Cell, rule: Rule) -> Cell:
    """The table without the splits that would tell more of a small number than that it is small.

    Splits are taken in one by one, the most important first; one that gives anything away is left out everywhere.
    """
    kept: set[str] = set()
    for by in _names(table):
        if not given_away(_only(table, kept | {by}), rule):
            kept.add(by)
    return _only(table, kept)


def given_away(table: Cell, rule: Rule) -> list[str]:
    """The cells of which somebody who combines all the published numbers learns more than that they are small.

    Exact for whole numbers: splits share nothing but the number that they part, so what one sum allows, all do.
    """
    return [cell.code for cell, known in _known(table, _allowed(table, rule), rule) if _narrowed(cell, known, rule)]


def public_service(code: str | None, sensitive: Collection[str]) -> str | None:
    """The service as tables may name it: the sensitive ones share a category with `other`.

    Alone, that category would tell by month how many survivors or children at risk came.
    """
    return SPECIALISED if code in sensitive or code == "other" else code


def shared(
    rows: Sequence[Row], columns: Sequence[Callable[[Row], object]], few: int, whose: Callable[[Row], object]
) -> list[int]:
    """For each row, how many of the columns, from the first, may be shown; rows are to be the same in what is shown.

    Rows of at least `few` people share what is shown of each, and those of at least `few` are alike in what is left
    out: a small rest is made larger by the smallest group beside it. A person with many rows is one, by `whose`; `few`
    people at least are needed for anything (ValueError).
    """
    if len(set(map(whose, rows))) < few:
        raise ValueError("There are too few people to show any row.")
    people = [whose(row) for row in rows]
    shown = [0] * len(rows)
    groups = [list(range(len(rows)))]
    for column in columns:
        said = [column(row) for row in rows]
        groups = [part for group in groups for part in _parts(group, said, people, few)]
        for group in groups:
            for index in group:
                shown[index] += 1
    return shown


def _parts(group: list[int], said: Sequence[object], people: Sequence[object], few: int) -> list[list[int]]:
    """The group parted by what is said, without the parts of few people; nor are few left behind."""
    found: dict[object, list[int]] = {}
    for index in group:
        found.setdefault(said[index], []).append(index)

    def size(*parts: list[int]) -> int:
        return len({people[index] for part in parts for index in part})

    large = sorted((part for part in found.values() if size(part) >= few), key=size, reverse=True)
    behind = size(*(part for part in found.values() if size(part) < few))
    return large[:-1] if 0 < behind < few else large


def _names(table: Cell) -> list[str]:
    """The splits' names from the top down, each once."""
    level, names = [table], dict[str, None]()
    while level:
        splits = [split for cell in level for split in cell.splits]
        names.update(dict.fromkeys(split.by for split in splits))
        level = [cell for split in splits for cell in split.cells]
    return list(names)


def _only(table: Cell, kept: Collection[str]) -> Cell:
    splits = (split for split in table.splits if split.by in kept)
    inner = (Split(split.by, tuple(_only(cell, kept) for cell in split.cells)) for split in splits)
    return replace(table, splits=tuple(inner))


def _own(cell: Cell, rule: Rule) -> Range:
    return rule.range(cell.count) if cell.published else Range(0, _UNKNOWN)


def _allowed(cell: Cell, rule: Rule) -> Range:
    """What the cell's own number and all below it allow."""
    low, high = _own(cell, rule)
    for split in cell.splits:
        parts = [_allowed(part, rule) for part in split.cells]
        low = max(low, sum(part.low for part in parts))
        high = min(high, sum(part.high for part in parts))
    return Range(low, high)


def _known(cell: Cell, known: Range, rule: Rule) -> Iterator[tuple[Cell, Range]]:
    """Every cell with what all the published numbers together allow; `known` is that of the first."""
    yield cell, known
    for split in cell.splits:
        parts = [_allowed(part, rule) for part in split.cells]
        lows, highs = sum(part.low for part in parts), sum(part.high for part in parts)
        for inner, (low, high) in zip(split.cells, parts, strict=True):
            least, most = known.low - (highs - high), known.high - (lows - low)
            yield from _known(inner, Range(max(low, least), min(high, most)), rule)


def _narrowed(cell: Cell, known: Range, rule: Rule) -> bool:
    """Whether a small number is known to be more than nothing, or less than the largest small one.

    Decided from what is published alone, so that the decision itself tells nothing of what is shown.
    """
    return known.low < rule.threshold and (known.low > 0 or known.high < rule.threshold - 1)

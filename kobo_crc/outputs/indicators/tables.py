"""Units that were counted become tables of a figure: split by split, as lines that may be published. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median, quantiles
from typing import Final, NamedTuple

from kobo_crc.disclosure import Cell, Rule, Split, safe

ALL: Final = "all"
AGREED: Final = "agreed"
NOT_COUNTED: Final = "not_counted"
NOT_KNOWN: Final = "not_known"
CENTRE: Final = "centre"
WISH: Final = "wish"
TOTAL: Final = ""
FEW_CASES: Final = 2  # times the threshold: so many have to pass a stage before its days are shown


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: where, what it was like, and whether it may be counted beyond its centre's total.

    `weight` is how many it stands for, `doubtful` how many more if a number used twice was given to two people, `days`
    how long each stage took.
    """

    centre: str | None
    traits: Mapping[str, str | None] = field(default_factory=dict)
    reported: bool = True
    weight: int = 1
    doubtful: int = 0
    days: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """A way of parting a figure: its categories, shown even where nothing is, and the cell that it parts.

    `whole`: every unit is in one of them. A category for what is not known would then be empty, everybody could know
    that, and the table would be examined as if something might be in it.
    """

    by: str
    codes: tuple[str, ...]
    under: tuple[str, str] | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage: the categories (way, code) above and below the line."""

    key: str
    part: tuple[tuple[str, str], ...]
    whole: tuple[tuple[str, str], ...] = ((TOTAL, TOTAL),)


@dataclass(frozen=True, slots=True)
class Material:
    """What a figure of a month is made of: units, the ways of parting them, and `plain` numbers about nobody.

    `by_wish`: people have a say, so those who opted out count in their centre's total alone.
    """

    units: tuple[Unit, ...] = ()
    ways: tuple[Way, ...] = ()
    by_wish: bool = False
    stages: tuple[str, ...] = ()
    plain: Mapping[str, int] = field(default_factory=dict)

    def of_centre(self, centre: str) -> Material:
        """The same of one centre alone."""
        own = tuple(unit for unit in self.units if unit.centre == centre)
        return replace(self, units=own, plain={})


class Line(NamedTuple):
    """One number of a figure. `value` is what may be computed with; 0 where it is small, None where it is no count."""

    by: str
    category: str
    value: int | None
    text: str


def lines(material: Material, shares: Iterable[Share], rule: Rule | None) -> list[Line]:
    """The figure's numbers as the rule lets them be published; exact, and every split, without a rule."""
    counted: list[Line] = []
    if material.units or material.ways:
        table = table_of(material)
        counted = list(_counts(safe(table, rule) if rule else table, material, rule))
    plain = [Line("number", name, count, f"{count:,}") for name, count in material.plain.items()]
    both = [*counted, *plain]
    return [*both, *_shares(both, shares, rule), *durations(material, rule)]


def table_of(material: Material) -> Cell:
    """The whole figure. Where people have a say, everybody counts in the centres' totals alone."""
    centre = next((way for way in material.ways if way.by == CENTRE), None)
    ways = [way for way in material.ways if way is not centre]
    if not material.by_wish:
        return _cell(ALL, material.units, [*ways, *([centre] if centre else [])])
    agreed = tuple(unit for unit in material.units if unit.reported)
    others = sum(unit.weight for unit in material.units if not unit.reported)
    wish = Split(WISH, (_cell(AGREED, agreed, ways), Cell(NOT_COUNTED, others, published=False)))
    everybody = _cell(ALL, material.units, [centre] if centre else [])
    return Cell(ALL, everybody.count, (wish, *everybody.splits), published=False)


def _cell(code: str, units: Sequence[Unit], ways: Sequence[Way], place: tuple[str, str] | None = None) -> Cell:
    splits = [_split(way, units, ways) for way in ways if way.under == place]
    return Cell(code, sum(unit.weight for unit in units), tuple(splits))


def _split(way: Way, units: Sequence[Unit], ways: Sequence[Way]) -> Split:
    parts: dict[str, list[Unit]] = {code: [] for code in (*way.codes, *(() if way.whole else (NOT_KNOWN,)))}
    for unit in units:
        code = unit.centre if way.by == CENTRE else unit.traits.get(way.by)
        # A row that came only with its first case would tell that there is one.
        parts.setdefault(code if code in parts else NOT_KNOWN, []).append(unit)
    return Split(way.by, tuple(_cell(code, part, ways, (way.by, code)) for code, part in parts.items()))


def _counts(table: Cell, material: Material, rule: Rule | None) -> Iterator[Line]:
    whole = next((cell for cell in table.split(WISH) if cell.code == AGREED), table)
    if whole.published:
        doubtful = sum(unit.doubtful for unit in material.units if unit.reported)
        yield Line(TOTAL, TOTAL, _value(whole.count, rule), _between(whole.count, doubtful, rule))
    for way in material.ways:
        for cell in table.split(way.by):
            yield Line(way.by, cell.code, _value(cell.count, rule), _text(cell.count, rule))


def _between(count: int, doubtful: int, rule: Rule | None) -> str:
    """The number, or a range where some might be two people."""
    least, most = _text(count, rule), _text(count + doubtful, rule)
    return least if least == most else f"{least} – {most}"


def _shares(counted: Sequence[Line], shares: Iterable[Share], rule: Rule | None) -> Iterator[Line]:
    """Percentages of what is shown: they tell nothing that the numbers beside them do not."""
    values = {(line.by, line.category): line.value or 0 for line in counted}
    for share in shares:
        if not {*share.part, *share.whole} <= values.keys():
            continue  # the split was left out
        whole = sum(values[place] for place in share.whole)
        part = sum(values[place] for place in share.part)
        known = whole and (part or not rule)  # a part that is small is not shown as nothing
        yield Line("share", share.key, None, f"≈ {min(100, round(100 * part / whole))} %" if known else "–")


def durations(material: Material, rule: Rule | None) -> Iterator[Line]:
    """Median, mean and 90th percentile in days, of stages that enough have passed, and enough not: that ten of 12 at
    most have passed would tell that two at most have not."""
    few, others = (FEW_CASES * rule.threshold, rule.threshold) if rule else (1, 0)
    reported = [unit for unit in material.units if unit.reported]
    for stage in material.stages:
        lengths = [unit.days[stage] for unit in reported if stage in unit.days]
        if len(lengths) < few or len(reported) - len(lengths) < others:
            yield Line("days_median", stage, None, "–")
            continue
        for name, value in _measures(lengths):
            yield Line(name, stage, None, f"{value:.1f}".removesuffix(".0"))


def _measures(lengths: Sequence[int]) -> list[tuple[str, float]]:
    ninetieth = quantiles(lengths, n=10, method="inclusive")[8] if len(lengths) > 1 else lengths[0]
    return [("days_median", median(lengths)), ("days_mean", fmean(lengths)), ("days_p90", ninetieth)]


def _value(count: int, rule: Rule | None) -> int:
    return rule.rounded(count) if rule else count


def _text(count: int, rule: Rule | None) -> str:
    return rule.text(count) if rule else f"{count:,}"

"""How referrals go: how far, how fast, what is overdue where, why refused, where to, by week.

One table, rounded and examined as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES
from kobo_crc.disclosure import Cell, Rule, safe
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.referrals import NOT_NAMED, OUTCOMES, STAGES, sent, unit
from kobo_crc.outputs.indicators.tables import NOT_KNOWN, Material, Unit, Way, durations, table_of
from kobo_crc.outputs.indicators.words import Labels
from kobo_crc.outputs.report.arrivals import week_starts
from kobo_crc.outputs.report.texts import LANGUAGES
from kobo_crc.referrals.lifecycle import day_of
from kobo_crc.referrals.timeliness import Deadlines, is_overdue

ADM1: Final = 5  # letters of a governorate's p-code
EARLIER: Final = "earlier"
WAITING: Final = ("overdue", "not_overdue")
MOST_FLOWS: Final = 12
_ACCEPTED = ("accepted_open", "served", "not_served")
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with its name in each language. `value` is 0 where it is small."""

    labels: Words
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """How long a stage takes, in days as text; `–` where too few have passed it."""

    labels: Words
    median: str
    p90: str


@dataclass(frozen=True, slots=True)
class Week:
    """Referrals of people who agreed to be counted: sent in a week, and those served in it."""

    begins: date
    sent: Bar
    served: Bar


@dataclass(frozen=True, slots=True)
class Flow:
    """Referrals from the centres of a governorate to a receiver."""

    origin: Words
    to: Bar


@dataclass(frozen=True, slots=True)
class Referrals:
    """What the report says of referrals. A part that would give a small number away is empty."""

    funnel: Mapping[str, Bar]
    outcomes: tuple[Bar, ...]
    stages: tuple[Stage, ...]
    overdue: tuple[Bar, ...]
    refusals: tuple[Bar, ...]
    lacking: tuple[Bar, ...]
    flows: tuple[Flow, ...]
    weeks: tuple[Week, ...]


def referrals(connection: sa.Connection, deadlines: Deadlines, rule: Rule) -> Referrals:
    """All referrals since the beginning, of people who agreed to be counted; weeks are the last ones up to today."""
    reader, weeks = Reader(connection, deadlines), week_starts(day_of(deadlines.now))
    centre = CODES["centre"].c
    places = {code: (place or "")[:ADM1] for code, place in connection.execute(sa.select(centre.code, centre.place))}
    units = tuple(_unit(row, reader, places, weeks) for row in sent(reader))
    material = Material(units, _ways(reader, places, weeks), by_wish=True, stages=STAGES)
    table = safe(table_of(material), rule)
    names = _Names(connection)
    return Referrals(
        funnel=_funnel(table, rule),
        outcomes=_bars(table.split("outcome"), "outcome", names, rule),
        stages=_stages(material, rule, names),
        overdue=_overdue(table, names, rule),
        refusals=_largest(_bars(table.split("refusal"), "refusal", names, rule)),
        lacking=_largest(_bars(table.split("lacking"), "service", names, rule)),
        flows=_flows(table, names, rule),
        weeks=_weeks(table, weeks, rule),
    )


class _Names:
    """Names of categories in every language."""

    def __init__(self, connection: sa.Connection) -> None:
        self._labels = {language: Labels(connection, language) for language in LANGUAGES}
        place = CODES["place"].c
        query = sa.select(place.code, place.label_ar, place.label_ckb, place.label_en).where(place.level == "1")
        self._places = {code: {"ar": ar, "ckb": ckb, "en": en} for code, ar, ckb, en in connection.execute(query)}

    def of(self, by: str, code: str) -> Words:
        return {language: labels.category(by, code) for language, labels in self._labels.items()}

    def place(self, code: str) -> Words:
        return self._places.get(code) or self.of("centre", NOT_KNOWN)


def _unit(row: sa.Row[Any], reader: Reader, places: Mapping[str, str], weeks: Sequence[date]) -> Unit:
    plain = unit(row, reader)
    more = {
        "week": _week(day_of(row.sent_at), weeks),
        "served_week": _week(row.served_on, weeks),
        "origin": places.get(row.centre_code or "") or None,
        # By governorate they would be a centre's own number of sensitive referrals, where it is the only one there.
        "to": None if plain.traits["receiver"] == NOT_NAMED else plain.traits["receiver"],
        "lacking": plain.traits["service"],
        "waiting": WAITING[not is_overdue(row, reader.deadlines)],
    }
    return replace(plain, traits={**plain.traits, **more})


def _week(day: date | None, weeks: Sequence[date]) -> str | None:
    if day is None:
        return None
    begins = day - timedelta(days=(day.weekday() + 1) % 7)
    return str(begins) if begins in weeks else EARLIER


def _ways(reader: Reader, places: Mapping[str, str], weeks: Sequence[date]) -> tuple[Way, ...]:
    """The ways of parting, in the order of importance where not all can be shown."""
    days = (EARLIER, *map(str, weeks))
    origins = tuple(dict.fromkeys(place for place in places.values() if place))
    receivers = reader.way("to", "organization").codes
    return (
        Way("outcome", OUTCOMES, whole=True),
        Way("week", days, whole=True),
        Way("origin", origins),
        reader.reasons("refusal", "decline", ("outcome", "not_accepted")),
        Way("served_week", days, ("outcome", "served")),
        # Parted within each governorate: beside it, its numbers and these would give away those that are in time.
        *(Way("waiting", WAITING, ("origin", origin), whole=True) for origin in (*origins, NOT_KNOWN)),
        *(Way("to", receivers, ("origin", origin)) for origin in origins),
        reader.way("lacking", "service", ("refusal", "no_capacity")),
    )


def _funnel(table: Cell, rule: Rule) -> dict[str, Bar]:
    """How many came how far: sums of what is shown of the outcomes. Withdrawn ones are left out."""
    shown = {cell.code: rule.rounded(cell.count) for cell in table.split("outcome") if cell.code != "withdrawn"}
    steps = {
        "sent": shown.values(),
        "answered": (value for code, value in shown.items() if code != "no_feedback"),
        "accepted": (value for code, value in shown.items() if code in _ACCEPTED),
        "served": (value for code, value in shown.items() if code == "served"),
    }
    sums = {step: sum(values) for step, values in steps.items()} if shown else {}
    return {step: Bar({}, value, f"≈ {value:,}" if value else rule.text(0)) for step, value in sums.items()}


def _bars(cells: Iterable[Cell], by: str, names: _Names, rule: Rule) -> tuple[Bar, ...]:
    found = (cell for cell in cells if cell.code != NOT_KNOWN)
    return tuple(Bar(names.of(by, cell.code), rule.rounded(cell.count), rule.text(cell.count)) for cell in found)


def _largest(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Those that may be shown as numbers, the largest first."""
    return tuple(sorted((bar for bar in bars if bar.value), key=lambda bar: -bar.value))


def _stages(material: Material, rule: Rule, names: _Names) -> tuple[Stage, ...]:
    found = {(line.by, line.category): line.text for line in durations(material, rule)}
    return tuple(
        Stage(names.of("days_median", stage), found["days_median", stage], found.get(("days_p90", stage), "–"))
        for stage in STAGES
    )


def _overdue(table: Cell, names: _Names, rule: Rule) -> tuple[Bar, ...]:
    """Open referrals whose limit has passed, by the governorate of their centre, the most first."""
    found = [(origin.code, cell) for origin in table.split("origin") for cell in origin.split("waiting")[:1]]
    return _largest(Bar(names.place(code), rule.rounded(cell.count), rule.text(cell.count)) for code, cell in found)


def _flows(table: Cell, names: _Names, rule: Rule) -> tuple[Flow, ...]:
    flows = [
        Flow(names.place(origin.code), bar)
        for origin in table.split("origin")
        for bar in _bars(origin.split("to"), "receiver", names, rule)
        if bar.value
    ]
    return tuple(sorted(flows, key=lambda flow: -flow.to.value)[:MOST_FLOWS])


def _weeks(table: Cell, weeks: Sequence[date], rule: Rule) -> tuple[Week, ...]:
    sent_in = {cell.code: cell.count for cell in table.split("week")}
    served_in = {cell.code: cell.count for cell in table.split("served_week")}
    return tuple(
        Week(week, _bar(sent_in.get(str(week)), rule), _bar(served_in.get(str(week)), rule))
        for week in weeks
        if sent_in
    )


def _bar(count: int | None, rule: Rule) -> Bar:
    return Bar({}, 0, "…") if count is None else Bar({}, rule.rounded(count), rule.text(count))

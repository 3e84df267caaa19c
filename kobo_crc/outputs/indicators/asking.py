"""Figures as somebody asks for them: as published, as they are now, or exact for one centre's own officer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from kobo_crc.config import Settings
from kobo_crc.database.metadata import CODES
from kobo_crc.disclosure import Rule
from kobo_crc.errors import ConfigError
from kobo_crc.opening import opened, refuse_another_centre
from kobo_crc.outputs.indicators.definitions import DEFINITIONS, Definition
from kobo_crc.outputs.indicators.months import Month, month_of, months
from kobo_crc.outputs.indicators.publication import Figures, freeze, published
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.tables import TOTAL, Line, lines
from kobo_crc.outputs.indicators.words import WAYS, Labels
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.referrals.lifecycle import day_of
from kobo_crc.referrals.timeliness import Deadlines
from kobo_crc.xlsform.lists import read_codes

# What is shown of each figure beside the ways of parting that were asked for.
ALWAYS: Final = (TOTAL, "number", "share", "days_median", "days_mean", "days_p90")
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """Which months, figures (none: all) and ways of parting. `centre` asks for its exact numbers."""

    first: Month
    last: Month
    by: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    centre: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One month of a figure, by (way, category): as published, None when it was not; and as it is now."""

    month: Month
    reported: Mapping[Place, str] | None
    now: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One figure: its definition, its months, and its rows as (way, category) with their names."""

    definition: Definition
    columns: tuple[Column, ...]
    rows: Mapping[Place, tuple[str, str]]


def ask(settings: Settings, question: Question, now: datetime) -> list[Sheet]:
    """The figures that the question names. ConfigError for what there is not, and for a month that is not over."""
    asked = list(months(question.first, question.last))
    _check(question, asked[-1], now)
    with opened(settings, to_officers=bool(question.centre)) as database, database.reading() as connection:
        if question.centre:
            _check_centre(connection, question.centre)
            refuse_another_centre(database, question.centre)
        rule = None if question.centre else rule_of(settings)
        reader, labels = Reader(connection, deadlines(settings, now)), Labels(connection, settings.language)
        reported = {} if question.centre else {month: published(connection, month) for month in asked}
        sheets = [
            _sheet(
                definition,
                [_column(definition, month, reader, rule, question, reported.get(month, {})) for month in asked],
                labels,
            )
            for definition in _definitions(question.figures)
        ]
    return [sheet for sheet in sheets if sheet.rows]


def publish(settings: Settings, first: Month, last: Month, now: datetime) -> list[Month]:
    """Freeze the figures of these months, each at its first publication; returns those that were not frozen before."""
    asked = list(months(first, last))
    _check(Question(first, last), last, now)
    with opened(settings) as database:
        with database.reading() as connection:
            reader, rule = Reader(connection, deadlines(settings, now)), rule_of(settings)
            made = {month: figures(reader, month, rule) for month in asked}
        with database.writing() as connection:
            return [month for month in asked if freeze(connection, month, made[month], now.astimezone(UTC))]


def figures(reader: Reader, month: Month, rule: Rule | None) -> Figures:
    """Every figure of the month."""
    return {one.key: lines(one.reading(reader, month), one.shares, rule) for one in DEFINITIONS.values()}


def deadlines(settings: Settings, now: datetime) -> Deadlines:
    """The limits that stand in the code lists, held against referrals now. `now` has its zone."""
    return Deadlines(calendar_of(read_codes(settings.forms / "codes")), now.astimezone(UTC).replace(tzinfo=None))


def rule_of(settings: Settings) -> Rule:
    """How this installation publishes counts."""
    return Rule(settings.small_below, settings.rounded_to)


def last_month(now: datetime) -> Month:
    """The newest month that is over. `now` has its zone."""
    return month_of(_today(now)).before


def _today(now: datetime) -> datetime:
    return datetime.combine(day_of(now.astimezone(UTC).replace(tzinfo=None)), datetime.min.time())


def _check(question: Question, last: Month, now: datetime) -> None:
    for by in question.by:
        if by not in WAYS:
            raise ConfigError(f"There is no way {by} of parting figures. Please choose from: {', '.join(WAYS)}.")
    if not question.centre and last > last_month(now):
        raise ConfigError(
            f"The month {last} is not over; half of it shown now would give the other half away. Please ask for months "
            f"up to {last_month(now)}, or for one centre's own numbers with --internal --centre."
        )


def _check_centre(connection: sa.Connection, centre: str) -> None:
    known = list(connection.execute(sa.select(CODES["centre"].c.code)).scalars())
    if centre not in known:
        raise ConfigError(f"There is no centre {centre}. Please choose from: {', '.join(known)}.")


def _definitions(names: tuple[str, ...]) -> list[Definition]:
    for name in names:
        if name not in DEFINITIONS:
            raise ConfigError(f"There is no figure {name}. Please choose from: {', '.join(DEFINITIONS)}.")
    return [DEFINITIONS[name] for name in names] if names else list(DEFINITIONS.values())


def _column(
    definition: Definition, month: Month, reader: Reader, rule: Rule | None, question: Question, reported: Figures
) -> Column:
    material = definition.reading(reader, month)
    own = material.of_centre(question.centre) if question.centre else material
    now = lines(own, definition.shares, rule)
    before = _chosen(reported[definition.key], question.by) if definition.key in reported else None
    return Column(month, before, _chosen(now, question.by))


def _chosen(found: Iterable[Line], by: tuple[str, ...]) -> dict[Place, str]:
    return {(line.by, line.category): line.text for line in found if line.by in ALWAYS or line.by in by}


def _sheet(definition: Definition, columns: list[Column], labels: Labels) -> Sheet:
    places = dict.fromkeys(
        place for column in columns for found in (column.reported, column.now) for place in found or ()
    )
    order = [*dict.fromkeys(by for by, _ in places)]
    rows = sorted(places, key=lambda place: order.index(place[0]))
    return Sheet(definition, tuple(columns), {place: (labels.way(place[0]), labels.category(*place)) for place in rows})

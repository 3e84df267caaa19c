"""The figures of a month as they were first published: kept in the vault, never changed, untouched by a rebuild."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from kobo_crc.database.metadata import PUBLISHED_FIGURE
from kobo_crc.database.rows import insert_rows
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.tables import Line

Figures = Mapping[str, Sequence[Line]]


def published(connection: sa.Connection, month: Month) -> Figures:
    """Each figure's lines as they were published; empty for a month that was not."""
    c = PUBLISHED_FIGURE.c
    query = sa.select(c.figure, c.way, c.category, c.value, c.shown).where(c.month == str(month))
    found: dict[str, list[Line]] = defaultdict(list)
    for figure, *line in connection.execute(query.order_by(c.figure, c.position)):
        found[figure].append(Line(*line))
    return found


def published_months(connection: sa.Connection) -> list[Month]:
    """The months that were published, the earliest first."""
    c = PUBLISHED_FIGURE.c
    names = connection.execute(sa.select(c.month).distinct().order_by(c.month)).scalars()
    return [Month(int(name[:4]), int(name[5:])) for name in names]


def freeze(connection: sa.Connection, month: Month, figures: Figures, now: datetime) -> bool:
    """Keep the figures of the month as published now (UTC); False where it was published before, and stays so."""
    if published(connection, month):
        return False
    insert_rows(connection, PUBLISHED_FIGURE, list(_rows(month, figures, now)))
    return True


def _rows(month: Month, figures: Figures, now: datetime) -> Iterable[tuple[object, ...]]:
    at = str(now.replace(tzinfo=None, microsecond=0))
    for figure, lines in figures.items():
        for position, line in enumerate(lines):
            yield (str(month), figure, line.by, line.category, position, line.value, line.text, at)

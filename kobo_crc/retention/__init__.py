"""Data that is kept past its time: counted, and erased as on request. Nothing is, unless the settings say so.

The months of each purpose are somebody's decision, whose role the settings name and the audit repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from kobo_crc import attachments, burial, landing, ledger, runs, store
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import RUN
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.ledger import Opening
from kobo_crc.people.trace import Trace, traces
from kobo_crc.retention.due import (
    DELETED,
    FEEDBACK,
    PEOPLE,
    SESSIONS,
    UNNAMED,
    Case,
    Line,
    counted,
    months_before,
    overdue,
)
from kobo_crc.retention.reading import cases
from kobo_crc.sealed_files import FOLDER

RECENT: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is kept past its time. `shredded` are submissions that were deleted on the server long enough ago."""

    cases: tuple[Case, ...]
    shredded: tuple[int, ...]

    def lines(self) -> list[Line]:
        """How much it is, by purpose and centre."""
        deleted = [Line(DELETED, "", len(self.shredded), len(self.shredded), 0)] if self.shredded else []
        return counted(self.cases) + deleted


def find(database: Database, settings: Settings, now: datetime) -> Overdue:
    """What is due on that day (UTC, without zone).

    ConfigError when the settings give no purpose a time, StoreError when a newest visit may be unknown here.
    """
    limits = limits_of(settings, now)
    if not limits:
        raise ConfigError(
            "Nothing is erased, because kobo_crc.toml does not say how long data is kept. Please have whoever answers "
            "for data protection decide on keep_people_months and the keys beside it, and write them down there."
        )
    with database.reading() as connection:
        _refuse_behind(connection, now)
        found = tuple(overdue(cases(connection), limits))
        deleted = landing.deleted_before(connection, limits[DELETED]) if DELETED in limits else []
    return Overdue(found, tuple(deleted))


def _refuse_behind(connection: sa.Connection, now: datetime) -> None:
    """Whoever came back last week must not be taken for somebody not seen for years."""
    c = RUN.c
    nights = sa.select(sa.func.max(c.started_at)).where(c.outcome == runs.OK, c.pipeline.not_like("% (%)"))
    last = connection.execute(nights).scalar()
    if last is None or last < now - RECENT or store.is_behind(connection):
        raise StoreError(
            "Nothing is erased, because the store may not know of somebody's newest visit: no night was complete in "
            f"the last {RECENT.days} days, or something of it is not loaded. Please run: kobo-crc run nightly"
        )


def limits_of(settings: Settings, now: datetime) -> dict[str, datetime]:
    """Until when each purpose must have been heard of to be kept; those that are kept for good are left out."""
    months = {
        PEOPLE: settings.keep_people_months,
        UNNAMED: settings.keep_unnamed_months,
        SESSIONS: settings.keep_sessions_months,
        FEEDBACK: settings.keep_feedback_months,
    }
    limits = {purpose: months_before(now, kept) for purpose, kept in months.items() if kept}
    days = settings.keep_deleted_days
    return limits | ({DELETED: now - timedelta(days=days)} if days else {})


def erase(database: Database, settings: Settings, due: Overdue, now: datetime) -> None:
    """Destroy what is due in the vault, and note it in the audit. The store follows with the next load."""
    closed = [case for case in due.cases if not case.is_open]
    for purpose in dict.fromkeys(case.purpose for case in closed):
        theirs = [case for case in closed if case.purpose == purpose]
        burial.bury(database, settings, _traced(database, theirs), now, purpose)
    _shred(database, settings, due.shredded)
    with database.writing() as connection:
        for line in due.lines():
            scope = f"{line.purpose} {line.centre_code}".strip()
            said = f"time over, as decided by {settings.keep_decided_by}"
            ledger.note(connection, Opening("retention", said, scope, line.submissions), now)


def _traced(database: Database, closed: Sequence[Case]) -> list[Trace]:
    cards = [card for case in closed for card in sorted(case.cards)]
    unnamed = [case for case in closed if not case.cards]
    with database.reading() as connection:
        found = traces(connection, database.keys, cards)
    return found + [_untraced(case) for case in unnamed]


def _untraced(case: Case) -> Trace:
    """What names no card is found in the store alone: no older version of it could name one."""
    references = frozenset(code for one in case.submissions for code in one.references)
    return Trace("", own=tuple(one.submission_id for one in case.submissions), references=references)


def _shred(database: Database, settings: Settings, submission_ids: Sequence[int]) -> None:
    attachments.erase_files(settings.vault.parent / FOLDER, submission_ids)
    with database.writing() as connection:
        landing.shred(connection, database.keys, submission_ids)

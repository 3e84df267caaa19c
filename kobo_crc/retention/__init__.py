"""Data that is kept past its time: counted, and erased as on request. Nothing is, unless the settings say so.

The months of each purpose are somebody's decision, whose role the settings name and the audit repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from kobo_crc import attachments, burial, disclosed, erasure, landing, ledger
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.errors import ConfigError
from kobo_crc.ledger import Opening
from kobo_crc.opening import refuse_behind
from kobo_crc.people.links import cards_kept
from kobo_crc.people.trace import Trace, traces
from kobo_crc.retention.due import (
    DELETED,
    FEEDBACK,
    PEOPLE,
    SESSIONS,
    TOLD,
    UNNAMED,
    Case,
    Line,
    counted,
    months_before,
    overdue,
)
from kobo_crc.retention.reading import cases
from kobo_crc.sealed_files import FOLDER


class Told(NamedTuple):
    """How often a receiver was told in one way, and when last (UTC, without zone)."""

    receiver: str
    way: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is kept past its time. `shredded` are submissions that were deleted on the server long enough ago, `told`
    rows of `disclosed`."""

    cases: tuple[Case, ...]
    shredded: tuple[int, ...] = ()
    told: tuple[sa.Row[Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.told) or any(line.cases for line in self.lines())

    def lines(self) -> list[Line]:
        """How much it is, by purpose and centre."""
        deleted = [Line(DELETED, "", len(self.shredded), len(self.shredded), 0)] if self.shredded else []
        return counted(self.cases) + deleted

    def told_lines(self) -> list[Told]:
        """Who was told what is not remembered any longer, as long as anybody was."""
        return _summed((row.receiver, row.way, row.last_at) for row in self.told)


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
        refuse_behind(connection, now, "Nothing is erased")
        found = tuple(overdue(cases(connection), limits))
        deleted = landing.deleted_before(connection, limits[DELETED]) if DELETED in limits else []
        told = disclosed.over(connection, database.keys, limits[TOLD]) if TOLD in limits else []
    return Overdue(found, tuple(deleted), tuple(told))


def limits_of(settings: Settings, now: datetime) -> dict[str, datetime]:
    """Until when each purpose must have been heard of to be kept; those that are kept for good are left out."""
    months = {
        PEOPLE: settings.keep_people_months,
        UNNAMED: settings.keep_unnamed_months,
        SESSIONS: settings.keep_sessions_months,
        FEEDBACK: settings.keep_feedback_months,
        TOLD: settings.keep_told_months,
    }
    limits = {purpose: months_before(now, kept) for purpose, kept in months.items() if kept}
    days = settings.keep_deleted_days
    return limits | ({DELETED: now - timedelta(days=days)} if days else {})


def erase(database: Database, settings: Settings, due: Overdue, now: datetime) -> list[Told]:
    """Destroy what is due in the vault, and note it in the audit; returns who had been told of what was erased.

    The store follows with the next load.
    """
    knows: list[tuple[str, str, datetime]] = []
    closed = [case for case in due.cases if not case.is_open]
    for purpose in dict.fromkeys(case.purpose for case in closed):
        theirs = [case for case in closed if case.purpose == purpose]
        found = _traced(database, theirs)
        knows += ((one.receiver, one.way, one.last_at) for one in erasure.who_knows(database, found))
        burial.bury(database, settings, found, now, purpose)
    _shred(database, settings, due.shredded)
    said = f"time over, as decided by {settings.keep_decided_by}"
    with database.writing() as connection:
        disclosed.forget(connection, due.told)
        for line in due.lines():
            scope = f"{line.purpose} {line.centre_code}".strip()
            ledger.note(connection, Opening("retention", said, scope, line.submissions), now)
        for told in due.told_lines():
            ledger.note(connection, Opening("retention", said, f"{TOLD} {told.receiver} ({told.way})", told.times), now)
    return _summed(knows)


def _summed(told: Iterable[tuple[str, str, datetime]]) -> list[Told]:
    """Receiver, way and time of each telling, put together by receiver and way."""
    times: dict[tuple[str, str], list[datetime]] = {}
    for receiver, way, at in told:
        times.setdefault((receiver, way), []).append(at)
    return [Told(*who, len(when), max(when)) for who, when in sorted(times.items())]


def _traced(database: Database, closed: Sequence[Case]) -> list[Trace]:
    cards = [card for case in closed for card in sorted(case.cards)]
    unnamed = [case for case in closed if not case.cards]
    with database.reading() as connection:
        found = traces(connection, database.keys, cards_kept(connection, database.keys, cards))
    return found + [_untraced(case) for case in unnamed]


def _untraced(case: Case) -> Trace:
    """What names no card is found in the store alone: no older version of it could name one."""
    references = frozenset(code for one in case.submissions for code in one.references)
    return Trace("", own=tuple(one.submission_id for one in case.submissions), references=references)


def _shred(database: Database, settings: Settings, submission_ids: Sequence[int]) -> None:
    attachments.erase_files(settings.vault.parent / FOLDER, submission_ids)
    with database.writing() as connection:
        landing.shred(connection, database.keys, submission_ids)

"""One referral as a coordinator asks for it: where it stands and what was told of it. No names; of a sensitive one
codes and days alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.model import NOT_APPROVED
from kobo_crc.referrals.calendar import Calendar, Outlook, outlook
from kobo_crc.referrals.worklist import SERVICE, STATE, is_sensitive

EVENT = FACT_TABLES["referral_event"]
REPLY = DERIVED_TABLES["referral_reply"]


class Told(NamedTuple):
    """One thing that was reported. `server_id` is the `_id` of the follow-up that told it, None for a receiver's reply.

    Days are as told. `reported_by_code` is of the list `reported_by`, or of a reply the receiver's own code.
    """

    event_code: str
    event_on: date | None
    reason_code: str | None
    reported_by_code: str | None
    server_id: int | None


class History(NamedTuple):
    """A referral, what was told of it in the order of days, and the codes of its problems.

    `service_code`, `receiver_code` and reasons are None where `sensitive`. `sent_at` is UTC, None for a draft.
    """

    reference_code: str
    server_id: int
    centre_code: str | None
    service_code: str | None
    receiver_code: str | None
    priority_code: str | None
    state_code: str
    state_on: date
    sent_at: datetime | None
    previous_reference_code: str | None
    next_reference_code: str | None
    imputed_count: int
    sensitive: bool
    outlook: Outlook | None
    told: tuple[Told, ...]
    problems: tuple[str, ...]


def history(connection: sa.Connection, calendar: Calendar, now: datetime, reference_code: str) -> History | None:
    """The referral of that number at `now` (UTC, without zone); None when the store has none."""
    row = connection.execute(_query().where(STATE.c.reference_code == reference_code)).first()
    if row is None:
        return None
    hidden = bool(row.sensitive)
    return History(
        row.reference_code,
        row.server_id,
        row.centre_code,
        None if hidden else row.service_code,
        None if hidden else row.receiving_organization_code,
        row.priority_code,
        row.state_code,
        row.state_on,
        row.sent_at,
        row.previous_reference_code,
        row.next_reference_code,
        row.imputed_count,
        hidden,
        _outlook(row, calendar, now),
        tuple(_told(connection, reference_code, hidden)),
        tuple(_problems(connection, row.submission_id, row.row_path)),
    )


def _query() -> sa.Select[*tuple[object, ...]]:
    return (
        sa.select(STATE, SUBMISSION.c.server_id, is_sensitive().label("sensitive"))
        .join(SUBMISSION, SUBMISSION.c.submission_id == STATE.c.submission_id)
        .outerjoin(SERVICE, SERVICE.c.code == STATE.c.service_code)
    )


def _outlook(row: sa.Row[*tuple[object, ...]], calendar: Calendar, now: datetime) -> Outlook | None:
    accepted_on = row.decided_on or row.state_on
    state, priority = row.state_code, row.priority_code
    return outlook(calendar, now, state=state, priority=priority, sent_at=row.sent_at, accepted_on=accepted_on)


def _told(connection: sa.Connection, reference_code: str, hidden: bool) -> list[Told]:
    told = [*_by_followups(connection, reference_code), *_by_replies(connection, reference_code)]
    told.sort(key=lambda one: one.event_on or date.min)
    return [one._replace(reason_code=None, reported_by_code=None) for one in told] if hidden else told


def _by_followups(connection: sa.Connection, reference_code: str) -> list[Told]:
    c = EVENT.c
    query = (
        sa.select(c.event_code, c.event_on, c.reason_code, c.reported_by_code, SUBMISSION.c.server_id)
        .join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
        .where(c.reference_code == reference_code, c.event_code.is_not(None))
        .where(SUBMISSION.c.validation_status != NOT_APPROVED)
        .order_by(SUBMISSION.c.submitted_at, c.submission_id)
    )
    return [Told._make(row) for row in connection.execute(query)]


def _by_replies(connection: sa.Connection, reference_code: str) -> list[Told]:
    c = REPLY.c
    query = sa.select(c.event_code, c.event_on, c.reason_code, c.organization_code).order_by(c.reply_id)
    return [Told(*row, None) for row in connection.execute(query.where(c.reference_code == reference_code))]


def _problems(connection: sa.Connection, submission_id: int, row_path: str) -> list[str]:
    """Codes of the problems of the referral's own row and of its questions."""
    c = PROBLEM.c
    own = sa.or_(c.path == row_path, c.path.startswith(f"{row_path}/", autoescape=True))
    query = sa.select(c.code).where(c.submission_id == submission_id, own).distinct().order_by(c.code)
    return list(connection.execute(query).scalars())

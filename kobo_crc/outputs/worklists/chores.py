"""What a centre has to put right beside its referrals: orphaned follow-ups and directory entries gone stale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, PROBLEM, SUBMISSION

# Indicators call a directory entry fresh for so long.
FRESH: Final = timedelta(days=90)
ON_OFFER: Final = ("active", "temporarily_closed")
EVENT = FACT_TABLES["referral_event"]
ENTRY = FACT_TABLES["directory_entry"]
OFFER = DERIVED_TABLES["service_at_location"]


class Orphan(NamedTuple):
    """A follow-up whose referral has not arrived; `arrived_at` is UTC."""

    centre_code: str | None
    reference_code: str
    event_code: str | None
    event_on: date | None
    arrived_at: datetime
    staff_code: str | None
    server_id: int


class Stale(NamedTuple):
    """A service at a place that nobody has assured for long; `centre_code` is the centre that asked last."""

    centre_code: str | None
    organization_code: str
    service_code: str
    at_centre_code: str | None
    place_code: str | None
    status_code: str | None
    assured_on: date | None


def orphans(connection: sa.Connection) -> Iterator[Orphan]:
    """Every orphaned follow-up, the oldest first."""
    c = EVENT.c
    found = sa.and_(
        PROBLEM.c.submission_id == c.submission_id, PROBLEM.c.path == c.row_path, PROBLEM.c.code == "followup_orphan"
    )
    query = (
        sa.select(c.centre_code, c.reference_code, c.event_code, c.event_on)
        .add_columns(SUBMISSION.c.submitted_at, c.staff_code, SUBMISSION.c.server_id)
        .join(PROBLEM, found)
        .join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
        .order_by(SUBMISSION.c.submitted_at, c.submission_id)
    )
    return map(Orphan._make, connection.execute(query))


def stale(connection: sa.Connection, today: date) -> Iterator[Stale]:
    """Services on offer that were not assured in the last 90 days, the longest ago first."""
    c = OFFER.c
    query = (
        sa.select(ENTRY.c.centre_code, c.organization_code, c.service_code, c.at_centre_code, c.place_code)
        .add_columns(c.status_code, c.assured_on)
        .join(ENTRY, ENTRY.c.submission_id == c.submission_id)
        .where(sa.or_(c.status_code.is_(None), c.status_code.in_(ON_OFFER)))
        .where(sa.or_(c.assured_on.is_(None), c.assured_on < today - FRESH))
        .order_by(sa.func.coalesce(c.assured_on, date.min), c.service_at_location_id)
    )
    return map(Stale._make, connection.execute(query))

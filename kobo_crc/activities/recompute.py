"""The directory and the attendance of sessions made anew from the facts. Called whenever any fact has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import sqlalchemy as sa

from kobo_crc import store
from kobo_crc.activities.directory import Entry, Hours, Row, newest, schedules, service_at_locations, services
from kobo_crc.activities.sessions import Session, people_count, problem
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.database.rows import insert_rows
from kobo_crc.model import NOT_APPROVED
from kobo_crc.schema.activities import SESSION_BANDS

TERMS = (
    "minimum_age", "maximum_age", "application_code", "fee_code", "focal_role_code", "capacity_per_week",
)  # fmt: skip
DESCRIBED = ("centre_code", "partner_code", "held_on", "kind_code", "topic_code")


def recompute(connection: sa.Connection) -> None:
    """Bring these derived tables in line with the facts, and name sessions that were counted twice.

    The problems of the step `derive` must have been cleared.
    """
    offers = newest(_entries(connection))
    _fill(connection, "service", services(offers))
    _fill(connection, "service_at_location", service_at_locations(offers))
    _fill(connection, "schedule", schedules(offers, _hours(connection)))
    sessions = list(_sessions(connection))
    _fill(connection, "session_attendance", map(_attendance, sessions))
    store.insert_problems(connection, [found for each in sessions if (found := problem(each)) is not None])


def _fill(connection: sa.Connection, name: str, rows: Iterable[Row]) -> None:
    table = DERIVED_TABLES[name]
    connection.execute(sa.delete(table))
    insert_rows(connection, table, list(rows))


def _entries(connection: sa.Connection) -> Iterator[Entry]:
    """The entries that name organisation and service; a code that is in no list has its own problem."""
    entry = FACT_TABLES["directory_entry"].c
    text = [sa.func.coalesce(sa.cast(entry[name], sa.Text), "") for name in ("at_centre_code", "place_code")]
    query = (
        sa.select(
            *(entry.organization_code, entry.service_code, *text),
            sa.func.coalesce(sa.cast(entry.assured_on, sa.Text), ""),
            sa.func.coalesce(sa.cast(SUBMISSION.c.submitted_at, sa.Text), ""),
            *(entry.submission_id, sa.func.coalesce(entry.status_code, "")),
            *(entry[name] for name in TERMS),
        )
        .join(SUBMISSION, SUBMISSION.c.submission_id == entry.submission_id)
        .where(entry.organization_code.is_not(None), entry.service_code.is_not(None))
        .where(SUBMISSION.c.validation_status != NOT_APPROVED)
    )
    for row in connection.execute(query):
        yield Entry._make((*row[: -len(TERMS)], tuple(row[-len(TERMS) :])))


def _hours(connection: sa.Connection) -> dict[int, list[Hours]]:
    """Hours by submission, in the order of the form."""
    hours, day = FACT_TABLES["directory_hours"].c, FACT_TABLES["directory_day"].c
    query = (
        sa.select(
            *(hours.submission_id, hours.row_path, day.weekday_code),
            *(sa.cast(hours[name], sa.Text) for name in ("opens_at", "closes_at")),
        )
        .outerjoin(
            FACT_TABLES["directory_day"],
            sa.and_(day.submission_id == hours.submission_id, day.parent_path == hours.row_path),
        )
        .order_by(hours.submission_id, sa.func.length(hours.row_path), hours.row_path)
    )
    found: dict[int, list[Hours]] = {}
    for (submission_id, _), rows in groupby(connection.execute(query), key=lambda row: (row[0], row[1])):
        same = list(rows)
        weekdays = frozenset(row[2] for row in same if row[2])
        found.setdefault(submission_id, []).append(Hours(same[0][3], same[0][4], weekdays))
    return found


def _sessions(connection: sa.Connection) -> Iterator[Session]:
    session, card = FACT_TABLES["session"].c, FACT_TABLES["attendance"].c
    count, topic = FACT_TABLES["attendance_count"], CODES["session_topic"].c
    bands = [count.c[f"{sex}_{band}"] for sex in ("female", "male") for band in SESSION_BANDS]
    heads = sum((sa.func.coalesce(band, 0) for band in bands[1:]), sa.func.coalesce(bands[0], 0))
    cards = sa.select(sa.func.count(card.person_code.distinct())).where(card.submission_id == session.submission_id)
    query = (
        sa.select(
            *(session.submission_id, *(sa.cast(session[name], sa.Text) for name in DESCRIBED), topic.service),
            *(session.method_code, cards.scalar_subquery()),
            sa.case((count.c.submission_id.is_not(None), heads)),
        )
        .join(SUBMISSION, SUBMISSION.c.submission_id == session.submission_id)
        .outerjoin(count, count.c.submission_id == session.submission_id)
        .outerjoin(CODES["session_topic"], topic.code == session.topic_code)
        .where(SUBMISSION.c.validation_status != NOT_APPROVED)
    )
    for submission_id, *described, method, shown, counted in connection.execute(query):
        yield Session(submission_id, tuple(described), method, shown, counted)


def _attendance(session: Session) -> Row:
    return (session.submission_id, *session.described, session.method_code, people_count(session))

"""Derived tables made anew from the facts, when these have changed since: states of referrals and their problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from kobo_crc import store
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, FORM_VERSION, PROBLEM, SOURCE, SUBMISSION
from kobo_crc.database.rows import insert_rows
from kobo_crc.holdings import newest_reply
from kobo_crc.model import NOT_APPROVED, Problem
from kobo_crc.problems import DERIVE
from kobo_crc.referrals import replies
from kobo_crc.referrals.derive import Derived, Link, Registration, Value, derive, derive_registrations
from kobo_crc.referrals.lifecycle import Event, Referral
from kobo_crc.referrals.taken_back import ToldAnswer, taken_back, without_consent

WRITE_AT_ONCE = 1000
STATE = DERIVED_TABLES["referral_state"]
# The columns of days and times, which stand together.
_NAMES = STATE.columns.keys()
_TIMES = slice(_NAMES.index("state_on"), _NAMES.index("closed_on") + 1)
# Tables that name a member of staff, and the day on which that person should have been one.
STAFF_DAYS = {
    "visit": "visited_on",
    "referral_event": "event_on",
    "service_delivery": "delivered_on",
    "session": "held_on",
    "feedback": "received_on",
    "centre_day": "day_on",
    "handover_consent": "said_on",
    "directory_entry": "assured_on",
}


def is_current(connection: sa.Connection) -> bool:
    """Whether the derived tables are in line with the facts and the replies."""
    facts, newest = store.mark(connection, "facts"), newest_reply(connection)
    return store.mark(connection, "derived") == facts and store.mark(connection, "replies") == newest


def recompute(connection: sa.Connection) -> bool:
    """Bring the derived tables in line with the facts; False when they were so already, and nothing was written.

    Whose each card is must have been worked out.
    """
    if is_current(connection):
        return False
    facts, newest = store.mark(connection, "facts"), newest_reply(connection)
    replies.copy(connection)
    connection.execute(sa.delete(STATE))
    connection.execute(sa.delete(PROBLEM).where(PROBLEM.c.step == DERIVE))
    derived = derive(_referrals(connection), _told(connection), _links(connection))
    while batch := list(islice(derived, WRITE_AT_ONCE)):
        _write(connection, batch)
    store.insert_problems(connection, list(derive_registrations(_registrations(connection))))
    store.insert_problems(connection, list(_staff_outside_their_time(connection)))
    store.insert_problems(connection, list(_of_unknown_versions(connection)))
    store.set_mark(connection, "derived", facts)
    store.set_mark(connection, "replies", newest)
    return True


def _write(connection: sa.Connection, batch: list[Derived]) -> None:
    insert_rows(connection, STATE, [_plain(one.row) for one in batch if one.row is not None])
    store.insert_problems(connection, [problem for one in batch for problem in one.problems])


def _plain(row: tuple[Value, ...]) -> tuple[Value, ...]:
    """The row as the driver takes it: days and times as text."""
    times = (value and str(value) for value in row[_TIMES])
    return (*row[: _TIMES.start], *times, *row[_TIMES.stop :])


def _referrals(connection: sa.Connection) -> Iterator[Referral]:
    referral, visit = FACT_TABLES["referral"].c, FACT_TABLES["visit"].c
    query = (
        sa.select(
            *(referral.reference_code, referral.submission_id, referral.row_path, SUBMISSION.c.submitted_at),
            *(referral.status_code, referral.sent_at, visit.visited_on, visit.centre_code, referral.service_code),
            *(referral.sensitive_code, referral.receiving_organization_code, referral.priority_code),
            (SUBMISSION.c.validation_status == NOT_APPROVED).label("not_approved"),
            *(referral.consent_share_code, referral.previous_reference_code, visit.person_code),
        )
        .join(SUBMISSION, SUBMISSION.c.submission_id == referral.submission_id)
        .outerjoin(FACT_TABLES["visit"], visit.submission_id == referral.submission_id)
    )
    whose = store.persons(connection)
    refused = taken_back(_told_answers(connection, whose))
    for row in _stream(connection, _by(referral.reference_code, query)):
        yield without_consent(Referral._make(row[:-1]), refused.get(whose.get(row[-1], row[-1])))


def _told_answers(connection: sa.Connection, whose: Mapping[str, str]) -> Iterator[ToldAnswer]:
    """What people answered on what receivers were told of them, where the visit has a person's number."""
    consent, visit = FACT_TABLES["consent"].c, FACT_TABLES["visit"].c
    query = (
        sa.select(visit.person_code, consent.submission_id, visit.visited_on)
        .add_columns(SUBMISSION.c.submitted_at, consent.share_code)
        .join(SUBMISSION, SUBMISSION.c.submission_id == consent.submission_id)
        .join(FACT_TABLES["visit"], visit.submission_id == consent.submission_id)
        .where(consent.share_code.is_not(None), SUBMISSION.c.validation_status != NOT_APPROVED)
    )
    for one in map(ToldAnswer._make, _stream(connection, query)):
        if one.person:  # asked of SQLite, it would read every visit by the index of numbers
            yield one._replace(person=whose.get(one.person, one.person))


def _told(connection: sa.Connection) -> Iterator[Event]:
    """What follow-ups and receivers told, by number."""
    return merge(_events(connection), replies.events(connection), key=attrgetter("reference_code"))


def _events(connection: sa.Connection) -> Iterator[Event]:
    event = FACT_TABLES["referral_event"].c
    query = (
        sa.select(
            *(event.reference_code, event.submission_id, event.row_path, SUBMISSION.c.submitted_at),
            *(event.event_code, event.event_on, event.service_on, event.reason_code),
        )
        .join(SUBMISSION, SUBMISSION.c.submission_id == event.submission_id)
        .where(event.event_code.is_not(None), SUBMISSION.c.validation_status != NOT_APPROVED)
    )
    return map(Event._make, _stream(connection, _by(event.reference_code, query)))


def _links(connection: sa.Connection) -> Iterator[Link]:
    """Referrals that name an earlier one."""
    c = FACT_TABLES["referral"].c
    query = (
        sa.select(c.previous_reference_code, c.reference_code, SUBMISSION.c.submitted_at, c.submission_id, c.row_path)
        .join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
        .where(c.previous_reference_code.is_not(None), c.reference_code.is_not(None))
        .where(SUBMISSION.c.validation_status != NOT_APPROVED)
        .order_by(c.previous_reference_code)
    )
    return map(Link._make, _stream(connection, query))


def _registrations(connection: sa.Connection) -> Iterator[Registration]:
    """Registrations of people who were there for the first time; a repeat visit may well write details again."""
    c, visit = FACT_TABLES["registration"].c, FACT_TABLES["visit"].c
    # Few numbers come twice, and the index alone tells which: the other rows are never read.
    repeated = sa.select(c.person_code).group_by(c.person_code).having(sa.func.count() > 1)
    query = (
        sa.select(c.person_code, c.submission_id, c.row_path)
        .outerjoin(FACT_TABLES["visit"], visit.submission_id == c.submission_id)
        .where(c.person_code.in_(repeated), visit.visit_type_code.is_distinct_from("repeat"))
        .order_by(c.person_code)
    )
    return map(Registration._make, _stream(connection, query))


def _staff_outside_their_time(connection: sa.Connection) -> Iterator[Problem]:
    """Rows that name a member of staff on a day before they began or after they left."""
    staff = CODES["staff"]
    for name, day_name in STAFF_DAYS.items():
        table = FACT_TABLES[name]
        day = table.c[day_name]
        query = (
            sa.select(table.c.submission_id, table.c.row_path)
            .join(staff, staff.c.code == table.c.staff_code)
            .where(sa.or_(day < staff.c.valid_from, day > staff.c.valid_to))
        )
        for submission_id, row_path in connection.execute(query):
            yield Problem("staff_not_active", DERIVE, submission_id, row_path, "a day on which this code was in use")


def _of_unknown_versions(connection: sa.Connection) -> Iterator[Problem]:
    """Submissions of versions that their server does not tell of; none where it has told of no version at all."""
    c = SUBMISSION.c
    known = sa.select(SOURCE.c.asset_uid, FORM_VERSION.c.version_uid).join(
        FORM_VERSION, FORM_VERSION.c.source_id == SOURCE.c.source_id
    )
    told = {tuple(row) for row in connection.execute(known)}
    named = sa.select(c.asset_uid, c.form_version).where(c.form_version != "", c.deleted_on.is_(None)).distinct()
    for asset_uid, version in connection.execute(named).all():
        if (asset_uid, version) not in told and any(uid == asset_uid for uid, _ in told):
            of_it = sa.select(c.submission_id).where(c.asset_uid == asset_uid, c.form_version == version)
            for submission_id in connection.execute(of_it.where(c.deleted_on.is_(None))).scalars():
                yield Problem("version_unknown", DERIVE, submission_id, "__version__", "a version that was deployed")


def _by(column: sa.ColumnElement[str], query: sa.Select[Any]) -> sa.Select[Any]:
    """The rows in the order of a column, less those without it.

    Read as they lie and then sorted: SQLite would go to each by the column's index, which costs twice as much.
    """
    rows = query.order_by(column.table.c.submission_id).offset(0).subquery()  # no database looks behind an OFFSET
    by = rows.c[column.name]
    return sa.select(rows).where(by.is_not(None)).order_by(by)


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    """Rows as they come, a thousand at a time: the whole table never stands in memory."""
    result = connection.execute(query, execution_options={"yield_per": WRITE_AT_ONCE})
    return chain.from_iterable(result.partitions())

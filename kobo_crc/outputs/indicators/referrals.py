"""Figures about referrals sent in a month, as they stand when asked: how far, how long, in time or not, why refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.disclosure import SPECIALISED
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.reading import Reader, days_between
from kobo_crc.outputs.indicators.tables import CENTRE, Material, Unit, Way
from kobo_crc.referrals.lifecycle import day_of
from kobo_crc.referrals.timeliness import SILENCE, TIMELY, is_overdue, silence, timely

STATE = DERIVED_TABLES["referral_state"]
NOT_SENT = ("draft", "entered_in_error")
NOT_NAMED = "not_named"
# How far a referral came, by its state; one that is closed, by what it was before.
REACHED = {
    "sent": "no_feedback",
    "acknowledged": "acknowledged",
    "accepted": "accepted_open",
    "on_hold": "accepted_open",
    "in_progress": "accepted_open",
    "served": "served",
    "not_served": "not_served",
    "not_accepted": "not_accepted",
    "withdrawn": "withdrawn",
}
OUTCOMES = (*dict.fromkeys(REACHED.values()), "closed_unknown")
STAGES = ("acknowledged", "decided", "served", "closed")


def referrals(reader: Reader, month: Month) -> Material:
    """The referrals sent in the month, parted, and the days from sending to each stage."""
    units = tuple(_limited(row, reader) for row in sent(reader, month))
    return Material(units, _ways(reader), by_wish=True, stages=STAGES)


def overdue(reader: Reader, month: Month) -> Material:
    """Those of them that are open and overdue when asked, in a table of their own: its ways would cross the others."""
    late = (row for row in sent(reader, month) if is_overdue(row, reader.deadlines))
    ways = (reader.way(CENTRE, "centre"), reader.way("service", "service"), reader.way("priority", "priority"))
    return Material(tuple(unit(row, reader) for row in late), ways, by_wish=True)


def unit(row: sa.Row[Any], reader: Reader) -> Unit:
    """A row of `sent` as it is counted."""
    reported = reader.reporting.allows(row.person_code, row.submission_id)
    return Unit(row.centre_code, _traits(row, reader), reported, days=_days(row))


def _limited(row: sa.Row[Any], reader: Reader) -> Unit:
    """A row of `sent` with what the limits say of it."""
    plain = unit(row, reader)
    limits = {
        "receipt": timely(row, "acknowledge", reader.deadlines),
        "decision": timely(row, "decide", reader.deadlines),
        "silence": silence(day_of(row.sent_at), day_of(reader.deadlines.now)),
    }
    return replace(plain, traits={**plain.traits, **limits})


def reached(state: str | None, outcome: str | None) -> str:
    """How far a referral came: an outcome of OUTCOMES."""
    return REACHED.get(outcome or "" if state == "closed" else state or "", "closed_unknown")


def sent(reader: Reader, month: Month | None = None) -> Iterator[sa.Row[Any]]:
    """The referrals sent in the month, or ever, with their states and the person's number."""
    referral = FACT_TABLES["referral"]
    same = sa.and_(referral.c.submission_id == STATE.c.submission_id, referral.c.row_path == STATE.c.row_path)
    query = (
        sa.select(STATE, referral.c.person_code, referral.c.previous_reference_code)
        .join(SUBMISSION, SUBMISSION.c.submission_id == STATE.c.submission_id)
        .outerjoin(referral, same)
        .where(STATE.c.state_code.not_in(NOT_SENT), STATE.c.sent_at.is_not(None))
    )
    if month:
        query = query.where(STATE.c.sent_at >= month.begins_at, STATE.c.sent_at < month.next.begins_at)
    return reader.rows(query)


def _traits(row: sa.Row[Any], reader: Reader) -> dict[str, str | None]:
    service = reader.service(row.service_code, row.sensitive_code)
    # The receiver of a sensitive referral tells what it was about; alone, their number would tell how many there are.
    hidden = service == SPECIALISED
    return {
        "outcome": reached(row.state_code, row.outcome_code),
        "service": service,
        "priority": row.priority_code,
        "receiver": NOT_NAMED if hidden else row.receiving_organization_code,
        "refusal": row.reason_code,
        "failure": row.reason_code,
        "closed": "closed" if row.state_code == "closed" else "not_closed",
        "follows": "again" if row.previous_reference_code else "first",
    }


def _ways(reader: Reader) -> tuple[Way, ...]:
    receivers = reader.way("receiver", "organization")
    return (
        Way("outcome", OUTCOMES, whole=True),
        reader.way(CENTRE, "centre"),
        reader.way("service", "service"),
        reader.reasons("refusal", "decline", ("outcome", "not_accepted")),
        Way("receipt", TIMELY),
        Way("decision", TIMELY),
        Way("silence", SILENCE, ("outcome", "no_feedback"), whole=True),
        reader.way("priority", "priority"),
        Way("receiver", (*receivers.codes, NOT_NAMED)),
        Way("closed", ("closed", "not_closed"), whole=True),
        Way("follows", ("first", "again"), whole=True),
        reader.reasons("failure", "fail", ("outcome", "not_served")),
    )


def _days(row: sa.Row[Any]) -> dict[str, int]:
    """Days from sending to each stage that was reached."""
    found = {stage: days_between(day_of(row.sent_at), row._mapping[f"{stage}_on"]) for stage in STAGES}
    return {stage: days for stage, days in found.items() if days is not None}

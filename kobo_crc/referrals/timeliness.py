"""Whether a referral was answered within its limit, and whether it is overdue, at a moment. Pure; kept nowhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal, NamedTuple, Protocol

from kobo_crc.referrals.calendar import STAGES, Calendar, Stage, outlook
from kobo_crc.referrals.lifecycle import OPEN

Timely = Literal["in_time", "late", "not_yet", "no_limit"]
TIMELY: Final[tuple[Timely, ...]] = ("in_time", "late", "not_yet", "no_limit")
# The states in which a stage is not behind; one that was withdrawn or closed has an outcome or days where it is.
_NOT_REACHED: Final = {"acknowledge": {"sent"}, "decide": {"sent", "acknowledged"}}
_ENDED: Final = frozenset({"withdrawn", "closed"})
# Days since sending, above which a referral without any answer falls into the next band.
_BANDS: Final = ((7, "week"), (30, "month"))
SILENCE: Final = ("week", "month", "longer")


class Deadlines(NamedTuple):
    """The limits, and the moment at which they are held against referrals: UTC, without zone."""

    calendar: Calendar
    now: datetime


# Where nobody asks for limits: then nothing is late.
NO_LIMITS: Final = Deadlines(Calendar({}), datetime.min)


class Standing(Protocol):
    """A row of `referral_state`, as far as it is needed here; days are those on which it is said to have been."""

    state_code: str
    state_on: date
    priority_code: str | None
    sent_at: datetime
    acknowledged_on: date | None
    decided_on: date | None
    served_on: date | None
    closed_on: date | None
    outcome_code: str | None


def timely(row: Standing, stage: Stage, deadlines: Deadlines) -> Timely | None:
    """Whether the stage was reached within its limit; `not_yet` as long as the limit has not passed.

    A later stage that was reached in time says the same of an earlier one that nobody reported. None where it was
    reached and nobody knows when.
    """
    due = deadlines.calendar.due(row.priority_code, stage, row.sent_at)
    days = (row.acknowledged_on, row.decided_on, row.served_on)[STAGES.index(stage) :]
    told = [day for day in days if day is not None]
    reached = bool(told) or (row.outcome_code or row.state_code) not in _NOT_REACHED[stage] | _ENDED
    if due is None or _ended_before(row.closed_on, due.on, reached):
        return "no_limit"
    if deadlines.now < due.late_at:
        return "not_yet"
    if not reached:
        return "late"
    if min(told, default=date.max) <= due.on:
        return "in_time"
    return "late" if days[0] is not None else None


def is_overdue(row: Standing, deadlines: Deadlines) -> bool:
    """Whether it is open, and the limit to decide, or once accepted to serve, has passed."""
    if row.state_code not in OPEN:
        return False
    awaited = outlook(
        deadlines.calendar,
        deadlines.now,
        state=row.state_code,
        priority=row.priority_code,
        sent_at=row.sent_at,
        accepted_on=row.decided_on or row.state_on,
    )
    return awaited is not None and awaited.overdue


def silence(sent_on: date, today: date) -> str:
    """How long nothing has been heard: a band of SILENCE."""
    days = (today - sent_on).days
    return next((band for most, band in _BANDS if days <= most), SILENCE[-1])


def _ended_before(ended_on: date | None, due_on: date, reached: bool) -> bool:
    """Whether it was withdrawn or closed unanswered while there was still time: then nobody was late."""
    return not reached and ended_on is not None and ended_on <= due_on

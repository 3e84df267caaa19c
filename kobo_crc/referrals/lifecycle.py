"""The life of one referral, folded from what was reported about it. Pure; `overdue` is never a state.

A day holds no hours, so events of one day are taken in the order in which a referral passes through them.
The records are tuples: there are as many as there are rows, and frozen dataclasses take several times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, NamedTuple, Protocol

from kobo_crc.consent import sharing_refused
from kobo_crc.model import Problem
from kobo_crc.problems import DERIVE
from kobo_crc.rules import CLOCK_AHEAD, CLOCK_BEHIND

DRAFT: Final = "draft"
OPEN: Final = frozenset({"sent", "acknowledged", "accepted", "on_hold", "in_progress"})
TERMINAL: Final = frozenset({"closed", "withdrawn", "entered_in_error"})
# In the order in which a referral passes through them; terminal states last.
STATES: Final = (
    *(DRAFT, "sent", "acknowledged", "accepted", "on_hold", "in_progress"),
    *("served", "not_served", "not_accepted", "closed", "withdrawn", "entered_in_error"),
)
EVENTS: Final = (
    *("acknowledge", "accept", "decline", "wait", "start"),
    *("serve", "fail", "withdraw", "close", "void"),
)
# Baghdad has had no summer time since 2008; a day begins there three hours before UTC's.
BAGHDAD: Final = timezone(timedelta(hours=3), "Asia/Baghdad")
_AHEAD_OF_UTC = BAGHDAD.utcoffset(None)
EVENT_AHEAD: Final = timedelta(days=1)

_RANK = {code: rank for rank, code in enumerate(EVENTS)}
_TO_DECIDE = {DRAFT: 1, "sent": 0, "acknowledged": 0}
_TO_HOLD = {DRAFT: 2, "sent": 1, "acknowledged": 1, "accepted": 0}
_TO_START = {**_TO_HOLD, "on_hold": 0}
_TO_SERVE = {**_TO_START, "in_progress": 0}
_TO_CLOSE = {state: steps + 1 for state, steps in _TO_SERVE.items()} | {
    "served": 0,
    "not_served": 0,
    "not_accepted": 0,
}
# Per event: the state it leads to, and from where, with the number of steps in between that nobody reported.
_MOVES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "acknowledge": ("acknowledged", {DRAFT: 1, "sent": 0}),
    "accept": ("accepted", _TO_DECIDE),
    "decline": ("not_accepted", _TO_DECIDE),
    "wait": ("on_hold", _TO_HOLD),
    "start": ("in_progress", _TO_START),
    "serve": ("served", _TO_SERVE),
    "fail": ("not_served", _TO_SERVE),
    "close": ("closed", _TO_CLOSE),
    "withdraw": ("withdrawn", {state: 0 for state in STATES if state not in TERMINAL}),
    "void": ("entered_in_error", {state: 0 for state in STATES if state != "entered_in_error"}),
}
_ACCEPTED = frozenset({"accepted", "on_hold", "in_progress", "served", "not_served"})
# Per event: the states in which it is old news, which changes nothing.
_OLD_NEWS: Mapping[str, frozenset[str]] = {
    "acknowledge": _ACCEPTED | {"acknowledged", "not_accepted"},
    "accept": _ACCEPTED,
    "decline": frozenset({"not_accepted"}),
    "wait": _ACCEPTED - {"accepted"},
    "start": _ACCEPTED - {"accepted", "on_hold"},
    "serve": frozenset({"served"}),
    "fail": frozenset({"not_served"}),
}


class Referral(NamedTuple):
    """A row of `referral` whose reference_code is not null, with what its submission and visit know.

    From `referral`: reference_code, submission_id, row_path, service_code, sensitive_code, priority_code,
    receiving_organization_code, status_code, sent_at, consent_share_code, previous_reference_code. From `submission`:
    arrived_at = submitted_at (UTC), and not_approved, whether a reviewer refused it. From `visit` (left join on
    submission_id): centre_code, visited_on.
    """

    reference_code: str
    submission_id: int
    row_path: str
    arrived_at: datetime
    status_code: str | None = None
    sent_at: datetime | None = None
    visited_on: date | None = None
    centre_code: str | None = None
    service_code: str | None = None
    sensitive_code: str | None = None
    receiving_organization_code: str | None = None
    priority_code: str | None = None
    not_approved: bool = False
    consent_share_code: str | None = None
    previous_reference_code: str | None = None


class Event(NamedTuple):
    """A row of `referral_event` whose reference_code and event_code are not null.

    From `referral_event`: reference_code, submission_id, row_path, event_code, event_on, service_on, reason_code.
    From `submission`: arrived_at = submitted_at (UTC).
    """

    reference_code: str
    submission_id: int
    row_path: str
    arrived_at: datetime
    event_code: str
    event_on: date | None = None
    service_on: date | None = None
    reason_code: str | None = None


# The submission_id of an event that no submission told, but a receiver's workbook.
BY_REPLY: Final = -1


class Standing(NamedTuple):
    """Where a referral stands. Days are as told; a day nobody told is None, even when the step must have happened."""

    state_code: str
    state_on: date
    sent_at: datetime | None
    acknowledged_on: date | None = None
    decided_on: date | None = None
    served_on: date | None = None
    closed_on: date | None = None
    outcome_code: str | None = None
    reason_code: str | None = None
    event_count: int = 0
    imputed_count: int = 0


def fold(referral: Referral, events: Sequence[Event]) -> tuple[Standing, tuple[Problem, ...]]:
    """Where the referral stands after these events, taken by day, then by step, arrival and id; and what is wrong."""
    standing, problems = _told_of(referral, events) if events else (begin(referral), ())
    if standing.state_code in OPEN and sharing_refused(referral.consent_share_code):
        return _withdrawn(standing), (*problems, problem("sharing_withdrawn", referral))
    return standing, problems


def _told_of(referral: Referral, events: Sequence[Event]) -> tuple[Standing, tuple[Problem, ...]]:
    standing = begin(referral)
    earliest = _earliest(referral, standing)
    problems: list[Problem] = []
    for on, doubt, event in sorted([(*_day(event, earliest), event) for event in events], key=_order):
        if doubt:
            problems.append(_doubt(doubt, event, referral))
        moved = apply(standing, event, on)
        if moved is None:
            problems.append(_doubt("event_impossible", event, referral))
        else:
            standing = moved
    return standing, tuple(problems)


def _doubt(code: str, event: Event, referral: Referral) -> Problem:
    """The problem at the follow-up that told the event; of a reply, which nobody can correct there, at the referral."""
    return problem("reply_doubtful", referral) if event.submission_id == BY_REPLY else problem(code, event)


def begin(referral: Referral) -> Standing:
    """A referral is its own first event: sent, unless it is marked a draft, or was refused before anybody sent it."""
    never_sent = referral.status_code is None and sharing_refused(referral.consent_share_code)
    if referral.status_code == DRAFT or never_sent:
        return Standing(DRAFT, referral.visited_on or day_of(referral.arrived_at), None)
    sent_at = sending(referral)
    return Standing("sent", day_of(sent_at), sent_at)


def apply(standing: Standing, event: Event, on: date) -> Standing | None:
    """Where the referral stands after an event of that day; None when it cannot have happened."""
    code, count = event.event_code, standing.event_count + 1
    if standing.state_code in _OLD_NEWS.get(code, ()):
        return standing._replace(event_count=count)
    target, sources = _MOVES.get(code, ("", {}))  # a centre may have put a code of its own into the list
    if standing.state_code not in sources:
        return None
    imputed = standing.imputed_count + sources[standing.state_code]
    told = _told(event, target, on)
    return standing._replace(state_code=target, state_on=on, event_count=count, imputed_count=imputed, **told)


def _told(event: Event, target: str, on: date) -> dict[str, Any]:
    """What an event adds to where the referral stands, beside the state itself."""
    match event.event_code:
        case "acknowledge":
            return {"acknowledged_on": on}
        case "accept":
            return {"decided_on": on}
        case "decline":
            return {"decided_on": on, "outcome_code": target, "reason_code": event.reason_code}
        case "serve":
            return {"served_on": min(event.service_on or on, on), "outcome_code": target}
        case "fail":
            return {"outcome_code": target, "reason_code": event.reason_code}
        case "close" | "withdraw" | "void":
            return {"closed_on": on}
    return {}


def _withdrawn(standing: Standing) -> Standing:
    """Where it stands since the person took the consent back: when that was nobody told, so on the last day known."""
    imputed = standing.imputed_count + 1
    return standing._replace(state_code="withdrawn", closed_on=standing.state_on, imputed_count=imputed)


def sending(referral: Referral) -> datetime:
    """When it was sent, UTC; its arrival when the tablet did not say, or has a wrong clock."""
    sent, arrived = referral.sent_at, referral.arrived_at
    return sent if sent is not None and -CLOCK_AHEAD <= arrived - sent <= CLOCK_BEHIND else arrived


def _earliest(referral: Referral, begun: Standing) -> date:
    """The first day on which something can have happened to it: that of its sending, if the clock was right."""
    if begun.sent_at is not None and begun.sent_at == referral.sent_at:
        return begun.state_on
    return day_of(referral.arrived_at - CLOCK_BEHIND)


def _day(event: Event, earliest: date) -> tuple[date, str]:
    """The day an event counts for, and the problem with the day that was told."""
    on = event.event_on
    if on is None:
        return day_of(event.arrived_at), ""
    if on > (event.arrived_at + EVENT_AHEAD).date():
        return day_of(event.arrived_at), "event_in_future"
    if on < earliest:
        return earliest, "event_before_referral"
    return on, ""


def _order(dated: tuple[date, str, Event]) -> tuple[date, int, datetime, int, str]:
    on, _, event = dated
    return on, _RANK.get(event.event_code, len(_RANK)), event.arrived_at, event.submission_id, event.row_path


def day_of(moment: datetime) -> date:
    """The day in Baghdad of a UTC time without zone."""
    return (moment + _AHEAD_OF_UTC).date()


class Row(Protocol):
    """Anything that has a row in the store."""

    @property
    def submission_id(self) -> int: ...
    @property
    def row_path(self) -> str: ...


def problem(code: str, row: Row) -> Problem:
    """A problem of the whole row."""
    return Problem(code, DERIVE, row.submission_id, row.row_path)

"""The state machine of a referral: every move, every doubt, and that the order of arrival changes nothing."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.referrals.lifecycle import (
    BY_REPLY,
    EVENTS,
    OPEN,
    STATES,
    TERMINAL,
    Event,
    Referral,
    Standing,
    day_of,
    fold,
)
from kobo_crc.rules import CLOCK_BEHIND

CODE = "200000000101"
SENT_AT = datetime(2026, 11, 1, 9, 0)
ARRIVED_AT = datetime(2026, 11, 1, 14, 0)
LATE = datetime(2026, 12, 31, 12, 0)


def a_referral(**changes: object) -> Referral:
    values: dict[str, object] = {"status_code": "sent", "sent_at": SENT_AT, "arrived_at": ARRIVED_AT} | changes
    return Referral(CODE, 1, "referral[1]", **values)  # type: ignore[arg-type]


def happened(*codes: str, first_day: int = 2) -> list[Event]:
    """One event of each code, a day apart."""
    return [
        Event(CODE, 10 + n, "event", LATE, code, date(2026, 11, first_day + n), reason_code="no_capacity")
        for n, code in enumerate(codes)
    ]


def states(*codes: str, **changes: object) -> tuple[str, int, list[str]]:
    standing, problems = fold(a_referral(**changes), happened(*codes))
    return standing.state_code, standing.imputed_count, [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ((), "sent"),
        (("acknowledge",), "acknowledged"),
        (("acknowledge", "accept"), "accepted"),
        (("accept",), "accepted"),
        (("decline",), "not_accepted"),
        (("accept", "wait"), "on_hold"),
        (("accept", "wait", "start"), "in_progress"),
        (("accept", "start", "serve"), "served"),
        (("accept", "fail"), "not_served"),
        (("accept", "serve", "close"), "closed"),
        (("decline", "close"), "closed"),
        (("withdraw",), "withdrawn"),
        (("accept", "serve", "withdraw"), "withdrawn"),
        (("void",), "entered_in_error"),
        (("accept", "serve", "close", "void"), "entered_in_error"),
        (("withdraw", "void"), "entered_in_error"),
    ],
)
def test_fold__each_step_reported__reaches_state(codes: tuple[str, ...], state: str) -> None:
    assert states(*codes) == (state, 0, [])


@pytest.mark.parametrize(
    ("codes", "state", "imputed"),
    [
        (("serve",), "served", 1),
        (("acknowledge", "serve"), "served", 1),
        (("start", "serve"), "served", 1),
        (("close",), "closed", 2),
        (("accept", "close"), "closed", 1),
        (("wait",), "on_hold", 1),
    ],
)
def test_fold__steps_skipped__are_imputed(codes: tuple[str, ...], state: str, imputed: int) -> None:
    assert states(*codes) == (state, imputed, [])


def test_fold__draft_with_answer__sending_is_imputed() -> None:
    assert states("accept", status_code="draft", sent_at=None) == ("accepted", 1, [])


def test_fold__draft__stays_draft_from_visit_day() -> None:
    standing, problems = fold(a_referral(status_code="draft", sent_at=None, visited_on=date(2026, 10, 30)), [])
    assert (standing.state_code, standing.state_on, standing.sent_at, problems) == (
        "draft",
        date(2026, 10, 30),
        None,
        (),
    )


@pytest.mark.parametrize("end", ["close", "withdraw", "void"])
@pytest.mark.parametrize("code", [code for code in EVENTS if code != "void"])
def test_fold__event_after_end__is_impossible(end: str, code: str) -> None:
    before, _ = fold(a_referral(), happened("accept", "serve", end))
    after, problems = fold(a_referral(), happened("accept", "serve", end, code))
    assert after == before
    assert [(problem.code, problem.submission_id, problem.path) for problem in problems] == [
        ("event_impossible", 13, "event")
    ]


@pytest.mark.parametrize(
    "codes",
    [("decline", "accept"), ("accept", "decline"), ("serve", "fail"), ("fail", "serve"), ("decline", "serve")],
)
def test_fold__contradiction__keeps_first_and_says_so(codes: tuple[str, str]) -> None:
    assert states(*codes) == (states(codes[0])[0], states(codes[0])[1], ["event_impossible"])


@pytest.mark.parametrize(
    "codes", [("accept", "acknowledge"), ("serve", "accept"), ("serve", "start"), ("decline", "acknowledge")]
)
def test_fold__old_news__changes_nothing(codes: tuple[str, str]) -> None:
    once, _ = fold(a_referral(), happened(codes[0]))
    twice, problems = fold(a_referral(), happened(*codes))
    assert (twice.state_code, twice.state_on, problems) == (once.state_code, once.state_on, ())
    assert twice.event_count == once.event_count + 1


def test_fold__code_of_a_centres_own__is_told_not_raised() -> None:
    assert states("accept", "visited") == ("accepted", 0, ["event_impossible"])


def test_fold__whole_life__keeps_days_as_told() -> None:
    events = happened("acknowledge", "accept", "start")
    served = Event(CODE, 20, "event", LATE, "serve", date(2026, 11, 9), service_on=date(2026, 11, 8))
    closed = Event(CODE, 21, "event", LATE, "close", date(2026, 11, 12))
    standing, _ = fold(a_referral(), [*events, served, closed])
    assert standing == Standing(
        state_code="closed",
        state_on=date(2026, 11, 12),
        sent_at=SENT_AT,
        acknowledged_on=date(2026, 11, 2),
        decided_on=date(2026, 11, 3),
        served_on=date(2026, 11, 8),
        closed_on=date(2026, 11, 12),
        outcome_code="served",
        reason_code=None,
        event_count=5,
        imputed_count=0,
    )


@pytest.mark.parametrize(("code", "outcome"), [("decline", "not_accepted"), ("fail", "not_served")])
def test_fold__refusal__keeps_outcome_and_reason_when_closed(code: str, outcome: str) -> None:
    standing, _ = fold(a_referral(), happened(code, "close"))
    assert (standing.state_code, standing.outcome_code, standing.reason_code) == ("closed", outcome, "no_capacity")


def test_fold__imputed_decision__has_no_day() -> None:
    standing, _ = fold(a_referral(), happened("serve"))
    assert (standing.decided_on, standing.served_on) == (None, date(2026, 11, 2))


def test_fold__same_day__steps_in_their_own_order() -> None:
    day = date(2026, 11, 5)
    events = [Event(CODE, n, "event", LATE, code, day) for n, code in enumerate(["close", "serve", "accept"])]
    standing, problems = fold(a_referral(), events)
    assert (standing.state_code, standing.imputed_count, problems) == ("closed", 0, ())


def test_fold__same_day_same_step__first_to_arrive_counts() -> None:
    day = date(2026, 11, 5)
    later = Event(CODE, 10, "event", datetime(2026, 11, 7), "decline", day, reason_code="other")
    sooner = Event(CODE, 11, "event", datetime(2026, 11, 6), "decline", day, reason_code="no_capacity")
    assert fold(a_referral(), [later, sooner])[0].reason_code == "no_capacity"


def test_fold__event_after_its_arrival__arrival_is_used() -> None:
    arrived = datetime(2026, 11, 5, 22, 30)  # half past one on the 6th in Baghdad
    standing, problems = fold(a_referral(), [Event(CODE, 9, "event", arrived, "accept", date(2027, 11, 5))])
    assert (standing.decided_on, [problem.code for problem in problems]) == (date(2026, 11, 6), ["event_in_future"])


def test_fold__event_on_the_morrow_of_arrival__is_believed() -> None:
    arrived = datetime(2026, 11, 5, 22, 30)
    standing, problems = fold(a_referral(), [Event(CODE, 9, "event", arrived, "accept", date(2026, 11, 6))])
    assert (standing.decided_on, problems) == (date(2026, 11, 6), ())


def test_fold__event_before_referral__referral_day_is_used() -> None:
    standing, problems = fold(a_referral(), [Event(CODE, 9, "event", LATE, "accept", date(2026, 10, 1))])
    assert (standing.decided_on, [p.code for p in problems]) == (date(2026, 11, 1), ["event_before_referral"])


@pytest.mark.parametrize("sent_at", [datetime(2031, 1, 1), datetime(2010, 1, 1), None])
def test_fold__tablet_with_wrong_clock__arrival_is_used_and_events_are_believed(sent_at: datetime | None) -> None:
    event = Event(CODE, 9, "event", LATE, "accept", date(2026, 10, 28))
    standing, problems = fold(a_referral(sent_at=sent_at), [event])
    assert (standing.sent_at, standing.decided_on, problems) == (ARRIVED_AT, date(2026, 10, 28), ())


def test_fold__event_years_before_a_referral_without_a_right_clock__is_not_believed() -> None:
    event = Event(CODE, 9, "event", LATE, "accept", date(2019, 11, 5))
    standing, problems = fold(a_referral(sent_at=None), [event])
    assert [p.code for p in problems] == ["event_before_referral"]
    assert standing.decided_on == day_of(ARRIVED_AT - CLOCK_BEHIND)


def test_fold__event_without_day__arrival_is_used() -> None:
    standing, problems = fold(a_referral(), [Event(CODE, 9, "event", LATE, "accept")])
    assert (standing.decided_on, problems) == (LATE.date(), ())


def refused(*events: Event, **changes: object) -> tuple[str, date | None, int, list[str]]:
    standing, problems = fold(a_referral(consent_share_code="no", **changes), list(events))
    return standing.state_code, standing.closed_on, standing.imputed_count, [p.code for p in problems]


@pytest.mark.parametrize("codes", [(), ("acknowledge",), ("accept",), ("accept", "wait"), ("start",)])
def test_fold__sharing_refused__withdraws_whatever_is_open(codes: tuple[str, ...]) -> None:
    before, _ = fold(a_referral(consent_share_code="yes"), happened(*codes))
    assert before.state_code in OPEN
    expected = ("withdrawn", before.state_on, before.imputed_count + 1, ["sharing_withdrawn"])
    assert refused(*happened(*codes)) == expected


@pytest.mark.parametrize(
    "codes", [("serve",), ("fail",), ("decline",), ("accept", "serve", "close"), ("withdraw",), ("void",)]
)
def test_fold__sharing_refused__leaves_what_has_ended(codes: tuple[str, ...]) -> None:
    assert fold(a_referral(consent_share_code="no"), happened(*codes)) == fold(a_referral(), happened(*codes))


@pytest.mark.parametrize("status", ["draft", None])
def test_fold__sharing_refused_before_anybody_sent_it__is_a_draft(status: str | None) -> None:
    assert refused(status_code=status, sent_at=None) == ("draft", None, 0, [])


@pytest.mark.parametrize("answer", ["yes", None])
def test_fold__sharing_not_refused__stays_sent(answer: str | None) -> None:
    assert fold(a_referral(consent_share_code=answer), [])[0].state_code == "sent"


DAYS = st.none() | st.dates(date(2026, 10, 20), date(2027, 1, 10))
TIMES = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 20))
REASONS = st.sampled_from([None, "no_capacity", "other"])
HISTORIES = st.lists(st.tuples(st.sampled_from(EVENTS), DAYS, TIMES, REASONS), max_size=8)


@given(history=HISTORIES, draft=st.booleans(), share=st.sampled_from(["yes", "no", None]), data=st.data())
def test_fold__any_order_of_reading__same_outcome(
    history: list[tuple[str, date | None, datetime, str | None]], draft: bool, share: str | None, data: st.DataObject
) -> None:
    events = [
        Event(CODE, n, "event", arrived, code, day, reason_code=reason)
        for n, (code, day, arrived, reason) in enumerate(history)
    ]
    referral = a_referral(status_code="draft", sent_at=None) if draft else a_referral(consent_share_code=share)
    assert fold(referral, data.draw(st.permutations(events))) == fold(referral, events)


TOLD = st.lists(st.tuples(st.sampled_from(EVENTS), st.dates(date(2026, 11, 2), date(2026, 11, 30))), max_size=6)


@given(told=TOLD, data=st.data())
def test_fold__any_order_of_arrival__same_state(told: list[tuple[str, date]], data: st.DataObject) -> None:
    def standing(arrivals: list[int]) -> Standing:
        events = [
            Event(CODE, 100 - at, "event", datetime(2026, 12, 1 + at), code, day)
            for (code, day), at in zip(told, arrivals, strict=True)
        ]
        return fold(a_referral(), events)[0]

    in_order = list(range(len(told)))
    assert standing(data.draw(st.permutations(in_order))) == standing(in_order)


@given(history=HISTORIES)
def test_fold__any_history__is_accounted_for(
    history: list[tuple[str, date | None, datetime, str | None]],
) -> None:
    events = [Event(CODE, n, "event", arrived, code, day) for n, (code, day, arrived, _) in enumerate(history)]
    standing, problems = fold(a_referral(), events)
    impossible = [problem for problem in problems if problem.code == "event_impossible"]
    assert standing.state_code in STATES
    assert standing.event_count + len(impossible) == len(events)
    assert (standing.closed_on is not None) == (standing.state_code in TERMINAL)


def test_fold__reply_that_cannot_have_happened__is_told_at_the_referral() -> None:
    reply = Event(CODE, BY_REPLY, "reply/00000001", LATE, "accept", date(2026, 11, 9))
    standing, problems = fold(a_referral(), [*happened("decline", "close"), reply])
    assert standing.state_code == "closed"
    assert [(p.code, p.submission_id, p.path) for p in problems] == [("reply_doubtful", 1, "referral[1]")]


def test_fold__reply_dated_before_the_referral__counts_and_is_told_at_the_referral() -> None:
    reply = Event(CODE, BY_REPLY, "reply/00000001", LATE, "accept", date(2026, 10, 9))
    standing, problems = fold(a_referral(), [reply])
    assert (standing.state_code, standing.decided_on) == ("accepted", date(2026, 11, 1))
    assert [(p.code, p.submission_id) for p in problems] == [("reply_doubtful", 1)]

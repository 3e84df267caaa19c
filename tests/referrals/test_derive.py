"""What spans submissions: states in column order, orphans, numbers used twice, people registered twice."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from kobo_crc.model import Problem
from kobo_crc.problems import DERIVE
from kobo_crc.referrals.derive import Derived, Link, Registration, derive, derive_registrations
from kobo_crc.referrals.lifecycle import BY_REPLY, Event, Referral
from kobo_crc.schema.derived import REFERRAL_STATE

ARRIVED_AT = datetime(2026, 11, 1, 14, 0)


def a_referral(code: str, submission_id: int = 1, **changes: object) -> Referral:
    values: dict[str, object] = {"status_code": "sent", "sent_at": ARRIVED_AT, "arrived_at": ARRIVED_AT} | changes
    return Referral(code, submission_id, "referral[1]", **values)  # type: ignore[arg-type]


def an_event(code: str, submission_id: int = 50, event_code: str = "accept") -> Event:
    return Event(code, submission_id, "event", ARRIVED_AT + timedelta(days=9), event_code, date(2026, 11, 4))


def named(derived: Derived) -> dict[str, object]:
    assert derived.row is not None
    return dict(zip((column.name for column in REFERRAL_STATE.columns), derived.row, strict=True))


def test_derive__referral_and_event__row_in_column_order() -> None:
    referral = a_referral(
        "2",
        centre_code="baiji",
        service_code="health",
        sensitive_code="no",
        receiving_organization_code="health_directorate",
        priority_code="urgent",
    )
    (derived,) = derive([referral], [an_event("2")])
    assert named(derived) == {
        "reference_code": "2",
        "submission_id": 1,
        "row_path": "referral[1]",
        "centre_code": "baiji",
        "service_code": "health",
        "sensitive_code": "no",
        "receiving_organization_code": "health_directorate",
        "priority_code": "urgent",
        "state_code": "accepted",
        "state_on": date(2026, 11, 4),
        "sent_at": ARRIVED_AT,
        "acknowledged_on": None,
        "decided_on": date(2026, 11, 4),
        "served_on": None,
        "closed_on": None,
        "outcome_code": None,
        "reason_code": None,
        "event_count": 1,
        "imputed_count": 0,
        "previous_reference_code": None,
        "next_reference_code": None,
    }
    assert derived.problems == ()


def test_derive__event_without_referral__is_orphan() -> None:
    outcome = list(derive([a_referral("2"), a_referral("4")], [an_event("1"), an_event("3"), an_event("5")]))
    assert [(d.reference_code, d.row is None) for d in outcome] == [
        ("1", True),
        ("2", False),
        ("3", True),
        ("4", False),
        ("5", True),
    ]
    assert outcome[0].problems == (Problem("followup_orphan", DERIVE, 50, "event"),)


def test_derive__number_used_twice__first_by_time_keeps_state_and_both_are_named() -> None:
    later = a_referral("2", 1, sent_at=ARRIVED_AT - timedelta(hours=1))
    earlier = a_referral("2", 2, sent_at=ARRIVED_AT - timedelta(hours=2))
    (derived,) = derive([later, earlier], [an_event("2")])
    assert (named(derived)["submission_id"], named(derived)["state_code"]) == (2, "accepted")
    assert [(p.code, p.submission_id) for p in derived.problems] == [
        ("reference_code_repeated", 2),
        ("reference_code_repeated", 1),
    ]


def test_derive__number_used_twice_with_wrong_clock__true_time_decides() -> None:
    wrong = a_referral("2", 1, sent_at=datetime(1970, 1, 1), arrived_at=ARRIVED_AT + timedelta(days=1))
    (derived,) = derive([wrong, a_referral("2", 2)], [])
    assert named(derived)["submission_id"] == 2


def test_derive__impossible_event__is_a_problem_of_the_event() -> None:
    (derived,) = derive([a_referral("2")], [an_event("2", 50, "decline"), an_event("2", 51, "serve")])
    assert named(derived)["state_code"] == "not_accepted"
    assert derived.problems == (Problem("event_impossible", DERIVE, 51, "event"),)


def test_derive__unsorted__is_refused() -> None:
    with pytest.raises(ValueError, match="not sorted"):
        list(derive([a_referral("2"), a_referral("1")], []))


def test_derive__many_referrals__memory_stays_flat() -> None:
    def referrals() -> Iterator[Referral]:
        return (a_referral(f"{number:06}", number) for number in range(20_000))

    def events() -> Iterator[Event]:
        return (an_event(f"{number:06}", number) for number in range(20_000))

    tracemalloc.start()
    count = sum(1 for _ in derive(referrals(), events()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000


def test_derive_registrations__several_submissions__each_is_named() -> None:
    rows = [Registration("1", 1, "person"), Registration("2", 1, "person"), Registration("2", 2, "person")]
    assert list(derive_registrations(rows)) == [
        Problem("person_registered_twice", DERIVE, 1, "person"),
        Problem("person_registered_twice", DERIVE, 2, "person"),
    ]


def test_derive_registrations__twice_in_one_submission__is_no_problem() -> None:
    assert list(derive_registrations([Registration("1", 1, "a"), Registration("1", 1, "b")])) == []


def test_derive__earlier_one_refused_by_a_reviewer__the_later_one_counts() -> None:
    refused = a_referral("2", 1, not_approved=True)
    (derived,) = derive([refused, a_referral("2", 2, sent_at=ARRIVED_AT + timedelta(hours=1))], [an_event("2")])
    assert (named(derived)["submission_id"], named(derived)["state_code"]) == (2, "accepted")
    assert derived.problems == ()


def test_derive__every_one_refused__the_earliest_stands() -> None:
    refused = [a_referral("2", number, not_approved=True) for number in (1, 2)]
    (derived,) = derive(refused, [])
    assert named(derived)["submission_id"] == 1


def a_link(previous: str, code: str, submission_id: int, days: int = 0) -> Link:
    return Link(previous, code, ARRIVED_AT + timedelta(days=days), submission_id, "referral[1]")


def test_derive__referral_that_names_an_earlier_one__each_knows_the_other() -> None:
    again = a_referral("5", 2, previous_reference_code="2")
    first, second = derive([a_referral("2"), again], [], [a_link("2", "5", 2)])
    assert (named(first)["previous_reference_code"], named(first)["next_reference_code"]) == (None, "5")
    assert (named(second)["previous_reference_code"], named(second)["next_reference_code"]) == ("2", None)
    assert first.problems == second.problems == ()


def test_derive__several_name_the_same_earlier_one__the_first_to_arrive_is_its_next() -> None:
    links = [a_link("2", "3", 2, days=2), a_link("2", "4", 3, days=1)]
    (derived,) = derive([a_referral("2")], [], links)
    assert named(derived)["next_reference_code"] == "4"


def test_derive__earlier_referral_has_not_arrived__is_named_at_the_one_that_names_it() -> None:
    first, second = derive([a_referral("2", previous_reference_code="3")], [], [a_link("3", "2", 1)])
    assert (named(first)["previous_reference_code"], first.problems) == ("3", ())
    assert (second.row, second.problems) == (None, (Problem("previous_unknown", DERIVE, 1, "referral[1]"),))


def test_derive__referral_that_names_itself__is_a_problem_and_no_follower() -> None:
    (derived,) = derive([a_referral("2", previous_reference_code="2")], [], [a_link("2", "2", 1)])
    assert (named(derived)["previous_reference_code"], named(derived)["next_reference_code"]) == (None, None)
    assert derived.problems == (Problem("previous_unknown", DERIVE, 1, "referral[1]"),)


def test_derive__reply_to_a_referral_that_is_gone__is_no_problem_of_any_submission() -> None:
    (derived,) = derive([], [an_event("2", BY_REPLY)])
    assert derived == Derived("2", None, ())

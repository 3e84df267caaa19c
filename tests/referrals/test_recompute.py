"""What is read from the tables stands in the right places of what is derived from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import SUBMISSION
from kobo_crc.model import NOT_APPROVED
from tests.referrals.conftest import ARRIVED_AT, Files


def test_recompute__whole_row__is_what_referral_visit_and_events_say(files: Files) -> None:
    submission_id = files.referral("2")
    files.event("2", "accept", event_on=date(2026, 11, 2))
    assert files.states() == {
        "2": {
            "reference_code": "2",
            "submission_id": submission_id,
            "row_path": "referral[1]",
            "centre_code": "baiji",
            "service_code": "health",
            "sensitive_code": "no",
            "receiving_organization_code": "drc",
            "priority_code": "normal",
            "state_code": "accepted",
            "state_on": date(2026, 11, 2),
            "sent_at": ARRIVED_AT,
            "acknowledged_on": None,
            "decided_on": date(2026, 11, 2),
            "served_on": None,
            "closed_on": None,
            "outcome_code": None,
            "reason_code": None,
            "event_count": 1,
            "imputed_count": 0,
            "previous_reference_code": None,
            "next_reference_code": None,
        }
    }


def test_recompute__sharing_refused_after_it_was_sent__withdraws_and_says_so(files: Files) -> None:
    submission_id = files.referral("2", consent_share_code="no")
    assert files.states()["2"]["state_code"] == "withdrawn"
    assert files.problems() == [("sharing_withdrawn", submission_id)]


def visit_of(files: Files, person_code: str | None, day: int, year: int = 2026, **consent: str) -> int:
    submission_id = files.submission("visit", ARRIVED_AT + timedelta(days=20))
    files.row("visit", submission_id, person_code=person_code, visited_on=date(year, 11, day))
    if consent:
        files.row("consent", submission_id, **consent)
    return submission_id


def referral_at(files: Files, code: str, visit: int) -> None:
    files.row("referral", visit, row_path=code, reference_code=code, status_code="sent", consent_share_code="yes")


def test_recompute__what_receivers_were_told_is_taken_back__withdraws_what_was_referred_before(files: Files) -> None:
    earlier = visit_of(files, "p1", 2)
    referral_at(files, "2", earlier)
    referral_at(files, "3", visit_of(files, "p2", 2))
    back = visit_of(files, "p1", 5, share_code="no")
    referral_at(files, "4", back)  # consented to anew, for another receiver
    referral_at(files, "5", visit_of(files, "p1", 6))
    states = {code: row["state_code"] for code, row in files.states().items()}
    assert states == {"2": "withdrawn", "3": "sent", "4": "sent", "5": "sent"}
    assert files.problems() == [("sharing_withdrawn", earlier)]
    visit_of(files, "p1", 7, share_code="yes")  # the newest answer counts
    assert files.states()["2"]["state_code"] == "sent"


def test_recompute__taken_back_by_somebody_without_a_number__withdraws_nobody_elses(files: Files) -> None:
    referral_at(files, "2", visit_of(files, None, 2))
    visit_of(files, None, 5, share_code="no")
    assert files.states()["2"]["state_code"] == "sent"


def test_recompute__taken_back_after_the_service__changes_nothing(files: Files) -> None:
    referral_at(files, "2", visit_of(files, "p1", 2))
    files.event("2", "serve", event_on=date(2026, 11, 3))
    files.event("2", "close", event_on=date(2026, 11, 4))
    visit_of(files, "p1", 5, share_code="no")
    assert files.states()["2"]["state_code"] == "closed"


def test_recompute__taken_back_or_referred_by_a_wrong_clock__is_withdrawn(files: Files) -> None:
    """On a tablet whose clock had stopped years ago, or one that ran ahead."""
    for person, referred_in, taken_back_in in (("p1", 2026, 2015), ("p2", 2036, 2026)):
        referral_at(files, person, visit_of(files, person, 2, referred_in))
        visit_of(files, person, 30, taken_back_in, share_code="no")
    assert {row["state_code"] for row in files.states().values()} == {"withdrawn"}


def test_recompute__referral_that_arrives_after_it_was_taken_back__is_withdrawn_by_its_day(files: Files) -> None:
    visit_of(files, "p1", 5, share_code="no")
    referral_at(files, "2", visit_of(files, "p1", 2))
    assert files.states()["2"]["state_code"] == "withdrawn"


def test_recompute__referred_again__both_say_so(files: Files) -> None:
    files.referral("2")
    files.referral("3", previous_reference_code="2")
    states = files.states()
    assert (states["2"]["next_reference_code"], states["3"]["previous_reference_code"]) == ("3", "2")
    assert files.problems() == []


@pytest.mark.parametrize("previous", ["4", "3"])
def test_recompute__earlier_referral_unknown_or_itself__is_a_problem(files: Files, previous: str) -> None:
    submission_id = files.referral("3", previous_reference_code=previous)
    files.states()
    assert files.problems() == [("previous_unknown", submission_id)]


def test_recompute__follower_refused_by_a_reviewer__does_not_follow(files: Files) -> None:
    files.referral("2")
    refused = files.referral("3", previous_reference_code="2")
    with files.database.writing() as connection:
        of_it = sa.update(SUBMISSION).where(SUBMISSION.c.submission_id == refused)
        connection.execute(of_it.values(validation_status=NOT_APPROVED))
    assert files.states()["2"]["next_reference_code"] is None

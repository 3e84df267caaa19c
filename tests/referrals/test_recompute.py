"""What is read from the tables stands in the right places of what is derived from it."""

from __future__ import annotations

from datetime import date

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

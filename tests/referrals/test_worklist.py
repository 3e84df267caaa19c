"""Who waits, and for what: lists by the day of asking, and nothing of a sensitive referral but codes and days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import CODES, STORE, SUBMISSION
from kobo_crc.model import NOT_APPROVED
from kobo_crc.referrals.calendar import Calendar, calendar_of
from kobo_crc.referrals.worklist import LISTS, OpenReferral, on_list, open_referrals, shared_with
from tests.referrals.conftest import ARRIVED_AT, Files, code_row

CALENDAR = calendar_of({"priority": [code_row("normal", acknowledge_within="2 days", decide_within="4 days")]})
SENT_ON = date(2026, 11, 1)


def after(**time: int) -> datetime:
    return ARRIVED_AT + timedelta(**time)


def seen(files: Files, now: datetime, calendar: Calendar = CALENDAR) -> dict[str, OpenReferral]:
    files.states()
    with files.database.reading() as connection:
        return {one.reference_code: one for one in open_referrals(connection, calendar, now)}


def lists_of(one: OpenReferral, now: datetime) -> set[str]:
    return {name for name in LISTS if on_list(name, [one], now.date())}


@pytest.mark.parametrize(
    ("now", "lists"),
    [
        (after(minutes=1), {"due_soon"}),  # to acknowledge by the day after tomorrow
        (after(days=1, hours=23), {"due_soon"}),
        (after(days=2), {"no_response", "due_soon"}),  # to decide two days later
        (after(days=4), {"no_response", "overdue"}),
    ],
)
def test_lists__sent_and_never_answered__moves_from_list_to_list(files: Files, now: datetime, lists: set[str]) -> None:
    files.referral("2")
    assert lists_of(seen(files, now)["2"], now) == lists


def test_lists__acknowledged__is_due_later_and_answered(files: Files) -> None:
    files.referral("2")
    files.event("2", "acknowledge", event_on=SENT_ON)
    assert lists_of(seen(files, after(days=1))["2"], after(days=1)) == set()
    assert lists_of(seen(files, after(days=9))["2"], after(days=9)) == {"overdue"}


def test_lists__accepted__awaits_service_without_a_limit(files: Files) -> None:
    files.referral("2")
    files.event("2", "accept", event_on=date(2026, 11, 3))
    one = seen(files, after(days=300))["2"]
    assert lists_of(one, after(days=300)) == {"awaiting_service"}
    assert (one.state_on, one.due_on, one.days_late(date(2027, 1, 1))) == (date(2026, 11, 3), None, 0)


def test_lists__accepted_with_a_limit__is_late_from_the_day_of_the_decision(files: Files) -> None:
    calendar = calendar_of({"priority": [code_row("normal", serve_within="2 days")]})
    files.referral("2")
    files.event("2", "accept", event_on=date(2026, 11, 3))
    files.event("2", "start", event_on=date(2026, 11, 8))
    one = seen(files, after(days=9), calendar)["2"]
    assert (one.state_on, one.due_on, one.outlook.overdue) == (date(2026, 11, 8), date(2026, 11, 6), True)


@pytest.mark.parametrize("event", ["decline", "serve", "close"])
def test_open_referrals__ended__is_not_one(files: Files, event: str) -> None:
    files.referral("2")
    files.event("2", event, event_on=date(2026, 11, 3))
    assert seen(files, after(days=9)) == {}


def test_open_referrals__draft_or_refused_by_a_reviewer__is_not_one(files: Files) -> None:
    files.referral("2", status_code="draft")
    refused = files.referral("3")
    with files.database.writing() as connection:
        of_it = sa.update(SUBMISSION).where(SUBMISSION.c.submission_id == refused)
        connection.execute(of_it.values(validation_status=NOT_APPROVED))
    assert seen(files, after(days=9)) == {}


def test_open_referrals__several__the_longest_due_come_first_and_those_without_limit_last(files: Files) -> None:
    files.referral("2", sent_at=ARRIVED_AT - timedelta(days=1))
    files.referral("3", sent_at=ARRIVED_AT - timedelta(days=2))
    files.referral("4")
    files.event("4", "accept", event_on=SENT_ON)
    assert list(seen(files, after(days=9))) == ["3", "2", "4"]


@pytest.mark.parametrize(
    ("form_says", "list_says"), [("yes", "no"), ("yes", None), ("no", "yes"), (None, "no"), (None, None)]
)
def test_open_referrals__sensitive_by_form_or_list__shows_neither_service_nor_receiver(
    files: Files, form_says: str | None, list_says: str | None
) -> None:
    with files.database.writing() as connection:
        connection.execute(
            sa.update(CODES["service"]).where(CODES["service"].c.code == "gbv").values(sensitive=list_says)
        )
    files.referral("2", service_code="gbv", sensitive_code=form_says)
    one = seen(files, after(days=9))["2"]
    assert one.sensitive
    assert (one.service_code, one.receiver_code) == (None, None)
    assert {"gbv", "drc"}.isdisjoint(one)


def test_open_referrals__not_sensitive__shows_both(files: Files) -> None:
    files.referral("2", followup_due_on=date(2026, 11, 20))
    one = seen(files, after(days=9))["2"]
    assert (one.service_code, one.receiver_code, one.sensitive) == ("health", "drc", False)
    assert (one.sent_on, one.due_on, one.followup_on) == (SENT_ON, date(2026, 11, 5), date(2026, 11, 20))
    assert one.days_late(date(2026, 11, 10)) == 5


@pytest.mark.parametrize("answer", ["no", None])
def test_shared_with__no_consent_to_share__is_never_in_it(files: Files, answer: str | None) -> None:
    files.referral("2", consent_share_code=answer)
    files.referral("3")
    files.referral("4", receiving_organization_code="nrc")
    files.states()
    with files.database.reading() as connection:
        assert [one.reference_code for one in shared_with(connection, CALENDAR, after(days=9), "drc")] == ["3"]


def test_store__overdue__is_kept_in_no_column() -> None:
    words = ("overdue", "no_response", "due_on", "late")
    named = {column.name for table in STORE.tables.values() for column in table.c}
    kept = {name for name in named if any(word in name for word in words)}
    assert kept == {
        "followup_due_on",
        "due_on",
    }  # days that people agreed: of a referral's follow-up, of a reply to feedback

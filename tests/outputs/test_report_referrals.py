"""What the report says of referrals: rounded, examined as a whole, and of nobody who opted out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from kobo_crc.disclosure import Rule
from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs.report.referrals import Bar, Referrals, referrals
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.referrals.timeliness import Deadlines
from kobo_crc.xlsform.lists import read_codes
from tests.outputs.indicators.conftest import CODES, Centre
from tests.outputs.indicators.conftest import centre as centre

TODAY = date(2026, 10, 22)  # a Thursday; the weeks begin on 4, 11 and 18 October
NOW = Deadlines(calendar_of(read_codes(CODES)), datetime(2026, 10, 22, 9))
SENT = datetime(2026, 10, 13, 9)


def sent(centre: Centre, number: int, state: str = "sent", **values: object) -> None:
    first = len(centre.store.connection.exec_driver_sql("SELECT 1 FROM submission").all())
    for person in range(first, first + number):
        centre.referral(f"p{person}", state, **{"sent_at": SENT, **values})  # type: ignore[arg-type]


def told(centre: Centre) -> Referrals:
    return referrals(centre.store.connection, NOW, Rule())


def named(bars: tuple[Bar, ...]) -> dict[str, str]:
    return {bar.labels["en"]: bar.text for bar in bars if bar.value}


def test_funnel__by_how_far_each_came_from_what_is_shown(centre: Centre) -> None:
    sent(centre, 41)
    sent(centre, 21, "acknowledged")
    sent(centre, 11, "on_hold")
    sent(centre, 16, "closed", outcome_code="served")
    sent(centre, 9, "not_accepted")
    sent(centre, 10, "withdrawn")
    for state in ("draft", "entered_in_error"):
        sent(centre, 7, state)
    seen = told(centre)
    assert {step: bar.text for step, bar in seen.funnel.items()} == {
        "sent": "≈ 95",
        "answered": "≈ 55",
        "accepted": "≈ 25",
        "served": "≈ 15",
    }
    assert named(seen.outcomes)["No feedback"] == "40" and named(seen.outcomes)["Withdrawn"] == "10"


def test_referrals__nothing__shows_nothing(centre: Centre) -> None:
    seen = told(centre)
    assert {bar.text for bar in seen.funnel.values()} == {"<5"}
    assert (seen.refusals, seen.lacking, seen.flows) == ((), (), ())
    assert {stage.median for stage in seen.stages} == {"–"}


@pytest.mark.parametrize("changes", [{"validation_status": NOT_APPROVED}, {"deleted_on": TODAY}])
def test_referrals__deleted_and_not_approved__left_out(centre: Centre, changes: dict[str, object]) -> None:
    sent(centre, 20)
    sets = ", ".join(f"{name} = '{value}'" for name, value in changes.items())
    centre.store.connection.exec_driver_sql(f"UPDATE submission SET {sets} WHERE submission_id > 10")
    assert named(told(centre).outcomes) == {"No feedback": "10"}


def test_referrals__opted_out_later__not_counted(centre: Centre) -> None:
    sent(centre, 30)
    for person in range(20):
        centre.visit(f"p{person}", 20, report="no")
    assert named(told(centre).outcomes) == {"No feedback": "10"}


def test_refusals__largest_first_and_services_without_capacity(centre: Centre) -> None:
    sent(centre, 80)
    sent(centre, 10, "not_accepted", reason_code="not_eligible", service_code="cash")
    sent(centre, 21, "not_accepted", reason_code="no_capacity", service_code="shelter")
    sent(centre, 3, "not_accepted", reason_code="duplicate", service_code="cash")
    seen = told(centre)
    assert list(named(seen.refusals).items()) == [("No capacity", "20"), ("Not eligible", "10")]
    assert named(seen.lacking) == {"Shelter": "20"}


def test_overdue__open_past_the_limit_by_governorate_the_most_first(centre: Centre) -> None:
    """Urgent: 72 hours. Sent on 13 October, each is late on 22 October unless it was answered."""
    sent(centre, 14, priority_code="urgent")
    sent(centre, 30, priority_code="urgent", centre_code="jalawla")
    sent(centre, 21, "accepted", priority_code="urgent", decided_on=SENT.date())
    sent(centre, 40, priority_code="urgent", centre_code="jalawla", sent_at=NOW.now - timedelta(days=1))
    assert list(named(told(centre).overdue).items()) == [("Diyala", "30"), ("Salah Al-Din", "15")]


def test_overdue__those_in_time_would_be_given_away__is_left_out(centre: Centre) -> None:
    """Of 25 in a governorate 20 are late: shown beside each other they would say that at least one is not."""
    sent(centre, 20, priority_code="urgent")
    sent(centre, 4, "accepted", priority_code="urgent", decided_on=SENT.date())
    assert [bar.text for bar in told(centre).outcomes if bar.value] == ["20"]
    assert told(centre).overdue == ()


def test_flows__from_governorates_never_centres_and_nothing_sensitive(centre: Centre) -> None:
    """Jalawla is the only centre of Diyala: how many are sensitive there is a number of one centre."""
    sent(centre, 30, receiving_organization_code="iom", service_code="cash")
    sent(centre, 20, receiving_organization_code="drc", service_code="gbv", centre_code="jalawla")
    seen = [(flow.origin["en"], flow.to.labels["en"], flow.to.text) for flow in told(centre).flows]
    assert seen == [("Salah Al-Din", "International Organization for Migration (IOM)", "30")]


def test_weeks__sent_and_served_by_their_own_days(centre: Centre) -> None:
    sent(centre, 40, "served", served_on=date(2026, 10, 18))
    sent(centre, 20, "served", served_on=date(2026, 10, 17), sent_at=SENT - timedelta(weeks=20))
    seen = {week.begins: (week.sent.text, week.served.text) for week in told(centre).weeks}
    assert seen[date(2026, 10, 11)] == ("40", "20") and seen[date(2026, 10, 18)] == ("<5", "40")
    assert len(seen) == 8 and max(seen) == date(2026, 10, 18)


def test_stages__median_and_nine_of_ten(centre: Centre) -> None:
    sent(centre, 5)
    for days in range(1, 12):
        sent(centre, 1, "served", served_on=SENT.date() + timedelta(days=days))
    stage = {one.labels["en"]: (one.median, one.p90) for one in told(centre).stages}
    assert stage["to the service"] == ("6", "10") and stage["to closing"] == ("–", "–")

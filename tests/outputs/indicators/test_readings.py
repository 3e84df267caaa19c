"""What each figure counts, and whom it leaves out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES, DERIVED_TABLES
from kobo_crc.disclosure import SPECIALISED
from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs.indicators import people, referrals, standing
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.tables import Line, lines
from tests.outputs.indicators.conftest import OCTOBER, Centre, exact


def of(centre: Centre, reading: people.Reading, month: Month = OCTOBER) -> list[Line]:
    return lines(reading(centre.reader, month), (), None)


def test_people__several_visits__are_one_person_at_the_last_centre(centre: Centre) -> None:
    centre.visit("a", 3)
    centre.visit("a", 9, centre="jalawla")
    centre.visit("b", 4, sex="male")
    found = of(centre, people.people)
    assert exact(found, "") == {"": "2"}
    assert exact(found, "centre") == {"jalawla": "1", "baiji": "1"}
    assert exact(found, "sex") == {"female": "1", "male": "1"}


def test_people__other_months_deleted_refused_and_unknown__not_counted(centre: Centre) -> None:
    centre.visit("a", month=9)
    centre.visit("b", deleted_on=date(2026, 11, 1))
    centre.visit("c", validation_status=NOT_APPROVED)
    centre.visit(None)
    assert exact(of(centre, people.people), "") == {}


def test_people__opted_out_at_a_later_visit__leaves_the_centre_total_alone(centre: Centre) -> None:
    centre.visit("a", 3)
    centre.visit("a", 2, month=11, report="no")
    found = of(centre, people.people)
    assert (exact(found, ""), exact(found, "sex"), exact(found, "centre")) == ({}, {}, {"baiji": "1"})


def test_people__services_and_cards__are_contacts_too(centre: Centre) -> None:
    store = centre.store
    centre.visit("a", month=9)
    given = store.submission(form="service")
    store.row("service_delivery", given, person_code="a", delivered_on=date(2026, 10, 8), status_code="delivered")
    missed = store.submission(form="service")
    store.row("service_delivery", missed, person_code="b", delivered_on=date(2026, 10, 8), status_code="no_show")
    session = store.submission(form="session")
    store.row("session", session, held_on=date(2026, 10, 9), method_code="cards", centre_code="jalawla")
    store.row("attendance", session, person_code="a")
    found = of(centre, people.people)
    assert (exact(found, ""), exact(found, "centre")) == ({"": "1"}, {"jalawla": "1"})


def test_people__age__is_that_of_the_month(centre: Centre) -> None:
    centre.visit("a", born=2009)
    centre.visit("b", born=2008)
    centre.visit("c", born=1966)
    centre.visit("d", born=None)
    centre.visit("e", born=1800)
    assert exact(of(centre, people.people), "age") == {"0_17": "1", "18_59": "1", "60_plus": "1", "not_known": "2"}


def test_people__number_given_out_twice__is_a_range(centre: Centre) -> None:
    for day in (3, 4):
        submission = centre.visit("a", day)
        centre.store.problem("person_registered_twice", submission, "")
    assert exact(of(centre, people.people), "") == {"": "1 – 2"}


def test_people_this_year__each_once_from_january(centre: Centre) -> None:
    for person, month in (("a", 1), ("a", 10), ("b", 9), ("c", 11)):
        centre.visit(person, month=month)
    centre.visit("d", report="no")
    assert exact(of(centre, people.people_this_year), "") == {"": "2"}


def test_visits__by_what_was_agreed_to(centre: Centre) -> None:
    centre.visit("a", 3)
    centre.visit("a", 4)
    centre.visit("b", report="no")
    centre.visit(None, sex="male")
    found = of(centre, people.visits)
    assert exact(found, "") == {"": "4"}
    assert exact(found, "answer") == {"agreed": "2", "opted_out": "1", "not_recorded": "1"}
    assert exact(found, "anonymous_sex") == {"male": "1"}
    assert exact(found, "visit_type") == {"not_known": "2"}


def test_services__sensitive__share_a_category_and_no_shows_are_none(centre: Centre) -> None:
    submission = centre.visit("a")
    for number, service in enumerate(("gbv", "child_protection", "other", "health")):
        centre.store.row("service_given", submission, row_path=f"s{number}", service_code=service)
    centre.store.row(
        "service_delivery",
        centre.store.submission(form="service"),
        delivered_on=date(2026, 10, 8),
        status_code="no_show",
        service_code="health",
    )
    assert exact(of(centre, people.services), "service") == {SPECIALISED: "3", "health": "1"}


def test_attendances__people_who_came__not_sessions(centre: Centre) -> None:
    for count in (12, 7):
        submission = centre.store.submission(form="session")
        row = {
            "submission_id": submission,
            "held_on": date(2026, 10, 8),
            "people_count": count,
            "kind_code": "training",
        }
        centre.store.connection.execute(sa.insert(DERIVED_TABLES["session_attendance"]).values(row))
        centre.store.row("session", submission, held_on=date(2026, 10, 8), kind_code="training")
    assert exact(of(centre, people.attendances), "kind") == {"training": "19"}
    assert exact(of(centre, people.sessions), "number") == {"sessions": "2", "sessions_training": "2"}


def test_feedback__closed_in_time_late_and_sensitive(centre: Centre) -> None:
    due = date(2026, 10, 20)
    for category, status, closed in (
        ("thanks", "closed", due),
        ("thanks", "closed", date(2026, 10, 21)),
        ("thanks", "open", None),
        ("channelled", "closed", due),
    ):
        values = {"category_code": category, "status_code": status, "closed_on": closed, "due_on": due}
        submission = centre.store.submission(form="feedback")
        centre.store.row("feedback", submission, received_on=date(2026, 10, 8), **values)
    found = of(centre, people.feedback)
    assert exact(found, "closing") == {"closed_in_time": "1", "closed_late": "1", "not_closed": "1"}
    assert "channelled" not in {line.category for line in found}


def test_referrals__outcome_receiver_and_reason(centre: Centre) -> None:
    centre.referral(
        "a", "closed", outcome_code="served", days=4, receiving_organization_code="iom", service_code="cash"
    )
    centre.referral(
        "b", "not_accepted", reason_code="no_capacity", service_code="gbv", receiving_organization_code="iom"
    )
    centre.referral("c", "on_hold", service_code="health", sensitive_code="yes", receiving_organization_code="drc")
    centre.referral("d", "draft")
    centre.referral("e", "sent", service_code="other", receiving_organization_code="iom")
    found = of(centre, referrals.referrals)
    assert exact(found, "outcome") == {"served": "1", "not_accepted": "1", "accepted_open": "1", "no_feedback": "1"}
    assert exact(found, "receiver") == {"iom": "1", "not_named": "3"}
    assert exact(found, "service") == {"cash": "1", SPECIALISED: "3"}
    assert exact(found, "refusal") == {"no_capacity": "1"}
    assert exact(found, "closed") == {"closed": "1", "not_closed": "3"}
    assert exact(found, "days_median") == {"served": "4"} | dict.fromkeys(("acknowledged", "decided", "closed"), "–")


def test_referrals__late_on_the_last_evening_in_baghdad__belongs_to_the_month(centre: Centre) -> None:
    centre.referral("a", sent_at=datetime(2026, 9, 30, 21))
    centre.referral("b", sent_at=datetime(2026, 10, 31, 21))
    assert exact(of(centre, referrals.referrals), "") == {"": "1"}


def test_directory__assured_in_the_last_90_days(centre: Centre) -> None:
    submission = centre.store.submission(form="directory")
    for number, day in enumerate((date(2026, 8, 3), date(2026, 8, 2), date(2026, 11, 2))):
        row = {
            "service_at_location_id": str(number),
            "service_id": "s",
            "submission_id": submission,
            "assured_on": day,
        }
        centre.store.connection.execute(sa.insert(DERIVED_TABLES["service_at_location"]).values(row))
    assert exact(of(centre, standing.directory), "number") == {"places": "2", "places_fresh": "1"}


def test_quality__problems_and_late_arrivals(centre: Centre) -> None:
    submission = centre.visit("a", 20)
    centre.store.connection.execute(sa.text("UPDATE visit SET visited_on = '2026-10-12'"))
    for code in ("followup_orphan", "phone_invalid"):
        centre.store.problem(code, submission, code)
    centre.visit("b", 20)
    found = exact(of(centre, standing.quality), "number")
    assert found == {"submissions": "2", "with_problems": "1", "late": "1", "orphans": "1"}


def test_referrals__limits__of_those_whose_limit_has_passed(centre: Centre) -> None:
    urgent: dict[str, Any] = {"priority_code": "urgent"}  # 48 hours to confirm, 72 to decide
    centre.referral("a", "accepted", acknowledged_on=date(2026, 10, 6), decided_on=date(2026, 10, 9), **urgent)
    centre.referral("b", "accepted", decided_on=date(2026, 10, 7), **urgent)
    centre.referral("c", **urgent)
    centre.referral("d", sent_at=datetime(2026, 10, 30, 9), priority_code="normal")
    found = of(centre, referrals.referrals)
    assert exact(found, "receipt") == {"in_time": "2", "late": "1", "not_yet": "1"}
    assert exact(found, "decision") == {"in_time": "1", "late": "2", "not_yet": "1"}
    assert exact(found, "silence") == {"week": "1", "month": "1"}


def test_overdue__open_and_past_the_limit__by_centre(centre: Centre) -> None:
    centre.referral("a", priority_code="urgent")
    centre.referral("b", priority_code="urgent", centre_code="jalawla")
    centre.referral("c", "accepted", priority_code="urgent", decided_on=date(2026, 10, 6))
    centre.referral("d", "served", days=30, priority_code="urgent")
    centre.referral("e", sent_at=datetime(2026, 10, 30, 9), priority_code="normal")
    found = of(centre, referrals.overdue)
    assert (exact(found, ""), exact(found, "centre")) == ({"": "2"}, {"baiji": "1", "jalawla": "1"})


def test_overdue__opted_out__counts_in_the_centres_total_alone(centre: Centre) -> None:
    centre.referral("a", priority_code="urgent")
    centre.visit("a", 2, month=11, report="no")
    found = of(centre, referrals.overdue)
    assert (exact(found, ""), exact(found, "centre"), exact(found, "priority")) == ({}, {"baiji": "1"}, {})


def test_centre__that_has_closed__is_among_the_others_with_and_without_anybody(centre: Centre) -> None:
    """Its row, were it there only with somebody, would tell that there is somebody."""
    table = CODES["centre"]
    closed = sa.update(table).where(table.c.code == "jalawla").values(retired_on=date(2026, 9, 1))
    centre.store.connection.execute(closed)
    empty = {line.category: line.text for line in of(centre, people.people) if line.by == "centre"}
    centre.visit("a", centre="jalawla")
    found = {line.category: line.text for line in of(centre, people.people) if line.by == "centre"}
    assert found == empty | {"jalawla": "1"} and found.keys() == empty.keys()


def test_refusal__for_a_reason_of_another_event_or_that_has_retired__makes_no_row_of_its_own(centre: Centre) -> None:
    table = CODES["event_reason"]
    centre.store.connection.execute(
        sa.update(table).where(table.c.code == "out_of_area").values(retired_on=date(2026, 9, 1))
    )
    empty = [line.category for line in of(centre, referrals.referrals) if line.by == "refusal"]
    for person, reason in (("a", "out_of_area"), ("b", "no_show")):
        centre.referral(person, "not_accepted", reason_code=reason)
    found = of(centre, referrals.referrals)
    assert [line.category for line in found if line.by == "refusal"] == empty
    assert exact(found, "refusal") == {"out_of_area": "1", "not_known": "1"}

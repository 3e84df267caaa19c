"""The forms of a centre's other activities in JavaRosa: times, totals, and what one answer closes."""

from __future__ import annotations

from tests.activities.filling import CARD, OTHER_CARD, Record, rows_of, told
from tests.engines.commands import Command
from tests.engines.engines import JAVAROSA, fill_in, record_of
from tests.engines.scenarios.activities import (
    CENTRE_DAY,
    DIRECTORY,
    FEEDBACK,
    HANDOVER_CONSENT,
    HANDOVER_REFUSED,
    SERVICE,
    SESSION,
)


def sent(name: str, commands: list[Command]) -> Record:
    return record_of(name, fill_in(JAVAROSA, name, commands))


def test_centre_day__times_and_counts__are_compared_and_stored() -> None:
    record = sent("centre_day", CENTRE_DAY)
    assert record["writer/weekday_after_thursday"] == "3"  # a Sunday
    [row] = told(rows_of("centre_day", record))["centre_day"]
    assert (row["opened_at"], row["closed_at"], row["visitor_count"]) == ("08:30:00", "14:00:00", 140)


def test_session__method_changed__leaves_one_way_of_counting() -> None:
    rows = told(rows_of("session", sent("session", SESSION)))
    assert rows.keys() == {"session", "attendance"}
    assert [row["person_code"] for row in rows["attendance"]] == [CARD, OTHER_CARD]


def test_feedback__turned_into_a_channelled_one__sends_nothing_else() -> None:
    record = sent("feedback", FEEDBACK)
    said = {path for path in record if not path.startswith("meta/")} - {"start", "end", "today"}
    assert said == {"kind/category"}
    assert told(rows_of("feedback", record)) == {"feedback": [{"category_code": "channelled"}]}


def test_directory__safe_place__cannot_be_told() -> None:
    record = sent("directory", DIRECTORY)
    assert "place/address" not in record
    [row] = told(rows_of("directory", record))["directory_entry"]
    assert row["place_code"] == "IQG10"


def test_service__no_number__no_card_and_the_questions_of_one_service() -> None:
    [row] = told(rows_of("service", sent("service", SERVICE)))["service_delivery"]
    assert row.keys() & {"person_code", "hlp_issue_code"} == set()
    assert (row["sex_code"], row["mhpss_level_code"]) == ("female", "3_focused")


def test_handover_consent__agreed_and_then_refused__the_refusal_alone_is_stored() -> None:
    [agreed] = told(rows_of("handover_consent", sent("handover_consent", HANDOVER_CONSENT)))["handover_consent"]
    [refused] = told(rows_of("handover_consent", sent("handover_consent", HANDOVER_REFUSED)))["handover_consent"]
    assert (agreed["person_code"], agreed["organization_code"], agreed["agreed_code"]) == (CARD, "jcmc", "yes")
    assert refused["agreed_code"] == "no" and refused.keys() & {"given_by_code", "method_code"} == set()

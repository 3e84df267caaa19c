"""The forms of a centre's other activities in JavaRosa: times, totals, and what one answer closes."""

from __future__ import annotations

from pathlib import Path

from tests.activities.filling import CARD, OTHER_CARD, Record, rows_of, told
from tests.engines.commands import Command, add, answer, refuse
from tests.engines.engines import JAVAROSA, fill_in


def sent(name: str, commands: list[Command], folder: Path) -> Record:
    return fill_in(JAVAROSA, name, commands, folder).record


def test_centre_day__times_and_counts__are_compared_and_stored(tmp_path: Path) -> None:
    commands = [
        answer("writer/centre", "jalawla"),
        answer("writer/day", "2026-11-22"),
        answer("opening/opened", "yes"),
        answer("opening/opened_at", "08:30:00.000"),
        refuse("opening/closed_at", "08:29:00.000"),
        answer("opening/closed_at", "14:00:00.000"),
        refuse("opening/close_reason", "weather"),
        answer("opening/closed_early", "yes"),
        answer("opening/close_reason", "weather"),
        refuse("counts/visitors_typed", "many"),
        answer("counts/visitors_typed", "١٤٠"),
    ]
    record = sent("centre_day", commands, tmp_path)
    assert record["writer/weekday_after_thursday"] == "3"  # a Sunday
    [row] = told(rows_of("centre_day", record))["centre_day"]
    assert (row["opened_at"], row["closed_at"], row["visitor_count"]) == ("08:30:00", "14:00:00", 140)


def test_session__method_changed__leaves_one_way_of_counting(tmp_path: Path) -> None:
    commands = [
        answer("about/session_kind", "recreation"),
        refuse("about/topic", "mine_risk"),
        answer("about/topic", "sport"),
        answer("counting/method", "heads"),
        answer("heads/ages/female_6_17_typed", "٣"),
        answer("heads/ages/male_6_17_typed", "4"),
        refuse("heads/totals/idps_typed", "8"),
        answer("heads/totals/idps_typed", "٧"),
        answer("counting/method", "cards"),
        refuse("heads/ages/male_6_17_typed", "5"),
        answer("attendee[1]/attendee_card/attendee_typed", CARD),
        add("attendee"),
        refuse("attendee[2]/attendee_card/attendee_typed", "100000000092"),
        answer("attendee[2]/attendee_card/attendee_typed", OTHER_CARD),
    ]
    rows = told(rows_of("session", sent("session", commands, tmp_path)))
    assert rows.keys() == {"session", "attendance"}
    assert [row["person_code"] for row in rows["attendance"]] == [CARD, OTHER_CARD]


def test_feedback__turned_into_a_channelled_one__sends_nothing_else(tmp_path: Path) -> None:
    commands = [
        answer("kind/category", "staff_conduct"),
        answer("received/centre", "baiji"),
        answer("received/channel", "desk"),
        answer("reply/anonymous", "no"),
        answer("reply/wants_reply", "yes"),
        answer("reply/card_typed", CARD),
        answer("kind/category", "channelled"),
        refuse("received/centre", "jalawla"),
        refuse("answered/status", "closed"),
    ]
    record = sent("feedback", commands, tmp_path)
    said = {path for path in record if not path.startswith("meta/")} - {"start", "end", "today"}
    assert said == {"kind/category"}
    assert told(rows_of("feedback", record)) == {"feedback": [{"category_code": "channelled"}]}


def test_directory__safe_place__cannot_be_told(tmp_path: Path) -> None:
    commands = [
        answer("provider/organization", "unhcr"),
        answer("provider/service", "hlp"),
        answer("place/at_centre", "no"),
        answer("place/service_governorate", "IQG10"),
        answer("place/service_district", "IQG10Q05"),
        answer("place/address", "x"),
        answer("hours[1]/opening/weekdays", "SU TH"),
        answer("hours[1]/opening/hours_open", "08:00:00.000"),
        refuse("hours[1]/opening/hours_close", "07:00:00.000"),
        answer("provider/service", "gbv"),
        refuse("place/address", "y"),
    ]
    record = sent("directory", commands, tmp_path)
    assert "place/address" not in record
    [row] = told(rows_of("directory", record))["directory_entry"]
    assert row["place_code"] == "IQG10"


def test_service__no_number__no_card_and_the_questions_of_one_service(tmp_path: Path) -> None:
    commands = [
        answer("who/card_source", "type"),
        answer("who/card_typed", "١٠٠٠ ٠٠٠٠ ٠٠٩٣"),
        answer("who/card_source", "none"),
        refuse("who/card_typed", CARD),
        answer("counted/counted_sex", "female"),
        refuse("service_given/service", "gbv"),
        answer("service_given/service", "hlp"),
        answer("service_given/hlp_issue", "eviction"),
        refuse("service_given/mhpss_level", "3_focused"),
        answer("service_given/service", "mhpss"),
        answer("service_given/mhpss_level", "3_focused"),
    ]
    [row] = told(rows_of("service", sent("service", commands, tmp_path)))["service_delivery"]
    assert row.keys() & {"person_code", "hlp_issue_code"} == set()
    assert (row["sex_code"], row["mhpss_level_code"]) == ("female", "3_focused")

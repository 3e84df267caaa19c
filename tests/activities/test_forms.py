"""The forms of a centre's other activities, filled: the rows they give, and what they refuse."""

from __future__ import annotations

import pytest

from tests.activities.filling import (
    BEGUN,
    CARD,
    DAY,
    OTHER_CARD,
    SLIP,
    as_sent,
    at,
    filled,
    form_of,
    rows_of,
    stored,
    told,
)

WRITER = at("writer", centre="jalawla", partner="drc", staff="not_listed")
WRITTEN = {"centre_code": "jalawla", "partner_code": "drc", "staff_code": "not_listed"}
HEADS = at("heads/ages", female_0_5_typed="٢", female_18_59_typed="10", male_6_17_typed="۳")


# What staff know themselves. Whatever a person is asked may stay empty.
REQUIRED = {
    "service": "centre partner staff delivered_on mode card_source card_scan card_typed service status",
    "session": "centre partner staff held_on session_kind topic held_at method",
    "feedback": "category centre partner staff received_on channel anonymous status closed_on resolution",
    "directory": "centre staff assured_on organization service status at_centre service_centre service_governorate",
    "centre_day": "centre partner staff day opened opened_at closed_at close_reason",
    "handover_consent": "centre partner staff said_on card_source card_scan card_typed receiver agrees given_by "
    "consent_method",
}


@pytest.mark.parametrize("name", REQUIRED)
def test_form__required_questions__are_those_that_staff_can_answer(name: str) -> None:
    assert [row.name for row in form_of(name).rows if "required" in row.cells] == REQUIRED[name].split()


@pytest.mark.parametrize("name", REQUIRED)
def test_form__its_groups__are_pages_of_their_own(name: str) -> None:
    rows = form_of(name).rows
    outer = {"heads"}  # its two parts are pages
    groups = [row for row in rows if row.type == "begin_group" and row.name not in outer]
    assert groups
    assert {row.cells.get("appearance") for row in groups} == {"field-list"}


def test_session__more_people_than_likely__are_kept_and_named() -> None:
    record = {"counting/method": "heads", "heads/ages/female_0_5_typed": "1000", "heads/ages/female_0_5": "1000"}
    rows = rows_of("session", record)
    assert told(rows)["attendance_count"] == [{"female_0_5": 1000}]
    assert [(p.code, p.path) for p in rows.problems] == [("number_out_of_range", "heads/ages/female_0_5")]


# --- service


def test_service__counselling_of_a_person_with_card_and_slip__one_row() -> None:
    answers = {
        **WRITER,
        **at("writer", mode="in_person", delivered_on="2026-11-20"),
        **at("who", card_source="type", card_typed="١٠٠٠ ٠٠٠٠ ٠٠٩٣"),
        **at("service_given", service="counselling_legal", status="delivered", legal_matter="property"),
        **at("result", outcome="continues", next_on="2026-12-01", slip_source="scan", slip_scan=SLIP),
    }
    assert stored("service", answers) == {
        "service_delivery": [
            {
                **WRITTEN,
                "delivered_on": "2026-11-20",
                "mode_code": "in_person",
                "person_code": CARD,
                "service_code": "counselling_legal",
                "status_code": "delivered",
                "legal_matter_code": "property",
                "outcome_code": "continues",
                "next_on": "2026-12-01",
                "reference_code": SLIP,
            }
        ]
    }


def test_service__person_who_stays_unknown__is_counted_without_a_number() -> None:
    answers = {
        **WRITER,
        **at("writer", mode="outreach", delivered_on=DAY),
        **at("who", card_source="none", card_typed=CARD),
        **at("counted", counted_sex="female", counted_age="18_59"),
        **at("service_given", service="mhpss", status="no_show", mhpss_level="3_focused"),
        **at("result", outcome="solved"),
    }
    [row] = stored("service", answers)["service_delivery"]
    assert row == {
        **WRITTEN,
        "delivered_on": DAY,
        "mode_code": "outreach",
        "sex_code": "female",
        "age_band_code": "18_59",
        "service_code": "mhpss",
        "status_code": "no_show",
        "mhpss_level_code": "3_focused",
    }


@pytest.mark.parametrize(
    ("service", "question", "code", "column"),
    [
        ("legal_representation", "legal_matter", "family", "legal_matter_code"),
        ("civil_documentation", "document", "birth_cert", "document_code"),
        ("civil_documentation", "document_step", "received", "document_step_code"),
        ("hlp", "hlp_issue", "eviction", "hlp_issue_code"),
        ("livelihoods", "livelihood", "farming", "livelihood_code"),
        ("skills_capacity", "skill", "tailoring", "skill_code"),
        ("nonformal_education", "course", "literacy", "course_code"),
        ("mhpss", "mhpss_level", "2_community", "mhpss_level_code"),
    ],
)
def test_service__question_of_its_kind__is_asked_for_that_service_alone(
    service: str, question: str, code: str, column: str
) -> None:
    asked = {"who/card_source": "none", f"service_given/{question}": code}
    [row] = stored("service", {**asked, "service_given/service": service})["service_delivery"]
    assert row[column] == code
    other = "hlp" if service != "hlp" else "mhpss"
    [row] = stored("service", {**asked, "service_given/service": other})["service_delivery"]
    assert column not in row


def test_service__services_on_offer__are_those_given_to_one_person() -> None:
    choices = {choice.name: choice.cells.get("individual") for choice in form_of("service").choices["service"]}
    assert {code for code, individual in choices.items() if individual == "yes"} == {
        "counselling_legal", "legal_representation", "civil_documentation", "hlp", "mhpss", "livelihoods",
        "skills_capacity", "nonformal_education",
    }  # fmt: skip


# --- session

SESSION = {
    **WRITER,
    **at("writer", held_on=DAY),
    **at("about", session_kind="awareness", topic="mine_risk", starts_at="09:30:00.000+03:00", ends_at="11:00"),
    "place/held_at": "centre",
}
HELD = {
    **WRITTEN,
    "held_on": DAY,
    "kind_code": "awareness",
    "topic_code": "mine_risk",
    "starts_at": "09:30:00",
    "ends_at": "11:00:00",
}


def test_session__cards__one_row_for_each_and_no_heads() -> None:
    cards = {"attendee[1]/attendee_card/attendee_scan": CARD, "attendee[2]/attendee_card/attendee_typed": OTHER_CARD}
    answers = {**SESSION, "counting/method": "cards", **cards, **HEADS}
    assert stored("session", answers, {"attendee": 2}) == {
        "session": [{**HELD, "method_code": "cards"}],
        "attendance": [{"person_code": CARD}, {"person_code": OTHER_CARD}],
    }


def test_session__heads__one_row_of_counts_and_no_cards() -> None:
    totals = at("heads/totals", returnees_typed="١٢", with_disability_typed="1")
    cards = {"attendee[1]/attendee_card/attendee_scan": CARD}
    answers = {**SESSION, "counting/method": "heads", **HEADS, **totals, **cards}
    assert stored("session", answers, {"attendee": 1}) == {
        "session": [{**HELD, "method_code": "heads"}],
        "attendance_count": [
            {"female_0_5": 2, "female_18_59": 10, "male_6_17": 3, "returnees": 12, "with_disability": 1}
        ],
    }


def test_session__elsewhere__the_finest_place_that_is_known() -> None:
    place = at(
        "place",
        held_at="elsewhere",
        held_governorate="IQG10",
        held_district="IQG10Q05",
        held_subdistrict="IQG10Q05N04",
    )
    [row] = stored("session", {**SESSION, **place, "counting/method": "cards"}, {"attendee": 0})["session"]
    assert row["place_code"] == "IQG10Q05N04"


@pytest.mark.parametrize("total", ["returnees", "idps", "hosts", "refugees", "with_disability"])
def test_session__total_above_all_who_came__is_refused(total: str) -> None:
    path = f"heads/totals/{total}_typed"
    answers = {**SESSION, "counting/method": "heads", **HEADS}
    assert filled("session", {**answers, path: "15"}).answers[path] == "15"
    assert filled("session", {**answers, path: "16"}).answers.get(path) != "16"


def test_session__end_before_its_beginning__is_refused() -> None:
    answers = {**SESSION, "about/ends_at": "09:00"}
    assert filled("session", answers).answers.get("about/ends_at") != "09:00"


def test_session__topic_of_another_kind__is_not_offered() -> None:
    [sport] = [choice for choice in form_of("session").choices["session_topic"] if choice.name == "sport"]
    assert sport.cells["kind"] == "recreation"
    assert "service" not in sport.cells


# --- feedback


def test_feedback__open_with_a_wish_for_a_reply__one_row() -> None:
    answers = {
        "kind/category": "minor_dissatisfaction",
        **at("received", centre="baiji", partner="acted", staff="not_listed", received_on=DAY, channel="box"),
        **at("reply", about_service="cash", anonymous="no", wants_reply="yes", card_typed="١٠٠٠٠٠٠٠٠٠٩٣"),
        **at("reply", due_on="2026-12-07"),
        "answered/status": "open",
    }
    assert stored("feedback", answers) == {
        "feedback": [
            {
                "category_code": "minor_dissatisfaction",
                "centre_code": "baiji",
                "partner_code": "acted",
                "staff_code": "not_listed",
                "received_on": DAY,
                "channel_code": "box",
                "service_code": "cash",
                "anonymous_code": "no",
                "wants_reply_code": "yes",
                "person_code": CARD,
                "due_on": "2026-12-07",
                "status_code": "open",
            }
        ]
    }


def test_feedback__who_stays_unknown__cannot_leave_a_number() -> None:
    answers = {"kind/category": "thanks", **at("reply", anonymous="yes", wants_reply="yes", card_scan=CARD)}
    sent = as_sent("feedback", filled("feedback", answers))
    assert CARD not in sent.values()
    [row] = stored("feedback", answers)["feedback"]
    assert "wants_reply_code" not in row


def test_feedback__channelled__asks_nothing_more() -> None:
    answers = {
        "kind/category": "channelled",
        **at("received", centre="baiji", partner="acted", received_on=DAY, channel="box"),
        **at("reply", anonymous="no", wants_reply="yes", card_scan=CARD),
        **at("answered", status="closed", resolution="solved"),
    }
    sent = as_sent("feedback", filled("feedback", answers))
    assert (
        sent.keys() == {"start", "end", "today", "kind/category", "meta/instanceID", "meta/instanceName"} & sent.keys()
    )
    assert stored("feedback", answers) == {"feedback": [{"category_code": "channelled"}]}


def test_feedback__its_questions__take_no_text() -> None:
    texts = [row.name for row in form_of("feedback").rows if row.type == "text"]
    assert texts == ["card_typed"]  # of which the constraint takes card numbers alone


# --- directory

ENTRY = {
    **at("writer", centre="jalawla", staff="not_listed", assured_on=DAY),
    **at("provider", organization="nrc", service="hlp", status="active"),
}


def test_directory__service_elsewhere__entry_hours_days_and_links() -> None:
    answers = {
        **ENTRY,
        **at("place", at_centre="no", service_governorate="IQG10", service_district="IQG10Q05", address="شارع 14"),
        **at("hours[1]/opening", weekdays="SU MO", hours_open="08:30", hours_close="14:00"),
        **at("hours[2]/opening", weekdays="TH", hours_open="08:30"),
        **at("terms", eligibility="returnees women", minimum_age_typed="١٨", documents="pds_card"),
        **at("access", application="appointment", fee="free", focal_role="lawyer", capacity_typed="20"),
    }
    assert stored("directory", answers, {"hours": 2}) == {
        "directory_entry": [
            {
                "centre_code": "jalawla",
                "staff_code": "not_listed",
                "assured_on": DAY,
                "organization_code": "nrc",
                "service_code": "hlp",
                "status_code": "active",
                "place_code": "IQG10Q05",
                "minimum_age": 18,
                "application_code": "appointment",
                "fee_code": "free",
                "focal_role_code": "lawyer",
                "capacity_per_week": 20,
            }
        ],
        "directory_hours": [{"opens_at": "08:30:00", "closes_at": "14:00:00"}, {"opens_at": "08:30:00"}],
        "directory_day": [{"weekday_code": day} for day in ("SU", "MO", "TH")],
        "directory_eligibility": [{"eligibility_code": code} for code in ("returnees", "women")],
        "required_document": [{"document_code": "pds_card"}],
    }


def test_directory__service_in_a_centre__has_no_other_place() -> None:
    answers = {**ENTRY, **at("place", at_centre="yes", service_centre="baiji", service_governorate="IQG10")}
    [row] = stored("directory", answers, {"hours": 0})["directory_entry"]
    assert row["at_centre_code"] == "baiji"
    assert "place_code" not in row


@pytest.mark.parametrize("service", ["gbv", "child_protection"])
def test_directory__sensitive_service__tells_the_governorate_alone(service: str) -> None:
    place = at("place", at_centre="no", service_governorate="IQG10", service_district="IQG10Q05", address="here")
    answers = {**ENTRY, "provider/service": service, **place}
    sent = as_sent("directory", filled("directory", answers, {"hours": 0}))
    assert {path for path in sent if path.startswith("place/")} == {
        "place/at_centre", "place/service_governorate", "place/service_place",
    }  # fmt: skip
    assert sent["place/service_place"] == "IQG10"


def test_directory__oldest_age_below_the_youngest__is_refused() -> None:
    answers = {**ENTRY, **at("terms", minimum_age_typed="18", maximum_age_typed="17")}
    assert filled("directory", answers, {"hours": 0}).answers.get("terms/maximum_age_typed") != "17"


# --- centre_day

OPEN = {
    **WRITER,
    "writer/day": DAY,
    **at("opening", opened="yes", opened_at="08:00", closed_at="14:30", closed_early="no"),
}


def test_centre_day__open__hours_staff_and_visitors() -> None:
    assert stored("centre_day", {**OPEN, **at("counts", staff_present_typed="٩", visitors_typed="140")}) == {
        "centre_day": [
            {
                **WRITTEN,
                "day_on": DAY,
                "opened_code": "yes",
                "opened_at": "08:00:00",
                "closed_at": "14:30:00",
                "closed_early_code": "no",
                "staff_count": 9,
                "visitor_count": 140,
            }
        ]
    }


def test_centre_day__closed__says_why_and_counts_nobody() -> None:
    closed = at("opening", opened="no", close_reason="public_holiday")
    counts = at("counts", staff_present_typed="9", visitors_typed="140")
    [row] = stored("centre_day", {**OPEN, **counts, **closed})["centre_day"]
    assert row == {**WRITTEN, "day_on": DAY, "opened_code": "no", "close_reason_code": "public_holiday"}


def test_centre_day__closing_before_opening__is_refused() -> None:
    answers = {**OPEN, "opening/closed_at": "07:59"}
    assert filled("centre_day", answers).answers.get("opening/closed_at") != "07:59"


@pytest.mark.parametrize(
    ("day", "weekend"),
    [("2026-11-19", False), ("2026-11-20", True), ("2026-11-21", True), ("2026-11-22", False)],
)
def test_centre_day__friday_and_saturday__are_asked_about(day: str, weekend: bool) -> None:
    assert BEGUN.date().isoformat() > day
    number = filled("centre_day", {**OPEN, "writer/day": day}).answers["writer/weekday_after_thursday"]
    assert (number in ("1", "2")) == weekend


# --- handover_consent

SHOWN = {**WRITER, **at("who", card_source="type", card_typed="١٠٠٠ ٠٠٠٠ ٠٠٩٣")}


def test_handover_consent__agreed__says_for_whom_by_whom_and_how() -> None:
    asked = at("asked", receiver="jcmc", agrees="yes", consent_method="thumbprint")
    assert stored("handover_consent", {**SHOWN, **at("writer", said_on="2026-11-20"), **asked}) == {
        "handover_consent": [
            {
                **WRITTEN,
                "said_on": "2026-11-20",
                "person_code": CARD,
                "organization_code": "jcmc",
                "agreed_code": "yes",
                "given_by_code": "self",
                "method_code": "thumbprint",
            }
        ]
    }


def test_handover_consent__refused__asks_nothing_more() -> None:
    asked = at("asked", receiver="jcmc", agrees="no", given_by="caregiver", consent_method="signature")
    [row] = stored("handover_consent", {**SHOWN, **asked})["handover_consent"]
    assert row == {
        **WRITTEN,
        "said_on": DAY,
        "person_code": CARD,
        "organization_code": "jcmc",
        "agreed_code": "no",
    }


@pytest.mark.parametrize(("given_by", "asked"), [("self", False), ("caregiver", True), ("other", False)])
def test_handover_consent__child__is_asked_as_well_where_a_caregiver_agreed(given_by: str, asked: bool) -> None:
    answers = at(
        "asked", receiver="jcmc", agrees="yes", given_by=given_by, child_assent="no", consent_method="signature"
    )
    [row] = stored("handover_consent", {**SHOWN, **answers})["handover_consent"]
    assert row["given_by_code"] == given_by and ("child_assent_code" in row) is asked


def test_handover_consent__card_with_a_wrong_digit__is_refused() -> None:
    answers = {**WRITER, **at("who", card_source="type", card_typed="100000000092")}
    assert filled("handover_consent", answers).answers.get("who/card_typed") != "100000000092"

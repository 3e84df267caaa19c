"""The short visit: a returning person, one whose card is lost, and the information desk that asks for no name."""

from __future__ import annotations

from kobo_crc.codes import TABLET_PERSON, is_valid
from tests.activities.filling import CARD, DAY, OTHER_CARD, SLIP, Told, at, form_of, stored

DESK = at("visit", centre="jalawla", partner="iom", staff="jal_01", visit_date=DAY)
REFUSED = at("action", refer="no")
REFERRED = {
    "action/refer": "yes",
    **at("referral[1]", referral_service="health", receiver="health_directorate", consent_share="yes"),
    **at("referral[1]", slip_source="type", slip_typed=SLIP, priority="emergency"),
}


def test_visit__information_desk__counts_and_names_nobody() -> None:
    counted = at("visit/counted", counted_sex="female", counted_age="18_59", counted_displacement="returnee")
    rows = stored("visit", {**DESK, **at("visit", kind="desk", information_given="hlp cash"), **counted})
    assert rows.keys() == {"visit", "anonymous_visit", "information_given"}
    [visit] = rows["visit"]
    assert visit["channel_code"] == "info_desk"
    assert visit.keys() & {"person_code", "visit_type_code", "purpose_code"} == set()
    assert rows["anonymous_visit"] == [
        {"sex_code": "female", "age_band_code": "18_59", "displacement_code": "returnee"}
    ]
    assert [row["service_code"] for row in rows["information_given"]] == ["hlp", "cash"]


def test_visit__card__is_a_repeat_visit_with_needs_and_services() -> None:
    came = at("visit", kind="scan", card_scan=CARD)
    done = at(
        "action", needed_services="cash", service_given="counselling_legal", refer="no", visit_purpose="assistance"
    )
    rows = stored("visit", {**DESK, **came, **done})
    assert rows.keys() == {"visit", "need", "service_given"}
    [visit] = rows["visit"]
    said = (visit["person_code"], visit["visit_type_code"], visit["channel_code"], visit["purpose_code"])
    assert said == (CARD, "repeat", "walk_in", "assistance")


CHANGED = at("action", consent_change="yes", consent_contact="no", consent_report="no", consent_told="no")


def test_visit__person_takes_consent_back__is_their_newest_answer() -> None:
    came = at("visit", kind="scan", card_scan=CARD)
    rows = stored("visit", {**DESK, **came, **CHANGED, **REFUSED})
    assert rows["consent"] == [{"contact_code": "no", "report_code": "no", "share_code": "no"}]
    assert rows["visit"][0]["person_code"] == CARD


def test_visit__nobody_known_by_a_number__is_asked_for_no_change_of_consent() -> None:
    came = at("visit", kind="lost", consent_record="no")
    rows = stored("visit", {**DESK, **came, **CHANGED, **REFUSED})
    assert rows["consent"] == [{"record_code": "no"}]


def _lost(**answers: str) -> Told:
    names = at("lost/names", given_name="زینب", phone_typed="0770 123 4567")
    came = at("visit", kind="lost", consent_record="yes")
    return stored(
        "visit", {**DESK, **came, **names, **at("lost/number", birth_year_typed="١٩٨٨", **answers), **REFUSED}
    )


def test_visit__card_lost__the_vault_gets_name_year_and_phone_and_the_person_a_new_number() -> None:
    rows = _lost(card_source="scan", new_scan=OTHER_CARD)
    assert rows["identity"] == [{"role_code": "client", "given_name": "زینب", "phone": "07701234567"}]
    assert rows["registration"] == [{"person_code": OTHER_CARD, "birth_year": 1988}]
    assert rows["consent"] == [{"record_code": "yes"}]
    assert rows["visit"][0]["person_code"] == OTHER_CARD
    assert "anonymous_visit" not in rows


def test_visit__card_lost_and_none_to_hand_out__the_tablet_makes_a_number() -> None:
    number = str(_lost(card_source="none")["registration"][0]["person_code"])
    assert is_valid(number) and number.startswith(TABLET_PERSON)


def test_visit__card_lost_and_nothing_to_be_written_down__counts_without_a_number_and_still_refers() -> None:
    came = at("visit", kind="lost", consent_record="no")
    counted = at("visit/counted", counted_sex="male")
    rows = stored(
        "visit", {**DESK, **came, **counted, **at("action", service_given="hlp"), **REFERRED}, {"referral": 1}
    )
    assert rows.keys() & {"identity", "registration", "need", "referral_info_shared"} == set()
    assert rows["anonymous_visit"] == [{"sex_code": "male"}]
    [referral] = rows["referral"]
    assert "person_code" not in referral
    assert (referral["reference_code"], referral["status_code"]) == (SLIP, "sent")


def test_visit__emergency_phoned_at_once__the_answer_is_an_event_of_the_referral() -> None:
    phoned = {"referral[1]/phoned_now": "reached", "referral[1]/phone_answer/phone_event": "accept"}
    came = at("visit", kind="type", card_typed=CARD)
    rows = stored("visit", {**DESK, **came, **REFERRED, **phoned}, {"referral": 1})
    assert rows["referral_event"] == [
        {
            "reference_code": SLIP,
            "event_code": "accept",
            "event_on": DAY,
            "reported_by_code": "receiver",
            "centre_code": "jalawla",
            "staff_code": "jal_01",
        }
    ]


def test_visit__emergency_and_nobody_answers__leaves_no_event() -> None:
    came = at("visit", kind="type", card_typed=CARD)
    rows = stored("visit", {**DESK, **came, **REFERRED, "referral[1]/phoned_now": "not_reached"}, {"referral": 1})
    assert "referral_event" not in rows


def test_visit__its_referral__is_the_intakes() -> None:
    """The same rows, but for what only the intake knows: whether the person is a child, and the consent of the day."""
    here, there = (
        {row.name: row.cells for row in form_of(name).rows if row.path.startswith("referral/")}
        for name in ("visit", "intake")
    )
    assert there.keys() - here.keys() == {"caregiver_informed"}
    assert {name for name in here if here[name] != there[name]} == {"info_shared", "referral_person"}

"""Who is named, and by which phone reached: as far as consent goes, and nobody where two could be meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import CODES, DERIVED_TABLES, SUBMISSION
from kobo_crc.outputs.contacts import Contact, for_centre, for_receiver
from tests.outreach.conftest import NAMED, Office
from tests.referrals.conftest import ARRIVED_AT

AMAL = Contact((), "أمل كريم الجبوري", "07701234567", "spouse", "morning", "", "")
CAREGIVER = {"role_code": "caregiver", "given_name": "كريم", "phone": "07707654321", "safe_to_call_code": "yes"}
NOTHING = Contact()


def told(office: Office, number: str = "21") -> Contact:
    """What the referral's receiver may be told."""
    office.files.states()
    with office.database.reading() as connection:
        return for_receiver(connection, [number]).contacts(connection, office.database.keys)[number]


def of_centre(office: Office, number: str = "21") -> Contact:
    office.files.states()
    with office.database.reading() as connection:
        return for_centre(connection, [number]).contacts(connection, office.database.keys)[number]


def test_receiver__name_and_phone_agreed__are_told(office: Office) -> None:
    office.refer("21", NAMED)
    assert told(office) == AMAL
    assert told(office).told == ("name", "phone")


@pytest.mark.parametrize(
    ("agreed", "name", "phone"),
    [("", "", ""), ("need", "", ""), ("name need", AMAL.name, ""), ("phone", "", AMAL.phone)],
)
def test_receiver__what_was_not_agreed__is_not_told(office: Office, agreed: str, name: str, phone: str) -> None:
    office.refer("21", NAMED, agreed=agreed)
    found = told(office)
    assert (found.name, found.phone) == (name, phone)
    assert found.phone_owner_code == ("spouse" if phone else "")


@pytest.mark.parametrize("how", [{"consent_share_code": "no"}, {"consent_share_code": None}])
def test_receiver__sharing_is_not_yes__is_told_nothing(office: Office, how: dict[str, Any]) -> None:
    office.refer("21", NAMED, limits="no_call", **how)
    assert told(office) == NOTHING
    assert of_centre(office).name == AMAL.name  # the centre reaches its own people


@pytest.mark.parametrize("how", [{"sensitive_code": "yes"}, {"sensitive_code": None}, {"service_code": "gbv"}])
def test_sensitive__nobody__is_told_anything(office: Office, how: dict[str, Any]) -> None:
    with office.database.writing() as connection:
        service = CODES["service"]
        connection.execute(sa.update(service).where(service.c.code == "gbv").values(sensitive="yes"))
    office.refer("21", NAMED, limits="no_call", **how)
    assert told(office) == of_centre(office) == NOTHING


@pytest.mark.parametrize(
    ("limits", "phone"),
    [
        ("no_call", AMAL.phone),
        ("no_home_visit", AMAL.phone),
        ("no_call no_message", ""),
        ("only_in_centre", ""),
    ],
)
def test_limits__come_along__and_a_phone_that_may_not_be_used_does_not(office: Office, limits: str, phone: str) -> None:
    with office.database.writing() as connection:
        rows = [{"code": c, "label_ar": "", "label_ckb": "", "label_en": ""} for c in ("no_message", "only_in_centre")]
        connection.execute(sa.insert(CODES["contact_limit"]), rows)
    office.refer("21", NAMED, limits=limits)
    for found in (told(office), of_centre(office)):
        assert (set(found.limits), found.phone) == (set(limits.split()), phone)
        assert found.call_time_code == ("" if "no_call" in limits or not phone else "morning")


def test_limits__of_the_referral_itself__stand_with_the_persons(office: Office) -> None:
    office.refer("21", NAMED, limits="no_call", contact_restriction_code="no_home_visit")
    assert told(office).limits == ("no_call", "no_home_visit")


def test_limits__said_under_another_card_of_the_person__hold(office: Office) -> None:
    office.refer("21", NAMED, person_code="11")
    for card, limit in (("12", "no_home_visit"), ("13", "no_call")):
        number = registered(office, card, 30, NAMED | {"given_name": "another"})
        office.files.row("contact_restriction", number, row_path=limit, contact_limit_code=limit)
    link = DERIVED_TABLES["person_link"]
    with office.database.writing() as connection:
        for card, person in (("11", "a"), ("12", "a"), ("13", "b")):
            connection.execute(sa.insert(link).values(person_code=card, person_id=person, possible_id=person))
    for found in (told(office), of_centre(office)):
        assert found == AMAL._replace(limits=("no_home_visit",))


def test_limits__of_a_number_that_two_may_have__hold(office: Office) -> None:
    office.refer("21", NAMED, person_code="11")
    number = registered(office, "11", 30, NAMED | {"given_name": "another"})
    office.files.row("contact_restriction", number, row_path="no_call", contact_limit_code="no_call")
    registered(office, "11", 20, NAMED)
    assert told(office).limits == ("no_call",)


@pytest.mark.parametrize(("kind", "found"), [("ngo", AMAL), ("government", NOTHING)])
def test_authorities__of_whoever_wants_none_to_know__are_told_nothing(
    office: Office, kind: str, found: Contact
) -> None:
    office.refer("21", NAMED, limits="not_with_authorities")
    with office.database.writing() as connection:
        connection.execute(sa.update(CODES["organization"]).values(kind=kind))
    assert told(office)._replace(limits=()) == found
    assert told(office).limits == (("not_with_authorities",) if kind == "ngo" else ())
    assert of_centre(office).name == AMAL.name


@pytest.mark.parametrize("safe", ["no", ""])
def test_phone__not_said_to_be_safe__is_not_told(office: Office, safe: str) -> None:
    office.refer("21", NAMED | {"safe_to_call_code": safe})
    assert (told(office).phone, of_centre(office).phone) == ("", "")
    assert told(office).name == AMAL.name


@pytest.mark.parametrize("contact", ["no", None])
def test_phone__of_whoever_did_not_agree_to_be_contacted__is_not_told(office: Office, contact: str | None) -> None:
    office.refer("21", NAMED, contact=contact)
    assert (told(office).phone, of_centre(office).phone) == ("", "")


def test_contact__refused_at_a_later_visit__holds_for_the_earlier_referral(office: Office) -> None:
    office.refer("21", NAMED, person_code="11")
    first = office.files.submission()
    office.files.row("visit", first, person_code="11")
    office.files.row("consent", first, contact_code="yes")
    assert told(office).phone == AMAL.phone
    later = office.files.submission("visit", ARRIVED_AT + timedelta(days=1))
    office.files.row("visit", later, person_code="11")
    office.files.row("consent", later, contact_code="no")
    assert told(office).phone == ""


def registered(office: Office, person: str, days: int, *people: dict[str, str]) -> int:
    number = office.files.submission("intake", ARRIVED_AT - timedelta(days=days))
    office.files.row("registration", number, person_code=person)
    office.seal(number, *people)
    return number


def test_person_of_a_card__named_where_registered__the_newest_name_counts(office: Office) -> None:
    office.refer("21", person_code="11")
    registered(office, "11", 90, NAMED | {"given_name": "old"})
    newest = registered(office, "11", 30, NAMED)
    office.files.row("visit", newest, visit_type_code="repeat")
    registered(office, "12", 1, NAMED | {"given_name": "another"})
    assert told(office) == AMAL


def test_person_of_a_card__that_two_people_may_have__is_not_named(office: Office) -> None:
    office.refer("21", person_code="11")
    registered(office, "11", 30, NAMED)
    registered(office, "11", 20, NAMED | {"given_name": "another"})
    assert told(office) == NOTHING


def test_number_that_two_referrals_have__names_nobody(office: Office) -> None:
    office.refer("21", NAMED)
    office.refer("21", NAMED | {"given_name": "another"})
    assert told(office) == NOTHING


def test_submission_with_two_people__names_neither(office: Office) -> None:
    office.refer("21", NAMED, NAMED | {"given_name": "another"})
    assert told(office) == NOTHING


def test_identity__of_another_version_than_the_store_has__is_not_read(office: Office) -> None:
    number = office.refer("21")
    office.seal(number, NAMED, version=7)
    assert told(office) == NOTHING


def test_refused_by_a_reviewer__names_nobody(office: Office) -> None:
    office.refer("21", person_code="11")
    number = registered(office, "11", 30, NAMED)
    with office.database.writing() as connection:
        refused = sa.update(SUBMISSION).where(SUBMISSION.c.submission_id == number)
        connection.execute(refused.values(validation_status="validation_status_not_approved"))
    assert told(office) == NOTHING


@pytest.mark.parametrize(("informed", "caregiver"), [("yes", "كريم"), ("no", ""), (None, "")])
def test_caregiver__is_told_only_where_they_know_of_it(office: Office, informed: str | None, caregiver: str) -> None:
    office.refer("21", NAMED, CAREGIVER, caregiver_informed_code=informed)
    found = told(office)
    assert (found.caregiver, found.caregiver_phone) == (caregiver, CAREGIVER["phone"] if caregiver else "")
    assert found.name == AMAL.name


def test_caregivers_phone__told_without_a_name__is_among_what_was_told(office: Office) -> None:
    """Who was told of whom is remembered by these kinds."""
    office.refer("21", NAMED | {"phone": ""}, CAREGIVER, agreed="phone", caregiver_informed_code="yes")
    found = told(office)
    assert (found.caregiver, found.caregiver_phone) == ("", CAREGIVER["phone"])
    assert found.told == ("caregiver",)


def later_registered(office: Office, *people: dict[str, str]) -> None:
    """A referral made when its person was registered, and another registration of them a month later."""
    first = office.refer("21", NAMED, person_code="11")
    office.files.row("registration", first, person_code="11")
    again = registered(office, "11", -30, *people)
    office.files.row("visit", again, visit_type_code="repeat")


def test_phone__said_since_not_to_be_safe__is_not_told(office: Office) -> None:
    later_registered(office, NAMED | {"safe_to_call_code": "no"})
    for found in (told(office), of_centre(office)):
        assert found == AMAL._replace(phone="", phone_owner_code="", call_time_code="")


def test_phone__given_since__is_told_in_place_of_the_one_before(office: Office) -> None:
    later_registered(office, NAMED | {"phone": "07709999999", "phone_owner_code": ""})
    assert told(office) == AMAL._replace(phone="07709999999", phone_owner_code="")


def test_phone__not_asked_for_since__is_the_one_before(office: Office) -> None:
    later_registered(office, {"role_code": "client", "given_name": "أمل"})
    assert told(office) == AMAL


def test_caregivers_phone__said_since_not_to_be_safe__is_not_told(office: Office) -> None:
    first = office.refer("21", NAMED, CAREGIVER, person_code="11", caregiver_informed_code="yes")
    office.files.row("registration", first, person_code="11")
    again = registered(office, "11", -30, NAMED, CAREGIVER | {"safe_to_call_code": "no"})
    office.files.row("visit", again, visit_type_code="repeat")
    assert (told(office).caregiver, told(office).caregiver_phone) == (CAREGIVER["given_name"], "")


def seen_again(office: Office, *people: dict[str, str]) -> int:
    """A visit of the person a month later, at which nothing of the registration was asked again."""
    number = office.files.submission("intake", ARRIVED_AT + timedelta(days=30))
    office.files.row("visit", number, person_code="11", visit_type_code="repeat")
    office.seal(number, *people)
    return number


def test_limits__said_at_a_visit_without_a_registration__hold(office: Office) -> None:
    office.refer("21", NAMED, person_code="11")
    number = seen_again(office)
    office.files.row("contact_restriction", number, row_path="no_call", contact_limit_code="no_call")
    for found in (told(office), of_centre(office)):
        assert (found.limits, found.call_time_code) == (("no_call",), "")


def test_phone__said_at_a_visit_without_a_registration_not_to_be_safe__is_not_told(office: Office) -> None:
    office.refer("21", NAMED, person_code="11")
    seen_again(office, NAMED | {"safe_to_call_code": "no"})
    assert (told(office).name, told(office).phone) == (AMAL.name, "")


def test_phone__typed_at_a_visit_to_find_the_card__changes_nothing(office: Office) -> None:
    office.refer("21", NAMED, person_code="11")
    seen_again(office, NAMED | {"phone": "07709999999", "safe_to_call_code": ""})
    assert told(office) == AMAL

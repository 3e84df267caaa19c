"""What a project's tablets get: their own centres' open referrals, and what is on offer near them."""

from __future__ import annotations

from datetime import datetime, time

import pytest
import sqlalchemy as sa

from kobo_crc.config import Project
from kobo_crc.database.metadata import CODES, DERIVED_TABLES
from kobo_crc.lookups import AVAILABLE_SERVICES, OPEN_REFERRALS
from kobo_crc.publish.hours import Opening
from kobo_crc.publish.rows import Looker, Row, openings, rows_of
from kobo_crc.referrals.calendar import calendar_of
from tests.referrals.conftest import Files, code_row

NOW = datetime(2026, 11, 3, 20)
LISTS = {"priority": [code_row("normal", decide_within="10 working days")]}
ANY, BAIJI, JALAWLA = (
    Project(name="crc"),
    Project(name="b", centres=("baiji",)),
    Project(name="j", centres=("jalawla",)),
)
OTHER_PROJECT = Project(name="partner")


@pytest.fixture
def known(files: Files) -> Files:
    """The lists that say where centres are and which services are sensitive."""
    with files.database.writing() as connection:
        service, centre = CODES["service"], CODES["centre"]
        connection.execute(sa.update(service).values(sensitive=sa.case((service.c.code == "gbv", "yes"), else_="no")))
        connection.execute(sa.update(centre).values(place="IQG16Q03"))
        labels = {"label_ar": "", "label_ckb": "", "label_en": ""}
        connection.execute(sa.insert(centre).values(code="jalawla", place="IQG10Q05N04", **labels))
        for codes, code in (("place", "IQG10Q05"), ("service_status", "active"), ("service_status", "inactive")):
            connection.execute(sa.insert(CODES[codes]).values(code=code, **labels))
    return files


def found(files: Files, filename: str, project: Project) -> list[Row]:
    with files.database.reading() as connection:
        return rows_of(filename, Looker(connection, project, calendar_of(LISTS), NOW))


def offer(files: Files, receiver: str, service: str = "health", **values: object) -> str:
    number = files.submission("directory")
    name = f"{receiver}/{service}/{number}"
    usual = {"status_code": "active", "organization_code": receiver, "service_code": service}
    row = {"service_at_location_id": name, "service_id": f"{receiver}/{service}", "submission_id": number}
    with files.database.writing() as connection:
        connection.execute(sa.insert(DERIVED_TABLES["service_at_location"]).values(row | usual | values))
    return name


def test_open_referrals__of_the_centre__codes_and_days_alone(known: Files) -> None:
    known.referral("200000000088")
    known.referral("200000000185")
    known.event("200000000185", "decline")
    known.states()
    expected = [("200000000088", "health", "normal", "2026-11-15", "sent")]
    assert found(known, OPEN_REFERRALS, BAIJI) == found(known, OPEN_REFERRALS, ANY) == expected


def test_open_referrals__another_centres_or_another_projects__are_not_there(known: Files) -> None:
    known.referral("200000000088")
    known.states()
    assert found(known, OPEN_REFERRALS, JALAWLA) == found(known, OPEN_REFERRALS, OTHER_PROJECT) == []


@pytest.mark.parametrize("said", [{"sensitive_code": "yes"}, {"sensitive_code": None}, {"service_code": "gbv"}])
def test_open_referrals__sensitive_by_form_or_list_or_not_known__not_even_the_number(
    known: Files, said: dict[str, str | None]
) -> None:
    known.referral("200000000088", **said)
    known.states()
    assert found(known, OPEN_REFERRALS, BAIJI) == found(known, OPEN_REFERRALS, ANY) == []


@pytest.mark.parametrize("number", ["200000000089", "zaynab"])
def test_open_referrals__number_with_wrong_check_digits_or_a_text_in_its_place__is_not_there(
    known: Files, number: str
) -> None:
    known.referral(number)
    known.states()
    assert found(known, OPEN_REFERRALS, BAIJI) == []


def test_available_services__on_offer_near_the_centre_or_nobody_knows_where(known: Files) -> None:
    offer(known, "drc", at_centre_code="jalawla")
    offer(known, "nrc", place_code="IQG10Q05")
    assert found(known, AVAILABLE_SERVICES, JALAWLA) == [("health", "drc"), ("health", "nrc")]
    assert found(known, AVAILABLE_SERVICES, BAIJI) == []
    offer(known, "nrc")
    assert found(known, AVAILABLE_SERVICES, BAIJI) == [("health", "nrc")]


def test_available_services__project_of_every_centre__everything_once(known: Files) -> None:
    offer(known, "drc", at_centre_code="jalawla")
    offer(known, "drc", at_centre_code="baiji")
    assert found(known, AVAILABLE_SERVICES, ANY) == [("health", "drc")]


def test_available_services__centre_that_nobody_placed__may_refer_anywhere(known: Files) -> None:
    offer(known, "drc", at_centre_code="jalawla")
    with known.database.writing() as connection:
        connection.execute(sa.update(CODES["centre"]).where(CODES["centre"].c.code == "baiji").values(place=None))
    assert found(known, AVAILABLE_SERVICES, BAIJI) == [("health", "drc")]


def test_available_services__sensitive_or_not_on_offer__are_not_there(known: Files) -> None:
    offer(known, "drc", "gbv", at_centre_code="baiji")
    offer(known, "nrc", status_code="inactive")
    offer(known, "nrc", status_code=None)
    assert found(known, AVAILABLE_SERVICES, BAIJI) == []


def test_openings__hours_of_what_the_centre_itself_gives(known: Files) -> None:
    here, elsewhere = offer(known, "drc", at_centre_code="baiji"), offer(known, "nrc", at_centre_code="jalawla")
    with known.database.writing() as connection:
        for name, byday in ((here, "SU,TU"), (elsewhere, "MO")):
            row = {"schedule_id": name, "service_at_location_id": name, "byday": byday}
            times = {"opens_at": time(9), "closes_at": time(13)}
            connection.execute(sa.insert(DERIVED_TABLES["schedule"]).values(row | times))
    with known.database.reading() as connection:
        hours = openings(Looker(connection, BAIJI, calendar_of(LISTS), NOW))
    assert hours == [Opening(time(9), time(13), frozenset({"SU", "TU"}))]

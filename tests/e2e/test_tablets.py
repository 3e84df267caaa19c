"""The whole way: tablets fetch the deployed forms, their engines fill them, the night brings the rows of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline, vault
from kobo_crc.codes import is_valid
from kobo_crc.config import Settings, load_pipeline
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import DATA_KEY
from kobo_crc.rollout import roll_out
from kobo_crc.simulator.population.delivery import Filled, Tablets
from kobo_crc.simulator.server import Running, running
from kobo_crc.templates import copy_into
from tests.activities.filling import CARD, OTHER_CARD, SLIP, TABLES
from tests.e2e.centre import seal, unsealed
from tests.engines.commands import Command
from tests.engines.engines import ENGINES, filled_by
from tests.engines.scenarios import activities, followup, intake, visits
from tests.engines.scenarios.registration import REGISTRATION

# Thirteen forms in each engine.
pytestmark = pytest.mark.timeout(240)
PHONE = "07701234567"
_AT = [column.name for column in TABLES["identity"].columns].index
# Of an opened row of `identity`, which begins with submission, row and parent.
IDENTITY = [3 + _AT(name) for name in ("role_code", "given_name", "phone", "safe_to_call_code")]
# In the order of arrival: the follow-up of the first referral was sent before the intake, from another tablet.
SENT: list[tuple[str, list[Command]]] = [
    ("referral_followup", followup.REFUSED_BY_PHONE),
    ("intake", REGISTRATION),
    ("intake", intake.CHILD),
    ("intake", intake.WITHDRAWN),
    ("intake", intake.COMPLETED),
    ("visit", [*visits.AT_THE_DESK, *visits.INFORMATION_DESK]),
    ("visit", [*visits.AT_THE_DESK, *visits.RETURNING_PERSON]),
    ("visit", [*visits.AT_THE_DESK, *visits.CARD_LOST]),
    ("centre_day", activities.CENTRE_DAY),
    ("session", activities.SESSION),
    ("feedback", activities.FEEDBACK),
    ("directory", activities.DIRECTORY),
    ("service", activities.SERVICE),
]


@dataclass(frozen=True, slots=True)
class Night:
    """The store after a night, by SQL, and the rows of the vault, opened."""

    store: sqlite3.Connection
    vault: Database
    path: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return list(self.store.execute(query))

    def sealed(self, table: str) -> list[tuple[Any, ...]]:
        with self.vault.reading() as connection:
            numbers = list(connection.execute(sa.select(DATA_KEY.c.submission_id)).scalars())
            return vault.opened(connection, self.vault.keys, numbers)[table]


@pytest.fixture(scope="module", params=ENGINES)
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """What the forms, filled in one engine, became over night."""
    folder = tmp_path_factory.mktemp("tablets")
    with running() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOBO_CRC_TOKEN", server.token)
        settings = _deployed(folder / "مركز", server)
        tablets = _tablets(settings, server)
        forms = {name: tablets.get_form(name).decode("utf-8") for name in tablets.assets}
        for name, commands in SENT:
            xml = filled_by(request.param, forms[name], commands).xml
            tablets.send(Filled(name, xml.encode("utf-8"), "", datetime.now(UTC)))
        pipeline.run(settings, "nightly")
    with closing(sqlite3.connect(settings.store)) as connection, unsealed(settings) as database:
        yield Night(connection, database, settings.store)


def _deployed(folder: Path, server: Running) -> Settings:
    copy_into(folder)
    settings = Settings.model_validate({"server_url": server.url}, context={"folder": folder})
    seal(settings)
    assert len(list(roll_out(settings, "nightly"))) == len({name for name, _ in SENT})
    return settings


def _tablets(settings: Settings, server: Running) -> Tablets:
    file = load_pipeline(settings, "nightly")
    origins = pipeline.origins_of(settings, file, file.projects[0])
    return Tablets(server.url, server.token, {origin.form: origin.asset_uid for origin in origins})


def test_night__every_submission__is_in_the_store_without_a_problem(night: Night) -> None:
    assert night.rows("SELECT outcome, new_count, store_count FROM run") == [("ok", len(SENT), len(SENT))]
    assert night.rows("SELECT code, path FROM problem") == []


def test_registrations__adult_child_and_what_was_told_later(night: Night) -> None:
    told = night.rows(
        "SELECT person_code, sex_code, age_years, birth_year, current_place_code, caregiver_relation_code "
        "FROM registration ORDER BY submission_id",
    )
    assert told == [
        (CARD, "female", 38, None, "IQG10Q05N04", None),
        (OTHER_CARD, "female", 9, None, "IQG01Q01", "aunt_uncle"),
        (CARD, None, None, 1988, None, None),
        (visits.NEW_CARD, None, None, 1988, None, None),
    ]
    assert night.rows("SELECT disability_code FROM profile ORDER BY submission_id") == [("no",), ("yes",)]
    sizes = "SELECT size, head_sex_code, female_6_12, male_0_5 FROM household ORDER BY submission_id"
    assert night.rows(sizes) == [(6, "male", 2, 2), (4, None, None, None)]


def test_identity__names_and_phones__stand_in_the_vault_alone(night: Night) -> None:
    told = [tuple(row[column] for column in IDENTITY) for row in night.sealed("identity")]
    assert sorted(told, key=str) == [
        ("caregiver", "نەسرین", PHONE, "no"),
        ("client", "زينب", PHONE, "yes"),
        ("client", "زينب", PHONE, None),
        ("client", "شیلان", None, None),
    ]
    assert "زينب".encode() not in night.path.read_bytes()


def test_consent__two_answers_an_opt_out_and_a_withdrawal(night: Night) -> None:
    answers = "SELECT record_code, contact_code, report_code, given_by_code FROM consent ORDER BY submission_id"
    assert night.rows(answers) == [
        ("yes", "yes", "yes", "self"),
        ("yes", "yes", "yes", "caregiver"),
        ("no", None, None, None),
        ("yes", "no", "no", "self"),
        ("yes", None, None, None),
    ]


def test_anonymous__withdrawn_consent_and_information_desk__are_counted_without_a_number(
    night: Night,
) -> None:
    counted = (
        "SELECT a.sex_code, a.age_band_code, v.person_code, v.channel_code FROM anonymous_visit AS a "
        "JOIN visit AS v USING (submission_id) ORDER BY submission_id"
    )
    assert night.rows(counted) == [("male", "18_59", None, "walk_in"), ("female", "18_59", None, "info_desk")]


def test_referrals__sent_refused_accepted_on_the_phone_and_kept_back(night: Night) -> None:
    states = (
        "SELECT reference_code, service_code, sensitive_code, state_code, reason_code FROM referral_state "
        "WHERE reference_code LIKE '2%' ORDER BY reference_code"
    )
    assert night.rows(states) == [
        (SLIP, "civil_documentation", "no", "not_accepted", "no_capacity"),
        (intake.OTHER_SLIP, "health", "no", "sent", None),
        (intake.THIRD_SLIP, "child_protection", "yes", "accepted", None),
    ]
    [(number, state)] = night.rows(
        "SELECT reference_code, state_code FROM referral_state WHERE reference_code LIKE '3%'"
    )
    assert is_valid(number) and state == "draft"
    assert [row[1:3] for row in night.sealed("answer")] == [("referral[2]/receiver_other", "عيادة الحي")]
    shared = night.rows("SELECT DISTINCT submission_id, information_code FROM referral_info_shared ORDER BY 2")
    assert [code for _, code in shared] == ["name", "phone"]


def test_phone_call__answered_at_the_desk__is_an_event_beside_the_partners_refusal(night: Night) -> None:
    events = "SELECT row_path, reference_code, event_code, reported_by_code, staff_code FROM referral_event ORDER BY 2"
    assert night.rows(events) == [
        ("", SLIP, "decline", "receiver", "jal_01"),
        ("referral[1]/phone_answer", intake.THIRD_SLIP, "accept", "receiver", "jal_01"),
    ]


def test_other_activities__each_has_its_rows(night: Night) -> None:
    assert night.rows("SELECT opened_at, closed_at, visitor_count FROM centre_day") == [("08:30:00", "14:00:00", 140)]
    assert night.rows("SELECT method_code, people_count FROM session_attendance") == [("cards", 2)]
    assert night.rows("SELECT category_code, centre_code, received_on FROM feedback") == [("channelled", None, None)]
    assert night.rows("SELECT place_code FROM service_at_location") == [("IQG10",)]
    assert night.rows("SELECT byday, opens_at FROM schedule") == [("SU,TH", "08:00:00")]
    assert night.rows("SELECT service_code, person_code, hlp_issue_code FROM service_delivery") == [
        ("mhpss", None, None)
    ]

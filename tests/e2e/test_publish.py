"""Lists to the tablets of two projects, over real HTTP: when they go, when they wait, and what stops them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline
from kobo_crc.codes import REFERRAL_SLIP, random_code
from kobo_crc.config import Settings
from kobo_crc.database.metadata import RUN
from kobo_crc.delivery import hand_out
from kobo_crc.errors import CrcError
from kobo_crc.rollout import roll_out
from kobo_crc.runs import Run
from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.server import Running, running
from tests.commands import Command, settings_file
from tests.e2e.centre import NOW, seal, unsealed
from tests.referrals.conftest import Files
from tests.stores import Stores

REPOSITORY = Path(__file__).parents[2]
HEADER = "reference_code,service_code,priority_code,due_on,state_code\n"
NUMBER = "200000000088"
NOON = NOW.replace(hour=9)
DAY = timedelta(days=1)
PIPELINE = """
title = "Test"
forms = ["referral_followup"]
steps = ["publish"]

[[projects]]
name = "crc"
centres = ["baiji"]

[[projects]]
name = "other"
token = "KOBO_TOKEN_OTHER"
centres = ["jalawla"]
"""


@dataclass
class Office:
    """Two projects of one form, deployed, and the store that their lists are made from."""

    settings: Settings
    server: Running
    files: Files

    def project(self, name: str = "crc") -> Project:
        """The first or the second of the server's projects."""
        return list(self.server.world.projects.values())[name == "other"]

    def on_tablets(self, name: str = "crc") -> str:
        """The list that tablets fetch."""
        deployment = self.project(name).deployment
        assert deployment is not None
        [media] = deployment.media
        return media.content.decode()

    def refer(self, *numbers: str) -> None:
        """Open referrals of Baiji."""
        for number in numbers:
            self.files.referral(number)
        self.files.states()

    def night(self, now: datetime = NOW) -> Run:
        return pipeline.run(self.settings, "nightly", now=now)


@pytest.fixture
def office(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    folder = tmp_path / "مركز بيجي"
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines" / "nightly.toml").write_text(PIPELINE, encoding="utf-8")
    shutil.copytree(REPOSITORY / "forms" / "codes", folder / "forms" / "codes")
    shutil.copy(REPOSITORY / "forms" / "referral_followup.md", folder / "forms")
    with running(clock=lambda: NOW) as server:
        monkeypatch.setenv("KOBO_CRC_TOKEN", server.token)
        monkeypatch.setenv("KOBO_TOKEN_OTHER", server.token)
        settings = stores.settings(folder, server_url=server.url, retries=0)
        settings_file(settings, retries=0)
        list(roll_out(settings, "nightly", another=True))
        seal(settings)
        with unsealed(settings) as database:
            yield Office(settings, server, Files(database))


def line(number: str = NUMBER, due_on: str = "2026-11-15") -> str:
    return f"{number},health,normal,{due_on},sent\n"


def numbers(count: int) -> list[str]:
    chance = Random(7)
    return [random_code(REFERRAL_SLIP, chance) for _ in range(count)]


def test_night__referral_of_a_centre__on_its_own_tablets_alone(office: Office) -> None:
    office.refer(NUMBER)
    run = office.night()
    assert (run.outcome, run.note) == ("ok", "")
    assert office.on_tablets() == HEADER + line()
    assert office.on_tablets("other") == HEADER


def test_night__nothing_changed__form_is_not_deployed_again(office: Office) -> None:
    office.refer(NUMBER)
    office.night()
    before = len(office.project().history)
    assert office.night(NOW + DAY).note == ""
    assert len(office.project().history) == before


def test_night__changed_twice_on_a_day__second_waits_for_the_next(office: Office) -> None:
    office.refer(NUMBER)
    office.night()
    office.refer("200000000185")
    assert "waits until tomorrow" in office.night(NOW + timedelta(hours=1)).note
    assert office.on_tablets() == HEADER + line()
    office.night(NOW + DAY)
    assert office.on_tablets() == HEADER + line() + line("200000000185")


def test_night__by_day__waits_until_the_centre_is_closed(office: Office) -> None:
    office.refer(NUMBER)
    run = office.night(NOON)
    assert (run.outcome, office.on_tablets()) == ("ok", HEADER)
    assert "waits until the centres are closed" in run.note


def test_night__list_falls_by_half__tablets_keep_theirs_until_somebody_says_so(office: Office) -> None:
    office.refer(*numbers(60))
    office.night()
    for number in numbers(40):
        office.files.event(number, "decline")
    office.files.states()
    with pytest.raises(CrcError, match=r"would fall from 60 to 20 rows.*--accept-shorter"):
        office.night(NOW + DAY)
    assert len(office.on_tablets().splitlines()) == 61
    list(hand_out(office.settings, "nightly", accept_shorter=True, now=NOW + DAY))
    assert len(office.on_tablets().splitlines()) == 21


def test_night__one_project_fails__the_other_has_its_list_and_the_run_stands(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.refer(NUMBER)
    monkeypatch.setenv("KOBO_TOKEN_OTHER", "b0" * 20)
    with pytest.raises(CrcError) as fault:
        office.night()
    assert office.on_tablets() == HEADER + line()
    with office.files.database.reading() as connection:
        last = connection.execute(sa.select(RUN.c.outcome, RUN.c.note)).one()
    assert (last.outcome, last.note) == ("failed", str(fault.value))


def test_night__account_that_may_not_edit__is_told_what_it_lacks(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.refer(NUMBER)
    office.project().grant("bob", "view_submissions", None)
    monkeypatch.setenv("KOBO_CRC_TOKEN", "b0" * 20)
    with pytest.raises(CrcError, match=r"may not edit it.*take publish out of the pipeline's steps"):
        office.night()
    assert office.on_tablets() == HEADER


def test_night__form_changed_on_the_server_and_not_deployed__nothing_is_deployed(office: Office) -> None:
    office.refer(NUMBER)
    project = office.project()
    project.save(project.latest.content, "2026-11-23T20:00:00Z")
    with pytest.raises(CrcError, match=r"changed on the server and not deployed"):
        office.night()
    assert office.on_tablets() == HEADER


@pytest.mark.parametrize("method", ["DELETE", "POST", "PATCH"])
def test_night__cut_on_the_way__the_next_brings_the_list(office: Office, method: str) -> None:
    office.refer(NUMBER)
    office.server.world.faults.order([{"method": method, "status": 503}])
    with pytest.raises(CrcError):
        office.night()
    assert office.on_tablets() == HEADER
    office.night(NOW + timedelta(hours=1))
    assert office.on_tablets() == HEADER + line()


def test_night__list_that_the_form_on_the_server_does_not_know__asks_to_deploy(office: Office) -> None:
    office.project().files.clear()
    run = office.night()
    assert "please run `kobo-crc deploy`" in run.note and office.project().files == []


def test_publish__dry_run__tells_and_changes_nothing(
    office: Office, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.refer(NUMBER)
    before = len(office.project().history)
    told = [str(handout) for handout in hand_out(office.settings, "nightly", dry_run=True, now=NOW)]
    assert told == [
        "referral_followup (crc): open_referrals.csv (1 rows) goes to the tablets.",
        "referral_followup (other): open_referrals.csv (0 rows) has not changed.",
    ]
    assert (office.on_tablets(), len(office.project().history)) == (HEADER, before)
    said = kobo_crc("publish", "--dry-run", "--folder", str(office.settings.store.parent))
    assert said.code == 0 and "referral_followup (crc): open_referrals.csv (1 rows)" in said.out


def test_rebuild__with_publish_among_the_steps__asks_the_server_nothing(office: Office) -> None:
    office.refer(NUMBER)
    pipeline.rebuild(office.settings, "nightly")
    pipeline.load(office.settings, "nightly")
    assert office.on_tablets() == HEADER

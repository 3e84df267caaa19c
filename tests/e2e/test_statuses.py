"""Submissions on hold on a server: put there by the night, taken off when corrected, left where a person decided."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import HELD_SUBMISSION
from kobo_crc.delivery import hand_out
from kobo_crc.errors import CrcError
from kobo_crc.sources.statuses import ON_HOLD
from tests.e2e.centre import NOW, Centre

WRONG: dict[str, Any] = {"visit/day": "the day before"}
APPROVED = "validation_status_approved"


@pytest.fixture
def holding(centre: Centre) -> Centre:
    """A centre whose pipeline puts doubtful submissions on hold."""
    with (centre.settings.pipelines / "nightly.toml").open("a", encoding="utf-8") as file:
        file.write("hold_doubtful = true\n")
    return centre


def status(centre: Centre, server_id: int) -> str:
    return str(centre.record(server_id)["_validation_status"].get("uid", ""))


def correct(record: dict[str, Any]) -> None:
    record["visit/day"] = "2026-11-23"


def remembered(centre: Centre) -> int:
    with Database.of(centre.settings) as database, database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(HELD_SUBMISSION)).scalar_one()


def test_night__not_asked_for__sets_no_status(centre: Centre) -> None:
    wrong = centre.submit(**WRONG)
    centre.night()
    assert status(centre, wrong) == ""


def test_night__doubtful__goes_on_hold_and_comes_off_when_corrected(holding: Centre) -> None:
    wrong, right = holding.submit(**WRONG), holding.submit()
    assert "1 put on hold, 0 taken off hold" in holding.night().note
    assert (status(holding, wrong), status(holding, right)) == (ON_HOLD, "")
    assert holding.night().note == ""  # our own change came back, and changes nothing
    holding.change(wrong, correct)
    assert "0 put on hold, 1 taken off hold" in holding.night().note
    assert (status(holding, wrong), remembered(holding)) == ("", 0)


def test_night__rebuilt_meanwhile__still_knows_what_it_put_on_hold(holding: Centre) -> None:
    wrong = holding.submit(**WRONG)
    holding.night()
    holding.rebuild()
    holding.change(wrong, correct)
    holding.night()
    assert status(holding, wrong) == ""


@pytest.mark.parametrize("decision", [APPROVED, "validation_status_not_approved", ON_HOLD])
def test_night__person_decided_first__stands(holding: Centre, decision: str) -> None:
    wrong = holding.submit(**WRONG)
    holding.validate(wrong, decision)
    holding.night()
    holding.change(wrong, correct)
    holding.night()
    assert (status(holding, wrong), remembered(holding)) == (decision, 0)


@pytest.mark.parametrize("decision", ["", APPROVED, ON_HOLD])
def test_night__person_decided_after_us__stands_also_when_corrected(holding: Centre, decision: str) -> None:
    wrong = holding.submit(**WRONG)
    holding.night()
    holding.validate(wrong, decision)
    holding.night()
    holding.night()
    assert status(holding, wrong) == decision
    holding.change(wrong, correct)
    holding.night()
    assert (status(holding, wrong), remembered(holding)) == (decision, 0)


def test_night__person_decided_after_the_pull__is_seen(holding: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The landed status is that of the pull; the server is asked again before anything is set."""
    wrong = holding.submit(**WRONG)
    derive = pipeline.derive

    def decided_meanwhile(connection: sa.Connection, keys: Keys) -> None:
        derive(connection, keys)
        holding.validate(wrong, APPROVED)

    monkeypatch.setattr(pipeline, "derive", decided_meanwhile)
    holding.night()
    assert status(holding, wrong) == APPROVED


def test_night__deleted_on_the_server__is_forgotten(holding: Centre) -> None:
    wrong = holding.submit(**WRONG)
    holding.night()
    holding.delete(wrong)
    holding.night()
    assert remembered(holding) == 0


def test_night__server_refuses_midway__the_rest_follows_the_next_night(holding: Centre) -> None:
    wrong = [holding.submit(**WRONG) for _ in range(3)]
    holding.world.faults.order([{"method": "PATCH", "status": 503, "nth": 2}])
    with pytest.raises(CrcError):
        holding.night()
    assert [status(holding, one) for one in wrong] == [ON_HOLD, "", ""]
    holding.night()
    assert [status(holding, one) for one in wrong] == [ON_HOLD] * 3


def test_publish__dry_run__tells_and_changes_nothing(holding: Centre) -> None:
    wrong = holding.submit(**WRONG)
    holding.world.faults.order([{"method": "PATCH", "status": 403}])
    with pytest.raises(CrcError):
        holding.night()
    told = [str(step) for step in hand_out(holding.settings, "nightly", dry_run=True, now=NOW)]
    assert told == [f"small (main): _id {wrong} has answers to correct, and goes on hold."]
    assert status(holding, wrong) == ""
    assert [str(step) for step in hand_out(holding.settings, "nightly", now=NOW)] == told
    assert status(holding, wrong) == ON_HOLD

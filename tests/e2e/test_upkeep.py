"""`kobo-crc store upgrade | check`: what is behind, changed by hand or damaged is told with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database.database import Database
from tests.commands import Command, settings_file
from tests.database.test_upgrades import taken_to
from tests.e2e.centre import Centre, unsealed


@pytest.fixture
def folder(centre: Centre) -> Path:
    """The centre's folder, with its settings as a file."""
    return settings_file(centre.settings)


def execute(centre: Centre, *statements: str) -> None:
    with Database.of(centre.settings) as database, database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def test_check__after_a_night__finds_all_sound(centre: Centre, folder: Path, kobo_crc: Command) -> None:
    centre.submit()
    centre.night()
    said = kobo_crc("store", "check", "--folder", str(folder))
    assert said.code == 0
    assert "store: revision" in said.out and "vault's tables: as this version makes them" in said.out
    assert "fault" not in said.out


def test_check__tables_behind_and_changed__says_what_to_do(centre: Centre, folder: Path, kobo_crc: Command) -> None:
    execute(centre, "ALTER TABLE visit ADD COLUMN name TEXT", "UPDATE vault.alembic_version SET version_num = '0001'")
    said = kobo_crc("store", "check", "--folder", str(folder))
    assert said.code == 1
    assert "Please back up and run: kobo-crc store upgrade" in said.out
    assert "to be as they should, drop column visit.name" in said.out


def test_upgrade__of_an_earlier_store__says_each_step(centre: Centre, folder: Path, kobo_crc: Command) -> None:
    centre.lose_store()
    with unsealed(centre.settings) as database:
        taken_to(database, "store", "0003")
    said = kobo_crc("store", "upgrade", "--folder", str(folder))
    assert said.out.splitlines()[0] == "store 0004: referrals that follow one another"
    assert "steps taken" in said.out
    again = kobo_crc("store", "upgrade", "--folder", str(folder))
    assert again.out == "Store and vault are up to date.\n"

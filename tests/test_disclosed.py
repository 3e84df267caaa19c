"""Who was told of whom: found by the card or the referral's number, readable by neither, kept when rows go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc import disclosed
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import DISCLOSED
from kobo_crc.disclosed import Knows, Telling
from tests.e2e.centre import seal, unsealed
from tests.referrals.conftest import Files
from tests.stores import Stores

AT = datetime(2026, 11, 23, 9, 0)
LETTER = Telling("drc", "letter", ("number", "name"))
LIST = Telling("nrc", "worklist", ("number",))


@pytest.fixture
def database(stores: Stores, tmp_path: Path) -> Iterator[Database]:
    """A store with two referrals of one person and one of nobody known."""
    settings = stores.settings(tmp_path)
    seal(settings)
    with unsealed(settings) as database:
        files = Files(database)
        files.referral("21", person_code="11")
        files.referral("22", person_code="11")
        files.referral("23")
        yield database


def remember(database: Database, telling: Telling, *numbers: str, at: datetime = AT) -> None:
    with database.writing() as connection:
        disclosed.remember(connection, database.keys, telling, numbers, at)


def knows(database: Database, card: str = "", *numbers: str) -> list[Knows]:
    with database.reading() as connection:
        return disclosed.who_knows(connection, database.keys, card, numbers)


def test_who_knows__by_card__has_every_referral_of_the_person(database: Database) -> None:
    remember(database, LETTER, "21")
    remember(database, LIST, "22", "23")
    assert knows(database, "11") == [
        Knows("drc", "letter", "number, name", AT, AT),
        Knows("nrc", "worklist", "number", AT, AT),
    ]
    assert knows(database, "12") == []


def test_who_knows__by_number__where_the_referral_names_no_card(database: Database) -> None:
    remember(database, LIST, "22", "23")
    assert [one.receiver for one in knows(database, "", "23")] == ["nrc"]
    assert knows(database) == [] and knows(database, "", "21") == []


def test_remember__again__moves_the_last_time_alone(database: Database) -> None:
    later = AT + timedelta(days=3)
    remember(database, LIST, "21", "22")
    remember(database, LIST, "22", "23", at=later)
    assert knows(database, "", "21")[0][3:] == (AT, AT)
    assert knows(database, "", "22")[0][3:] == (AT, later)
    assert knows(database, "", "23")[0][3:] == (later, later)


def test_remember__nothing_told__is_nothing(database: Database) -> None:
    remember(database, LIST)
    with database.reading() as connection:
        assert disclosed.everything(connection) == []


def test_keep__rows_of_a_newer_vault__are_joined_with_those_here(database: Database) -> None:
    later = AT + timedelta(days=3)
    remember(database, LIST, "21", "22", at=later)
    with database.reading() as connection:
        newer = disclosed.everything(connection)
    with database.writing() as connection:
        connection.execute(sa.delete(DISCLOSED))
    remember(database, LIST, "21")
    with database.writing() as connection:
        disclosed.keep(connection, newer)
    assert knows(database, "", "21")[0][3:] == (AT, later)
    assert knows(database, "", "22")[0][3:] == (later, later)


def test_remember__in_the_file__no_number_can_be_read(database: Database) -> None:
    remember(database, LETTER, "21")
    with database.reading() as connection:
        [row] = disclosed.everything(connection)
    assert {len(row["referral"]), len(row["person"])} == {64}

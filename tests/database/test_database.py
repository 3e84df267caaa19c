"""What a disk does that cannot take more: one sentence, and nothing half in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database.database import Database
from kobo_crc.errors import StoreError
from tests.soak.stage import quota

LETTERS = "x" * 1_000_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store and a vault with a table of letters."""
    with Database(tmp_path / "store.db", tmp_path / "vault.db") as opened:
        with opened.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE letter (text TEXT)")
        yield opened


def write(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(sa.text("INSERT INTO letter VALUES (:text)"), {"text": LETTERS})


def count(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM letter").scalar_one())


def test_writing__database_that_may_not_grow__names_the_disk(database: Database) -> None:
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA main.max_page_count = 1")
    with pytest.raises(StoreError, match=r"the disk is full\. Please free some space"):
        write(database)
    assert count(database) == 0


def test_writing__broken_off_by_the_system__names_the_disk(database: Database) -> None:
    with quota(300_000), pytest.raises(StoreError, match=r"disk or its quota.*\. Please"):
        write(database)
    assert count(database) == 0
    write(database)
    assert count(database) == 1

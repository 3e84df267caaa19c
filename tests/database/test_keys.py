"""The data keys that stand ready: never fewer than were asked for, however many stood ready before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database import keys as keys_module
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import DATA_KEY
from tests.e2e.centre import seal, unsealed
from tests.stores import Stores

KEPT = 3
HELD = list(range(1, 2 * KEPT + 1))


@pytest.fixture
def database(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A vault with keys of more submissions than are kept ready."""
    monkeypatch.setattr(keys_module, "KEPT_READY", KEPT)
    settings = stores.settings(tmp_path)
    seal(settings)
    with unsealed(settings) as database:
        with database.writing() as connection:
            database.keys.for_new(connection, HELD)
        yield database


def begun(database: Database, connection: sa.Connection) -> Keys:
    """Keys of which more stand ready than are kept."""
    keys = Keys(database.keys.master)
    keys.of(connection, HELD[: KEPT + 1])
    return keys


def test_of__some_ready_and_some_not__has_them_all(database: Database) -> None:
    with database.reading() as connection:
        assert list(begun(database, connection).of(connection, HELD[KEPT:])) == HELD[KEPT:]


def test_for_new__some_ready_some_not_and_some_new__makes_the_new_alone(database: Database) -> None:
    new = HELD[-1] + 1
    with database.writing() as connection:
        wrapped = connection.execute(sa.select(DATA_KEY)).all()
        assert list(begun(database, connection).for_new(connection, [*HELD[KEPT:], new, new])) == [*HELD[KEPT:], new]
        assert connection.execute(sa.select(DATA_KEY).where(DATA_KEY.c.submission_id < new)).all() == wrapped


def test_of__a_key_that_was_destroyed__is_left_out(database: Database) -> None:
    with database.writing() as connection:
        keys = begun(database, connection)
        keys.destroy(connection, [HELD[0], HELD[-1]])
        assert list(keys.of(connection, HELD)) == HELD[1:-1]


def test_make__in_a_transaction_that_came_to_nothing__stands_ready_no_more(database: Database) -> None:
    """Else whatever comes under that number later is sealed by a key that nobody has."""
    new = HELD[-1] + 1
    with pytest.raises(KeyError), database.writing() as connection:
        database.keys.for_new(connection, [new])
        raise KeyError
    with database.writing() as connection:
        sealed = database.keys.for_new(connection, [new])[new].seal(b"said", "place")
    with database.reading() as connection:
        assert Keys(database.keys.master).of(connection, [new])[new].unseal(sealed, "place") == b"said"

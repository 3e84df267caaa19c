"""Who may read the store and no more: it opens, nothing appears beside it, and a run that writes is noticed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database.database import Database
from kobo_crc.database.metadata import MARK
from kobo_crc.database.migrate import upgrade
from kobo_crc.errors import StoreError
from kobo_crc.outputs.tables import read

NOBODY = 65534


@pytest.fixture
def store() -> Iterator[Path]:
    """A store in a folder where others may read and not write; the vault is for its own account."""
    folder = Path(tempfile.mkdtemp())  # every folder above it can be entered, unlike pytest's own
    with Database(folder / "store.db", folder / "vault.db") as database:
        upgrade(database)
        put(database, "facts", 7)
    folder.chmod(0o555)
    yield folder / "store.db"
    folder.chmod(0o755)
    shutil.rmtree(folder)


def put(database: Database, name: str, value: int) -> None:
    with database.writing() as connection:
        connection.execute(sa.insert(MARK).values(name=name, value=value))


def marks(store: Path) -> int:
    """How many marks the store has, for who may only read it."""
    with Database(store) as database, database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(MARK)).scalar_one()


def as_a_reader(work: Callable[[], int]) -> int:
    """What the work gives in a process without the right to write; root would have it everywhere."""
    child = os.fork()
    if child == 0:
        answer = 99
        try:
            if os.getuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            answer = work()
        finally:
            os._exit(answer)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@contextmanager
def a_run(store: Path) -> Iterator[Database]:
    """The store as a run has it open."""
    store.parent.chmod(0o755)
    with Database(store, store.with_name("vault.db")) as database:
        put(database, "derived", 1)
        store.parent.chmod(0o555)
        yield database
        store.parent.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_store__reader_of_a_quiet_one__needs_no_right_to_write(store: Path) -> None:
    assert as_a_reader(lambda: marks(store)) == 2
    assert as_a_reader(lambda: len(read("mark", store))) == 2


def test_store__looked_at__has_nothing_new_beside_it(store: Path) -> None:
    with Database(store) as onlooker, onlooker.reading() as connection:
        connection.execute(sa.select(MARK)).all()
        assert sorted(path.name for path in store.parent.iterdir()) == ["store.db", "vault.db"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_store__reader_during_a_run__sees_what_is_committed(store: Path) -> None:
    with a_run(store):
        assert as_a_reader(lambda: marks(store)) == 3


def test_store__run_during_a_look__is_noticed(store: Path) -> None:
    noticed = pytest.raises(StoreError, match=r"while it was read\. Please give the command again")
    with Database(store) as onlooker, noticed, onlooker.reading(), a_run(store):
        pass
    assert marks(store) == 3


def test_store__looked_at__cannot_be_written(store: Path) -> None:
    with Database(store) as onlooker, pytest.raises(StoreError, match="cannot be read"):
        put(onlooker, "derived", 1)

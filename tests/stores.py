"""Where a test keeps its store and vault: in files, or on a PostgreSQL server. What asks for `stores` is run on both.

Migrations are run once and what they made is copied: they take half a second, and have tests of their own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import STORE, VAULT
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.server import Server
from tests.postgres import Postgres, address_of

FILES, POSTGRESQL = "files", "postgresql"
# For the few tests of what only one kind has; each says why.
on_files = pytest.mark.parametrize("stores", [FILES], indirect=True)
on_postgresql = pytest.mark.parametrize("stores", [POSTGRESQL], indirect=True)


class Stores:
    """Gives a test its stores; those of a server go when the test is over."""

    def __init__(self, server: Postgres | None = None) -> None:
        self.server = server
        self._urls: list[str] = []

    def new(self) -> dict[str, str]:
        """What settings say of one more store, which is empty."""
        if self.server is None:
            return {}
        self._urls.append(self.server.new_store())
        return {"store_url": self._urls[-1]}

    def settings(self, folder: Path, **said: object) -> Settings:
        """The settings of that folder with a store and a vault of its own, both empty, the vault without a key."""
        told = {"server_url": "http://127.0.0.1:9"} | self.new() | said
        settings = Settings.model_validate(told, context={"folder": folder})
        lay_tables(settings)
        return settings

    @contextmanager
    def database(self, folder: Path) -> Iterator[Database]:
        """The same, open."""
        with Database.of(self.settings(folder)) as database:
            yield database

    @contextmanager
    def passing(self, *, vault: bool = False) -> Iterator[sa.Connection]:
        """A connection to an empty store, with an empty vault or none: no row is kept, nor has what it refers to."""
        if self.server is not None:
            with _passing_on(self.server, vault=vault) as connection:
                yield connection
            return
        with sa.create_engine("sqlite://").connect() as connection:
            STORE.create_all(connection)
            if vault:
                connection.exec_driver_sql("ATTACH DATABASE ':memory:' AS vault")
                VAULT.create_all(connection)
            yield connection

    def vault_bytes(self, settings: Settings) -> bytes:
        """Every byte of the vault's own files, SQLite's logs included."""
        if self.server is not None:
            files = self.server.files_of(settings.store_url, "vault")
        else:
            files = sorted(settings.vault.parent.glob("vault.db*"))
        return b"".join(path.read_bytes() for path in files)

    def remove(self) -> None:
        """Remove what the server holds of this test."""
        for url in self._urls:
            assert self.server is not None
            self.server.drop(url)


@contextmanager
def _passing_on(server: Postgres, *, vault: bool) -> Iterator[sa.Connection]:
    with Database(Server(address_of(server.passing))) as database, database.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # as in SQLite: nothing is looked up
        if not vault:
            connection.exec_driver_sql("ALTER SCHEMA vault RENAME TO away")
        yield connection


def lay_tables(settings: Settings) -> None:
    """Files with the tables of this version where the settings have theirs, unless there are some; a server's have."""
    if not settings.store_url and not settings.store.exists() and not settings.vault.exists():
        for made, path in zip(_tables(), (settings.store, settings.vault), strict=True):
            shutil.copy(made, path)


@cache
def _tables() -> tuple[Path, Path]:
    folder = Path(_folder().name)
    store, vault = folder / "store.db", folder / "vault.db"
    with Database(store, vault) as database:
        upgrade(database)
    return store, vault


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """It goes with the process."""
    return tempfile.TemporaryDirectory(prefix="crc-tables-")

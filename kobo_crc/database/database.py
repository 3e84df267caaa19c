"""One database in two homes: the store and the vault, as two SQLite files or as two schemas of a PostgreSQL database.

No transaction ever writes to both homes: two files do not commit together, and readers of one are not of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kobo_crc.config import Settings
from kobo_crc.database.files import Files
from kobo_crc.database.keys import Keys
from kobo_crc.database.server import Server
from kobo_crc.errors import ConfigError, StoreError


class Database:
    """The store and the vault, opened together; of files without a vault, the store alone and to read only.

    Raises `StoreError` with one sentence when it is locked, unwritable, full, out of reach or not a database.
    """

    def __init__(self, store: Path | Server, vault: Path | None = None) -> None:
        self._home = store if isinstance(store, Server) else Files(store, vault)
        self.engine = self._home.engine
        self._keys: Keys | None = None

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The store and the vault that the settings name."""
        if settings.store_url:
            return cls(Server.of(settings))
        return cls(settings.store, settings.vault)

    @classmethod
    def onlooking(cls, settings: Settings) -> Database:
        """The store alone, to read only. ConfigError when no run has made it yet."""
        cls.expected(settings)
        return cls(Server.of(settings, read_only=True) if settings.store_url else settings.store)

    @staticmethod
    def expected(settings: Settings) -> None:
        """ConfigError when no run has made the store's file yet; a server says so itself when it is asked."""
        if not settings.store_url and not settings.store.exists():
            raise ConfigError(f"There is no store {settings.store} yet. Please run: kobo-crc run nightly")

    @property
    def store(self) -> Path | str:
        """Where the store is: a file, or the words for a schema."""
        return self._home.store

    @property
    def vault(self) -> Path | str | None:
        """Where the vault is: a file, or the words for a schema; None when only the store is open."""
        return self._home.vault

    @property
    def keys(self) -> Keys:
        """The vault's keys, once it was unlocked. StoreError before."""
        if self._keys is None:
            raise StoreError(f"The vault {self.vault} is locked. Please report this: it should have been unlocked.")
        return self._keys

    @keys.setter
    def keys(self, keys: Keys) -> None:
        self._keys = keys

    @property
    def is_unlocked(self) -> bool:
        """Whether the vault's keys are here."""
        return self._keys is not None

    @property
    def centres(self) -> tuple[str, ...] | None:
        """The centres whose rows alone this login sees, as an officer's on a server; None for whoever sees all."""
        with self._faults():
            return self._home.centres()

    def scrub(self) -> None:
        """Leave nothing in the tables' files, nor in SQLite's logs, of what was deleted from them. Takes their size
        again while it works."""
        with self._faults():
            self._home.scrub()

    def close(self) -> None:
        """Let go of the files, or hang up; SQLite then folds its write-ahead logs into the files."""
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read from, at one moment of both homes. StoreError when this cannot be held."""
        with self._faults(), self._home.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block, or not at all."""
        try:
            with self._faults(), self._home.writing() as connection:
                yield connection
        except BaseException:
            if self._keys is not None:
                self._keys.let_go()  # some may have been made for rows that never came to be
            raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the database for the block against runs from other machines. StoreError that says who holds it."""
        with self._faults(), self._home.alone():
            yield

    @contextmanager
    def _faults(self) -> Iterator[None]:
        driver = self.engine.dialect.dbapi
        assert driver is not None
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise StoreError(self._home.sentence(error.orig or error)) from error
        except driver.Error as error:
            raise StoreError(self._home.sentence(error)) from error

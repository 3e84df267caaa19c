"""One database in two homes: the store, and the vault beside it (attached on SQLite) under the schema `vault`.

No transaction ever writes to both homes: two files do not commit together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kobo_crc.database import onlooker
from kobo_crc.database.keys import Keys
from kobo_crc.errors import StoreError

LOCK_WAIT_SECONDS = 10
_CACHE_KIB = 4_000


class Database:
    """The store and the vault, opened together; without a vault, the store alone and to read only.

    Raises `StoreError` with one sentence when a file is locked, unwritable, full or not a database.
    """

    def __init__(self, store: Path, vault: Path | None = None) -> None:
        self.store, self.vault = store, vault
        self._keys: Keys | None = None
        self.engine = sa.create_engine(
            onlooker.address(store) if vault is None else sa.URL.create("sqlite", database=str(store)),
            pool_size=1,
            hide_parameters=True,  # else an error quotes the row
            connect_args={"timeout": LOCK_WAIT_SECONDS, "isolation_level": None},
        )
        sa.event.listen(self.engine, "connect", self._prepare)

    def _prepare(self, driver: sqlite3.Connection, _record: object) -> None:
        if self.vault is None:
            return
        if self.vault.parent.is_dir():
            self.vault.touch(mode=0o600)  # names and phones: for the account that runs the pipeline alone
        driver.execute("ATTACH DATABASE ? AS vault", (str(self.vault),))
        driver.execute("PRAGMA vault.secure_delete=ON")  # a destroyed key is overwritten, not just let go
        for home in ("main", "vault"):
            driver.execute(f"PRAGMA {home}.journal_mode=WAL")
            driver.execute(f"PRAGMA {home}.synchronous=FULL")
            driver.execute(f"PRAGMA {home}.cache_size=-{_CACHE_KIB}")
        driver.execute("PRAGMA foreign_keys=ON")

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

    def scrub(self) -> None:
        """Leave nothing in the two files, nor in their logs, of what was deleted from them. Takes a file's size again
        while it works."""
        with self._faults(), self.engine.connect() as connection:
            for home in ("vault", "main"):
                connection.exec_driver_sql(f"VACUUM {home}")
                connection.exec_driver_sql(f"PRAGMA {home}.wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the files; SQLite then folds its write-ahead logs into them."""
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read from, at one moment of both files. StoreError when this cannot be held."""
        with onlooker.unwritten(self.store, self.engine.url), self._faults(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block, or not at all."""
        with self._faults(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise StoreError(self._sentence(str(error.orig))) from error
        except sqlite3.Error as error:
            raise StoreError(self._sentence(str(error))) from error

    def _sentence(self, cause: str) -> str:
        place = f"The store {self.store}" + ("" if self.vault is None else f" or the vault {self.vault}")
        if "locked" in cause or "busy" in cause:
            return f"{place} is in use by another program. Please close it there and run again; nothing was lost."
        if "full" in cause:
            return f"{place} cannot grow: the disk is full. Please free some space and run again; nothing was lost."
        if "I/O" in cause:
            cause = "the disk or its quota broke a reading or writing off"
            return f"{place}: {cause}. Please look at the disk's space and health, and run again."
        if "unable to open" in cause or "readonly" in cause:
            if self.vault is None:
                return f"{place} cannot be read. Please check that it is there and that you may read it."
            return f"{place} cannot be written. Please check that the folder exists and that you may write there."
        if "not a database" in cause or "malformed" in cause:
            return f"{place} is not a readable database file. Please restore it from the last backup."
        return f"{place} refused an operation ({cause}). Please report this with the text above."

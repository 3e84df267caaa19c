"""The store and the vault as two SQLite files, the vault attached to the store under the schema `vault`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kobo_crc.database import onlooker

LOCK_WAIT_SECONDS = 10
_MAGIC = b"SQLite format 3\0"
_CACHE_KIB = 4_000
# Of 4 KiB. A thousand submissions change some two thousand; by SQLite's own number, each would be folded in at once.
_LOG_PAGES = 4_000


class Files:
    """Two files, or without a vault the store's alone and to read only."""

    def __init__(self, store: Path, vault: Path | None) -> None:
        self.store, self.vault = store, vault
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
            driver.execute(f"PRAGMA {home}.wal_autocheckpoint={_LOG_PAGES}")
        driver.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment of both files."""
        with onlooker.unwritten(self.store, self.engine.url), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that no other writer can be in."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def centres(self) -> None:
        """None: whoever may read a file reads all of it."""
        return

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing more to hold: the lock beside the store's file is enough for files."""
        yield

    def scrub(self) -> None:
        """Write both files anew, without what was deleted from them, and empty their logs."""
        with self.engine.connect() as connection:
            for home in ("vault", "main"):
                connection.exec_driver_sql(f"VACUUM {home}")
                connection.exec_driver_sql(f"PRAGMA {home}.wal_checkpoint(TRUNCATE)")

    def _remedy(self) -> str:
        """For a file that is damaged: the store is made from the vault, the vault comes from its copy."""
        store = f"Please move {self.store.name} away and run: kobo-crc rebuild nightly"
        vault = "Please bring back the last copy of the vault: kobo-crc restore FILE"
        if self.vault is None or not _begins_well(self.store):
            return store
        return (
            vault if not _begins_well(self.vault) else f"`kobo-crc doctor` says which. Of the store: {store}. {vault}"
        )

    def sentence(self, error: BaseException) -> str:
        """What is wrong and what to do about it, for an error of the driver."""
        cause = str(error)
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
            return f"{place} is not a readable database file. {self._remedy()}"
        if "no such" in cause:
            return f"{place} has not the tables of this version yet. Please run: kobo-crc run nightly"
        return f"{place} refused an operation ({cause}). Please report this with the text above."


def _begins_well(path: Path) -> bool:
    """Whether the file is empty, missing or begins as SQLite's do."""
    try:
        with path.open("rb") as file:
            begin = file.read(len(_MAGIC))
    except OSError:
        return True
    return begin in (b"", _MAGIC)

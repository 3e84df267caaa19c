"""How the store is opened by those who may read it and no more. Nothing is written, beside the file neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kobo_crc.errors import StoreError

_ALONE = "immutable"


def address(store: Path) -> sa.URL:
    """Where SQLAlchemy finds the store, to read only.

    While a run has it open there is a `-wal` beside it. Otherwise SQLite would make one, for which it needs the right
    to write there, unless it is told that nobody writes.
    """
    path = store.resolve()
    query = {"mode": "ro", "uri": "true"}
    if not path.with_name(f"{path.name}-wal").exists():
        query[_ALONE] = "1"
    return sa.URL.create("sqlite", database=path.as_uri(), query=query)


@contextmanager
def unwritten(store: Path, at: sa.URL) -> Iterator[None]:
    """StoreError when the store, read at this address, was written meanwhile: told that nobody writes, SQLite takes no
    lock, and what it read may be half of one moment and half of another."""
    if _ALONE not in at.query:
        yield
        return
    before = _written(store)
    try:
        yield
    finally:
        if _written(store) != before:
            raise StoreError(f"A run wrote into the store {store} while it was read. Please give the command again.")


def _written(store: Path) -> tuple[int, int]:
    now = store.stat()
    return now.st_mtime_ns, now.st_size

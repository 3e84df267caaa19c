"""One run at a time on a store: a lock that the operating system lets go of when a run is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kobo_crc.errors import StoreError


@contextmanager
def only_run(store: Path) -> Iterator[None]:
    """Hold the store's lock for the block; `StoreError` when another run holds it."""
    lock = FileLock(store.with_name(store.name + ".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"Another run is working on {store}. Please wait until it ends, or stop it, and run again; "
            "nothing was changed."
        ) from None
    except OSError as error:
        raise StoreError(
            f"The store {store} cannot be locked ({error.strerror}). "
            "Please check that the folder exists and is writable."
        ) from None
    try:
        yield
    finally:
        lock.release()

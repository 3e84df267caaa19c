"""One file from the server to a path of ours, sealed on its way and on disk before anything is said of it.

Its size, digest and kind are those of what came; nothing of it is written in the clear.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kobo_crc.chunks import SealedWriter
from kobo_crc.sealing import DataKey
from kobo_crc.signatures import fits
from kobo_crc.sources.http import Client


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched: `size` in bytes, and whether its first bytes fit the declared type."""

    size: int
    sha256: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where a file goes, and what it is sealed by and for."""

    path: Path
    key: DataKey
    place: str


def fetch(client: Client, address: str, mimetype: str, into: Sealed) -> Fetched:
    """Fetch the file, sealed, readable for the own account alone. Raises SourceError; then no file is left."""
    path = into.path
    try:
        path.touch(mode=0o600)
        with path.open("w+b") as file:
            writer = SealedWriter(file, into.key, into.place)
            client.download(address, writer)
            writer.end()
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Fetched(writer.size, writer.sha256, fits(mimetype, writer.head))

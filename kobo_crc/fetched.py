"""One file from the server to a path of ours, on disk before anything is said of it: its size, digest and kind."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from kobo_crc.signatures import HEAD_BYTES, fits
from kobo_crc.sources.http import Client


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched: `size` in bytes, and whether its first bytes fit the declared type."""

    size: int
    sha256: str
    fits: bool


def fetch(client: Client, address: str, mimetype: str, path: Path) -> Fetched:
    """Fetch the file into `path`, readable for the own account alone. Raises SourceError; then no file is left."""
    try:
        path.touch(mode=0o600)
        with path.open("w+b") as file:
            client.download(address, file)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
            file.seek(0)
            head = file.read(HEAD_BYTES)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Fetched(size, digest, fits(mimetype, head))

"""Content of any length sealed chunk by chunk, in little memory. Pure but for the streams it is given.

Each chunk is sealed for its place, its number and whether it is the last: none can be swapped, left out or added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from kobo_crc.sealing import OVERHEAD_BYTES, DataKey
from kobo_crc.signatures import HEAD_BYTES

CHUNK_BYTES: Final = 64 * 1024


class SealedWriter:
    """Seals into `file` what is written. Its place, size (bytes), digest and head are those of the plain content."""

    def __init__(self, file: BinaryIO, key: DataKey, place: str) -> None:
        self._file, self._key, self._place = file, key, place
        self.begin()

    def begin(self) -> None:
        """Forget what was written, and begin anew."""
        self._file.seek(0)
        self._file.truncate()
        self._waiting = bytearray()
        self._number = 0
        self._digest = hashlib.sha256()
        self.size = 0
        self.head = b""

    def write(self, plain: bytes) -> None:
        """Take the next bytes."""
        self.head += plain[: HEAD_BYTES - len(self.head)]
        self.size += len(plain)
        self._digest.update(plain)
        self._waiting += plain
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def end(self) -> None:
        """Seal what waits as the last chunk; without it nothing opens."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    @property
    def sha256(self) -> str:
        """The digest of the plain content, in hexadecimal digits."""
        return self._digest.hexdigest()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._key.seal(chunk, _place(self._place, self._number, last=last)))
        self._number += 1


def unsealed(file: BinaryIO, key: DataKey, place: str) -> Iterator[bytes]:
    """The plain content, chunk by chunk. StoreError when it was altered, cut, or belongs to another place or key."""
    number = 0
    sealed = file.read(CHUNK_BYTES + OVERHEAD_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + OVERHEAD_BYTES)
        yield key.unseal(sealed, _place(place, number, last=not following))
        if not following:
            return
        sealed, number = following, number + 1


def _place(place: str, number: int, *, last: bool) -> str:
    return f"{place}/{number}/{'last' if last else 'more'}"

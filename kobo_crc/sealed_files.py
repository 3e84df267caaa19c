"""Files beside the vault: each sealed under a key of its own, which its submission's data key seals with its name.

So a submission may get another data key without its files being written anew, and a lost key loses its files.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import sqlalchemy as sa

from kobo_crc.chunks import CHUNK_BYTES, SealedWriter, unsealed
from kobo_crc.database.database import Database
from kobo_crc.database.keys import file_place
from kobo_crc.database.metadata import ATTACHMENT
from kobo_crc.filenames import free_name
from kobo_crc.sealing import DataKey, new_secret

FOLDER: Final = "attachments"
SUFFIX: Final = ".sealed"
# The state of a file that was kept, is not there, and cannot be fetched again: its row alone is left.
LOST: Final = "lost"
_A = ATTACHMENT.c


class FileSeal(NamedTuple):
    """What a file is called and what seals it."""

    name: str
    secret: bytes

    @property
    def key(self) -> DataKey:
        """What seals and opens the file's chunks."""
        return DataKey(self.secret)


def new_seal(name: str) -> FileSeal:
    """A new key for the file that the submission calls so."""
    return FileSeal(name, new_secret())


def sealed(seal: FileSeal, key: DataKey, submission_id: int, uid: str) -> bytes:
    """Name and key, sealed by the submission's data key for that file."""
    said = {"name": seal.name, "key": base64.b64encode(seal.secret).decode()}
    return key.seal(orjson.dumps(said), file_place(submission_id, uid))


def seal_of(row: Any, key: DataKey) -> FileSeal:
    """Name and key of a row of the table `attachment`. StoreError."""
    said = orjson.loads(key.unseal(row.sealed, file_place(row.submission_id, row.attachment_uid)))
    return FileSeal(said["name"], base64.b64decode(said["key"]))


def chunk_place(row: Any) -> str:
    """What the chunks of that row's file are sealed for."""
    return file_place(row.submission_id, row.attachment_uid)


def content(folder: Path, row: Any, key: DataKey) -> Iterator[bytes]:
    """The plain content of a kept file, chunk by chunk; `key` is its submission's. StoreError, OSError."""
    with (folder / row.file).open("rb") as file:
        yield from unsealed(file, seal_of(row, key).key, chunk_place(row))


def free_place(submission_id: int, uid: str, taken: list[str]) -> str:
    """Where a file lies below the folder, with slashes. What people call it stands nowhere in the clear."""
    names = [path.rpartition("/")[2] for path in taken]
    return f"{submission_id}/{free_name(uid + SUFFIX, names)}"


def seal_bare(database: Database, folder: Path) -> int:
    """Seal the files that an earlier version of the program kept bare; returns how many rows there were.

    A key is kept before anything is sealed under it, and a bare file goes before its row says so: cut at any moment,
    the next night goes on.
    """
    with database.reading() as connection:
        bare = connection.execute(sa.select(ATTACHMENT).where(_A.file.not_like(f"%{SUFFIX}"))).all()
    for row in bare:
        _give_key(database, row)
        target = _target(database, row)
        _seal_one(database, folder, row, target)
        with database.writing() as connection:
            connection.execute(sa.update(ATTACHMENT).where(_here(row)).values(file=target))
    return len(bare)


def remove_strays(connection: sa.Connection, folder: Path) -> None:
    """Remove sealed files that no row names: their keys are gone, so nobody can open them."""
    named = set(connection.execute(sa.select(_A.file)).scalars())
    for path in folder.glob(f"*/*{SUFFIX}"):
        if path.relative_to(folder).as_posix() not in named:
            path.unlink()


def _here(row: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_A.submission_id == row.submission_id, _A.attachment_uid == row.attachment_uid)


def _give_key(database: Database, row: Any) -> None:
    if row.sealed is not None:
        return
    with database.writing() as connection:
        key = database.keys.of(connection, [row.submission_id])[row.submission_id]
        fresh = sealed(new_seal(row.file.rpartition("/")[2]), key, row.submission_id, row.attachment_uid)
        connection.execute(sa.update(ATTACHMENT).where(_here(row)).values(sealed=fresh))


def _target(database: Database, row: Any) -> str:
    others = sa.select(_A.file).where(_A.submission_id == row.submission_id, _A.attachment_uid != row.attachment_uid)
    with database.reading() as connection:
        return free_place(row.submission_id, row.attachment_uid, list(connection.execute(others).scalars()))


def _seal_one(database: Database, folder: Path, row: Any, target: str) -> None:
    source, final = folder / row.file, folder / target
    if not source.exists():  # not kept, or sealed by a run that was cut before its row said so
        return
    with database.reading() as connection:
        held = connection.execute(sa.select(ATTACHMENT).where(_here(row))).one()
        seal = seal_of(held, database.keys.of(connection, [row.submission_id])[row.submission_id])
    final.touch(mode=0o600)
    with source.open("rb") as plain, final.open("r+b") as file:
        writer = SealedWriter(file, seal.key, chunk_place(row))
        while chunk := plain.read(CHUNK_BYTES):
            writer.write(chunk)
        writer.end()
        file.flush()
        os.fsync(file.fileno())
    source.unlink()

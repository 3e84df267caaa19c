"""Files of submissions taken out of the vault for a purpose: opened, written under their own names, audited before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kobo_crc import ledger
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ATTACHMENT, SUBMISSION_KEY
from kobo_crc.errors import ConfigError
from kobo_crc.filenames import free_name
from kobo_crc.ledger import Opening
from kobo_crc.sealed_files import FOLDER, LOST, content, seal_of
from kobo_crc.sealing import DataKey

_A = ATTACHMENT.c
_KEY = SUBMISSION_KEY.c


def take_out(database: Database, vault: Path, server_id: int, purpose: str, into: Path, now: datetime) -> list[Path]:
    """Write the kept files of the submissions with that `_id` into a folder, in the clear; returns where they are.

    Written into the audit before. ConfigError when none is kept, or one of them is not where it should be.
    """
    these = _A.submission_id.in_(sa.select(_KEY.submission_id).where(_KEY.server_id == server_id))
    rows = kept(database, these)
    if not rows:
        raise ConfigError(
            f"No file of _id {server_id} is kept. Please look into the pipeline file, which says what is fetched."
        )
    _refuse_missing(vault.parent / FOLDER, rows)
    with database.writing() as connection:
        opening = Opening("files", purpose, f"_id {server_id}", len(rows))
        ledger.note(connection, opening, now, [row.submission_id for row in rows])
    return write_out(database, vault, rows, into)


def kept(database: Database, which: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The rows of `attachment` that have a file here, in the order of their submissions."""
    query = (
        sa.select(ATTACHMENT).where(which, _A.size.is_not(None), _A.state != LOST).order_by(_A.submission_id, _A.file)
    )
    with database.reading() as connection:
        return connection.execute(query).all()


def write_out(database: Database, vault: Path, rows: Sequence[Any], into: Path) -> list[Path]:
    """Write these files into a folder for the own account alone. ConfigError for one that is not here."""
    folder = vault.parent / FOLDER
    _refuse_missing(folder, rows)
    with database.reading() as connection:
        keys = database.keys.of(connection, [row.submission_id for row in rows])
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    return list(_written(folder, rows, keys, into))


def _refuse_missing(folder: Path, rows: Sequence[Any]) -> None:
    missing = sum(1 for row in rows if not (folder / row.file).exists())
    if missing:
        raise ConfigError(f"{missing} files are not in {folder}. Please bring that folder back from its copy.")


def _written(folder: Path, rows: Sequence[Any], keys: Mapping[int, DataKey], into: Path) -> Iterator[Path]:
    taken = [path.name for path in into.iterdir()]
    for row in rows:
        key = keys[row.submission_id]
        taken.append(free_name(seal_of(row, key).name, taken))
        path = into / taken[-1]
        path.touch(mode=0o600)
        with path.open("wb") as file:
            file.writelines(content(folder, row, key))
        yield path

"""Copies of the vault, sealed as it is and without its key; and the vault put back from one, less who was erased since.

The vault is what the server cannot give again. The store is made from it.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from kobo_crc import burial, custody, disclosed, landing, ledger, moving
from kobo_crc.attachments import forget_others
from kobo_crc.codes import PERSON_KINDS, is_valid
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.lock import only_run
from kobo_crc.database.metadata import ERASED, LANDED, SOURCE, SUBMISSION_KEY
from kobo_crc.database.migrate import held_revision, upgrade
from kobo_crc.database.rows import insert_rows
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.ledger import Opening
from kobo_crc.model import Origin
from kobo_crc.opening import locked, opened
from kobo_crc.people.trace import traces
from kobo_crc.redaction import WHOLE, plain, texts
from kobo_crc.sealed_files import FOLDER, remove_strays
from kobo_crc.tombstones import keyed_hash

STAMP: Final = "%Y-%m-%d-%H%M%S"
_NAME = re.compile(r"vault-(\d{4}-\d{2}-\d{2}-\d{6})\.db")
_KEY = SUBMISSION_KEY.c
Graves = list[sa.Row[Any]]


@dataclass(frozen=True, slots=True)
class Backup:
    """Where the copy is, and which earlier ones were removed because their time is over."""

    path: Path
    expired: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of the vault that was there (a file, or a schema), and how many erasures were done again.

    `open_ends` counts people's parts of shared submissions that the backup does not know: they come back with the next
    night, and have to be erased again.
    """

    before: Path | str | None
    erased_again: int
    open_ends: int


def back_up(settings: Settings, folder: Path, keep_days: int, now: datetime) -> Backup:
    """Copy the vault into the folder under the time's name, and remove copies older than `keep_days`. `now` is UTC.

    Copies have to expire: what was erased is still in those made before.
    """
    path = folder / f"vault-{now.strftime(STAMP)}.db"
    part = path.with_suffix(".part")
    with opened(settings) as database:
        with database.writing() as connection:
            ledger.note(connection, Opening("backup", "backup", "the vault", 0), now)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        if settings.store_url:
            moving.write_file(database, part)
        else:
            _copy(database, part)
    part.replace(path)
    old = tuple(one for one, at in _copies(folder) if at < now - timedelta(days=keep_days))
    for one in old:
        one.unlink()
    return Backup(path, old)


def _copy(database: Database, part: Path) -> None:
    with database.reading() as connection, closing(sqlite3.connect(part)) as copy:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(copy, name="vault")


def restore(settings: Settings, file: Path, now: datetime) -> Restored:
    """Put the copy in the vault's place. ConfigError, with nothing changed, when it is none or its key is not here.

    Whoever was erased since the copy was made is erased again, as long as the vault that is replaced still tells.
    """
    found = custody.find(settings, _key_id(file))
    graves, told, before = (
        _into_server(settings, file, Keys(found.key), now) if settings.store_url else _into_file(settings, file, now)
    )
    with opened(settings) as database:
        _bury_people(database, settings, graves, now)
        again, open_ends = _bury_again(database, graves, now.isoformat(" ", "seconds"))
        with database.reading() as connection:
            remove_strays(connection, settings.vault.parent / FOLDER)
        database.scrub()
        with database.writing() as connection:
            disclosed.keep(connection, told)
            ledger.note(connection, Opening("restore", "restore", file.name, again), now)
    return Restored(before, again, open_ends)


def _into_file(settings: Settings, file: Path, now: datetime) -> tuple[Graves, list[dict[str, Any]], Path | None]:
    with only_run(settings.store):
        graves, told = _graves(settings), _told(settings)
        before = _move_away(settings.vault, now)
        part = settings.vault.with_name(f".{settings.vault.name}.part")
        part.touch(mode=0o600)
        shutil.copyfile(file, part)
        part.replace(settings.vault)
    return graves, told, before


def _into_server(
    settings: Settings, file: Path, keys: Keys, now: datetime
) -> tuple[Graves, list[dict[str, Any]], str | None]:
    with locked(settings) as database:
        graves, told = _graves(settings), _told(settings)
        before = moving.set_aside(database, now)
        moving.read_file(database, file, keys)
    return graves, told, before


def _copies(folder: Path) -> Iterator[tuple[Path, datetime]]:
    for path in sorted(folder.glob("vault-*.db")):
        if named := _NAME.fullmatch(path.name):
            yield path, datetime.strptime(named[1], STAMP)


def _key_id(file: Path) -> str:
    """The id of the key that the copy is sealed under."""
    if not file.is_file():
        raise ConfigError(f"There is no file {file}. Please check its name and folder.")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            [(state,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
            held = connection.execute("SELECT key_id FROM vault_key WHERE retired_at IS NULL").fetchone()
    except sqlite3.Error:
        state, held = "", None
    if state != "ok" or held is None:
        raise ConfigError(f"{file} is not a sound copy of a vault. Please name a file that `kobo-crc backup` made.")
    return str(held[0])


def _is_there(settings: Settings) -> bool:
    if not settings.store_url:
        return settings.vault.exists()
    with Database.of(settings) as database, database.reading() as connection:
        return held_revision(connection, "vault") is not None


def _graves(settings: Settings) -> Graves:
    """What was erased, by the ids that another vault knows too; nothing when the vault is lost or unreadable."""
    if not _is_there(settings):
        return []
    query = (
        sa.select(SOURCE.c.form, SOURCE.c.project, SOURCE.c.asset_uid, _KEY.root_uuid, _KEY.server_id)
        .add_columns(ERASED.c.path, ERASED.c.card, ERASED.c.erased_at, ERASED.c.purpose)
        .join(SUBMISSION_KEY, _KEY.submission_id == ERASED.c.submission_id)
        .join(SOURCE, SOURCE.c.source_id == _KEY.source_id)
    )
    try:
        with Database.of(settings) as database:
            upgrade(database)  # one of an earlier version tells less than is asked here
            with database.reading() as connection:
                return [*connection.execute(query)]
    except (StoreError, ConfigError):
        return []


def _told(settings: Settings) -> list[dict[str, Any]]:
    """Who was told of whom, which the copy may not know; nothing when the vault is lost, unreadable or older."""
    if not _is_there(settings):
        return []
    try:
        with Database.of(settings) as database, database.reading() as connection:
            return disclosed.everything(connection)
    except StoreError:
        return []


def _move_away(vault: Path, now: datetime) -> Path | None:
    if not vault.exists():
        return None
    aside = vault.with_name(f"{vault.stem}-before-{now.strftime(STAMP)}{vault.suffix}")
    for path in vault.parent.glob(f"{vault.name}-*"):  # logs of a run that was killed
        path.replace(aside.with_name(aside.name + path.name.removeprefix(vault.name)))
    return vault.replace(aside)


def _bury_people(database: Database, settings: Settings, graves: Graves, now: datetime) -> None:
    """Erase what the copy has of whom it does not know to be erased: older versions too, and receivers' replies."""
    for purpose in sorted({grave.purpose for grave in graves}):
        with database.reading() as connection:
            theirs = [grave for grave in graves if grave.purpose == purpose]
            cards = sorted(set(_cards_of(connection, database.keys, theirs)))
            found = traces(connection, database.keys, cards)
        burial.bury(database, settings, found, now, purpose)


def _cards_of(connection: sa.Connection, keys: Keys, graves: Graves) -> Iterator[str]:
    """The numbers behind the hashes of these graves, of those that the copy lacks, where it still holds them."""
    hashed = keyed_hash(connection, keys)
    for grave in graves:
        source = sa.select(SOURCE.c.source_id).where(SOURCE.c.asset_uid == grave.asset_uid).scalar_subquery()
        number = sa.select(_KEY.submission_id).where(_KEY.source_id == source, _KEY.root_uuid == grave.root_uuid)
        same = sa.and_(ERASED.c.submission_id == number.scalar_subquery(), ERASED.c.card == grave.card)
        if connection.execute(sa.select(ERASED.c.submission_id).where(same, ERASED.c.path == grave.path)).first():
            continue
        for text in _said(connection, keys, number):
            if is_valid(card := plain(text)) and card[0] in PERSON_KINDS and hashed(card) == grave.card:
                yield card


def _said(connection: sa.Connection, keys: Keys, number: sa.Select[tuple[int]]) -> Iterator[str]:
    """Every answer of every version of the submission."""
    for row in connection.execute(sa.select(LANDED).where(LANDED.c.submission_id.in_(number))).all():
        key = keys.of(connection, [row.submission_id]).get(row.submission_id)
        yield from texts(landing.answers_of(row.version_id, row.payload, key) or {})


def _bury_again(database: Database, graves: Graves, seen_at: str) -> tuple[int, int]:
    """Erase again what the copy still has; of what it has never seen, keep the tombstone."""
    open_ends = 0
    with database.writing() as connection:
        for grave in graves:
            source_id = landing.source_of(connection, Origin(grave.form, grave.project, grave.asset_uid))
            here = sa.select(_KEY.submission_id).where(_KEY.source_id == source_id, _KEY.root_uuid == grave.root_uuid)
            number = connection.execute(here).scalar()
            if number is None and grave.path != WHOLE:
                open_ends += 1
                continue
            if number is None:
                number = landing.reserve(connection, source_id, grave.root_uuid, grave.server_id)
            same = sa.and_(ERASED.c.submission_id == number, ERASED.c.path == grave.path, ERASED.c.card == grave.card)
            connection.execute(sa.delete(ERASED).where(same))
            again = (number, grave.path, grave.card, str(grave.erased_at), grave.purpose)
            insert_rows(connection, ERASED, [again])
            if grave.path == WHOLE:
                landing.erase(connection, database.keys, [number], seen_at)
            else:
                forget_others(connection, number, landing.reseal(connection, database.keys, number, seen_at))
    erased = {(grave.asset_uid, grave.root_uuid, grave.path) for grave in graves}
    return len(erased) - open_ends, open_ends

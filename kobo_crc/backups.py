"""Copies of the vault, sealed as it is and without its key; and the vault put back from one, less who was erased since.

The vault is what the server cannot give again. The store is made from it.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from kobo_crc import custody, disclosed, ledger, moving
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.lock import only_run
from kobo_crc.database.migrate import held_revision, upgrade
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.graves import Grave, bury_again, graves_in
from kobo_crc.ledger import Opening
from kobo_crc.opening import locked, opened
from kobo_crc.sealed_files import FOLDER, remove_strays

STAMP: Final = "%Y-%m-%d-%H%M%S"
_NAME = re.compile(r"vault-(\d{4}-\d{2}-\d{2}-\d{6})\.db")


class _Known(NamedTuple):
    """What a copy cannot know: who was erased since, and who was told of whom."""

    graves: Sequence[Grave] = ()
    told: Sequence[dict[str, Any]] = ()


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
    keys = Keys(custody.find(settings, _key_id(file)).key)
    restored = (_into_server if settings.store_url else _into_file)(settings, file, keys, now)
    with opened(settings) as database, database.reading() as connection:
        remove_strays(connection, settings.vault.parent / FOLDER)
    return restored


def _into_file(settings: Settings, file: Path, keys: Keys, now: datetime) -> Restored:
    with only_run(settings.store):
        known = _known(settings)
        with moving.upgraded(file, settings.vault.parent, keys) as copy:
            again, open_ends = _bury(copy, known, file, now)
            copy.close()
            before = _keep_aside(settings.vault, now)
            Path(str(copy.vault)).replace(settings.vault)
    return Restored(before, again, open_ends)


def _into_server(settings: Settings, file: Path, keys: Keys, now: datetime) -> Restored:
    with locked(settings) as database:
        moving.take_back(database)
        known = _known(settings)
        with moving.upgraded(file, settings.vault.parent, keys) as copy:
            again, open_ends = _bury(copy, known, file, now)
            before = moving.set_aside(database, now)
            moving.fill(database, copy)
    return Restored(before, again, open_ends)


def _bury(copy: Database, known: _Known, file: Path, now: datetime) -> tuple[int, int]:
    """Do in the copy what the vault knows, while that is still there: cut at any moment, it can be done again."""
    with copy.writing() as connection:
        again, open_ends = bury_again(connection, copy.keys, known.graves, now.isoformat(" ", "seconds"))
        disclosed.keep(connection, known.told)
        ledger.note(connection, Opening("restore", "restore", file.name, again), now)
    copy.scrub()
    return again, open_ends


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


def _known(settings: Settings) -> _Known:
    """What the vault that is there alone may know; nothing when it is lost or unreadable."""
    if not _is_there(settings):
        return _Known()
    try:
        with Database.of(settings) as database:
            upgrade(database)  # one of an earlier version tells less than is asked here
            with database.reading() as connection:
                return _Known(graves_in(connection), disclosed.everything(connection))
    except (StoreError, ConfigError):
        return _Known()


def _keep_aside(vault: Path, now: datetime) -> Path | None:
    """A copy of the vault, which stays in its place until another takes that in one step."""
    if not vault.exists():
        return None
    aside = vault.with_name(f"{vault.stem}-before-{now.strftime(STAMP)}{vault.suffix}")
    aside.touch(mode=0o600)
    shutil.copyfile(vault, aside)
    for path in vault.parent.glob(f"{vault.name}-*"):  # logs of one that cannot be read
        path.replace(aside.with_name(aside.name + path.name.removeprefix(vault.name)))
    return aside

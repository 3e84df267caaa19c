"""Where the vault's master key is kept: made, found, split for recovery, changed. It is never on the command line.

Looked for in the environment variable, the file that KOBO_CRC_VAULT_KEY_FILE names or the secrets folder's, and the
computer's own keyring. The vault says by an id which key it is sealed under.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from kobo_crc.addresses import LOOPBACK
from kobo_crc.config import VAULT_KEY as KEY_NAME
from kobo_crc.config import Settings, kept_in, secrets_of
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys, key_id_of, unlock
from kobo_crc.database.metadata import DATA_KEY, VAULT_KEY
from kobo_crc.database.migrate import upgrade
from kobo_crc.errors import ConfigError
from kobo_crc.sealing import MasterKey

KEYRING_SERVICE = "kobo_crc"
# A new key waits here until the vault is sealed under it.
NEXT = ".next"


@dataclass(frozen=True, slots=True)
class Found:
    """A master key and the place it was found in."""

    key: MasterKey
    place: str


@dataclass(frozen=True, slots=True)
class State:
    """Since when the vault is sealed under its key (UTC), how many submissions it seals, how many keys went before."""

    since: datetime
    submissions: int
    retired: int


def state_of(database: Database) -> State:
    """How the vault stands. It has a key."""
    with database.reading() as connection:
        held = connection.execute(sa.select(VAULT_KEY)).all()
        count = connection.execute(sa.select(sa.func.count()).select_from(DATA_KEY)).scalar_one()
    [since] = [row.made_at for row in held if row.retired_at is None]
    return State(since, count, len(held) - 1)


def open_vault(database: Database, settings: Settings) -> Found:
    """Unlock the vault with its key, wherever that is kept. ConfigError when there is none, or none that fits."""
    _refuse_no_vault(settings)
    key_id = _key_id(database, settings)
    if key_id is None:
        raise ConfigError(
            f"The vault {_named(settings)} has no key yet, and names and phones are not kept bare. Please run: "
            "kobo-crc vault init"
        )
    found = _settled(find(settings, key_id), settings)
    _refuse_demo_key(found, settings)
    with database.reading() as connection:
        database.keys = unlock(connection, found.key)
    return found


def set_up(database: Database, settings: Settings, now: datetime, *, demo: bool = False) -> Found:
    """Give the vault its key, a new one unless one is kept already, and seal what is in it. ConfigError if it has one.

    The key is kept before anything is sealed under it.
    """
    with database.reading() as connection:
        if (key_id := key_id_of(connection)) is not None:
            raise ConfigError(
                f"The vault {_named(settings)} is sealed already, under the key {key_id}. `kobo-crc vault rotate` "
                "gives it another one."
            )
    found = next(_kept(settings), None) or _keep(settings, MasterKey.make(demo=demo))
    _refuse_demo_key(found, settings)
    database.keys = Keys(found.key)
    had_tables = upgrade(database)
    with database.writing() as connection:
        if key_id_of(connection) is None:  # else the upgrade has sealed what an earlier version had landed bare
            database.keys.begin(connection, now)
    if had_tables:
        database.scrub()
    return found


def rotate(database: Database, settings: Settings, now: datetime) -> tuple[Found, int]:
    """Seal the vault under a new key; returns it and how many data keys were wrapped anew.

    Cut at any moment, the next command finds the key that fits: the old file stands until all is wrapped by the new.
    """
    master = MasterKey.make()
    waiting = _write(_waiting(settings), master)
    with database.writing() as connection:
        count = database.keys.rewrap(connection, master, now)
    database.keys = Keys(master)
    database.scrub()
    return _settled(Found(master, str(waiting)), settings), count


def recover(database: Database, settings: Settings, halves: tuple[str, str]) -> Found:
    """Keep the key of its two halves again. ConfigError when they are not of the key that the vault is sealed under."""
    master = MasterKey.join(*halves)
    key_id = _key_id(database, settings)
    if key_id is not None and key_id != master.key_id:
        raise ConfigError(
            f"These halves are of the key {master.key_id}, the vault is sealed under {key_id}. Please look for the "
            "sheets of that key: its id stands on them."
        )
    return _keep(settings, master)


def keep_in_keyring(settings: Settings, master: MasterKey) -> Found:
    """Keep the key in the computer's keyring, under the vault's path. ConfigError when it has none."""
    ring = import_module("keyring")
    try:
        ring.set_password(KEYRING_SERVICE, str(settings.vault), master.text)
    except ring.errors.KeyringError as error:
        raise ConfigError(
            f"This computer's keyring took no key ({type(error).__name__}). Please leave out --keyring: the key then "
            "stays a file of the secrets folder."
        ) from error
    _file(settings).unlink(missing_ok=True)
    return Found(master, "this computer's keyring")


def find(settings: Settings, key_id: str) -> Found:
    """The key of that id, wherever it is kept. ConfigError when it is nowhere."""
    others = []
    for found in _kept(settings):
        if found.key.key_id == key_id:
            return found
        others.append(f"{found.key.key_id} in {found.place}")
    seen = f"Found were: {', '.join(others)}." if others else "No key was found."
    raise ConfigError(
        f"The vault {_named(settings)} is sealed under the key {key_id}. {seen} Please put that key into the "
        f"environment variable {KEY_NAME} or the file {_file(settings)}; if it is lost, run "
        "`kobo-crc vault recover` with the two halves of its recovery sheet."
    )


def _refuse_no_vault(settings: Settings) -> None:
    """ConfigError for a store whose vault's file is gone: to make a new one would leave behind what only it held."""
    if not settings.store_url and settings.store.exists() and not settings.vault.exists():
        raise ConfigError(
            f"There is a store, and no vault {settings.vault}. Please put the vault back where it was, or its last "
            "copy: kobo-crc restore FILE. If there is none, move the store to a safe place, then run: "
            "kobo-crc vault init"
        )


def _key_id(database: Database, settings: Settings) -> str | None:
    """Which key the vault is sealed under; None for none yet. To ask makes no file: an empty one looks like a vault."""
    if not settings.store_url and not settings.vault.exists():
        return None
    with database.reading() as connection:
        return key_id_of(connection)


def _named(settings: Settings) -> Path | str:
    """Where the vault is; there is no password in the address of a server."""
    return settings.store_url or settings.vault


def _kept(settings: Settings) -> Iterator[Found]:
    """Every key that is kept, the one that waits to be the next too."""
    texts = dict(secrets_of(KEY_NAME, settings.secrets))
    own = _file(settings)  # where a new or recovered key is put, whatever file a variable names
    texts |= {str(own): text for text in [kept_in(own)] if text}
    texts |= secrets_of(KEY_NAME + NEXT, settings.secrets)
    for place, text in texts.items():
        try:
            yield Found(MasterKey.read(text.get_secret_value()), place)
        except ConfigError as fault:
            raise ConfigError(f"{place}: {fault}") from None
    if ringed := _in_keyring(settings):
        yield Found(MasterKey.read(ringed), "this computer's keyring")


def _in_keyring(settings: Settings) -> str | None:
    ring = import_module("keyring")  # by name, for its own sake: it takes a while, and a file or variable is the rule
    try:
        text: str | None = ring.get_password(KEYRING_SERVICE, str(settings.vault))
    except ring.errors.KeyringError:
        return None
    return text


def _keep(settings: Settings, master: MasterKey) -> Found:
    _write(_file(settings), master)
    return Found(master, str(_file(settings)))


def _settled(found: Found, settings: Settings) -> Found:
    """The key in its usual file, where it waited to be the next and the vault is sealed under it by now."""
    if found.place != str(_waiting(settings)):
        return found
    _waiting(settings).replace(_file(settings))
    return Found(found.key, str(_file(settings)))


def _write(path: Path, master: MasterKey) -> Path:
    """The key in that file, on the disk: a vault sealed under a key that a power cut took away is lost."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        file.write(master.text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _file(settings: Settings) -> Path:
    return settings.secrets / KEY_NAME.lower()


def _waiting(settings: Settings) -> Path:
    return settings.secrets / (KEY_NAME + NEXT).lower()


def _refuse_demo_key(found: Found, settings: Settings) -> None:
    if found.key.demo and urlsplit(settings.server_url).hostname not in LOOPBACK:
        raise ConfigError(
            f"The key in {found.place} was made by the demo and protects nobody. Please remove it and start with an "
            "empty vault: kobo-crc vault init"
        )

"""The tables of store and vault kept in order: brought up to date on request, and examined. Repairs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from kobo_crc.config import Settings
from kobo_crc.custody import open_vault
from kobo_crc.database.database import Database
from kobo_crc.database.migrate import HOMES, held_revision, pending, revisions, upgrade
from kobo_crc.database.steps import drift
from kobo_crc.opening import locked

OK: Final = "ok"
FAULT: Final = "fault"
_DAMAGED = "Please restore the vault from the last backup, and make the store from it: kobo-crc rebuild nightly"
# Each query gives a row for each thing that is wrong.
_ON_POSTGRESQL = {
    "constraints": "SELECT conname FROM pg_constraint WHERE NOT convalidated "
    "AND connamespace IN ('store'::regnamespace, 'vault'::regnamespace)",
    "indexes": "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid",
    "pages": "SELECT datname FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0",
}
_IN_FILES = {
    "store's pages": "SELECT * FROM pragma_quick_check(10, 'main') WHERE quick_check <> 'ok'",
    "vault's pages": "SELECT * FROM pragma_quick_check(10, 'vault') WHERE quick_check <> 'ok'",
    "references": 'SELECT DISTINCT "table" FROM pragma_foreign_key_check',
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: how it is, of what, and what to do."""

    level: str
    subject: str
    said: str


def bring_up_to_date(settings: Settings) -> list[str]:
    """Run the migrations that store and vault still lack; returns what each did. ConfigError without the key."""
    with locked(settings) as database:
        open_vault(database, settings)
        done = [f"{home} {what}" for home in HOMES for what in pending(database, home)]
        upgrade(database)
    return done


def check(settings: Settings) -> Iterator[Finding]:
    """Revision, tables and integrity of store and vault."""
    Database.expected(settings)
    with locked(settings) as database, database.reading() as connection:
        for home in HOMES:
            yield from of_home(connection, home)
        yield from _integrity(connection)


def of_home(connection: sa.Connection, home: str) -> Iterator[Finding]:
    """How far a home's tables are, and whether they are as this version makes them."""
    held, known = held_revision(connection, home), revisions(home)
    if held is None:
        yield Finding(FAULT, home, "there are no tables yet. Please run: kobo-crc vault init")
    elif held not in known:
        yield Finding(FAULT, home, f"revision {held} is of a newer kobo-crc. Please install that version again.")
    elif held != known[-1]:
        yield Finding(FAULT, home, f"revision {held} of {known[-1]}. Please back up and run: kobo-crc store upgrade")
    else:
        yield Finding(OK, home, f"revision {held}, the newest")
        yield from _tables(connection, home)


def _tables(connection: sa.Connection, home: str) -> Iterator[Finding]:
    lines = drift(connection, home)
    for line in lines:
        said = f"somebody has changed the tables: to be as they should, {line}. {_DAMAGED}"
        yield Finding(FAULT, f"{home}'s tables", said)
    if not lines:
        yield Finding(OK, f"{home}'s tables", "as this version makes them")


def _integrity(connection: sa.Connection) -> Iterator[Finding]:
    queries = _IN_FILES if connection.dialect.name == "sqlite" else _ON_POSTGRESQL
    for subject, query in queries.items():
        wrong = [str(row[0]) for row in connection.exec_driver_sql(query)]
        if wrong:
            yield Finding(FAULT, subject, f"{len(wrong)} are not sound: {', '.join(wrong[:5])}. {_DAMAGED}")
        else:
            yield Finding(OK, subject, "sound")

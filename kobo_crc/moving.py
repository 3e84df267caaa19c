"""The vault's rows moved from one kind of database into another, sealed as they are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import VAULT_SCHEMA
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.person_tables import VAULT

AT_ONCE = 1000


def write_file(database: Database, file: Path) -> None:
    """Write the vault of a server into a new file, such as SQLite keeps one in."""
    with TemporaryDirectory(dir=file.parent) as folder, Database(Path(folder) / "store.db", file) as copy:
        upgrade(copy)
        with database.reading() as source, copy.writing() as target:
            _move(source, target)


def read_file(database: Database, file: Path, keys: Keys) -> None:
    """Fill the vault of a server, which has none, from such a file, whichever earlier version wrote it."""
    with _upgraded(file, keys) as copy:
        upgrade(database)
        with copy.reading() as source, database.writing() as target:
            _move(source, target)
            _go_on_counting(target)


def set_aside(database: Database, now: datetime) -> str | None:
    """Call the vault's schema otherwise, so that there is none; returns its new name, None when there was none."""
    with database.writing() as connection:
        if not sa.inspect(connection).has_schema(VAULT_SCHEMA):
            return None
        name = f"{VAULT_SCHEMA}_before_{now:%Y_%m_%d_%H%M%S}"
        connection.exec_driver_sql(f"ALTER SCHEMA {VAULT_SCHEMA} RENAME TO {name}")
    return name


@contextmanager
def _upgraded(file: Path, keys: Keys) -> Iterator[Database]:
    """A copy of the file, brought up to this version: the file itself is left as it is."""
    with TemporaryDirectory(dir=file.absolute().parent) as folder:
        own = Path(shutil.copyfile(file, Path(folder) / "vault.db"))
        with Database(Path(folder) / "store.db", own) as copy:
            copy.keys = keys
            upgrade(copy)
            yield copy


def _move(source: sa.Connection, target: sa.Connection) -> None:
    for table in VAULT.sorted_tables:
        query = sa.select(table).order_by(*table.primary_key.columns)
        for rows in source.execution_options(yield_per=AT_ONCE).execute(query).mappings().partitions():
            target.execute(sa.insert(table), [dict(row) for row in rows])


def _go_on_counting(connection: sa.Connection) -> None:
    """Let a server that hands out numbers go on after the highest that came along."""
    for table in VAULT.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = sa.func.pg_get_serial_sequence(table.fullname, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(sa.func.max(column), 1))))

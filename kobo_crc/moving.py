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
from kobo_crc.database.keys import Keys, key_id_of
from kobo_crc.database.metadata import VAULT_SCHEMA
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.person_tables import VAULT

AT_ONCE = 1000
_FOLDER = ".restoring"
_ASIDE = f"{VAULT_SCHEMA}_before_"


def write_file(database: Database, file: Path) -> None:
    """Write the vault of a server into a new file, such as SQLite keeps one in."""
    with TemporaryDirectory(dir=file.parent) as folder, Database(Path(folder) / "store.db", file) as copy:
        upgrade(copy)
        with database.reading() as source, copy.writing() as target:
            _move(source, target)


def fill(database: Database, copy: Database) -> None:
    """Fill the vault of a server, which has none, from such a file, opened and of this version."""
    upgrade(database)
    with copy.reading() as source, database.writing() as target:
        _move(source, target)
        _go_on_counting(target)


def set_aside(database: Database, now: datetime) -> str | None:
    """Call the vault's schema otherwise, so that there is none; returns its new name, None when there was none."""
    with database.writing() as connection:
        if not sa.inspect(connection).has_schema(VAULT_SCHEMA):
            return None
        name = f"{_ASIDE}{now:%Y_%m_%d_%H%M%S}"
        connection.exec_driver_sql(f"ALTER SCHEMA {VAULT_SCHEMA} RENAME TO {name}")
    return name


def take_back(database: Database) -> None:
    """Call the newest that was set aside the vault again, where none was filled since: somebody cut that short."""
    with database.writing() as connection:
        aside = [name for name in sa.inspect(connection).get_schema_names() if name.startswith(_ASIDE)]
        if aside and key_id_of(connection) is None:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {VAULT_SCHEMA} CASCADE")
            connection.exec_driver_sql(f"ALTER SCHEMA {max(aside)} RENAME TO {VAULT_SCHEMA}")


@contextmanager
def upgraded(file: Path, beside: Path, keys: Keys) -> Iterator[Database]:
    """A copy of the file in a folder of its own, brought up to this version: the file itself is left as it is."""
    folder = beside / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed: its copy still has who was erased since
    folder.mkdir(mode=0o700, parents=True)
    try:
        own = Path(shutil.copyfile(file, folder / "vault.db"))
        own.chmod(0o600)
        with Database(folder / "store.db", own) as copy:
            copy.keys = keys
            upgrade(copy)
            yield copy
    finally:
        shutil.rmtree(folder)


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

"""Brings the store and the vault to the tables that this version of the program knows, each in one transaction."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from kobo_crc.database import rules, views
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import VAULT_SCHEMA
from kobo_crc.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
# The vault first: a store without its vault would look like one that has lost everything.
HOMES = ("vault", "store")


def upgrade(database: Database) -> bool:
    """Upgrade both homes; True if anything was to do. `StoreError` when a file was made by a newer version."""
    older = behind(database)
    if older:
        with database.writing() as connection:
            views.drop(connection)  # tables below them change; and what is cut before the end is finished next time
    for home in older:
        # By name, because Alembic's import is an eighth of a quiet night's CPU, and most nights have nothing to do.
        import_module("kobo_crc.database.steps").take(database, home, MIGRATIONS)
    _make_views(database)
    return bool(older)


def behind(database: Database) -> list[str]:
    """The homes whose tables are older than this version's. `StoreError` when a newer version made them."""
    return [home for home in HOMES if _is_behind(database, home)]


def revisions(home: str) -> list[str]:
    """The revisions of a home from first to last: each file in `migrations` begins with its own."""
    return [path.name.partition("_")[0] for path in _files(home)]


def pending(database: Database, home: str) -> list[str]:
    """What the migrations that the home still lacks will do, each in the words of its file's name. StoreError."""
    with database.reading() as connection:
        held = held_revision(connection, home)
    named = [path.stem.partition("_") for path in _files(home)]
    return [f"{number}: {words.replace('_', ' ')}" for number, _, words in named if held is None or number > held]


def _files(home: str) -> list[Path]:
    return sorted((MIGRATIONS / home / "versions").glob("[0-9]*.py"))


def _make_views(database: Database) -> None:
    with database.reading() as connection:
        made = views.are_made(connection)
    if not made:
        with database.writing() as connection:
            views.make(connection)
            rules.lay(connection)  # a new table or view is nobody's until it is said who may read it


def _is_behind(database: Database, home: str) -> bool:
    known = revisions(home)
    with database.reading() as connection:
        held = held_revision(connection, home)
    if held is not None and held not in known:
        path = database.vault if home == "vault" else database.store
        raise StoreError(
            f"{path} was made by a newer version of kobo-crc (its revision {held} is unknown here). "
            "Please install that version again; nothing was changed."
        )
    return held != known[-1]


def held_revision(connection: sa.Connection, home: str) -> str | None:
    """The revision that the home is at; None for an empty one."""
    schema = VAULT_SCHEMA if home == "vault" else None
    table = sa.table("alembic_version", sa.column("version_num"), schema=schema)
    if not connection.dialect.has_table(connection, table.name, schema=schema):
        return None
    revision: str | None = connection.execute(sa.select(table.c.version_num)).scalar()
    return revision

"""Brings the store and the vault to the tables that this version of the program knows, each in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kobo_crc.database.database import Database
from kobo_crc.database.metadata import VAULT_SCHEMA
from kobo_crc.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
# The vault first: a store without its vault would look like one that has lost everything.
HOMES = ("vault", "store")


def config_of(home: str) -> Config:
    """Alembic's settings for one home, `store` or `vault`."""
    config = Config()
    # Alembic's settings are interpolated: a `%` in a folder's name must be doubled.
    config.set_main_option("script_location", str(MIGRATIONS / home).replace("%", "%%"))
    return config


def upgrade(database: Database) -> bool:
    """Upgrade both homes; True if anything was to do. `StoreError` when a file was made by a newer version."""
    changed = False
    for home in HOMES:
        script = ScriptDirectory.from_config(config_of(home))
        with database.reading() as connection:
            held = _revision(connection, home)
        if held == script.get_current_head():
            continue
        if held is not None and held not in {revision.revision for revision in script.walk_revisions()}:
            path = database.vault if home == "vault" else database.store
            raise StoreError(
                f"{path} was made by a newer version of kobo-crc (its revision {held} is unknown here). "
                "Please install that version again; nothing was changed."
            )
        _run(database, home)
        changed = True
    return changed


def _revision(connection: sa.Connection, home: str) -> str | None:
    schema = VAULT_SCHEMA if home == "vault" else None
    return MigrationContext.configure(connection, opts={"version_table_schema": schema}).get_current_revision()


def _run(database: Database, home: str) -> None:
    config = config_of(home)
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

"""Alembic at work: one home taken to its newest tables, or held against them. Imported only when there is work."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import produce_migrations
from alembic.config import Config
from alembic.operations.ops import (
    AlterColumnOp,
    CreateTableCommentOp,
    DropTableCommentOp,
    MigrateOperation,
    OpContainer,
)
from alembic.runtime.migration import MigrationContext

from kobo_crc.database.database import Database
from kobo_crc.database.metadata import STORE, VAULT, VAULT_SCHEMA


def take(database: Database, home: str, migrations: Path) -> None:
    """Run every migration that the home, `store` or `vault`, still lacks."""
    config = Config()
    # Alembic's settings are interpolated: a `%` in a folder's name must be doubled.
    config.set_main_option("script_location", str(migrations / home).replace("%", "%%"))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        config.attributes["keys"] = database.keys if database.is_unlocked else None
        command.upgrade(config, "head")


def drift(connection: sa.Connection, home: str) -> list[str]:
    """Where the tables of a home differ from those that this program makes: one line each. Comments do not count."""
    schema = VAULT_SCHEMA if home == "vault" else None
    options = {
        "include_schemas": schema is not None,
        "include_name": lambda name, kind, _parents: kind != "schema" or name == schema,
        "version_table_schema": schema,
        "compare_type": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    found = produce_migrations(context, VAULT if home == "vault" else STORE).upgrade_ops
    return [line for one in (found.ops if found else ()) for line in _lines(one)]


def _lines(operation: MigrateOperation) -> list[str]:
    if isinstance(operation, OpContainer):
        return [line for one in operation.ops for line in _lines(one)]
    if isinstance(operation, CreateTableCommentOp | DropTableCommentOp):
        return []
    if isinstance(operation, AlterColumnOp) and not _alters_values(operation):
        return []
    kind = type(operation).__name__.removesuffix("Op")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
    names = [getattr(operation, name, None) for name in ("table_name", "column_name", "index_name", "constraint_name")]
    column = getattr(operation, "column", None)
    told = ".".join(str(name) for name in [*names, getattr(column, "name", None)] if name)
    return [f"{words} {told}"]


def _alters_values(one: AlterColumnOp) -> bool:
    return one.modify_type is not None or one.modify_nullable is not None or one.modify_server_default is not False

"""Alembic at work: one home taken to its newest tables in one transaction. Imported only when there is work."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from kobo_crc.database.database import Database


def take(database: Database, home: str, migrations: Path) -> None:
    """Run every migration that the home, `store` or `vault`, still lacks."""
    config = Config()
    # Alembic's settings are interpolated: a `%` in a folder's name must be doubled.
    config.set_main_option("script_location", str(migrations / home).replace("%", "%%"))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        config.attributes["keys"] = database.keys if database.is_unlocked else None
        command.upgrade(config, "head")

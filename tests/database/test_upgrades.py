"""Every earlier store and vault, with rows in it, becomes what this version makes: in files and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.migrate import HOMES, MIGRATIONS, held_revision, pending, revisions, upgrade
from kobo_crc.database.server import Server
from kobo_crc.database.steps import drift
from kobo_crc.sealing import MasterKey
from tests.postgres import Postgres

Rows = dict[str, list[dict[str, Any]]]
# One value of each type that a column may have; a number is told apart by its column.
VALUES: dict[type, object] = {
    sa.Boolean: True,
    sa.DateTime: datetime(2026, 11, 23, 10, 0),
    sa.Date: date(2026, 11, 23),
    sa.Time: time(8, 30),
    sa.Float: 1.5,
    sa.Integer: 1,
    sa.LargeBinary: b"bytes",
    sa.String: "text",
}
# What a migration drops or fills on purpose: made again by the next run, or sealed.
MADE_AGAIN = {"answer", "identity", "mark", "alembic_version"}


@pytest.fixture(params=["files", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database whose vault has a key."""
    url = ""
    if request.param == "files":
        home: Database = Database(tmp_path / "store.db", tmp_path / "vault.db")
    else:
        server: Postgres = request.getfixturevalue("postgresql")
        url = server.url(server.new_database())
        home = Database(Server(sa.make_url(url).set(drivername="postgresql+psycopg")))
    with home as opened:
        opened.keys = Keys(MasterKey.make())
        yield opened
    if url:
        server.drop(url)


def taken_to(database: Database, home: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / home))
    with database.writing() as connection:
        config.attributes |= {"connection": connection, "keys": database.keys if database.is_unlocked else None}
        command.upgrade(config, revision)


def reflected(connection: sa.Connection, home: str) -> sa.MetaData:
    """The tables as they stand in the database."""
    found = sa.MetaData(schema="vault" if home == "vault" else None)
    found.reflect(connection)
    return found


def fill(connection: sa.Connection, tables: sa.MetaData) -> None:
    """A row in each table; codes are all called `text`, so that every reference holds."""
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(sa.insert(table).values({column.name: value_of(column) for column in table.columns}))


def value_of(column: sa.Column[Any]) -> object:
    return next(value for kind, value in VALUES.items() if isinstance(column.type, kind))


def rows_of(connection: sa.Connection, tables: sa.MetaData) -> Rows:
    return {
        table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        for table in tables.sorted_tables
        if table.name not in MADE_AGAIN
    }


EARLIER = [(home, revision) for home in HOMES for revision in revisions(home)]


@pytest.mark.parametrize(("home", "revision"), EARLIER)
def test_upgrade__each_earlier_revision_with_rows_in_it__keeps_them(
    database: Database, home: str, revision: str
) -> None:
    taken_to(database, home, revision)
    with database.writing() as connection:
        fill(connection, tables := reflected(connection, home))
        before = rows_of(connection, tables)
    assert len(pending(database, home)) == len(revisions(home)) - int(revision)
    upgrade(database)
    with database.reading() as connection:
        after = rows_of(connection, reflected(connection, home))
        assert held_revision(connection, home) == revisions(home)[-1]
        assert drift(connection, home) == []
    for name, rows in before.items():
        if name in after:
            assert [kept(name, row, after[name][0]) for row in rows] == [True] * len(after[name]), name


def kept(table: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the row's values that still have a column are what they were, but for those that change on purpose."""
    changed: Callable[[str], bool] = {"submission": {"plan"}, "landed": {"payload"}}.get(table, set()).__contains__
    return all(after[name] == value for name, value in before.items() if name in after and not changed(name))


def test_drift__column_added_by_hand__is_told(database: Database) -> None:
    upgrade(database)
    with database.writing() as connection:
        connection.execute(sa.text("ALTER TABLE visit ADD COLUMN name TEXT"))
        connection.execute(sa.text("ALTER TABLE vault.reply ADD COLUMN name TEXT"))
    with database.reading() as connection:
        assert drift(connection, "store") == ["drop column visit.name"]
        assert drift(connection, "vault") == ["drop column reply.name"]


def test_seal__of_what_was_landed_bare__is_written_down_as_now(database: Database) -> None:
    taken_to(database, "vault", "0004")
    with database.writing() as connection:
        fill(connection, reflected(connection, "vault"))
    upgrade(database)
    with database.reading() as connection:
        tables = reflected(connection, "vault").tables
        [landed] = connection.execute(sa.select(tables["vault.landed"])).all()
        [key] = connection.execute(sa.select(tables["vault.vault_key"])).all()
    assert landed.payload != b"bytes" and key.made_at.date() == datetime.now(UTC).date()

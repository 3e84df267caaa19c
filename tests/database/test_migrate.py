"""Migrations make exactly the tables that the program's metadata describes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from kobo_crc.database import rules, views
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import STORE, VAULT
from kobo_crc.database.migrate import HOMES, MIGRATIONS, held_revision, revisions, upgrade
from kobo_crc.database.person_tables import PERSON_CARD
from kobo_crc.database.steps import drift
from kobo_crc.errors import StoreError
from tests.stores import Stores


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """Files without a table."""
    with Database(tmp_path / "store.db", tmp_path / "vault.db") as database:
        yield database


@pytest.fixture
def database(stores: Stores, tmp_path: Path) -> Iterator[Database]:
    """A store and a vault with the tables of this version."""
    with stores.database(tmp_path) as database:
        yield database


def described(database: Database, home: str) -> dict[str, list[str]]:
    """The SQL of every table and index of a home in sorted parts: the order of foreign keys does not count."""
    with database.reading() as connection:
        query = sa.text(f"SELECT name, sql FROM {home}.sqlite_master WHERE sql IS NOT NULL AND type <> 'view'")
        return {
            name: sorted(re.findall(r"[^(),]*[^(),\s]", " ".join(sql.split()).replace("vault.", "")))
            for name, sql in connection.execute(query)
            if name != "alembic_version"
        }


def test_metadata__knows_the_tables_of_who_is_who() -> None:
    assert PERSON_CARD.metadata is VAULT


def test_upgrade__empty_files__gives_the_tables_of_the_metadata(empty: Database, tmp_path: Path) -> None:
    assert upgrade(empty)
    with Database(tmp_path / "model.db", tmp_path / "model_vault.db") as model:
        with model.writing() as connection:
            VAULT.create_all(connection)
        with model.writing() as connection:
            STORE.create_all(connection)
        for home in ("main", "vault"):
            assert described(empty, home) == described(model, home)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_vault__new_file__is_for_its_own_account_alone(empty: Database) -> None:
    upgrade(empty)
    assert isinstance(empty.vault, Path)
    assert empty.vault.stat().st_mode & 0o077 == 0


def test_upgrade__again__does_nothing(database: Database) -> None:
    assert not upgrade(database)


@pytest.mark.parametrize("home", HOMES)
def test_upgrade__home_of_a_newer_version__is_refused_and_unchanged(database: Database, home: str) -> None:
    schema = "vault." if home == "vault" else ""
    with database.writing() as connection:
        connection.execute(sa.text(f"UPDATE {schema}alembic_version SET version_num = '9999'"))
    place = re.escape(str(getattr(database, home)))
    with pytest.raises(StoreError, match=f"{place} was made by a newer version"):
        upgrade(database)
    with database.reading() as connection:
        assert held_revision(connection, home) == "9999" and drift(connection, home) == []


@pytest.mark.parametrize("home", HOMES)
def test_revisions__names_of_files__are_alembics_own_in_order(home: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / home))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions(home) == walked[::-1]


def test_upgrade__views_of_another_version__are_made_anew(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("DROP VIEW out_visits_en")
        connection.exec_driver_sql("CREATE VIEW out_old_en AS SELECT 1")
        connection.exec_driver_sql("UPDATE mark SET value = 0 WHERE name = 'views'")
    upgrade(database)
    with database.reading() as connection:
        names = set(sa.inspect(connection).get_view_names())
    assert "out_visits_en" in names
    assert "out_old_en" not in names


def test_upgrade__cut_after_the_views_went__makes_them(database: Database) -> None:
    with database.writing() as connection:
        views.drop(connection)
    upgrade(database)
    with database.reading() as connection:
        assert views.are_made(connection)
        assert "out_visits_en" in sa.inspect(connection).get_view_names()


def test_upgrade__cut_before_the_rules_were_laid__lays_them_next_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as connection:
        views.drop(connection)  # as an upgrade begins
    laid: list[sa.Connection] = []

    def cut(_connection: sa.Connection) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rules, "lay", cut)
        with pytest.raises(KeyboardInterrupt):
            upgrade(database)
    monkeypatch.setattr(rules, "lay", laid.append)
    upgrade(database)
    upgrade(database)
    assert len(laid) == 1

"""A store on PostgreSQL: one run at a time on whichever machine, and faults that show no password and no value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.addresses import is_local
from kobo_crc.config import Settings, checked
from kobo_crc.database import server as server_module
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import MARK
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.rows import among, among_texts, insert_rows
from kobo_crc.database.server import address
from kobo_crc.errors import ConfigError, StoreError
from tests.postgres import Postgres

PASSWORD = "rosa-likes-tea"


@pytest.fixture
def url(postgresql: Postgres) -> Iterator[str]:
    """A database of its own."""
    made = postgresql.url(postgresql.new_database())
    yield made
    postgresql.drop(made)


def settings_with(url: str, folder: Path) -> Settings:
    return checked(Settings, {"server_url": "https://kf.example.org", "store_url": url}, folder / "x", folder=folder)


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return settings_with(url, tmp_path)


def test_run__while_another_holds_the_database__is_told_who(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LOCK_WAIT", "50ms")
    with Database.of(settings) as first, first.alone(), Database.of(settings) as second:
        taken = r"Another run .*kobo-crc, process \d+ on .*logged in as postgres"
        with pytest.raises(StoreError, match=taken), second.alone():
            pass
    with Database.of(settings) as third, third.alone():
        pass


def test_run__whose_hold_on_the_database_was_cut__commits_nothing(settings: Settings, postgresql: Postgres) -> None:
    with Database.of(settings) as database:
        upgrade(database)
        with pytest.raises(StoreError, match=r"ended the session|cut off|does not answer"), database.alone():
            with postgresql.connect(str(sa.make_url(settings.store_url).database)) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            with database.writing() as connection:
                insert_rows(connection, MARK, [("facts", 7)])
        with database.reading() as connection:
            assert connection.execute(sa.select(MARK).where(MARK.c.name == "facts")).all() == []


def test_fault__of_a_row_that_does_not_fit__shows_no_value(settings: Settings) -> None:
    with Database.of(settings) as database:
        upgrade(database)
        for row in (("facts", "rosa"), ("rosa", None)):
            with pytest.raises(StoreError, match="refused an operation") as caught, database.writing() as connection:
                insert_rows(connection, MARK, [row])
            assert "rosa" not in str(caught.value) and "Please" in str(caught.value)


def test_fault__no_such_database__says_how_to_make_it(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"store_url": settings.store_url.replace("/crc_", "/none_")})
    with Database.of(elsewhere) as database, pytest.raises(StoreError, match=r"is not there|does not answer") as caught:
        upgrade(database)
    assert "none_" in str(caught.value)


def test_server__older_than_can_keep_logins_apart__is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "OLDEST_VERSION", 99)
    told = "on this computer is PostgreSQL [0-9]+, which .* Please use 99 or a newer one"
    with pytest.raises(StoreError, match=told), Database.of(settings) as database, database.reading():
        pass


def test_onlooker__may_not_write_and_is_told_of_an_empty_database(settings: Settings) -> None:
    with Database.onlooking(settings) as onlooker:
        with pytest.raises(StoreError, match="kobo-crc store upgrade"), onlooker.reading() as connection:
            connection.execute(sa.select(MARK))
        with pytest.raises(StoreError, match="may only be read"), onlooker.writing() as connection:
            connection.execute(sa.text("CREATE SCHEMA x"))


def test_upgrade__in_a_database_that_cannot_hold_arabic__is_refused(postgresql: Postgres, tmp_path: Path) -> None:
    with postgresql.connect() as session:
        session.execute("CREATE DATABASE western TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    url = postgresql.url("western")
    with (
        Database.of(settings_with(url, tmp_path)) as database,
        pytest.raises(StoreError, match="as UTF-8 in the order"),
    ):
        upgrade(database)
    postgresql.drop(url)


def test_among__numbers_texts_and_none__are_found(settings: Settings) -> None:
    with Database.of(settings) as database:
        upgrade(database)
        with database.writing() as connection:
            insert_rows(connection, MARK, [("a", 1), ("b'\\", 2), ("c", 2**40)])
        with database.reading() as connection:

            def names(where: sa.ColumnElement[bool]) -> list[str]:
                return list(connection.execute(sa.select(MARK.c.name).where(where).order_by(MARK.c.name)).scalars())

            assert names(MARK.c.value.in_(among([1, 2**40]))) == ["a", "c"]
            assert names(MARK.c.name.in_(among_texts(["b'\\", "x"]))) == ["b'\\"]
            assert names(MARK.c.value.in_(among([]))) == names(MARK.c.name.in_(among_texts([]))) == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://night:{PASSWORD}@localhost/crc",
        f"postgresql://night@localhost/crc?password={PASSWORD}",
        f"postgresql://night:{PASSWORD}@[/crc",
        f"postgresql://night:{PASSWORD}@localhost:port/crc",
        f"mysql://night:{PASSWORD}@localhost/crc",
    ],
)
def test_store_url__with_a_password_or_of_another_kind__is_refused_without_showing_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="store_url") as caught:
        settings_with(url, tmp_path)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_store_url__elsewhere_and_not_encrypted__is_refused(mode: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="sslmode"):
        settings_with(f"postgresql://night@db.example.org/crc?sslmode={mode}", tmp_path)


def test_address__elsewhere__is_encrypted_and_takes_the_password_from_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_with("postgres://night@db.example.org/crc", tmp_path)
    assert address(settings).query["sslmode"] == "require" and address(settings).password is None
    monkeypatch.setenv("KOBO_CRC_STORE_PASSWORD", PASSWORD)
    assert address(settings).password == PASSWORD
    assert PASSWORD not in repr(address(settings)) + repr(settings)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("postgresql:///crc", True),
        ("postgresql://night@127.0.0.1:5433/crc", True),
        ("postgresql:///crc?host=/run/postgresql", True),
        ("postgresql://night@10.0.0.7/crc", False),
        ("postgresql:///crc?host=db.example.org", False),
        ("postgresql:///crc?host=/run/postgresql&hostaddr=10.0.0.7", False),
    ],
)
def test_is_local__by_host__tells(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_package__no_room_but_the_databases__opens_files_by_itself() -> None:
    """Else a command would look for a file where the store is on a server: `Database.of` and `onlooking` ask."""
    package = Path(server_module.__file__).parents[1]
    modules = [path for path in package.rglob("*.py") if path.parent.name != "database"]
    assert len(modules) > 100
    assert [path for path in modules if re.search(r"\bDatabase\(\w*settings", path.read_text(encoding="utf-8"))] == []

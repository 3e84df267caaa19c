"""The store's tables as DataFrames: read only, typed, and never the vault's."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from kobo_crc.database.database import Database
from kobo_crc.database.metadata import RUN, STORE, VAULT
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.rows import insert_rows
from kobo_crc.database.server import Server
from kobo_crc.errors import StoreError
from kobo_crc.outputs.tables import address, read
from tests.outputs.conftest import Store
from tests.postgres import Postgres, address_of

AT = datetime(2026, 11, 23, 8, 30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "مخزن 1#.db"
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    STORE.create_all(engine)
    with engine.begin() as connection:
        store = Store(connection)
        store.row("visit", store.submission(), centre_code="baiji", started_at=AT, visited_on=date(2026, 11, 22))
        store.row("visit", store.submission())
    engine.dispose()
    return path


def test_read__table__typed_rows(path: Path) -> None:
    frame = read("visit", path)
    assert list(frame["submission_id"]) == [1, 2]
    assert (frame["started_at"][0], frame["visited_on"][0]) == (pd.Timestamp(AT), pd.Timestamp("2026-11-22"))
    assert frame["centre_code"][0] == "baiji" and pd.isna(frame["visited_on"][1])


def test_read__url__same_table(path: Path) -> None:
    url = sa.URL.create("sqlite", database=str(path)).render_as_string()
    pd.testing.assert_frame_equal(read("visit", url), read("visit", path))


def test_address__file__is_opened_to_read_only(path: Path) -> None:
    engine = sa.create_engine(address(path))
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM visit")
    engine.dispose()


@pytest.mark.parametrize("name", ["identity", "answer", "landed", "nothing", *VAULT.tables])
def test_read__table_of_the_vault_or_none__is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match=r"Please choose one of: .*visit"):
        read(name, tmp_path / "store.db")


def test_read__no_store__is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store at .*Please give the path of store\.db"):
        read("visit", tmp_path / "store.db")


def test_read__not_a_store__is_said(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be read"):
        read("visit", tmp_path / "store.db")


def test_read__store_on_a_server__is_read_by_its_address_and_not_written(postgresql: Postgres) -> None:
    url = postgresql.url(postgresql.new_database())
    with Database(Server(address_of(url))) as database:
        upgrade(database)
        with database.writing() as connection:
            insert_rows(connection, RUN, [(1, "nightly", str(AT), None, "ok", "", *[0] * 7)])
    frame = read("run", url)
    assert list(frame["pipeline"]) == ["nightly"] and frame["started_at"][0] == pd.Timestamp(AT)
    with pytest.raises(StoreError, match="cannot be read from postgresql"):
        read("run", url.replace("/crc_", "/none_"))
    postgresql.drop(url)

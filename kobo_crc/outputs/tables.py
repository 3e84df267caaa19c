"""Tables of the store as pandas DataFrames, for notebooks. Nothing imports this module: pandas takes its time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]
import sqlalchemy as sa

from kobo_crc.addresses import POSTGRESQL
from kobo_crc.database import onlooker
from kobo_crc.database.metadata import STORE
from kobo_crc.database.server import Server
from kobo_crc.errors import StoreError


def read(table: str, store: Path | str = Path("store.db")) -> pd.DataFrame:
    """The whole table, one row per row, days and times as pandas times (UTC, without zone).

    `store` is the store's file or an SQLAlchemy URL; libpq finds the password of a PostgreSQL login. Opened to read
    only, and never the vault: no names come out.
    StoreError when there is no such store or table, or a run wrote into it meanwhile.
    """
    if table not in STORE.tables:
        raise StoreError(f"The store has no table {table}. Please choose one of: {', '.join(sorted(STORE.tables))}.")
    source = STORE.tables[table]
    times = [column.name for column in source.c if isinstance(column.type, sa.Date | sa.DateTime)]
    at = address(store)
    on_server = at.get_backend_name() == "postgresql"
    engine = Server(at, read_only=True).engine if on_server else sa.create_engine(at)
    try:
        with onlooker.unwritten(Path(store), at), engine.connect() as connection:
            return pd.read_sql(sa.select(source), connection, parse_dates=times)
    except (sa.exc.DBAPIError, pd.errors.DatabaseError) as error:
        raise StoreError(
            f"The table {table} cannot be read from {_name(store)}: it is not a store, older than this program, or in "
            "use. Please run `kobo-crc run nightly` and try again."
        ) from error
    finally:
        engine.dispose()


def address(store: Path | str) -> sa.URL:
    """Where SQLAlchemy finds the store: a file is opened to read only. StoreError when there is none."""
    if isinstance(store, str) and "://" in store:
        url = sa.make_url(store)
        return url.set(drivername="postgresql+psycopg") if url.get_backend_name() in POSTGRESQL else url
    path = Path(store)
    if not path.is_file():
        raise StoreError(f"There is no store at {path}. Please give the path of store.db.")
    return onlooker.address(path)


def _name(store: Path | str) -> str:
    return str(store) if isinstance(store, Path) or "://" not in store else sa.make_url(store).render_as_string()

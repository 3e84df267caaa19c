"""The same rows into files and into PostgreSQL, first and again: how long the store's part of a load takes in each."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))

from kobo_crc import store
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import CODES
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.server import Server
from kobo_crc.model import Landed, Origin
from kobo_crc.normalise import Rows
from kobo_crc.schema.facts import FACTS
from tests.postgres import running

SUBMISSIONS, AT_ONCE = 20_000, 1_000
TABLES = {table.name: table for table in FACTS}
CODE = "x"


def rows_of(table: str, number: int, path: str, **values: Any) -> tuple[Any, ...]:
    """A row whose every code is the one there is, so that each foreign key is looked up."""
    columns = TABLES[table].columns
    return (number, path, "", *(CODE if one.type == "code" else values.get(one.name) for one in columns))


def batch(first: int) -> tuple[list[Landed], Rows]:
    numbers = range(first, first + AT_ONCE)
    landed = [Landed(n, n, Origin("intake", "main", "a"), n, f"uuid:{n}", "2026-11-27 10:00:00", None) for n in numbers]
    rows = Rows()
    rows.tables["visit"] = [rows_of("visit", n, "", visited_on="2026-11-27", person_code=f"1{n:011}") for n in numbers]
    rows.tables["referral"] = [rows_of("referral", n, "referral[1]", reference_code=f"2{n:011}") for n in numbers]
    rows.tables["need"] = [rows_of("need", n, f"need/{one}") for n in numbers for one in range(3)]
    return landed, rows


def load(database: Database) -> float:
    batches = [batch(first) for first in range(1, SUBMISSIONS, AT_ONCE)]
    begun = time.perf_counter()
    for landed, rows in batches:
        with database.writing() as connection:
            store.replace(connection, landed, rows, "plan")
    return time.perf_counter() - begun


def measure(database: Database) -> tuple[float, float]:
    upgrade(database)
    with database.writing() as connection:
        for table in CODES.values():
            labels = dict.fromkeys(("label_ar", "label_ckb", "label_en"), "")
            connection.execute(sa.insert(table).values(code=CODE, **labels))
    return load(database), load(database)


def measured(name: str, make: Callable[[], Database]) -> tuple[float, float]:
    with make() as database:
        first, again = measure(database)
    print(f"{name:<34} first {first:5.2f} s   again {again:5.2f} s", flush=True)
    return first, again


def main() -> None:
    print(f"{date.today()}: {SUBMISSIONS} submissions of 6 rows, {AT_ONCE} in a transaction")
    with TemporaryDirectory() as folder, running() as server:
        files = measured("two files", lambda: Database(Path(folder) / "store.db", Path(folder) / "vault.db"))
        for name, copies in (("PostgreSQL 18, COPY", True), ("PostgreSQL 18, INSERT", False)):
            url = sa.make_url(server.url(server.new_database())).set(drivername="postgresql+psycopg")
            home = Server(url)
            if not copies:
                sa.event.listen(home.engine, "connect", lambda _driver, record: record.info.update(copies=False))
            there = measured(name, lambda home=home: Database(home))
            print(f"{'':<34} {there[0] / files[0]:11.2f} x {there[1] / files[1]:15.2f} x of files")


if __name__ == "__main__":
    main()

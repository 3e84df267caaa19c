"""The store and the vault as the schemas `store` and `vault` of a PostgreSQL database, and what tells two runs apart.

Nothing that a driver says of a row reaches a fault's text: PostgreSQL quotes values in its errors.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from kobo_crc.addresses import STORE_PASSWORD, is_local
from kobo_crc.config import Settings, secrets_of
from kobo_crc.database.metadata import MARK, RUN, STORE, STORE_SCHEMA
from kobo_crc.database.person_tables import VAULT
from kobo_crc.database.roles import OFFICER, centres_of
from kobo_crc.errors import ConfigError, StoreError

TESTED_VERSION, OLDEST_VERSION = 18, 16
# Every table with a row about a person or a submission: what has to go for good when a person is erased.
_OF_PEOPLE = (
    *(table for table in STORE.tables.values() if not table.name.startswith("code_") and table not in (RUN, MARK)),
    *VAULT.tables.values(),
)
# What our own triggers raise; their texts name no value.
RAISED = "P0001"
# The one who holds this number in the database is the run: "kobo_crc" in ASCII.
LOCK_NUMBER = 0x6B6F626F5F637263
# What a killed run held is let go of in a moment, so that a run that waits longer waits for a living one.
LOCK_WAIT = "5s"
CONNECT_TIMEOUT_S = 10
# A run whose machine vanished holds the lock no longer than this.
KEEPALIVE = {"tcp_keepalives_idle": "60", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "6"}
_HOLDER = sa.text(
    "SELECT a.pid, a.usename, a.application_name, a.client_addr FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database "
    "WHERE datname = current_database()) AND (l.classid::bigint << 32 | l.objid::bigint) = :number"
)
# A superuser is in every role, and held by none.
_OFFICERS_CENTRES = (
    f"SELECT ({centres_of('current_user')}) FROM pg_roles me, pg_roles officer WHERE me.rolname = current_user "
    f"AND NOT me.rolsuper AND officer.rolname = '{OFFICER}' AND pg_has_role(officer.oid, 'USAGE')"
)


class Server:
    """One database of a PostgreSQL server.

    A login that may acts as the role that owns the store, so that whatever it makes belongs to that role; one that
    `manages` keeps its own rights.
    """

    def __init__(self, url: sa.URL, *, read_only: bool = False, manages: bool = False) -> None:
        self._read_only, self._manages = read_only, manages
        self.place = f"the database {url.database} on {_host(url) or 'this computer'}"
        self.store, self.vault = f"(schema {STORE_SCHEMA} of {self.place})", f"(schema vault of {self.place})"
        self._guard: sa.Connection | None = None
        self.engine = _engine(url)
        sa.event.listen(self.engine, "connect", self._prepare)

    @classmethod
    def of(cls, settings: Settings, *, read_only: bool = False) -> Server:
        """The server of the settings' `store_url`, its password from the secrets. ConfigError without psycopg."""
        return cls(address(settings), read_only=read_only)

    def _prepare(self, driver: Any, record: Any) -> None:
        if driver.info.server_version < OLDEST_VERSION * 10_000:
            raise StoreError(
                f"The server of {self.place} is PostgreSQL {driver.info.server_version // 10_000}, which cannot keep "
                f"logins apart as the store needs it. Please use {OLDEST_VERSION} or a newer one."
            )
        driver.autocommit = True
        with driver.cursor() as cursor:
            cursor.execute(f"SET search_path TO {STORE_SCHEMA}")
            cursor.execute("SET DateStyle TO ISO")
            for name, value in KEEPALIVE.items():
                cursor.execute(f"SET {name} TO {value}")
            if not self._manages and (owner := _owner(cursor)):
                cursor.execute(f"SET ROLE {owner}")
            if self._read_only:
                cursor.execute("SET default_transaction_read_only TO on")
            record.info["copies"] = _may_copy(cursor)
            record.info["centres"] = _centres(cursor)
        driver.autocommit = False

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment of both schemas."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction; it commits only while the run still holds the database."""
        with self.engine.connect() as connection:
            connection.begin()
            yield connection
            if self._guard is not None:
                self._guard.exec_driver_sql("SELECT 1")
            connection.commit()

    def centres(self) -> tuple[str, ...] | None:
        """The centres whose rows alone this login sees, as an officer's; None for any other login."""
        with self.engine.connect() as connection:
            held: tuple[str, ...] | None = connection.info["centres"]
        return held

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the database's lock for the block, on a connection of its own: it ends with the run, however that ends.

        StoreError that says who holds it already.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            connection.exec_driver_sql(f"SET lock_timeout TO '{LOCK_WAIT}'")
            try:
                connection.execute(sa.text("SELECT pg_advisory_lock(:number)"), {"number": LOCK_NUMBER})
            except sa.exc.OperationalError as error:
                if _state(error.orig) != "55P03":
                    raise
                raise StoreError(self._taken(connection)) from error
            self._guard = connection
            try:
                yield
            finally:
                self._guard = None

    def _taken(self, connection: sa.Connection) -> str:
        held = connection.execute(_HOLDER, {"number": LOCK_NUMBER}).first()
        who = "" if held is None else f": {held.application_name or 'a program'}, logged in as {held.usename}"
        number = "" if held is None else f" (process {held.pid} of the server)"
        return (
            f"Another run is working on {self.place}{who}{number}. Please wait until it ends, or stop it there, and "
            "run again; nothing was changed."
        )

    def scrub(self) -> None:
        """Write the tables of people anew, without the rows that were deleted from them."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET lock_timeout TO '60s'")
            names = [f"{table.schema or STORE_SCHEMA}.{table.name}" for table in _OF_PEOPLE]
            filled = sa.text("SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE pg_relation_size(name) > 0")
            tables = ", ".join(connection.execute(filled, {"names": names}).scalars())
            if tables:
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {tables}")
            connection.exec_driver_sql("RESET lock_timeout")

    def sentence(self, error: BaseException) -> str:
        """What is wrong and what to do about it, for an error of the driver; never a value of a row."""
        state = _state(error)
        said = _SENTENCES.get(state) or _SENTENCES.get(state[:2])
        if said is None:
            told = ", ".join(filter(None, (type(error).__name__, state, *_where(error))))
            said = f"refused an operation ({told}). Please report this with the text above."
        elif state == "":
            said = said.format(" ".join(str(error).split()))
        elif state == RAISED:
            said = said.format(_told(error).message_primary)
        return f"{self.place[0].upper()}{self.place[1:]} {said}"


_SENTENCES = {
    "": "does not answer ({}). Please check `store_url`, the network, and that the server runs; nothing was lost.",
    RAISED: "refuses it: {}.",
    "08": "was cut off. Please check the network and run again; nothing was lost.",
    "28": "refuses the login. Please check the user in `store_url`, and the password in "
    f"{STORE_PASSWORD} or PGPASSFILE.",
    "3D": "is not there. Please make it: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
    "3F": "has no tables yet. Please run: kobo-crc store upgrade",
    "42P01": "lacks a table. Please run: kobo-crc store upgrade",
    "42703": "lacks a column. Please run: kobo-crc store upgrade",
    "42501": "does not let this login do that. Please use another login, or ask whoever runs `kobo-crc store grant`.",
    "25006": "may only be read here. Please report this.",
    "53": "has run out of disk, memory or connections. Please look at the server and run again; nothing was lost.",
    "55P03": "is in use by another session. Please close it there and run again; nothing was lost.",
    "57": "ended the session. Please look at the server and run again; nothing was lost.",
}


def address(settings: Settings) -> sa.URL:
    """Where SQLAlchemy finds the database, with its password if one of ours is kept; libpq knows PGPASSFILE itself."""
    url = sa.make_url(settings.store_url).set(drivername="postgresql+psycopg")
    if "sslmode" not in url.query and not is_local(settings.store_url):
        url = url.update_query_dict({"sslmode": "require"})  # libpq's own default falls back to plain text
    for _, password in secrets_of(STORE_PASSWORD, settings.secrets):
        return url.set(password=password.get_secret_value())
    return url


def _engine(url: sa.URL) -> sa.Engine:
    me = f"kobo-crc, process {os.getpid()} on {socket.gethostname()}"[:63]
    given = {"application_name": me, "connect_timeout": CONNECT_TIMEOUT_S}
    try:
        chosen = {key: value for key, value in given.items() if key not in url.query}
        return sa.create_engine(url, pool_size=1, hide_parameters=True, connect_args=chosen)
    except ModuleNotFoundError as error:
        raise ConfigError(
            "`store_url` names a PostgreSQL server, and psycopg is not installed. Please run: "
            "pip install 'kobo_crc[postgresql]'"
        ) from error


def _owner(cursor: Any) -> str | None:
    """The role that owns the store, as SQL writes it, where this login may act as it."""
    cursor.execute(
        "SELECT quote_ident(rolname) FROM pg_namespace JOIN pg_roles r ON r.oid = nspowner "
        "WHERE nspname = %s AND pg_has_role(current_user, nspowner, 'SET')",
        (STORE_SCHEMA,),
    )
    found = cursor.fetchone()
    return None if found is None else str(found[0])


def _may_copy(cursor: Any) -> bool:
    """Whether this session may load by COPY, which PostgreSQL refuses to all whom row-level security holds."""
    cursor.execute(
        "SELECT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user) OR NOT EXISTS (SELECT "
        "FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND relforcerowsecurity)",
        (STORE_SCHEMA,),
    )
    return bool(cursor.fetchone()[0])


def _centres(cursor: Any) -> tuple[str, ...] | None:
    cursor.execute(_OFFICERS_CENTRES)
    found = cursor.fetchone()
    return None if found is None else tuple(sorted(found[0]))


def _state(error: BaseException | None) -> str:
    return str(getattr(error, "sqlstate", None) or "")


def _where(error: BaseException) -> tuple[str | None, ...]:
    told = _told(error)
    return () if told is None else (told.table_name, told.column_name, told.constraint_name)


def _told(error: BaseException) -> Any:
    """The parts of the server's message; None when it never came to one."""
    return getattr(error, "diag", None)


def _host(url: sa.URL) -> str:
    host = url.host or url.query.get("host", "")
    text = host if isinstance(host, str) else ",".join(host)
    return "" if text.startswith("/") else text

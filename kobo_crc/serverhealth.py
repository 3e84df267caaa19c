"""A PostgreSQL server examined for the doctor: version, encryption, clock, the login's rights. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from kobo_crc.addresses import is_local
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.keys import key_id_of
from kobo_crc.database.migrate import HOMES
from kobo_crc.database.server import TESTED_VERSION, Server
from kobo_crc.upkeep import FAULT, OK, Finding, of_home

WARNING: Final = "warning"
CLOCK_OFF = timedelta(minutes=5)
_SAID = sa.text(
    "SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now, "
    "(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted, "
    "(SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS superuser"
)


def server_findings(settings: Settings) -> Iterator[Finding]:
    """How the server of `store_url` is, and the tables on it. StoreError when it cannot be reached."""
    with Database.of(settings) as database, database.reading() as connection:
        said = connection.execute(_SAID).one()
        yield _version(said.version)
        yield _encryption(settings.store_url, encrypted=bool(said.encrypted))
        yield _clock(said.now)
        if said.superuser:
            advice = "it may do anything on the server. Please make another: kobo-crc store grant NAME --as pipeline"
            yield Finding(WARNING, "store's login", advice)
        for home in HOMES:
            yield from of_home(connection, home)


def key_id_on(settings: Settings) -> str | None:
    """The id of the key that the vault on the server is sealed under; None before it has one."""
    with Database(Server.of(settings)) as database, database.reading() as connection:
        return key_id_of(connection)


def _version(version: int) -> Finding:
    if version != TESTED_VERSION:
        said = f"PostgreSQL {version}: kobo-crc is tested with {TESTED_VERSION} alone, others may do"
        return Finding(WARNING, "store's server", said)
    return Finding(OK, "store's server", f"PostgreSQL {version}")


def _encryption(url: str, *, encrypted: bool) -> Finding:
    if is_local(url):
        return Finding(OK, "store's line", "it does not leave this computer")
    if not encrypted:
        return Finding(FAULT, "store's line", "it is not encrypted. Please have the server offer TLS.")
    if "sslmode=verify-full" not in url:
        said = "it is encrypted, but nobody checks who answers. Please put sslmode=verify-full into `store_url`."
        return Finding(WARNING, "store's line", said)
    return Finding(OK, "store's line", "it is encrypted, and the server's name is checked")


def _clock(there: datetime) -> Finding:
    off = abs(datetime.now(UTC) - there)
    if off > CLOCK_OFF:
        said = f"this computer and the database server differ by {off.total_seconds() / 60:.0f} minutes"
        return Finding(WARNING, "store's clock", f"{said}. Please set the one that is wrong.")
    return Finding(OK, "store's clock", f"this computer and the database server differ by {off.total_seconds():.0f} s")

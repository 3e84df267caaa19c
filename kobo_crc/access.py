"""Logins of a PostgreSQL store: which roles there are, and who is in which. Knows no password, and makes none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import sqlalchemy as sa

from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.roles import ANALYST, OF_CENTRE, OFFICER, PIPELINE
from kobo_crc.database.rules import lay
from kobo_crc.database.server import Server, address
from kobo_crc.errors import ConfigError
from kobo_crc.xlsform.lists import read_codes

Role = Literal["pipeline", "officer", "analyst"]
ROLES: dict[Role, str] = {"pipeline": PIPELINE, "officer": OFFICER, "analyst": ANALYST}
NOT_LISTED = "other"
_MAY_BYPASS = sa.text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_IS_THERE = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name")
_OWNED = sa.text(
    "SELECT format('ALTER %s %I.%I OWNER TO ', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, nspname, relname) "
    "FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
    "WHERE nspname IN ('store', 'vault') AND relkind IN ('r', 'v') ORDER BY relkind, relname"
)
_HELD = sa.text(
    "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles l ON l.oid = m.member "
    "WHERE l.rolname = :login AND starts_with(g.rolname, 'crc_') ORDER BY g.rolname"
)


def set_up(settings: Settings, admin: str = "") -> list[str]:
    """Make the roles, hand the tables to the pipeline's, and lay the rules; returns the centres' codes.

    `admin` is a login that may make roles, in place of the settings' own; libpq finds its password. StoreError when it
    may not, or when there are no tables yet.
    """
    centres = _centres(settings)
    with _managed(settings, admin) as database, database.writing() as connection:
        # It sees all rows by a policy anyway; without this it could not load by COPY.
        _make(connection, PIPELINE, "NOLOGIN BYPASSRLS" if connection.execute(_MAY_BYPASS).scalar() else "NOLOGIN")
        for role in (OFFICER, ANALYST, *(OF_CENTRE + code for code in centres)):
            _make(connection, role)
        _hand_over(connection)
        connection.exec_driver_sql(f"SET LOCAL ROLE {PIPELINE}")
        lay(connection)
    return centres


def admit(settings: Settings, login: str, role: Role, centres: Sequence[str], admin: str = "") -> list[str]:
    """Give the login that role and, as an officer, exactly those centres; returns the roles that it has then.

    A login that is not there yet is made, without a password. ConfigError for a centre that is none.
    """
    known = _centres(settings)
    wrong = sorted(set(centres) - set(known))
    if wrong or (role == "officer") != bool(centres):
        raise ConfigError(
            "An officer needs one or more centres, and nobody else any. Please give --centre with one of: "
            f"{', '.join(known)}."
        )
    wanted = {ROLES[role], *(OF_CENTRE + code for code in centres)}
    with _managed(settings, admin) as database, database.writing() as connection:
        quote = connection.dialect.identifier_preparer.quote_identifier
        _make(connection, login, "LOGIN")
        held = set(connection.execute(_HELD, {"login": login}).scalars())
        for name in sorted(held - wanted):
            connection.exec_driver_sql(f"REVOKE {quote(name)} FROM {quote(login)}")
        # The pipeline has to take its role on purpose: a session that does not sees nothing.
        how = " WITH INHERIT FALSE, SET TRUE" if role == "pipeline" else ""
        for name in sorted(wanted):
            connection.exec_driver_sql(f"GRANT {quote(name)} TO {quote(login)}{how}")
        return list(connection.execute(_HELD, {"login": login}).scalars())


def _managed(settings: Settings, admin: str) -> Database:
    if not settings.store_url:
        raise ConfigError(
            "The store is a file, and whoever may read a file reads all of it. Roles are for a PostgreSQL store: "
            "please set `store_url` in kobo_crc.toml."
        )
    url = address(settings)
    return Database(Server(url.set(username=admin, password=None) if admin else url, manages=True))


def _centres(settings: Settings) -> list[str]:
    return [row.name for row in read_codes(settings.forms / "codes")["centre"] if row.name != NOT_LISTED]


def _make(connection: sa.Connection, name: str, kind: str = "NOLOGIN") -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    if not connection.execute(_IS_THERE, {"name": name}).scalar():
        connection.exec_driver_sql(f"CREATE ROLE {quote(name)} {kind}")


def _hand_over(connection: sa.Connection) -> None:
    """The tables become the pipeline role's, and so does what a run makes later, for every run acts as that role."""
    for statement in _ownerships(connection):
        connection.exec_driver_sql(f"{statement}{PIPELINE}")


def _ownerships(connection: sa.Connection) -> Iterator[str]:
    yield "ALTER SCHEMA store OWNER TO "
    yield "ALTER SCHEMA vault OWNER TO "
    [database] = connection.exec_driver_sql("SELECT quote_ident(current_database())").scalars()
    yield f"GRANT CREATE ON DATABASE {database} TO "  # `restore` makes the vault's schema anew
    yield from connection.execute(_OWNED).scalars()
    yield "ALTER FUNCTION vault.refuse_change() OWNER TO "

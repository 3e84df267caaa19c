"""Logins of a store on PostgreSQL, one for each role, and what each is told when it asks the server itself."""

from __future__ import annotations

from typing import Any

import psycopg
import sqlalchemy as sa

from kobo_crc.access import admit, set_up
from kobo_crc.config import Settings
from tests.e2e.centre import Centre
from tests.postgres import Postgres

LOGINS = ("crc_night", "amina", "karwan", "idle", "ana", "stranger")


def admit_all(settings: Settings, postgresql: Postgres) -> None:
    """The roles and their rules: `amina` is an officer of Jalawla, `karwan` of two centres, `idle` of none."""
    set_up(settings)
    admit(settings, "crc_night", "pipeline", [])
    admit(settings, "amina", "officer", ["jalawla"])
    admit(settings, "karwan", "officer", ["baiji", "jalawla"])
    admit(settings, "ana", "analyst", [])
    with postgresql.connect() as session:
        session.execute("CREATE ROLE stranger LOGIN")
        session.execute("CREATE ROLE idle LOGIN; GRANT crc_officer TO idle")


def dismiss_all(settings: Settings, postgresql: Postgres) -> None:
    """Remove the logins, and the tables they have rights to."""
    postgresql.remove(settings.store_url, "store", "vault")
    with postgresql.connect(database_of(settings)) as session:
        for login in LOGINS:
            session.execute(f"DROP OWNED BY {login}; DROP ROLE {login}")


def database_of(settings: Settings) -> str:
    """The name of the database."""
    return str(sa.make_url(settings.store_url).database)


def as_login(settings: Settings, user: str) -> Settings:
    """The settings of somebody who logs in so."""
    return settings.model_copy(update={"store_url": settings.store_url.replace("postgres@", f"{user}@")})


def login_of(centre: Centre, user: str) -> Settings:
    """The same of a centre's."""
    return as_login(centre.settings, user)


def session_of(centre: Centre, user: str) -> psycopg.Connection:
    """A session of that login, each statement in a transaction of its own."""
    assert centre.postgresql is not None
    return centre.postgresql.connect(database_of(centre.settings), user)


def asked(centre: Centre, user: str, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement, in one session of that login."""
    with session_of(centre, user) as session:
        for statement in statements:
            cursor = session.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refused(centre: Centre, user: str, *statements: str) -> bool:
    """Whether the last statement is refused for want of a right."""
    asked(centre, user, "SELECT 1", *statements[:-1])
    try:
        asked(centre, user, *statements)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def counted(centre: Centre, user: str, table: str) -> int:
    """How many rows of the table the login sees."""
    return int(asked(centre, user, f"SELECT count(*) FROM {table}")[0][0])

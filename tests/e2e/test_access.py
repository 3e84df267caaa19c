"""Each role logs in over a connection of its own and tries to read, write and become what it must not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from kobo_crc import erasure, pipeline, vault
from kobo_crc.access import admit, set_up
from kobo_crc.backups import back_up, restore
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import STORE, VAULT
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.opening import opened
from tests.e2e.centre import Centre, unsealed
from tests.postgres import Postgres
from tests.stores import on_postgresql

AT = datetime(2026, 11, 24, 8, 0)
CARD = "112345678955"
pytestmark = on_postgresql
LOGINS = ("crc_night", "amina", "karwan", "idle", "ana", "stranger")


@pytest.fixture
def granted(centre: Centre, postgresql: Postgres) -> Iterator[Centre]:
    """Two submissions of Jalawla and one of Baiji, and a login for each role."""
    centre.submit(given="rosa-1")
    centre.submit(given="rosa-2", remark=CARD)
    there: dict[str, Any] = {"visit/centre": "baiji"}
    centre.submit(given="nur", remark=CARD, **there)
    centre.night()
    set_up(centre.settings)
    admit(centre.settings, "crc_night", "pipeline", [])
    admit(centre.settings, "amina", "officer", ["jalawla"])
    admit(centre.settings, "karwan", "officer", ["baiji", "jalawla"])
    admit(centre.settings, "ana", "analyst", [])
    with postgresql.connect() as session:
        session.execute("CREATE ROLE stranger LOGIN")
        session.execute("CREATE ROLE idle LOGIN; GRANT crc_officer TO idle")
    yield centre
    postgresql.remove(centre.settings.store_url, "store", "vault")
    with postgresql.connect(database_of(centre)) as session:
        for login in LOGINS:
            session.execute(f"DROP OWNED BY {login}; DROP ROLE {login}")


def database_of(centre: Centre) -> str:
    return str(sa.make_url(centre.settings.store_url).database)


def login_of(centre: Centre, user: str) -> Settings:
    return centre.settings.model_copy(update={"store_url": centre.settings.store_url.replace("postgres@", f"{user}@")})


def asked(centre: Centre, user: str, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement, in one session of that login."""
    assert centre.postgresql is not None
    with centre.postgresql.connect(database_of(centre), user) as session:
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
    return int(asked(centre, user, f"SELECT count(*) FROM {table}")[0][0])


STORE_TABLES = [
    f"store.{name}" for name in STORE.tables if not name.startswith("code_") and name not in ("run", "mark")
]
VAULT_TABLES = [str(table) for table in VAULT.tables.values()]


def test_officer__of_one_centre__sees_and_opens_its_rows_alone(granted: Centre) -> None:
    assert asked(granted, "amina", "SELECT DISTINCT centre_code FROM store.submission") == [("jalawla",)]
    ids = [row[0] for row in asked(granted, "amina", "SELECT submission_id FROM store.submission ORDER BY 1")]
    assert ids == [1, 2]
    for name in STORE_TABLES:
        if "submission_id" in STORE.tables[name.removeprefix("store.")].columns:
            seen = asked(granted, "amina", f"SELECT DISTINCT submission_id FROM {name}")
            assert {row[0] for row in seen} <= set(ids), name
    assert counted(granted, "amina", "store.need") == 4
    assert counted(granted, "karwan", "store.need") == 6
    with unsealed(login_of(granted, "amina")) as database, database.reading() as connection:
        rows = vault.opened(connection, database.keys, [1, 2, 3])
    assert sorted(row[0] for row in rows["identity"]) == [1, 2]
    assert "rosa-1" in str(rows) and "nur" not in str(rows)


def test_officer__asks_for_a_card__is_shown_the_own_centres_part_and_it_is_written_down(granted: Centre) -> None:
    with opened(login_of(granted, "amina")) as database:
        held = erasure.look(database, CARD, "asked at the desk", "person show", AT)
    assert [one.server_id for one in held] == granted.live_ids()[1:2]
    assert asked(granted, "postgres", "SELECT action, purpose FROM vault.audit ORDER BY audit_id DESC LIMIT 1") == [
        ("person show", "asked at the desk")
    ]


def test_officer__without_a_centre__sees_nobody(granted: Centre) -> None:
    assert counted(granted, "idle", "store.submission") == 0
    assert counted(granted, "idle", "vault.identity") == counted(granted, "idle", "vault.data_key") == 0
    assert refused(granted, "idle", "SELECT set_config('role', 'crc_centre_baiji', false)")


@pytest.mark.parametrize("user", ["amina", "idle", "ana", "stranger"])
def test_anybody__becoming_another__is_refused(granted: Centre, user: str) -> None:
    for role in ("crc_pipeline", "crc_night", "crc_centre_baiji", "postgres", "karwan"):
        assert refused(granted, user, f"SET ROLE {role}"), role
        assert refused(granted, user, f"SET SESSION AUTHORIZATION {role}"), role
        assert refused(granted, user, f"SELECT set_config('role', '{role}', false)"), role
        assert refused(granted, user, f"GRANT {role} TO {user}"), role
    assert refused(granted, user, "CREATE ROLE crc_centre_new")
    assert refused(granted, user, f"ALTER ROLE {user} BYPASSRLS")
    assert refused(granted, user, "ALTER TABLE store.submission DISABLE ROW LEVEL SECURITY")
    assert refused(granted, user, "DROP POLICY of_crc_officer ON store.submission")
    assert refused(granted, user, "CREATE FUNCTION store.my_centres(int) RETURNS text LANGUAGE sql AS 'SELECT 1::text'")
    assert refused(granted, user, "CREATE TABLE store.mine ()") and refused(granted, user, "CREATE SCHEMA mine")


def test_officer__who_takes_a_role_of_his_own__sees_no_more(granted: Centre) -> None:
    assert asked(granted, "amina", "SET ROLE crc_officer", "SELECT count(*) FROM store.submission") == [(0,)]
    assert refused(granted, "amina", "SET ROLE crc_centre_jalawla", "SELECT count(*) FROM store.submission")


def test_officer__a_function_of_his_own_in_the_question__meets_no_other_row(granted: Centre) -> None:
    spy = (
        "CREATE FUNCTION pg_temp.spy(n bigint, c text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
        "$$BEGIN INSERT INTO pg_temp.met VALUES (n); RETURN true; END$$"
    )
    met = asked(
        granted,
        "amina",
        "CREATE TEMP TABLE met (n bigint)",
        spy,
        "SELECT count(*) FROM store.submission WHERE pg_temp.spy(submission_id, centre_code)",
        "SELECT DISTINCT n FROM pg_temp.met ORDER BY 1",
    )
    assert met == [(1,), (2,)]
    fake = "CREATE TEMP VIEW pg_roles AS SELECT oid, 'crc_centre_baiji'::name AS rolname FROM pg_catalog.pg_roles"
    seen = asked(granted, "amina", fake, "SET search_path TO pg_temp", "SELECT DISTINCT centre_code FROM store.visit")
    assert seen == [("jalawla",)]
    assert asked(granted, "amina", "SELECT tablename FROM pg_stats WHERE tablename = 'submission'") == []


@pytest.mark.parametrize("user", ["amina", "ana", "stranger"])
def test_reader__writing__is_refused_everywhere(granted: Centre, user: str) -> None:
    for name in (*STORE_TABLES, *VAULT_TABLES):
        assert refused(granted, user, f"DELETE FROM {name}"), name
        assert refused(granted, user, f"TRUNCATE {name}"), name
        if name != "vault.audit":
            assert refused(granted, user, f"INSERT INTO {name} DEFAULT VALUES"), name
    assert refused(granted, user, "SELECT * FROM vault.audit")
    assert refused(granted, user, "SELECT setval('vault.audit_audit_id_seq', 1)")


def test_analyst__sees_the_whole_store_and_nothing_of_the_vault(granted: Centre) -> None:
    assert counted(granted, "ana", "store.submission") == 3
    for name in VAULT_TABLES:
        assert refused(granted, "ana", f"SELECT * FROM {name}"), name


def test_stranger__and_a_pipeline_that_did_not_take_its_role__see_nothing(granted: Centre) -> None:
    for user in ("stranger", "crc_night"):
        for name in (*STORE_TABLES, *VAULT_TABLES):
            assert refused(granted, user, f"SELECT * FROM {name}"), (user, name)


@pytest.mark.parametrize("bypass", ["BYPASSRLS", "NOBYPASSRLS"])
def test_pipeline__as_its_own_login__lives_through_a_night_and_a_rebuild(granted: Centre, bypass: str) -> None:
    asked(granted, "postgres", f"ALTER ROLE crc_pipeline {bypass}")
    night = Centre(login_of(granted, "crc_night"), granted.world, granted.asset_uid, granted.random, granted.postgresql)
    night.submit(given="new")
    assert night.night().new_count == 1
    rows = night.rows()
    night.rebuild()
    assert night.rows() == rows and len(rows["submission"]) == 4
    with Database.of(night.settings) as database:
        database.scrub()
    asked(granted, "postgres", "ALTER ROLE crc_pipeline BYPASSRLS")


def test_restore__by_the_pipelines_login__leaves_each_what_they_may_see(granted: Centre) -> None:
    settings = login_of(granted, "crc_night")
    made = back_up(settings, settings.store.parent.parent / "copies", 30, AT)
    assert str(restore(settings, made.path, AT).before).startswith("vault_before_")
    pipeline.rebuild(settings, "nightly")
    assert counted(granted, "amina", "vault.identity") == 2 and counted(granted, "karwan", "vault.identity") == 3
    assert refused(granted, "ana", "SELECT * FROM vault.identity")
    assert refused(granted, "crc_night", "SELECT * FROM vault.identity")


def test_view__made_by_the_pipeline__shows_each_their_own(granted: Centre) -> None:
    view = "CREATE VIEW store.out_visits AS SELECT centre_code, count(*) FROM store.visit GROUP BY 1"
    asked(granted, "crc_night", "SET ROLE crc_pipeline", view)
    set_up(granted.settings)
    assert asked(granted, "amina", "SELECT * FROM store.out_visits") == [("jalawla", 2)]
    assert sorted(asked(granted, "ana", "SELECT * FROM store.out_visits")) == [("baiji", 1), ("jalawla", 2)]


def test_grant__once_more_with_other_centres__takes_the_old_ones_away(granted: Centre) -> None:
    assert admit(granted.settings, "karwan", "officer", ["baiji"]) == ["crc_centre_baiji", "crc_officer"]
    assert asked(granted, "karwan", "SELECT DISTINCT centre_code FROM store.submission") == [("baiji",)]
    assert admit(granted.settings, "karwan", "analyst", []) == ["crc_analyst"]
    assert refused(granted, "karwan", "SELECT * FROM vault.identity")


def test_grant__wrong_centre_or_by_who_may_not__is_refused(granted: Centre) -> None:
    for centres in (["nowhere"], []):
        with pytest.raises(ConfigError, match=r"--centre with one of: .*baiji"):
            admit(granted.settings, "amina", "officer", centres)
    with pytest.raises(StoreError, match="kobo-crc store grant"):
        set_up(login_of(granted, "ana"))
    with pytest.raises(ConfigError, match="store_url"):
        set_up(granted.settings.model_copy(update={"store_url": ""}))


def test_table__without_its_rules__is_told(granted: Centre, tmp_path: Path) -> None:
    """Every table that has a row of a person is under forced security, so that a new one cannot be forgotten."""
    bare = asked(
        granted,
        "postgres",
        "SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname IN ('store', 'vault') AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)",
    )
    known = {"store.run", "store.mark", "store.service", "store.service_at_location", "store.schedule"}
    known |= {"store.alembic_version", "vault.alembic_version"}
    assert {row[0] for row in bare if not row[0].startswith("store.code_")} == known

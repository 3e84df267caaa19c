"""Each role logs in over a connection of its own and tries to read, write and become what it must not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from kobo_crc import pipeline
from kobo_crc.access import admit, set_up
from kobo_crc.backups import back_up, restore
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import STORE, VAULT
from kobo_crc.errors import ConfigError, StoreError
from tests.e2e.centre import Centre
from tests.e2e.logins import asked, counted, login_of, refused
from tests.stores import on_postgresql

AT = datetime(2026, 11, 24, 8, 0)
pytestmark = on_postgresql

STORE_TABLES = [
    f"store.{name}" for name in STORE.tables if not name.startswith("code_") and name not in ("run", "mark")
]
VAULT_TABLES = [str(table) for table in VAULT.tables.values()]


def test_officer__of_one_centre__sees_its_rows_alone(granted: Centre) -> None:
    assert asked(granted, "amina", "SELECT DISTINCT centre_code FROM store.submission") == [("jalawla",)]
    ids = [row[0] for row in asked(granted, "amina", "SELECT submission_id FROM store.submission ORDER BY 1")]
    assert ids == [1, 2]
    for name in STORE_TABLES:
        if "submission_id" in STORE.tables[name.removeprefix("store.")].columns:
            seen = asked(granted, "amina", f"SELECT DISTINCT submission_id FROM {name}")
            assert {row[0] for row in seen} <= set(ids), name
    assert counted(granted, "amina", "store.need") == 4
    assert counted(granted, "karwan", "store.need") == 6


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
        assert refused(granted, user, f"INSERT INTO {name} DEFAULT VALUES"), name
    for name in ("audit", "opened", "disclosed", "attachment", "person_card"):
        assert refused(granted, user, f"SELECT * FROM vault.{name}"), name
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
    assert counted(granted, "amina", "vault.submission_key") == 2
    assert counted(granted, "karwan", "vault.submission_key") == 3
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

"""An officer with the vault's key and SQL tries to open rows that the audit knows nothing of, and gets none."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from kobo_crc import vault
from kobo_crc.access import set_up
from kobo_crc.backups import back_up, restore
from kobo_crc.database.asking import ACTIONS, MINUTES, NO_ACTION, NO_LINE
from kobo_crc.ledger import Opening, note
from kobo_crc.opening import opened
from tests.e2e.centre import Centre, unsealed
from tests.e2e.logins import asked, counted, login_of, refused, session_of
from tests.stores import on_postgresql

pytestmark = on_postgresql
AT = datetime(2026, 11, 24, 8, 0)
SEALED = ("data_key", "identity", "answer", "landed")
# Asks for a submission of Baiji, 3, too.
ASK = "SELECT vault.ask('person show', 'asked at the desk', 'card x', ARRAY[1, 2, 3, 4])"
READ = " UNION ALL ".join(f"SELECT '{name}', submission_id FROM vault.{name}" for name in SEALED)
LINES = "SELECT who, action, purpose, scope, row_count FROM vault.audit ORDER BY audit_id"
OWN = [(name, number) for name in ("data_key", "identity", "landed") for number in (1, 2)]
Session = psycopg.Connection[Any]


@pytest.fixture
def amina(granted: Centre) -> Iterator[Session]:
    with session_of(granted, "amina") as session:
        yield session


def read(session: Session) -> list[tuple[Any, ...]]:
    return sorted(session.execute(READ).fetchall())


def lines(centre: Centre) -> list[tuple[Any, ...]]:
    return asked(centre, "postgres", LINES)


def test_officer__who_has_not_asked__opens_nothing(granted: Centre) -> None:
    for name in SEALED:
        assert counted(granted, "amina", f"vault.{name}") == 0
        assert counted(granted, "karwan", f"vault.{name}") == 0
    with unsealed(login_of(granted, "amina")) as database, database.reading() as connection:
        assert not any(vault.opened(connection, database.keys, [1, 2, 3]).values())


def test_officer__who_has_asked__opens_the_own_centres_rows_and_the_server_says_who_and_when(granted: Centre) -> None:
    opening = Opening("person show", "asked at the desk", "card x", 99)
    with unsealed(login_of(granted, "amina")) as database:
        with database.writing() as connection:
            note(connection, opening, AT, [1, 2, 3])
        with database.reading() as connection:
            rows = vault.opened(connection, database.keys, [1, 2, 3])
    assert sorted(row[0] for row in rows["identity"]) == [1, 2]
    assert "rosa-1" in str(rows) and "nur" not in str(rows)
    assert lines(granted) == [("amina", *opening._replace(row_count=2))]
    assert asked(granted, "postgres", "SELECT submission_id FROM vault.opened ORDER BY 1") == [(1,), (2,)]
    [(at,)] = asked(granted, "postgres", "SELECT at FROM vault.audit")
    assert abs(at - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=2)


def test_pipeline__writes_its_own_lines_with_the_submissions(granted: Centre) -> None:
    with unsealed(login_of(granted, "crc_night")) as database, database.writing() as connection:
        note(connection, Opening("person show", "x", "card x", 2), AT, [2, 3, 3])
    assert lines(granted) == [(getpass.getuser(), "person show", "x", "card x", 2)]
    assert asked(granted, "postgres", "SELECT submission_id FROM vault.opened ORDER BY 1") == [(2,), (3,)]


def test_line__that_may_still_be_rolled_back__opens_nothing(granted: Centre, amina: Session) -> None:
    amina.execute("BEGIN")
    assert amina.execute(ASK).fetchone() == (2,)
    assert read(amina) == []
    amina.execute("ROLLBACK")
    assert read(amina) == [] and lines(granted) == []


@pytest.fixture(params=["released", "rolled back", "kept"])
def savepoint(request: pytest.FixtureRequest) -> str:
    ends = {"released": "RELEASE SAVEPOINT s", "rolled back": "ROLLBACK TO SAVEPOINT s", "kept": "SELECT 1"}
    return ends[request.param]


def test_line__of_a_savepoint__opens_nothing_before_the_whole_is_committed(
    granted: Centre, amina: Session, savepoint: str
) -> None:
    for statement in ("BEGIN", "SAVEPOINT s", ASK):
        amina.execute(statement)
    assert read(amina) == []
    amina.execute(savepoint)
    assert read(amina) == []
    amina.execute("SAVEPOINT t")
    assert read(amina) == []
    amina.execute("ROLLBACK")
    assert read(amina) == [] and lines(granted) == []


def test_line__asked_for_within_a_function_of_his_own__opens_nothing_there(granted: Centre, amina: Session) -> None:
    body = f"""
        BEGIN PERFORM * FROM ({ASK}) AS x; RETURN QUERY SELECT n FROM ({READ}) AS sealed(name, n);
            RAISE EXCEPTION 'away with the line';
        EXCEPTION WHEN raise_exception THEN RETURN QUERY SELECT n FROM ({READ}) AS sealed(name, n);
        END"""
    amina.execute(f"CREATE FUNCTION pg_temp.spy() RETURNS SETOF bigint LANGUAGE plpgsql AS $${body}$$")
    assert amina.execute("SELECT pg_temp.spy()").fetchall() == [] and lines(granted) == []
    both = f"WITH line AS MATERIALIZED ({ASK}) SELECT n FROM line, LATERAL ({READ}) AS sealed(name, n)"
    assert amina.execute(both).fetchall() == []


def test_cursor__held_over_from_the_asking__has_nothing(granted: Centre, amina: Session) -> None:
    for statement in ("BEGIN", ASK, f"DECLARE c CURSOR WITH HOLD FOR {READ}", "COMMIT"):
        amina.execute(statement)
    assert amina.execute("FETCH ALL FROM c").fetchall() == []
    assert read(amina) == OWN and len(lines(granted)) == 1


def test_line__of_one_session__opens_nothing_in_another(granted: Centre, amina: Session) -> None:
    amina.execute(ASK)
    assert read(amina) == OWN
    for user in ("amina", "karwan", "idle"):
        with session_of(granted, user) as other:
            assert read(other) == [], user
    amina.execute("SET ROLE crc_officer")
    assert read(amina) == []


@pytest.mark.parametrize(("age", "opens"), [(MINUTES - 1, True), (MINUTES + 1, False)])
def test_line__that_is_old__opens_nothing(granted: Centre, amina: Session, age: int, opens: bool) -> None:
    with session_of(granted, "postgres") as owner:
        [line] = owner.execute(
            "INSERT INTO vault.audit (at, who, action, purpose, scope, row_count, session_id, asked_in) "
            "VALUES (now() AT TIME ZONE 'UTC' - make_interval(mins => %s), 'amina', 'person show', 'x', 'x', 1, %s, 1) "
            "RETURNING audit_id",
            [age, amina.info.backend_pid],
        ).fetchone() or [0]
        owner.execute("INSERT INTO vault.opened SELECT %s, n FROM generate_series(1, 2) n", [line])
    assert read(amina) == (OWN if opens else [])
    amina.execute("SET TimeZone TO 'Pacific/Apia'")
    assert read(amina) == (OWN if opens else [])


def test_question__prepared_before__is_judged_each_time_anew(amina: Session) -> None:
    amina.execute(f"PREPARE q AS {READ}")
    for _ in range(6):
        assert amina.execute("EXECUTE q").fetchall() == []
    amina.execute(ASK)
    assert sorted(amina.execute("EXECUTE q").fetchall()) == OWN


def test_row__of_a_submission_that_changed_its_centre_since__is_not_opened(granted: Centre, amina: Session) -> None:
    amina.execute(ASK)
    asked(granted, "postgres", "UPDATE store.submission SET centre_code = 'baiji' WHERE submission_id = 2")
    assert read(amina) == [row for row in OWN if row[1] == 1]


def test_officer__asking_as_a_role_of_his__is_written_down_as_who_logged_in(granted: Centre) -> None:
    asked(granted, "amina", "SET ROLE crc_officer", "SET application_name TO 'karwan'", ASK)
    assert [line[0] for line in lines(granted)] == ["amina"]


def test_audit__written_by_an_officer_himself__is_refused(granted: Centre) -> None:
    forged = "(at, who, action, purpose, scope, row_count) VALUES (now(), 'karwan', 'person show', 'x', 'x', 1)"
    assert refused(granted, "amina", f"INSERT INTO vault.audit {forged}")
    assert refused(granted, "amina", "INSERT INTO vault.opened VALUES (1, 1)")
    assert refused(granted, "amina", "INSERT INTO vault.disclosed VALUES ('a', 'b', 'letter', 'c', 'd', now(), now())")
    for table in ("audit", "opened", "disclosed"):
        assert refused(granted, "amina", f"SELECT * FROM vault.{table}")
        assert refused(granted, "amina", f"CREATE TRIGGER t BEFORE INSERT ON vault.{table} EXECUTE FUNCTION x()")
    for function in ("ask(text, text, text, bigint[])", "opened_now()", "tell(text, text, text, text[], text[])"):
        assert refused(granted, "amina", f"ALTER FUNCTION vault.{function} SECURITY INVOKER")


@pytest.mark.parametrize(
    ("action", "purpose"), [("restore", "x"), ("person erase", "x"), (None, "x"), *((one, " ") for one in ACTIONS)]
)
def test_ask__for_what_no_officer_does_or_no_purpose__is_refused(
    granted: Centre, amina: Session, action: str | None, purpose: str
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=NO_ACTION):
        amina.execute("SELECT vault.ask(%s, %s, 'x', ARRAY[1])", [action, purpose])
    assert lines(granted) == [] and read(amina) == []


@pytest.mark.parametrize("user", ["ana", "stranger", "crc_night"])
def test_anybody_but_an_officer__asking__is_refused(granted: Centre, user: str) -> None:
    assert refused(granted, user, ASK)
    assert refused(granted, user, "SELECT vault.opened_now()")
    assert refused(granted, user, "SELECT vault.tell('drc', 'letter', 'name', ARRAY['a'], ARRAY['b'])")


def test_officer__tables_and_operators_of_his_own__change_nothing_of_what_is_asked(
    granted: Centre, amina: Session
) -> None:
    for statement in (
        "CREATE TEMP TABLE audit AS SELECT 1 AS audit_id, 'amina' AS who",
        "CREATE TEMP TABLE opened (audit_id int, submission_id bigint)",
        "CREATE TEMP TABLE submission AS SELECT 3 AS submission_id, 'jalawla' AS centre_code",
        "CREATE TEMP VIEW pg_roles AS SELECT oid, 'crc_centre_baiji'::name AS rolname FROM pg_catalog.pg_roles",
        "CREATE FUNCTION pg_temp.opened_now() RETURNS bigint[] LANGUAGE sql AS 'SELECT ARRAY[1, 2, 3]::bigint[]'",
        "CREATE FUNCTION pg_temp.pg_backend_pid() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION pg_temp.same(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE OPERATOR pg_temp.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_temp.same)",
        "SET search_path TO pg_temp, pg_catalog",
    ):
        amina.execute(statement)
    assert read(amina) == []
    amina.execute(ASK)
    assert read(amina) == OWN and [line[4] for line in lines(granted)] == [2]


def test_officer__view_or_function_over_sealed_rows__shows_no_more(granted: Centre, amina: Session) -> None:
    amina.execute(f"CREATE TEMP VIEW mine AS {READ}")
    spy = (
        "CREATE FUNCTION pg_temp.spy(n bigint, key bytea) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
        "$$BEGIN INSERT INTO pg_temp.met VALUES (n); RETURN true; END$$"
    )
    for statement in ("CREATE TEMP TABLE met (n bigint)", spy):
        amina.execute(statement)
    met = "SELECT count(*) FROM vault.data_key WHERE pg_temp.spy(submission_id, wrapped)"
    assert amina.execute("SELECT * FROM mine").fetchall() == []
    assert amina.execute(met).fetchall() == [(0,)]
    with amina.cursor() as cursor, cursor.copy("COPY vault.data_key TO STDOUT") as copied:
        assert list(copied) == []
    amina.execute(ASK)
    amina.execute(met)
    assert amina.execute("SELECT DISTINCT n FROM pg_temp.met ORDER BY 1").fetchall() == [(1,), (2,)]


def test_officer__row_security_off__is_refused_and_the_lines_stay_true(granted: Centre, amina: Session) -> None:
    amina.execute("SET row_security TO off")
    amina.execute(ASK)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        amina.execute(READ)
    assert [line[4] for line in lines(granted)] == [2]


def test_telling__without_a_line_or_in_another_way__is_refused(granted: Centre, amina: Session) -> None:
    tell = "SELECT vault.tell('drc', %s, 'name', ARRAY['a', 'b'], ARRAY['p', NULL])"
    with pytest.raises(psycopg.errors.RaiseException, match=NO_LINE):
        amina.execute(tell, ["letter"])
    amina.execute(ASK)
    with pytest.raises(psycopg.errors.RaiseException, match=NO_LINE):
        amina.execute(tell, ["export"])
    amina.execute(tell, ["letter"])
    amina.execute(tell, ["letter"])
    query = "SELECT referral, receiver, way, told, person, first_at <= last_at FROM vault.disclosed ORDER BY 1"
    held = [("a", "drc", "letter", "name", "p", True), ("b", "drc", "letter", "name", None, True)]
    assert asked(granted, "postgres", query) == held


def test_function__each__runs_as_the_pipeline_on_a_path_of_its_own_for_officers_alone(granted: Centre) -> None:
    made = asked(
        granted,
        "postgres",
        "SELECT proname, proowner::regrole::text, array_to_string(proconfig, '; '), proacl::text FROM pg_proc "
        "WHERE prosecdef AND pronamespace IN ('store'::regnamespace, 'vault'::regnamespace) ORDER BY 1",
    )
    path, acl = "search_path=pg_catalog, pg_temp; row_security=on", "crc_pipeline=X/crc_pipeline"
    assert [row[0] for row in made] == ["ask", "opened_now", "tell"]
    for _, owner, config, rights in made:
        assert (owner, config) == ("crc_pipeline", path)
        assert rights == f"{{{acl},crc_officer=X/crc_pipeline}}"


def test_rules__of_an_earlier_version__end_when_they_are_laid_anew(granted: Centre) -> None:
    earlier = (
        "GRANT INSERT ON vault.audit TO crc_officer; GRANT USAGE ON SEQUENCE vault.audit_audit_id_seq TO crc_officer; "
        "CREATE POLICY of_crc_officer ON vault.audit FOR INSERT TO crc_officer WITH CHECK (true); "
        "ALTER POLICY of_crc_officer ON vault.data_key USING (true); "
        "CREATE SCHEMA vault_before_2026 AUTHORIZATION crc_pipeline; GRANT USAGE ON SCHEMA vault_before_2026 TO "
        "crc_officer; CREATE TABLE vault_before_2026.data_key AS SELECT 1 AS n; "
        "GRANT SELECT ON vault_before_2026.data_key TO crc_officer"
    )
    asked(granted, "postgres", earlier)
    assert counted(granted, "amina", "vault.data_key") == 3
    assert counted(granted, "amina", "vault_before_2026.data_key") == 1
    set_up(granted.settings)
    assert counted(granted, "amina", "vault.data_key") == 0
    assert refused(granted, "amina", "SELECT * FROM vault_before_2026.data_key")
    assert refused(granted, "amina", "SELECT nextval('vault.audit_audit_id_seq')")
    assert asked(granted, "amina", "SELECT has_table_privilege('crc_officer', 'vault.audit', 'INSERT')") == [(False,)]
    forged = "(at, who, action, purpose, scope, row_count) VALUES (now(), 'karwan', 'person show', 'x', 'x', 1)"
    assert refused(granted, "amina", f"INSERT INTO vault.audit {forged}")


def test_store__of_the_version_before__is_closed_by_the_next_nights_upgrade(granted: Centre) -> None:
    before = (
        "DROP FUNCTION vault.opened_now() CASCADE; DROP FUNCTION vault.ask; DROP FUNCTION vault.tell; "
        "DROP TABLE vault.opened; ALTER TABLE vault.audit DROP session_id, DROP asked_in; "
        "UPDATE vault.alembic_version SET version_num = '0016'; "
        "GRANT INSERT ON vault.audit TO crc_officer; "
        "CREATE POLICY of_crc_officer ON vault.audit FOR INSERT TO crc_officer WITH CHECK (true); "
        "CREATE POLICY of_crc_officer ON vault.data_key TO crc_officer USING (true)"
    )
    asked(granted, "postgres", before)
    assert counted(granted, "amina", "vault.data_key") == 3
    with opened(login_of(granted, "crc_night")):
        pass
    assert counted(granted, "amina", "vault.data_key") == 0
    with session_of(granted, "amina") as session:
        session.execute(ASK)
        assert read(session) == OWN
    assert asked(granted, "amina", "SELECT has_table_privilege('crc_officer', 'vault.audit', 'INSERT')") == [(False,)]


def test_ask__where_the_pipelines_role_may_not_go_round_the_rules__works(granted: Centre, amina: Session) -> None:
    asked(granted, "postgres", "ALTER ROLE crc_pipeline NOBYPASSRLS")
    try:
        amina.execute(ASK)
        assert read(amina) == OWN
    finally:
        asked(granted, "postgres", "ALTER ROLE crc_pipeline BYPASSRLS")


def test_vault__put_aside_by_restore__is_no_way_round(granted: Centre) -> None:
    settings = login_of(granted, "crc_night")
    made = back_up(settings, settings.store.parent.parent / "copies", 30, AT)
    before = restore(settings, made.path, AT).before
    assert refused(granted, "amina", f"SELECT * FROM {before}.data_key")
    assert counted(granted, "amina", "vault.data_key") == 0
    with session_of(granted, "amina") as session:
        session.execute("SELECT vault.ask('person show', 'x', 'x', ARRAY[1])")
        assert {row[1] for row in read(session)} == {1}

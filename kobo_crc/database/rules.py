"""Who may see which rows on PostgreSQL, as SQL: grants and row-level security, laid anew after every migration.

An officer's centres are the roles `crc_centre_…` that the login is a member of: nothing that a session can set itself.
What is sealed an officer sees once the audit says so, for the time of a command.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from kobo_crc.database.asking import functions
from kobo_crc.database.metadata import MARK, PURPOSE_KEY, RUN, SOURCE, STORE, SUBMISSION_KEY, VAULT_KEY
from kobo_crc.database.person_tables import VAULT
from kobo_crc.database.roles import ANALYST, OFFICER, PIPELINE, centres_of

# What tells nothing of a person: read whole by whoever may read the store.
_OPEN = {RUN.name, MARK.name, "service", "service_at_location", "schedule"}
# What an officer needs of the vault to open rows of the own centres: seen once the audit has a line of it, the rows
# too, since who has read a submission's key once could keep it for what comes later.
_SEALED = ("identity", "answer", "landed", "data_key")
_WHOLE = (VAULT_KEY, PURPOSE_KEY, SOURCE)
_OWNER = sa.text(
    "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'store' AND pg_has_role(nspowner, 'MEMBER')"
)
# Asked once for a query, not once for a row. A session's own tables come first on every path that does not name them:
# without `pg_temp` at its end, a view called `pg_roles` of an officer's own would be asked.
_MY_CENTRES = f"""
CREATE OR REPLACE FUNCTION store.my_centres() RETURNS text[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $${centres_of("current_user")}$$"""
_OWN = "centre_code = ANY ((SELECT store.my_centres())::text[])"
_OF_OWN = "EXISTS (SELECT FROM store.submission s WHERE s.submission_id = {table}.submission_id)"
_WRITTEN_DOWN = "{table}.submission_id = ANY ((SELECT vault.opened_now())::bigint[])"
# A vault that `restore` has put aside is nobody's to read, whatever the version that put it there had granted.
_ASIDE = sa.text("SELECT quote_ident(nspname) FROM pg_namespace WHERE starts_with(nspname, 'vault_before_')")
# Of tables that no submission owns, by which column which other table tells; the rest no officer sees.
_BESIDE = {
    "referral_reply": ("referral_state", "reference_code"),
    "person_reporting": ("visit", "person_code"),
    "person_link": ("visit", "person_code"),
}


def lay(connection: sa.Connection) -> bool:
    """Lay the rules over all tables and views there are, where `store grant` has made the roles; whether it has."""
    if connection.dialect.name != "postgresql" or connection.execute(_OWNER).scalar() != PIPELINE:
        return False
    for statement in _statements(connection):
        connection.exec_driver_sql(statement)
    return True


def _statements(connection: sa.Connection) -> Iterator[str]:
    yield _MY_CENTRES
    yield from functions()
    yield "REVOKE ALL ON SCHEMA store, vault FROM PUBLIC"
    yield "REVOKE ALL ON FUNCTION store.my_centres() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION store.my_centres() TO {OFFICER}"
    yield f"GRANT USAGE ON SCHEMA store TO {OFFICER}, {ANALYST}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA store TO {OFFICER}, {ANALYST}"
    yield f"GRANT USAGE ON SCHEMA vault TO {OFFICER}"
    for name in sa.inspect(connection).get_view_names("store"):
        # A view would otherwise look with the eyes of whoever made it.
        yield f"ALTER VIEW store.{name} SET (security_invoker = true)"
    for table in STORE.tables.values():
        if table.name not in _OPEN and not table.name.startswith("code_"):
            yield from _policies(f"store.{table.name}", _seen_by_officers(table))
            yield _policy(f"store.{table.name}", ANALYST, "true")
    for table in VAULT.tables.values():
        yield from _policies(f"vault.{table.name}", _opened_to_officers(table))
    for schema in connection.execute(_ASIDE).scalars():
        yield f"REVOKE ALL ON SCHEMA {schema} FROM {OFFICER}"
    yield from _vault_of_officers()


def _vault_of_officers() -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA vault FROM {OFFICER}"  # an earlier version granted more
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA vault FROM {OFFICER}"
    seen = (*_SEALED, SUBMISSION_KEY.name, "alembic_version")
    yield f"GRANT SELECT ON {', '.join(f'vault.{name}' for name in seen)} TO {OFFICER}"
    for table in _WHOLE:
        yield f"GRANT SELECT ON vault.{table.name} TO {OFFICER}"
        yield _policy(f"vault.{table.name}", OFFICER, "true")


def _opened_to_officers(table: sa.Table) -> str | None:
    name = f"vault.{table.name}"
    if table.name in _SEALED:
        return f"{_OF_OWN.format(table=name)} AND {_WRITTEN_DOWN.format(table=name)}"
    return _OF_OWN.format(table=name) if table.name == SUBMISSION_KEY.name else None


def _seen_by_officers(table: sa.Table) -> str | None:
    name = f"store.{table.name}"
    if table.name == "submission":
        return _OWN
    if "submission_id" in table.columns:
        return _OF_OWN.format(table=name)
    if table.name in _BESIDE:
        other, column = _BESIDE[table.name]
        return f"EXISTS (SELECT FROM store.{other} s WHERE s.{column} = {name}.{column})"
    return None


def _policies(name: str, seen_by_officers: str | None) -> Iterator[str]:
    """All rows for the pipeline, an officer's own for officers, none for anybody else, the owner included."""
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    yield _policy(name, PIPELINE, "true", "true")
    yield f"DROP POLICY IF EXISTS of_{OFFICER} ON {name}"
    if seen_by_officers is not None:
        yield _policy(name, OFFICER, seen_by_officers)


def _policy(name: str, role: str, seen: str, written: str = "") -> str:
    command, check = ("ALL", f" WITH CHECK ({written})") if written else ("SELECT", "")
    return (
        f"DROP POLICY IF EXISTS of_{role} ON {name}; "
        f"CREATE POLICY of_{role} ON {name} FOR {command} TO {role} USING ({seen}){check}"
    )

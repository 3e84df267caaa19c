"""Who may see which rows on PostgreSQL, as SQL: grants and row-level security, laid anew after every migration.

An officer's centres are the roles `crc_centre_…` that the login is a member of: nothing that a session can set itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from kobo_crc.database.metadata import AUDIT, MARK, PURPOSE_KEY, RUN, SOURCE, STORE, VAULT_KEY
from kobo_crc.database.person_tables import VAULT

PIPELINE, OFFICER, ANALYST = "crc_pipeline", "crc_officer", "crc_analyst"
OF_CENTRE = "crc_centre_"
# What tells nothing of a person: read whole by whoever may read the store.
_OPEN = {RUN.name, MARK.name, "service", "service_at_location", "schedule"}
# What an officer needs of the vault to open rows of the own centres, and to write down that they were opened.
_OPENED = ("identity", "answer", "landed", "data_key", "submission_key")
_WHOLE = (VAULT_KEY, PURPOSE_KEY, SOURCE)
_OWNER = sa.text(
    "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'store' AND pg_has_role(nspowner, 'MEMBER')"
)
# Asked once for a query, not once for a row. A session's own tables come first on every path that does not name them:
# without `pg_temp` at its end, a view called `pg_roles` of an officer's own would be asked.
_MY_CENTRES = f"""
CREATE OR REPLACE FUNCTION store.my_centres() RETURNS text[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(substr(rolname, {len(OF_CENTRE) + 1})::text), '{{}}') FROM pg_catalog.pg_roles
    WHERE starts_with(rolname, '{OF_CENTRE}') AND pg_has_role(current_user, oid, 'MEMBER')
$$"""
_OWN = "centre_code = ANY ((SELECT store.my_centres())::text[])"
_OF_OWN = "EXISTS (SELECT FROM store.submission s WHERE s.submission_id = {table}.submission_id)"
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
        name = f"vault.{table.name}"
        yield from _policies(name, _OF_OWN.format(table=name) if table.name in _OPENED else None)
    yield from _vault_of_officers()


def _vault_of_officers() -> Iterator[str]:
    yield f"GRANT SELECT ON {', '.join(f'vault.{name}' for name in (*_OPENED, 'alembic_version'))} TO {OFFICER}"
    for table in _WHOLE:
        yield f"GRANT SELECT ON vault.{table.name} TO {OFFICER}"
        yield _policy(f"vault.{table.name}", OFFICER, "true")
    # Written, never read: who looks for what is not for everybody.
    yield f"GRANT INSERT ON vault.{AUDIT.name} TO {OFFICER}"
    yield f"GRANT USAGE ON SEQUENCE vault.audit_audit_id_seq TO {OFFICER}"
    yield _policy(f"vault.{AUDIT.name}", OFFICER, "", "true", command="INSERT")


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
    if seen_by_officers is not None:
        yield _policy(name, OFFICER, seen_by_officers)


def _policy(name: str, role: str, seen: str, written: str = "", command: str = "") -> str:
    command = command or ("ALL" if written else "SELECT")
    using = f" USING ({seen})" if seen else ""
    check = f" WITH CHECK ({written})" if written else ""
    return (
        f"DROP POLICY IF EXISTS of_{role} ON {name}; "
        f"CREATE POLICY of_{role} ON {name} FOR {command} TO {role}{using}{check}"
    )

"""The triggers that keep a table append-only, in the words of each kind of database."""

from __future__ import annotations

import sqlalchemy as sa

REFUSAL = "the audit is append-only"


def keep_append_only(table: sa.Table) -> None:
    """Whenever the table is made, refuse every change of its rows from then on."""
    for change in ("UPDATE", "DELETE"):
        _after(
            table,
            f"CREATE TRIGGER {table.schema}.{table.name}_no_{change.lower()} BEFORE {change} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            "sqlite",
        )
    same = " AND ".join(f"a.{column.name} = NEW.{column.name}" for column in table.primary_key)
    _after(  # a row put in another's place is neither to SQLite
        table,
        f"CREATE TRIGGER {table.schema}.{table.name}_no_replace BEFORE INSERT ON {table.name} WHEN EXISTS "
        f"(SELECT 1 FROM {table.name} a WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        "sqlite",
    )
    _after(
        table,
        f"CREATE OR REPLACE FUNCTION {table.schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{REFUSAL}'; END$$",
        "postgresql",
    )
    _after(  # PostgreSQL can empty a table as a whole, too
        table,
        f"CREATE TRIGGER {table.name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.fullname} "
        f"EXECUTE FUNCTION {table.schema}.refuse_change()",
        "postgresql",
    )


def _after(table: sa.Table, statement: str, dialect: str) -> None:
    sa.event.listen(table, "after_create", sa.DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]

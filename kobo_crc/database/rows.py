"""Rows handed to the driver many at a time, and many values handed to one query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


@lru_cache(maxsize=256)
def insert_text(table: sa.Table, dialect: sa.Dialect) -> str:
    """The INSERT of whole rows in the table's column order, as SQLite's driver takes it."""
    return str(sa.insert(table).compile(dialect=dialect, column_keys=[column.name for column in table.columns]))


@lru_cache(maxsize=256)
def copy_text(table: sa.Table, dialect: sa.Dialect) -> str:
    """The COPY of whole rows in the table's column order, as PostgreSQL's driver takes it."""
    quote = dialect.identifier_preparer
    columns = ", ".join(quote.format_column(column) for column in table.columns)
    return f"COPY {quote.format_table(table)} ({columns}) FROM STDIN"


@lru_cache(maxsize=256)
def insert_values(table: sa.Table, dialect: sa.Dialect) -> str:
    """The same as an INSERT, for a login that row-level security holds: it may not COPY."""
    into = copy_text(table, dialect).removeprefix("COPY ").removesuffix(" FROM STDIN")
    return f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(table.columns))})"


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Sequence[object]]) -> None:
    """Hand whole rows, in the table's column order, straight to the driver: SQLAlchemy's way costs 2.5 times that.

    Days and times may be ISO texts. The connection is in a transaction already.
    """
    if not rows:
        return
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        driver.executemany(insert_text(table, connection.dialect), rows)
        return
    if not connection.info["copies"]:
        with driver.cursor() as cursor:
            cursor.executemany(insert_values(table, connection.dialect), rows)
        return
    with driver.cursor() as cursor, cursor.copy(copy_text(table, connection.dialect)) as copy:
        for row in rows:
            copy.write_row(row)


class _Elements(FunctionElement[Any]):
    """The elements of a JSON array as rows of one column `value`."""

    name = "elements"
    inherit_cache = True


@compiles(_Elements, "sqlite")
def _in_sqlite(element: _Elements, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Elements, "postgresql")
def _in_postgresql(element: _Elements, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"


def among(values: Sequence[int]) -> sa.Select[tuple[Any]]:
    """The numbers as a subquery for `IN`: one parameter however many they are, and one statement to compile."""
    return sa.select(sa.cast(_elements(values), sa.BigInteger))


def among_texts(values: Sequence[str]) -> sa.Select[tuple[Any]]:
    """The same of texts."""
    return sa.select(_elements(values))


def _elements(values: Sequence[int] | Sequence[str]) -> sa.ColumnElement[Any]:
    given = _Elements(sa.bindparam("given", orjson.dumps(values).decode(), sa.Text, unique=True))
    return given.table_valued("value").c.value

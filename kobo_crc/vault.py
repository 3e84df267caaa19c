"""The vault's rows made from submissions: identities and answers without a place, tagged with version and plan.

Written after the landing and before the store, so that a cut leaves the submission stale, never half known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from kobo_crc import matching
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import ANSWER, FACT_TABLES, GONE_CODE, SOURCE, SUBMISSION_KEY, VAULT
from kobo_crc.database.person_tables import MATCH_KEY
from kobo_crc.database.rows import among, insert_rows
from kobo_crc.model import GoneCode, Landed
from kobo_crc.normalise import Rows
from kobo_crc.schema.facts import FACTS
from kobo_crc.sealing import DataKey

# Columns of a code table that JSON holds as text.
DAYS = ("valid_from", "valid_to", "retired_on")
_VALUES = {table.name: [column.name for column in table.columns] for table in FACTS if table.vault}
IDENTITY_TABLES = [table for table in FACT_TABLES.values() if table.metadata is VAULT]


def replace(connection: sa.Connection, keys: Keys, landed: Sequence[Landed], rows: Rows) -> None:
    """Replace the vault's rows of these submissions as a set, each sealed for its place."""
    forget(connection, among([version.submission_id for version in landed]))
    insert(connection, keys, landed, rows)


def forget(connection: sa.Connection, submission_ids: sa.Select[Any]) -> None:
    """Drop the vault's rows of these submissions; landed versions and keys stay, from which they are made again."""
    for table in (*IDENTITY_TABLES, ANSWER, MATCH_KEY):
        connection.execute(sa.delete(table).where(table.c.submission_id.in_(submission_ids)))


def insert(connection: sa.Connection, keys: Keys, landed: Sequence[Landed], rows: Rows) -> None:
    """Add the vault's rows of these submissions, which it has none of, each sealed for its place."""
    matching.add(connection, keys, rows)
    ready = keys.of(connection, [version.submission_id for version in landed])
    for table in IDENTITY_TABLES:
        made = rows.tables.get(table.name, ())
        insert_rows(connection, table, [_sealed_row(table.name, row, ready) for row in made])
    # Keys that a stranger made up may meet at one place: the last one stays, and all are in the landing.
    answers = {answer[:2]: answer for answer in rows.answers}.values()
    insert_rows(connection, ANSWER, [_sealed_answer(answer, ready[answer[0]]) for answer in answers])


def opened(connection: sa.Connection, keys: Keys, submission_ids: Sequence[int]) -> dict[str, list[tuple[Any, ...]]]:
    """The vault's rows of these submissions by table, opened, in the shape that `replace` took them in. StoreError."""
    ready = keys.of(connection, submission_ids)
    held = {
        table.name: connection.execute(sa.select(table).where(table.c.submission_id.in_(among(list(ready))))).all()
        for table in (*IDENTITY_TABLES, ANSWER)
    }
    answers = [_open_answer(row, ready[row.submission_id]) for row in held.pop(ANSWER.name)]
    rows = {name: [_open_row(name, row, ready[row.submission_id]) for row in rows] for name, rows in held.items()}
    return {**rows, ANSWER.name: answers}


def _sealed_row(table: str, row: Sequence[Any], keys: Mapping[int, DataKey]) -> tuple[Any, ...]:
    submission_id, row_path, parent_path, *values, version_id, plan = row
    said = {name: value for name, value in zip(_VALUES[table], values, strict=True) if value is not None}
    sealed = keys[submission_id].seal(orjson.dumps(said), _place(table, submission_id, row_path))
    return submission_id, row_path, parent_path, sealed, version_id, plan


def _sealed_answer(answer: tuple[int, str, str, int, str], key: DataKey) -> tuple[Any, ...]:
    submission_id, path, value, version_id, plan = answer
    return submission_id, path, key.seal(value.encode(), _place(ANSWER.name, submission_id, path)), version_id, plan


def _open_row(table: str, row: sa.Row[Any], key: DataKey) -> tuple[Any, ...]:
    said = orjson.loads(key.unseal(row.sealed, _place(table, row.submission_id, row.row_path)))
    values = map(said.get, _VALUES[table])
    return row.submission_id, row.row_path, row.parent_path, *values, row.version_id, row.plan


def _open_answer(row: sa.Row[Any], key: DataKey) -> tuple[Any, ...]:
    value = key.unseal(row.sealed, _place(ANSWER.name, row.submission_id, row.path)).decode()
    return row.submission_id, row.path, value, row.version_id, row.plan


def _place(table: str, submission_id: int, path: str) -> str:
    return f"{table}/{submission_id}/{path}"


def kept_codes(connection: sa.Connection) -> list[GoneCode]:
    """The codes that left their lists, as they were the last time."""
    return list(map(_gone, connection.execute(sa.select(GONE_CODE))))


def keep_codes(connection: sa.Connection, gone: Sequence[GoneCode]) -> list[GoneCode]:
    """Remember codes that left their lists, as they were the last time; returns all that the vault remembers.

    Here and not in the store, because nothing could tell them to a store that is made anew.
    """
    c = GONE_CODE.c
    kept = {(one.list_name, one.code): one for one in kept_codes(connection)}
    for one in gone:
        key = (one.list_name, one.code)
        if kept.get(key) != one:
            connection.execute(sa.delete(GONE_CODE).where(c.list_name == one.list_name, c.code == one.code))
            insert_rows(connection, GONE_CODE, [(*key, orjson.dumps(one.values).decode())])
            kept[key] = one
    return list(kept.values())


def _gone(row: sa.Row[Any]) -> GoneCode:
    values = orjson.loads(row.row)
    days = {name: date.fromisoformat(values[name]) for name in DAYS if values[name]}
    return GoneCode(row.list_name, row.code, values | days)


def clear(connection: sa.Connection, asset_uids: Sequence[str]) -> None:
    """Drop every row of these assets that a load makes again; landed versions and keys stay."""
    sources = sa.select(SOURCE.c.source_id).where(SOURCE.c.asset_uid.in_(asset_uids))
    forget(connection, sa.select(SUBMISSION_KEY.c.submission_id).where(SUBMISSION_KEY.c.source_id.in_(sources)))

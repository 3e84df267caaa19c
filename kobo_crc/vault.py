"""The vault's rows made from submissions: identities and answers without a place, tagged with version and plan.

Written after the landing and before the store, so that a cut leaves the submission stale, never half known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from kobo_crc.database.database import among, insert_rows
from kobo_crc.database.metadata import ANSWER, FACT_TABLES, GONE_CODE, SOURCE, SUBMISSION_KEY, VAULT
from kobo_crc.model import GoneCode, Landed
from kobo_crc.normalise import Rows

# Columns of a code table that JSON holds as text.
DAYS = ("valid_from", "valid_to", "retired_on")
IDENTITY_TABLES = [table for table in FACT_TABLES.values() if table.metadata is VAULT]


def replace(connection: sa.Connection, landed: Sequence[Landed], rows: Rows) -> None:
    """Replace the vault's rows of these submissions as a set."""
    ids = [version.submission_id for version in landed]
    for table in (*IDENTITY_TABLES, ANSWER):
        connection.execute(sa.delete(table).where(table.c.submission_id.in_(among(ids))))
    for table in IDENTITY_TABLES:
        insert_rows(connection, table, rows.tables.get(table.name, ()))
    # Keys that a stranger made up may meet at one place: the last one stays, and all are in the landing.
    insert_rows(connection, ANSWER, list({answer[:2]: answer for answer in rows.answers}.values()))


def keep_codes(connection: sa.Connection, gone: Sequence[GoneCode]) -> list[GoneCode]:
    """Remember codes that left their lists, as they were the last time; returns all that the vault remembers.

    Here and not in the store, because nothing could tell them to a store that is made anew.
    """
    c = GONE_CODE.c
    kept = {(row.list_name, row.code): _gone(row) for row in connection.execute(sa.select(GONE_CODE))}
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
    ids = sa.select(SUBMISSION_KEY.c.submission_id).where(SUBMISSION_KEY.c.source_id.in_(sources))
    for table in (*IDENTITY_TABLES, ANSWER):
        connection.execute(sa.delete(table).where(table.c.submission_id.in_(ids)))

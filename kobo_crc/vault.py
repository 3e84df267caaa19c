"""The vault's rows made from submissions: identities and answers without a place, tagged with version and plan.

Written after the landing and before the store, so that a cut leaves the submission stale, never half known.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from kobo_crc.database.database import among, insert_rows
from kobo_crc.database.metadata import ANSWER, FACT_TABLES, VAULT
from kobo_crc.model import Landed
from kobo_crc.normalise import Rows

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


def clear(connection: sa.Connection) -> None:
    """Drop every row that a load makes again; landed versions and keys stay."""
    for table in (*IDENTITY_TABLES, ANSWER):
        connection.execute(sa.delete(table))

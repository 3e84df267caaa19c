"""The rows of some submissions made again and held against those that are there. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kobo_crc import vault
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ANSWER, CODES
from kobo_crc.database.rows import among
from kobo_crc.model import Landed
from kobo_crc.normalise import Normaliser, Rows
from kobo_crc.schema.facts import FACTS
from kobo_crc.store import FACTS_IN_STORE
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.plan import plan

MOMENTS = sa.Date | sa.Time | sa.DateTime


class Remake:
    """Makes the rows of one form's submissions as a run would, by the code lists that the store holds.

    `centres` are those that send to the project, none meaning any.
    """

    def __init__(self, database: Database, form: Form, centres: frozenset[str]) -> None:
        self._database = database
        with database.reading() as connection:
            codes = {
                name: frozenset(connection.execute(sa.select(table.c.code)).scalars()) for name, table in CODES.items()
            }
        self._normaliser = Normaliser(plan(form, FACTS), {table.name: table for table in FACTS}, codes, centres)

    def other_rows(self, landed: Sequence[Landed]) -> set[int]:
        """The `_id`s of those whose rows in the store or the vault are not what their answers make."""
        rows = Rows()
        for one in landed:
            self._normaliser.add(one, rows)
        answers = {answer[:2]: answer for answer in rows.answers}.values()  # as `vault` writes them
        made = _by_submission({**rows.tables, ANSWER.name: answers})
        held = self._held([one.submission_id for one in landed])
        return {one.server_id for one in landed if made.get(one.submission_id) != held.get(one.submission_id)}

    def _held(self, submission_ids: Sequence[int]) -> dict[int, list[str]]:
        with self._database.reading() as connection:
            facts = {table.name: self._rows(connection, table, submission_ids) for table in FACTS_IN_STORE}
            return _by_submission({**facts, **vault.opened(connection, self._database.keys, submission_ids)})

    def _rows(self, connection: sa.Connection, table: sa.Table, ids: Sequence[int]) -> list[tuple[Any, ...]]:
        # Days and times as the texts that the rows made again have.
        columns = [sa.cast(column, sa.Text) if isinstance(column.type, MOMENTS) else column for column in table.columns]
        query = sa.select(*columns).where(table.c.submission_id.in_(among(ids)))
        return [tuple(row) for row in connection.execute(query)]


def _by_submission(tables: Mapping[str, Any]) -> dict[int, list[str]]:
    """Each submission's rows of all tables, sorted."""
    listed: dict[int, list[str]] = {}
    for name, rows in tables.items():
        for row in rows:
            listed.setdefault(row[0], []).append(f"{name} {tuple(row)!r}")
    return {submission_id: sorted(own) for submission_id, own in listed.items()}

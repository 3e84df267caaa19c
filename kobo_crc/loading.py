"""Landed submissions become rows: names and phones in the vault first, facts and the mark in the store last."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from kobo_crc import holdings, store, vault
from kobo_crc.database.database import Database
from kobo_crc.database.rows import among
from kobo_crc.model import Landed
from kobo_crc.normalise import Normaliser, Rows

# What no form has: whatever one makes of it, if a pipeline pulls it again, takes its place.
NO_PLAN = ""


def load_gone(database: Database, asset_uids: Sequence[str]) -> None:
    """Load what was erased or deleted of all assets but these: without answers, no form is needed to read it."""
    with database.reading() as connection:
        ids = store.gone_elsewhere(connection, asset_uids)
        batch = list(holdings.newest(connection, database.keys, ids)) if ids else []
    if batch:
        with database.writing() as connection:
            vault.forget(connection, among(ids))
        with database.writing() as connection:
            store.replace(connection, batch, Rows(), NO_PLAN)


class Loader:
    """Loads the submissions of one form in one project. `digest` marks the rows that it makes."""

    def __init__(self, database: Database, normaliser: Normaliser) -> None:
        self._database, self._normaliser = database, normaliser
        self.digest = normaliser.digest
        self._begun: tuple[Sequence[Landed], Rows] | None = None

    def begin(self, connection: sa.Connection, batch: Sequence[Landed]) -> None:
        """Do the vault's part of a batch in the transaction that lands it, if the store has nothing of it yet."""
        if not store.has_any(connection, batch):
            rows = self._rows(batch)
            vault.insert(connection, self._database.keys, batch, rows)
            self._begun = batch, rows

    def load(self, batch: Sequence[Landed]) -> None:
        """Replace the rows of a landed batch, or add what is left of one that was begun."""
        begun, self._begun = self._begun, None
        if begun is not None and begun[0] is batch:
            with self._database.writing() as connection:
                store.insert(connection, batch, begun[1], self.digest)
            return
        rows = self._rows(batch)
        self._replace_identities(batch, rows)
        with self._database.writing() as connection:
            store.replace(connection, batch, rows, self.digest)

    def _replace_identities(self, batch: Sequence[Landed], rows: Rows) -> None:
        # Cut after the vault's part, a form mapped back in the meantime would find its own mark on another's rows.
        with self._database.writing() as connection:
            store.unmark(connection, batch)
        with self._database.writing() as connection:
            vault.replace(connection, self._database.keys, batch, rows)

    def _rows(self, batch: Sequence[Landed]) -> Rows:
        rows = Rows()
        for landed in batch:
            self._normaliser.add(landed, rows)
        return rows

"""The audit: who opened the vault or let something out, when, for what, and how many rows. Append-only."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from kobo_crc.account import account
from kobo_crc.database import asking
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import AUDIT, OPENED
from kobo_crc.database.rows import insert_rows
from kobo_crc.errors import ConfigError


class Opening(NamedTuple):
    """What was done (`person show`), why, in the words of who did it, of which rows, and how many. No names."""

    action: str
    purpose: str
    scope: str
    row_count: int


def refuse_no_purpose(purpose: str) -> None:
    """ConfigError for a purpose of no words: the vault is opened for a reason, and it is kept."""
    if not purpose.strip():
        raise ConfigError(
            "The vault is opened for a reason, and it is kept. Please say it with --purpose, without names."
        )


def note(connection: sa.Connection, opening: Opening, at: datetime, submission_ids: Sequence[int] = ()) -> None:
    """Write it down, with the account on this computer and the submissions opened. `at` is UTC, without zone.

    For an officer's login on a server, the server writes it: who and when as it knows them, and as the count how many
    of the submissions are of the own centres. Only those can be read, once this is committed, for some minutes.
    """
    if asking.must_ask(connection):
        asking.ask(connection, opening.action, opening.purpose, opening.scope, submission_ids)
        return
    line = sa.insert(AUDIT).values(at=at, who=account(), **opening._asdict()).returning(AUDIT.c.audit_id)
    audit_id = connection.execute(line).scalar_one()
    insert_rows(connection, OPENED, [(audit_id, number) for number in dict.fromkeys(submission_ids)])


def card_mark(connection: sa.Connection, keys: Keys, card: str) -> str:
    """What stands for a card in the audit: it stays after the person was erased, and says nothing without the key."""
    return "card " + _mark(connection, keys, card)


def referral_mark(connection: sa.Connection, keys: Keys, reference_code: str) -> str:
    """The same for a referral's number."""
    return "referral " + _mark(connection, keys, reference_code)


def _mark(connection: sa.Connection, keys: Keys, number: str) -> str:
    key = keys.for_purpose(connection, "audit")
    return hmac.digest(key, number.encode(), "sha256").hex()[:12]

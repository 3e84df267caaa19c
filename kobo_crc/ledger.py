"""The audit: who opened the vault or let something out, when, for what, and how many rows. Append-only."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from kobo_crc.account import account
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import AUDIT


class Opening(NamedTuple):
    """What was done (`person show`), why, in the words of who did it, of which rows, and how many. No names."""

    action: str
    purpose: str
    scope: str
    row_count: int


def note(connection: sa.Connection, opening: Opening, at: datetime) -> None:
    """Write it down, with the account on this computer. `at` is UTC, without zone."""
    line = sa.insert(AUDIT).values(at=at, who=account(), **opening._asdict())
    connection.execute(line.inline())  # asks for no number back: who may write here may not read


def card_mark(connection: sa.Connection, keys: Keys, card: str) -> str:
    """What stands for a card in the audit: it stays after the person was erased, and says nothing without the key."""
    return "card " + _mark(connection, keys, card)


def referral_mark(connection: sa.Connection, keys: Keys, reference_code: str) -> str:
    """The same for a referral's number."""
    return "referral " + _mark(connection, keys, reference_code)


def _mark(connection: sa.Connection, keys: Keys, number: str) -> str:
    key = keys.for_purpose(connection, "audit")
    return hmac.digest(key, number.encode(), "sha256").hex()[:12]

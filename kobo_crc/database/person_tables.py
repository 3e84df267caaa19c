"""The vault's tables of who is who: whose each card is, by what one is found again, and what people decided."""

from __future__ import annotations

import sqlalchemy as sa

from kobo_crc.database.metadata import VAULT

# Whoever goes through all tables of the vault takes VAULT from here, where it has them all.
__all__ = ["MATCH_KEY", "PERSON_CARD", "PERSON_DECISION", "VAULT"]

PERSON_CARD = sa.Table(
    "person_card",
    VAULT,
    sa.Column("card", sa.Text, primary_key=True, comment="keyed hash of the card's number, hexadecimal"),
    sa.Column("person_id", sa.Text, nullable=False, comment="random; given once, never again"),
    sqlite_with_rowid=False,
    comment="who a card belongs to; goes with the person's erasure",
)

MATCH_KEY = sa.Table(
    "match_key",
    VAULT,
    sa.Column("submission_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("row_path", sa.Text, primary_key=True, comment="the row of `identity` that it was made from"),
    sa.Column("kind", sa.Text, primary_key=True, comment="name_and_year, whole_name, phone_and_name"),
    sa.Column("card", sa.Text, nullable=False, comment="keyed hash of the card's number, hexadecimal"),
    sa.Column("key", sa.Text, nullable=False, comment="keyed hash of what two registrations may share"),
    sa.Index("match_key_key", "kind", "key"),
    sqlite_with_rowid=False,
    comment="what the same person is found by; made with the rows of `identity`",
)

PERSON_DECISION = sa.Table(
    "person_decision",
    VAULT,
    sa.Column("decision_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.Text, nullable=False, comment="the smaller of the two"),
    sa.Column("other_id", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False, comment="join, apart, undo; the newest of a pair counts"),
    sa.Column("decided_at", sa.DateTime, nullable=False, comment="UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="the account on this computer"),
    sa.Column("reason", sa.Text, nullable=False, comment="why, in the words of who decided"),
    comment="what people decided on who is who; never changed; goes with the person's erasure",
)

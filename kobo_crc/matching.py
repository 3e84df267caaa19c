"""Who a card belongs to, in the vault: a random person_id, given once, and keyed hashes to find the same person by.

Every kind of hash has a key of its own. Nothing here says that two people are one: that is for somebody to decide.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import FACT_TABLES
from kobo_crc.database.person_tables import MATCH_KEY, PERSON_CARD
from kobo_crc.database.rows import among_texts, insert_rows
from kobo_crc.normalise import Rows
from kobo_crc.schema.facts import IDENTITY, REGISTRATION
from kobo_crc.schema.tables import Table
from kobo_crc.spelling import dialled, spelled

CARD: Final = "card"
NAME_AND_YEAR: Final = "name_and_year"
WHOLE_NAME: Final = "whole_name"
PHONE_AND_NAME: Final = "phone_and_name"
KINDS: Final = (NAME_AND_YEAR, WHOLE_NAME, PHONE_AND_NAME)
CLIENT: Final = "client"

HASH_DIGITS: Final = 32

Row = Sequence[Any]
# Whose own name or phone an identity row has: a child's caregiver is somebody else.
_OWN_ROLES = (None, CLIENT)
_KEY_COLUMNS = 3  # submission_id, row_path, parent_path


def _columns_of(table: Table, *names: str) -> itemgetter[Any]:
    """Takes those columns out of a row of the table."""
    places = {column.name: _KEY_COLUMNS + place for place, column in enumerate(table.columns)}
    return itemgetter(*(places[name] for name in names))


_REGISTERED = _columns_of(REGISTRATION, "person_code", "birth_year")
_SAID = _columns_of(IDENTITY, "role_code", "given_name", "father_name", "grandfather_name", "phone")
_CARD_TABLES = {
    name: table.columns.keys().index("person_code")
    for name, table in FACT_TABLES.items()
    if "person_code" in table.columns
}


class Hashes:
    """The keyed hashes of this vault."""

    def __init__(self, connection: sa.Connection, keys: Keys) -> None:
        # A copy of one that holds its key already costs half of a new one.
        self._begun = {
            kind: hmac.new(keys.for_purpose(connection, f"match {kind}"), digestmod="sha256") for kind in (CARD, *KINDS)
        }
        self._cards: dict[str, str] = {}

    def card(self, code: str) -> str:
        """What stands for a card's number."""
        known = self._cards.get(code)
        if known is None:
            known = self._cards[code] = self.of(CARD, code)
        return known

    def of(self, kind: str, text: str) -> str:
        """What stands for a text of that kind."""
        made = self._begun[kind].copy()
        made.update(text.encode())
        return made.hexdigest()[:HASH_DIGITS]


def add(connection: sa.Connection, keys: Keys, rows: Rows) -> None:
    """Give every card of these rows its person, and add the match keys of the rows."""
    cards = cards_of(rows.tables)
    if not cards:
        return
    hashes = Hashes(connection, keys)
    assign(connection, hashes, cards)
    insert_rows(connection, MATCH_KEY, list(_match_keys(hashes, rows.tables)))


def cards_of(tables: Mapping[str, Iterable[Row]]) -> set[str]:
    """The cards that the rows name, in any table."""
    return {row[place] for name, place in _CARD_TABLES.items() for row in tables.get(name, ()) if row[place]}


def assign(connection: sa.Connection, hashes: Hashes, codes: Iterable[str]) -> None:
    """A random person_id for each card that has none; one that was given stays for good."""
    wanted = sorted({hashes.card(code) for code in codes})
    held = sa.select(PERSON_CARD.c.card).where(PERSON_CARD.c.card.in_(among_texts(wanted)))
    known = set(connection.execute(held).scalars())
    insert_rows(connection, PERSON_CARD, [(card, str(uuid4())) for card in wanted if card not in known])


def _match_keys(hashes: Hashes, tables: Mapping[str, Iterable[Row]]) -> Iterator[Row]:
    registered = {row[0]: _REGISTERED(row) for row in tables.get(REGISTRATION.name, ())}
    for row in tables.get(IDENTITY.name, ()):
        code, birth_year = registered.get(row[0], (None, None))
        role, *said = _SAID(row)
        if code and role in _OWN_ROLES:
            card = hashes.card(code)
            for kind, text in _texts(said, birth_year):
                yield row[0], row[1], kind, card, hashes.of(kind, text)


def _texts(said: Sequence[str | None], birth_year: int | None) -> Iterator[tuple[str, str]]:
    """What two registrations of one person would have in common: never a phone or a single name alone."""
    *names, number = said
    given, father, grandfather = (spelled(name or "") for name in names)
    phone = dialled(number or "")
    if given and father and birth_year:
        yield NAME_AND_YEAR, f"{given}/{father}/{birth_year}"
    if given and father and grandfather:
        yield WHOLE_NAME, f"{given}/{father}/{grandfather}"
    if given and phone:
        yield PHONE_AND_NAME, f"{phone}/{given}"

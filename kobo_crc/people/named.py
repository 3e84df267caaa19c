"""Which submissions name a card by a column of the store: what is known of a person without opening the vault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from kobo_crc.database.metadata import FACT_TABLES
from kobo_crc.database.rows import among_texts
from kobo_crc.schema.facts import FACTS

_NUMBERS = [
    FACT_TABLES[table.name].c[column.name]
    for table in FACTS
    if not table.vault
    for column in table.columns
    if column.rule == "number"
]
_REFERRAL = FACT_TABLES["referral"].c


def submissions_naming(connection: sa.Connection, cards: Iterable[str]) -> list[int]:
    """The submissions that name one of the cards, or the number of a referral that such a one sent, ascending.

    A card in free text, or in an older version alone, is not found here.
    """
    own = set(_with(connection, sorted(cards)))
    sent = sa.select(_REFERRAL.reference_code, _REFERRAL.submission_id).where(_REFERRAL.reference_code.is_not(None))
    references = {code for code, number in connection.execute(sent) if number in own}
    return sorted(own.union(_with(connection, sorted(references))))


def _with(connection: sa.Connection, numbers: list[str]) -> Iterator[int]:
    for column in _NUMBERS:
        query = sa.select(column.table.c.submission_id).where(column.in_(among_texts(numbers)))
        yield from connection.execute(query).scalars()

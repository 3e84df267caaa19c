"""Which numbers of printed cards and slips were taken: ranges in the vault, so that none is ever printed twice.

A range lies in a block of 90,000 numbers that this vault drew at random, in an order that only its key tells. The range
is kept before its numbers are seen: a print that fails wastes numbers, and repeats none.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Final

import sqlalchemy as sa

from kobo_crc.codes import Kind, check_digits
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import AUDIT, CARD_RANGE, FACT_TABLES
from kobo_crc.errors import StoreError
from kobo_crc.schema.facts import FACTS

# A number is the kind, the block, five digits, and two check digits; neither random part begins with a zero.
BLOCKS: Final = range(1_000, 10_000)
IN_BLOCK: Final = range(10_000, 100_000)
_PURPOSE = "cards"
_C = CARD_RANGE.c


def take(connection: sa.Connection, keys: Keys, kind: Kind, count: int, now: datetime, draw: Random) -> list[str]:
    """So many numbers that this vault never gave out before, kept as taken. `now` is UTC, without zone."""
    numbers: list[str] = []
    while len(numbers) < count:
        block, first = _where(connection, kind, draw)
        part = min(count - len(numbers), len(IN_BLOCK) - first)
        row = {"kind": kind, "block": block, "first_place": first, "number_count": part, "printed_at": now}
        connection.execute(sa.insert(CARD_RANGE).values(row))
        numbers += _in_order(keys.for_purpose(connection, _PURPOSE), kind, block)[first : first + part]
    return numbers


def _where(connection: sa.Connection, kind: Kind, draw: Random) -> tuple[int, int]:
    """Block and place of the next number: after the last range, or in a new block."""
    newest = sa.select(CARD_RANGE).where(_C.kind == kind).order_by(_C.range_id.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    if (
        last is not None
        and last.first_place + last.number_count < len(IN_BLOCK)
        and not _restored(connection, last.printed_at)
    ):
        return last.block, last.first_place + last.number_count
    own = connection.execute(sa.select(_C.block).where(_C.kind == kind)).scalars()
    free = sorted(set(BLOCKS) - set(own) - set(_seen(connection, kind)))
    if not free:
        raise StoreError(
            "Every block of numbers has been used. Please tell the developers: a number needs more digits."
        )
    return draw.choice(free), 0


def _restored(connection: sa.Connection, since: datetime) -> bool:
    """Whether the vault was put back from a copy since: what was printed after the copy was made is then not known."""
    later = sa.select(AUDIT.c.audit_id).where(AUDIT.c.action == "restore", AUDIT.c.at >= since)
    return connection.execute(later.limit(1)).first() is not None


def _seen(connection: sa.Connection, kind: Kind) -> Iterator[int]:
    """Blocks of which numbers came in from tablets: another computer may print from them."""
    for table in (table for table in FACTS if not table.vault):
        for column in (column for column in table.columns if column.rule == "number"):
            code = FACT_TABLES[table.name].c[column.name]
            block = sa.func.substr(code, 2, 4)
            query = sa.select(block).where(sa.func.substr(code, 1, 1) == kind).distinct()
            yield from (int(text) for text in connection.execute(query).scalars() if text.isdecimal())


def _in_order(key: bytes, kind: Kind, block: int) -> list[str]:
    """All numbers of the block in the order that this vault gives them out in; without its key nobody can tell it."""
    bodies = (f"{kind}{block}{number}" for number in IN_BLOCK)
    return [
        body + check_digits(body) for body in sorted(bodies, key=lambda body: hmac.digest(key, body.encode(), "sha256"))
    ]

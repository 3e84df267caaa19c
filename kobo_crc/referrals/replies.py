"""Replies of receivers: landed in the vault for good, copied into the store, folded like what follow-ups told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, REPLY
from kobo_crc.database.rows import insert_rows
from kobo_crc.holdings import newest_reply
from kobo_crc.referrals.lifecycle import BY_REPLY, Event

COPY = DERIVED_TABLES["referral_reply"]
# Of these a receiver means one: a newer reply corrects an older one.
STEPS: Final = {"accept": "decide", "decline": "decide", "serve": "outcome", "fail": "outcome"}


class Reply(NamedTuple):
    """What a receiver says of one referral. `reason_code` is "" for none."""

    reference_code: str
    organization_code: str
    event_code: str
    event_on: date
    reason_code: str = ""


def land(connection: sa.Connection, replies: Sequence[Reply], received_at: datetime) -> int:
    """Keep the replies that the vault has not seen, and return how many they are. `received_at` is UTC, no zone."""
    seen = {Reply._make(row) for row in connection.execute(sa.select(*(REPLY.c[name] for name in Reply._fields)))}
    fresh = [reply for reply in dict.fromkeys(replies) if reply not in seen]
    first = newest_reply(connection) + 1
    if fresh:
        rows = [{"reply_id": n, **reply._asdict(), "received_at": received_at} for n, reply in enumerate(fresh, first)]
        connection.execute(sa.insert(REPLY), rows)
    return len(fresh)


def copy(connection: sa.Connection) -> None:
    """Make the store's table of replies anew: of each step of a referral the receiver's newest."""
    connection.execute(sa.delete(COPY))
    by_step = {
        (row.reference_code, row.organization_code, STEPS.get(row.event_code, row.event_code)): row
        for row in connection.execute(sa.select(REPLY).order_by(REPLY.c.reply_id))
    }
    insert_rows(connection, COPY, [_plain(row) for row in by_step.values()])


def _plain(row: sa.Row[*tuple[object, ...]]) -> tuple[object, ...]:
    """The row as the driver takes it: days and times as text."""
    codes = (row.reply_id, row.reference_code, row.organization_code, row.event_code)
    return (*codes, str(row.event_on), row.reason_code or None, str(row.received_at))


def events(connection: sa.Connection) -> Iterator[Event]:
    """The copied replies as events, by the number of their referral."""
    c = COPY.c
    query = sa.select(COPY).order_by(c.reference_code)
    for row in connection.execute(query):
        place = f"reply/{row.reply_id:08}"  # in the order in which they came
        told = (row.reference_code, BY_REPLY, place, row.received_at, row.event_code, row.event_on)
        yield Event(*told, reason_code=row.reason_code)

"""What was found of people, destroyed: keys first, then rows. Tombstones keep later nights from bringing it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from kobo_crc import attachments, landing, vault
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ERASED, REPLY
from kobo_crc.database.rows import among, among_texts, insert_rows
from kobo_crc.people import links
from kobo_crc.people.trace import Trace
from kobo_crc.redaction import WHOLE
from kobo_crc.sealed_files import FOLDER, remove_strays
from kobo_crc.tombstones import keyed_hash


class Burial(NamedTuple):
    """When something was erased (UTC, as text), and the purpose whose time was over; "" when somebody asked for it."""

    erased_at: str
    purpose: str


def bury(
    database: Database,
    settings: Settings,
    found: Sequence[Trace],
    now: datetime,
    purpose: str = "",
    cards: Sequence[str] = (),
) -> None:
    """Destroy what was found: in the vault, and of the files beside it. `purpose` is whose time was over, if any.

    `cards` are those of one person, if it was all one's: by each of them all that is erased whole is found later.
    Submissions about the person alone go whole, every version; of those that name others, the person's items go, and
    the rest is sealed anew. A tombstone keeps a later night from bringing it back.
    """
    own = [number for one in found for number in one.own]
    attachments.erase_files(settings.vault.parent / FOLDER, own)
    burial = Burial(now.isoformat(" ", "seconds"), purpose)
    with database.writing() as connection:
        for one in found:
            _bury(connection, database, one, burial, cards or [one.card])
    with database.reading() as connection:
        remove_strays(connection, settings.vault.parent / FOLDER)


def _bury(connection: sa.Connection, database: Database, found: Trace, burial: Burial, cards: Sequence[str]) -> None:
    keys = database.keys
    hashed = keyed_hash(connection, keys)
    graves = {(number, WHOLE, hashed(card)) for number in found.own for card in cards}
    graves |= {(number, place.repeat, hashed(place.number)) for number, held in found.shared.items() for place in held}
    connection.execute(sa.delete(ERASED).where(ERASED.c.submission_id.in_(among(found.own))))
    insert_rows(connection, ERASED, [(*one, *burial) for one in sorted(graves - _graves_of(connection, found))])
    landing.erase(connection, keys, found.own, burial.erased_at)
    for number in (*found.shared, *found.earlier):
        kept = landing.reseal(connection, keys, number, burial.erased_at)
        attachments.forget_others(connection, number, kept)
    vault.forget(connection, among(found.submission_ids))
    if found.card:
        links.forget(connection, keys, found.card)
    connection.execute(sa.delete(REPLY).where(REPLY.c.reference_code.in_(among_texts(sorted(found.references)))))


def _graves_of(connection: sa.Connection, found: Trace) -> set[tuple[int, str, bytes]]:
    c = ERASED.c
    shared = c.submission_id.in_(among(sorted(found.shared)))
    return {
        (row[0], row[1], row[2]) for row in connection.execute(sa.select(c.submission_id, c.path, c.card).where(shared))
    }

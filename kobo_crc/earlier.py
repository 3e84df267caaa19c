"""Submissions from an old export in the landing: they join what the server gave, and give way to it.

What the vault holds already stays. A landed one is marked so that the server's own version always takes its place; the
cursor does not move.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from kobo_crc import holdings, landing
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import SUBMISSION_KEY
from kobo_crc.database.rows import among, among_texts
from kobo_crc.model import Landed, Origin, Submission

_KEY = SUBMISSION_KEY.c


def land(
    connection: sa.Connection, keys: Keys, origin: Origin, page: Sequence[Submission], seen_at: str
) -> list[Landed]:
    """Land those of the page that the vault has never seen, by root id or by `_id`; returns them."""
    source_id = landing.source_of(connection, origin)
    fresh = _unseen(connection, source_id, page)
    landed = landing.land(connection, keys, origin, fresh, seen_at)
    marked = sa.update(SUBMISSION_KEY).where(_KEY.submission_id.in_(among([one.submission_id for one in landed])))
    connection.execute(marked.values(attachments=holdings.EARLIER))
    return landed


def _unseen(connection: sa.Connection, source_id: int, page: Sequence[Submission]) -> list[Submission]:
    here = _KEY.source_id == source_id
    ids, roots = [one.server_id for one in page], [one.root_uuid for one in page]
    known = sa.select(_KEY.server_id, _KEY.root_uuid).where(
        here, sa.or_(_KEY.server_id.in_(among(ids)), _KEY.root_uuid.in_(among_texts(roots)))
    )
    seen: set[int | str] = {part for row in connection.execute(known) for part in row}
    fresh = []
    for one in page:
        if one.server_id not in seen and one.root_uuid not in seen:
            fresh.append(one)
            seen |= {one.server_id, one.root_uuid}  # a file may hold a submission twice
    return fresh

"""What the landing holds: versions read back and opened, cursors, counts, and what the server's are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import LANDED, REPLY, SOURCE, SUBMISSION_KEY
from kobo_crc.database.rows import among, among_texts
from kobo_crc.model import Landed, Origin
from kobo_crc.sealing import DataKey
from kobo_crc.sources.kobo import Glimpse, submission_of

# In place of the attachments' fingerprint: came from an old export, the server's own version always differs from it.
EARLIER = "earlier"
# The same of a submission that was erased on request: left alone whatever the server says, until it is gone there.
ERASED_HERE = "erased"
# Between root id and `_id` of a double.
SIGN = "#"
_KEY = SUBMISSION_KEY.c
KNOWN = (
    *(_KEY.submission_id, _KEY.server_id, _KEY.uuid, _KEY.validation_status, _KEY.attachments, _KEY.modified),
    _KEY.deleted,
)


class Known(NamedTuple):
    """What the vault knows of a submission: enough to see whether the server's differs."""

    submission_id: int
    server_id: int
    uuid: str
    validation_status: str
    attachments: str
    modified: str
    deleted: bool

    def is_still(self, seen: Glimpse) -> bool:
        """Whether the server shows what was landed last, or what was erased here and is not to come again."""
        if self.attachments == ERASED_HERE:
            return not self.deleted
        return (
            not self.deleted
            and self.uuid == seen.uuid
            and self.validation_status == seen.validation_status
            and self.attachments == seen.attachments
            and self.modified == seen.modified
        )

    def gives_way(self) -> bool:
        """Whether only an old export had it: what the server has under its root id is the same, whatever its `_id`."""
        return self.attachments == EARLIER

    def may_be_missed(self) -> bool:
        """Whether its absence on the server means something: not when only an old export ever had it."""
        return not self.deleted and not self.gives_way()


def cursor(connection: sa.Connection, asset_uid: str) -> int:
    """The highest `_id` up to which everything has been asked for; 0 at first."""
    query = sa.select(SOURCE.c.highest_id).where(SOURCE.c.asset_uid == asset_uid)
    return connection.execute(query).scalar() or 0


def known_between(connection: sa.Connection, asset_uid: str, above: int, up_to: int) -> dict[int, Known]:
    """What the vault knows of the submissions with above < `_id` <= up_to, by `_id`."""
    source_id = sa.select(SOURCE.c.source_id).where(SOURCE.c.asset_uid == asset_uid).scalar_subquery()
    query = sa.select(*KNOWN).where(_KEY.source_id == source_id, _KEY.server_id > above, _KEY.server_id <= up_to)
    return {known.server_id: known for known in map(Known._make, connection.execute(query))}


def known_of(connection: sa.Connection, asset_uid: str, roots: Sequence[str]) -> list[Known]:
    """What the vault knows of the submissions of those root ids, doubles too; those it never saw are left out."""
    source_id = sa.select(SOURCE.c.source_id).where(SOURCE.c.asset_uid == asset_uid).scalar_subquery()
    here = sa.select(_KEY.root_uuid, *KNOWN).where(_KEY.source_id == source_id)
    doubles = connection.execute(here.where(_KEY.root_uuid.like(f"%{SIGN}%"))).all() if roots else []
    wanted = set(roots)
    rows = [*connection.execute(here.where(_KEY.root_uuid.in_(among_texts(roots))))]
    rows += [row for row in doubles if row.root_uuid.partition(SIGN)[0] in wanted]
    return [Known(*known) for _, *known in rows]


def live_count(connection: sa.Connection, asset_uid: str, up_to: int | None = None) -> int:
    """How many submissions, those with `_id` <= up_to or all, the server should have as far as the vault knows."""
    source_id = sa.select(SOURCE.c.source_id).where(SOURCE.c.asset_uid == asset_uid).scalar_subquery()
    there = sa.and_(_KEY.deleted.is_(False), _KEY.attachments != EARLIER)
    query = sa.select(sa.func.count()).where(_KEY.source_id == source_id, there)
    return connection.execute(query if up_to is None else query.where(_KEY.server_id <= up_to)).scalar_one()


def earlier_count(connection: sa.Connection, asset_uid: str) -> int:
    """How many submissions only an old export had so far."""
    return _count_of(connection, asset_uid, EARLIER)


def erased_count(connection: sa.Connection, asset_uid: str) -> int:
    """How many submissions were erased here on request and are still on the server."""
    return _count_of(connection, asset_uid, ERASED_HERE)


def _count_of(connection: sa.Connection, asset_uid: str, attachments: str) -> int:
    mine = sa.and_(SOURCE.c.source_id == _KEY.source_id, SOURCE.c.asset_uid == asset_uid)
    query = sa.select(sa.func.count()).select_from(SUBMISSION_KEY).join(SOURCE, mine)
    return connection.execute(query.where(_KEY.attachments == attachments, ~_KEY.deleted)).scalar_one()


def newest_reply(connection: sa.Connection) -> int:
    """The number of the newest reply of a receiver; 0 when there is none."""
    return connection.execute(sa.select(sa.func.max(REPLY.c.reply_id))).scalar() or 0


def newest_version(connection: sa.Connection) -> int:
    """The highest version that was ever landed; 0 for an empty vault."""
    return connection.execute(sa.select(sa.func.max(LANDED.c.version_id))).scalar() or 0


def newest(connection: sa.Connection, keys: Keys, submission_ids: Sequence[int]) -> Iterator[Landed]:
    """The newest landed version of each submission, read back from the vault and opened."""
    query = (
        sa.select(SUBMISSION_KEY, SOURCE, LANDED.c.seen_at, LANDED.c.payload)
        .join(SOURCE, SOURCE.c.source_id == _KEY.source_id)
        .join(LANDED, LANDED.c.version_id == _KEY.version_id)
        .where(_KEY.submission_id.in_(among(submission_ids)))
        .order_by(_KEY.submission_id)
    )
    ready = keys.of(connection, submission_ids)
    for row in connection.execute(query):
        said = answers_of(row.version_id, row.payload, ready.get(row.submission_id))
        submission = submission_of(said) if said is not None else None
        origin = Origin(row.form, row.project, row.asset_uid)
        seen_at = row.seen_at.isoformat(" ", "seconds")
        yield Landed(row.submission_id, row.version_id, origin, row.server_id, row.root_uuid, seen_at, submission)


def answers_of(version_id: int, payload: bytes | None, key: DataKey | None) -> dict[str, Any] | None:
    """The server's JSON of a landed version; None for a deletion, or where it was erased. StoreError."""
    if payload is None or key is None:
        return None
    said: dict[str, Any] = orjson.loads(key.unseal(payload, f"{LANDED.name}/{version_id}"))
    return said


def sealed_version(landed: Landed, key: DataKey) -> tuple[object, ...]:
    """The row of `landed` for a version that says something, sealed for its place."""
    assert landed.submission is not None
    sealed = key.seal(orjson.dumps(landed.submission.payload), f"{LANDED.name}/{landed.version_id}")
    return landed.version_id, landed.submission_id, landed.seen_at, sealed


class Numbers:
    """Hands out the next submission and version numbers; safe because only one run writes at a time."""

    def __init__(self, connection: sa.Connection) -> None:
        highest = sa.select(
            sa.select(sa.func.coalesce(sa.func.max(_KEY.submission_id), 0)).scalar_subquery(),
            sa.select(sa.func.coalesce(sa.func.max(LANDED.c.version_id), 0)).scalar_subquery(),
        )
        self._submission, self._version = connection.execute(highest).one()

    def submission(self) -> int:
        self._submission += 1
        return int(self._submission)

    def version(self) -> int:
        self._version += 1
        return int(self._version)

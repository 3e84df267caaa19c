"""The landing: every version of every submission as the server gave it, append-only, in the vault.

A page and its cursor commit together. A deletion is a landed version too. Nothing here reads an answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from kobo_crc.database.database import insert_rows
from kobo_crc.database.metadata import CURSOR, LANDED, SUBMISSION_KEY
from kobo_crc.model import Landed, Origin, Submission
from kobo_crc.sources.kobo import Glimpse, glimpse_of, submission_of


@dataclass(frozen=True, slots=True)
class Known:
    """What the vault knows of a submission: enough to see whether the server's differs."""

    submission_id: int
    glimpse: Glimpse
    deleted: bool


def land(connection: sa.Connection, origin: Origin, page: Sequence[Submission], seen_at: str) -> list[Landed]:
    """Land those of the page that the vault does not hold already, as new versions; returns them."""
    keys = _keys(connection, origin.asset_uid, page)
    numbers = _Numbers(connection)
    fresh: list[tuple[object, ...]] = []
    moved: list[tuple[object, ...]] = []
    payloads: list[tuple[object, ...]] = []
    landed: list[Landed] = []
    for submission in page:
        root = submission.root_uuid
        known = keys.get(root)
        if known is not None and known.server_id != submission.server_id:
            # Two rows of the server under one root id: both are kept, told apart by the server's own number.
            root = f"{root}#{submission.server_id}"
            known = keys.get(root)
        payload, digest = _payload(submission.payload)
        if known is not None and known.digest == digest and not known.deleted:
            continue
        version_id = numbers.version()
        submission_id = known.submission_id if known is not None else numbers.submission()
        glimpse = glimpse_of(submission)
        state = (version_id, submission.uuid, submission.validation_status, glimpse.attachments, digest, False)
        if known is None:
            keys[root] = _Key(submission_id, submission.server_id, digest, False)
            place = (origin.form, origin.project, origin.asset_uid, root, submission.server_id)
            fresh.append((submission_id, *place, *state))
        else:
            moved.append((*state, submission_id))
        payloads.append((version_id, submission_id, seen_at, payload))
        landed.append(Landed(submission_id, version_id, origin, submission.server_id, root, seen_at, submission))
    insert_rows(connection, SUBMISSION_KEY, fresh)
    _update(connection, moved)
    insert_rows(connection, LANDED, payloads)
    return landed


def bury(connection: sa.Connection, origin: Origin, submission_ids: Iterable[int], seen_at: str) -> list[Landed]:
    """Land the deletion of submissions that are gone from the server."""
    numbers = _Numbers(connection)
    landed = []
    for submission_id in submission_ids:
        version_id = numbers.version()
        insert_rows(connection, LANDED, [(version_id, submission_id, seen_at, None)])
        connection.execute(
            sa.update(SUBMISSION_KEY)
            .where(SUBMISSION_KEY.c.submission_id == submission_id)
            .values(version_id=version_id, deleted=True)
        )
        key = connection.execute(
            sa.select(SUBMISSION_KEY.c.server_id, SUBMISSION_KEY.c.root_uuid).where(
                SUBMISSION_KEY.c.submission_id == submission_id
            )
        ).one()
        landed.append(Landed(submission_id, version_id, origin, key.server_id, key.root_uuid, seen_at, None))
    return landed


def cursor(connection: sa.Connection, asset_uid: str) -> int:
    """The highest `_id` up to which everything has been asked for; 0 at first."""
    query = sa.select(CURSOR.c.highest_id).where(CURSOR.c.asset_uid == asset_uid)
    return connection.execute(query).scalar() or 0


def move_cursor(connection: sa.Connection, asset_uid: str, highest_id: int) -> None:
    """Set the cursor; commits with the page it belongs to."""
    connection.execute(sa.delete(CURSOR).where(CURSOR.c.asset_uid == asset_uid))
    connection.execute(sa.insert(CURSOR).values(asset_uid=asset_uid, highest_id=highest_id))


def known_between(connection: sa.Connection, asset_uid: str, above: int, up_to: int) -> dict[int, Known]:
    """What the vault knows of the submissions with above < `_id` <= up_to, by `_id`."""
    c = SUBMISSION_KEY.c
    query = sa.select(
        c.server_id, c.submission_id, c.root_uuid, c.uuid, c.validation_status, c.attachments, c.deleted
    ).where(c.asset_uid == asset_uid, c.server_id > above, c.server_id <= up_to)
    return {
        server_id: Known(submission_id, Glimpse(server_id, root, uuid, status, attachments), deleted)
        for server_id, submission_id, root, uuid, status, attachments, deleted in connection.execute(query)
    }


def newest_version(connection: sa.Connection) -> int:
    """The highest version that was ever landed; 0 for an empty vault."""
    return connection.execute(sa.select(sa.func.max(LANDED.c.version_id))).scalar() or 0


def newest(connection: sa.Connection, submission_ids: Sequence[int]) -> Iterator[Landed]:
    """The newest landed version of each submission, read back from the vault."""
    c = SUBMISSION_KEY.c
    query = (
        sa.select(SUBMISSION_KEY, LANDED.c.seen_at, LANDED.c.payload)
        .join(LANDED, LANDED.c.version_id == c.version_id)
        .where(c.submission_id.in_(submission_ids))
        .order_by(c.submission_id)
    )
    for row in connection.execute(query):
        submission = submission_of(orjson.loads(row.payload)) if row.payload is not None else None
        origin = Origin(row.form, row.project, row.asset_uid)
        seen_at = row.seen_at.isoformat(" ", "seconds")
        yield Landed(row.submission_id, row.version_id, origin, row.server_id, row.root_uuid, seen_at, submission)


@dataclass(frozen=True, slots=True)
class _Key:
    submission_id: int
    server_id: int
    digest: bytes
    deleted: bool


class _Numbers:
    """Hands out the next submission and version numbers; safe because only one run writes at a time."""

    def __init__(self, connection: sa.Connection) -> None:
        highest = sa.select(
            sa.select(sa.func.coalesce(sa.func.max(SUBMISSION_KEY.c.submission_id), 0)).scalar_subquery(),
            sa.select(sa.func.coalesce(sa.func.max(LANDED.c.version_id), 0)).scalar_subquery(),
        )
        self._submission, self._version = connection.execute(highest).one()

    def submission(self) -> int:
        self._submission += 1
        return int(self._submission)

    def version(self) -> int:
        self._version += 1
        return int(self._version)


def _keys(connection: sa.Connection, asset_uid: str, page: Sequence[Submission]) -> dict[str, _Key]:
    roots = [submission.root_uuid for submission in page]
    roots += [f"{submission.root_uuid}#{submission.server_id}" for submission in page]
    c = SUBMISSION_KEY.c
    query = sa.select(c.root_uuid, c.submission_id, c.server_id, c.digest, c.deleted).where(
        c.asset_uid == asset_uid, c.root_uuid.in_(roots)
    )
    return {row[0]: _Key(*row[1:]) for row in connection.execute(query)}


def _update(connection: sa.Connection, states: Sequence[tuple[object, ...]]) -> None:
    for version_id, uuid, status, attachments, digest, deleted, submission_id in states:
        connection.execute(
            sa.update(SUBMISSION_KEY)
            .where(SUBMISSION_KEY.c.submission_id == submission_id)
            .values(
                version_id=version_id,
                uuid=uuid,
                validation_status=status,
                attachments=attachments,
                digest=digest,
                deleted=deleted,
            )
        )


def _payload(payload: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """The payload as JSON, and its digest: the order of keys and the URLs of attachments do not count."""
    text = orjson.dumps(payload)
    attachments = payload.get("_attachments")
    if attachments:
        bare = [{key: value for key, value in a.items() if not key.endswith("url")} for a in attachments]
        counted = orjson.dumps({**payload, "_attachments": bare}, option=orjson.OPT_SORT_KEYS)
    else:
        counted = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return text, hashlib.blake2b(counted, digest_size=16).digest()

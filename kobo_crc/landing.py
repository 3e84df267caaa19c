"""The landing: every version of every submission as the server gave it, sealed, append-only, in the vault.

A page and its cursor commit together. A deletion is a landed version too. Nothing here reads an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import ERASED, LANDED, SOURCE, SUBMISSION_KEY
from kobo_crc.database.rows import among, among_texts, insert_rows
from kobo_crc.holdings import ERASED_HERE, KNOWN, SIGN, Known, Numbers, newest, sealed_version
from kobo_crc.model import Landed, Origin, Submission
from kobo_crc.sources.kobo import glimpse_of
from kobo_crc.tombstones import Redaction, graves_of

_KEY = SUBMISSION_KEY.c


def source_of(connection: sa.Connection, origin: Origin) -> int:
    """The number under which the vault keeps an asset's submissions; given on first sight."""
    held = connection.execute(sa.select(SOURCE).where(SOURCE.c.asset_uid == origin.asset_uid)).first()
    if held is None:
        last = connection.execute(sa.select(sa.func.max(SOURCE.c.source_id))).scalar() or 0
        values = {"source_id": last + 1, "form": origin.form, "project": origin.project, "asset_uid": origin.asset_uid}
        connection.execute(sa.insert(SOURCE).values(**values, highest_id=0))
        return int(last) + 1
    if (held.form, held.project) != (origin.form, origin.project):
        renamed = sa.update(SOURCE).where(SOURCE.c.source_id == held.source_id)
        connection.execute(renamed.values(form=origin.form, project=origin.project))
    return int(held.source_id)


def land(
    connection: sa.Connection, keys: Keys, origin: Origin, page: Sequence[Submission], seen_at: str
) -> list[Landed]:
    """Land those of the page that the vault does not hold already, as new versions; returns them."""
    source_id = source_of(connection, origin)
    _adopt(connection, source_id, page)
    held = _keys(connection, source_id, page)
    again = _sent_again(connection, keys, source_id, held, page, seen_at)
    held |= again
    redact = Redaction(connection, keys, [known.submission_id for known in held.values()])
    numbers = Numbers(connection)
    fresh: list[tuple[int, *tuple[object, ...]]] = []
    moved: list[tuple[object, ...]] = []
    landed: list[Landed] = []
    for submission in page:
        seen = glimpse_of(submission)
        root = seen.root_uuid
        known = held.get(root)
        if known is not None and known.server_id != seen.server_id:
            double = _double(root, seen.server_id)
            if double in held or not known.gives_way():
                root, known = double, held.get(double)
        if known is not None and known.is_still(seen):
            continue
        if known is not None and known.attachments == ERASED_HERE:
            _mark_back(connection, known.submission_id)
            continue
        version_id = numbers.version()
        submission_id = known.submission_id if known is not None else numbers.submission()
        state = (version_id, seen.uuid, seen.validation_status, seen.attachments)
        if known is None:
            fresh.append((submission_id, source_id, root, seen.server_id, *state, False, seen.modified))
        else:
            moved.append((*state, seen.modified, seen.server_id, submission_id))
        held[root] = Known(submission_id, seen.server_id, *state[1:], seen.modified, deleted=False)
        kept = redact.of(submission_id, submission)
        landed.append(Landed(submission_id, version_id, origin, seen.server_id, root, seen_at, kept))
    insert_rows(connection, SUBMISSION_KEY, fresh)
    _update(connection, moved)
    ready = keys.for_new(connection, [one.submission_id for one in landed])
    insert_rows(connection, LANDED, [sealed_version(one, ready[one.submission_id]) for one in landed])
    kept_out = [known.submission_id for known in again.values() if known.attachments == ERASED_HERE]
    return [*landed, *newest(connection, keys, kept_out)] if kept_out else landed


def bury(connection: sa.Connection, origin: Origin, submission_ids: Iterable[int], seen_at: str) -> list[Landed]:
    """Land the deletion of submissions that are gone from the server."""
    numbers = Numbers(connection)
    landed = []
    for submission_id in submission_ids:
        here = _KEY.submission_id == submission_id
        key = connection.execute(sa.select(_KEY.server_id, _KEY.root_uuid).where(here)).one()
        gone = Landed(submission_id, numbers.version(), origin, key.server_id, key.root_uuid, seen_at, None)
        connection.execute(sa.update(SUBMISSION_KEY).where(here).values(version_id=gone.version_id, deleted=True))
        landed.append(gone)
    insert_rows(connection, LANDED, [(one.version_id, one.submission_id, seen_at, None) for one in landed])
    return landed


def erase(connection: sa.Connection, keys: Keys, submission_ids: Sequence[int], seen_at: str) -> None:
    """Shred every landed version of these submissions and destroy their keys, so that none comes again."""
    _empty(connection, keys, submission_ids, seen_at, ERASED_HERE)


def empty(connection: sa.Connection, keys: Keys, submission_ids: Sequence[int], seen_at: str) -> None:
    """The same, but what the server has of them comes again with the next night."""
    _empty(connection, keys, submission_ids, seen_at, "")


def _empty(
    connection: sa.Connection, keys: Keys, submission_ids: Sequence[int], seen_at: str, attachments: str
) -> None:
    """An empty version takes the place of all others."""
    numbers = Numbers(connection)
    of_them = LANDED.c.submission_id.in_(among(submission_ids))
    connection.execute(sa.delete(LANDED).where(of_them))
    emptied = [(numbers.version(), number, seen_at, None) for number in submission_ids]
    insert_rows(connection, LANDED, emptied)
    nothing = {"uuid": "", "validation_status": "", "attachments": attachments, "modified": ""}
    for version_id, number, *_ in emptied:
        here = sa.update(SUBMISSION_KEY).where(_KEY.submission_id == number)
        connection.execute(here.values(version_id=version_id, **nothing))
    keys.destroy(connection, submission_ids)


def shred(connection: sa.Connection, keys: Keys, submission_ids: Sequence[int]) -> None:
    """Destroy what submissions that were deleted on the server had said; the fact of the deletion stays."""
    said = sa.and_(LANDED.c.submission_id.in_(among(submission_ids)), LANDED.c.payload.is_not(None))
    connection.execute(sa.delete(LANDED).where(said))
    keys.destroy(connection, submission_ids)


def deleted_before(connection: sa.Connection, moment: datetime) -> list[int]:
    """Submissions whose deletion on the server was seen before that moment (UTC), and which still say something."""
    earlier = LANDED.alias()
    says = sa.exists().where(earlier.c.submission_id == _KEY.submission_id, earlier.c.payload.is_not(None))
    query = (
        sa.select(_KEY.submission_id)
        .join(LANDED, LANDED.c.version_id == _KEY.version_id)
        .where(_KEY.deleted, LANDED.c.seen_at < moment, says)
        .order_by(_KEY.submission_id)
    )
    return list(connection.execute(query).scalars())


def reserve(connection: sa.Connection, source_id: int, root_uuid: str, server_id: int) -> int:
    """A number for a submission that was never landed here, so that it can be left alone when it comes."""
    number = Numbers(connection).submission()
    row = (number, source_id, root_uuid, server_id, 0, "", "", "", False, "")
    insert_rows(connection, SUBMISSION_KEY, [row])
    return number


def reseal(connection: sa.Connection, keys: Keys, submission_id: int, seen_at: str) -> Submission | None:
    """Land the newest version again, less what is erased of it, under a new key, and return it; the older ones go."""
    [one] = newest(connection, keys, [submission_id])
    version_id = Numbers(connection).version()  # above the one that goes: the store has rows of that
    connection.execute(sa.delete(LANDED).where(LANDED.c.submission_id == submission_id))
    connection.execute(
        sa.update(SUBMISSION_KEY).where(_KEY.submission_id == submission_id).values(version_id=version_id)
    )
    if one.submission is None:
        keys.destroy(connection, [submission_id])
        insert_rows(connection, LANDED, [(version_id, submission_id, seen_at, None)])
        return None
    kept = Redaction(connection, keys, [submission_id]).of(submission_id, one.submission)
    key = keys.renew(connection, submission_id)
    insert_rows(connection, LANDED, [sealed_version(one._replace(version_id=version_id, submission=kept), key)])
    return kept


def move_cursor(connection: sa.Connection, asset_uid: str, highest_id: int) -> None:
    """Set the cursor; commits with the page it belongs to."""
    connection.execute(sa.update(SOURCE).where(SOURCE.c.asset_uid == asset_uid).values(highest_id=highest_id))


def _keys(connection: sa.Connection, source_id: int, page: Sequence[Submission]) -> dict[str, Known]:
    held = _held(connection, source_id, [submission.root_uuid for submission in page])
    doubles = [double for double, _, _ in _doubles(held, page)]
    return held | _held(connection, source_id, doubles) if doubles else held


def _doubles(held: dict[str, Known], page: Sequence[Submission]) -> Iterator[tuple[str, Known, Submission]]:
    """Those of the page whose root id is known under another `_id`, each with that one."""
    for one in page:
        known = held.get(one.root_uuid)
        if known is not None and known.server_id != one.server_id:
            yield _double(one.root_uuid, one.server_id), known, one


def _sent_again(
    connection: sa.Connection,
    keys: Keys,
    source_id: int,
    held: dict[str, Known],
    page: Sequence[Submission],
    seen_at: str,
) -> dict[str, Known]:
    """New doubles of what was erased, as when a tablet sends anew what was deleted: the same is erased of them."""
    again: dict[str, Known] = {}
    for double, known, one in _doubles(held, page):
        erased = graves_of(connection, known.submission_id) if double not in held and not known.gives_way() else ()
        if erased:
            number = reserve(connection, source_id, double, one.server_id)
            insert_rows(connection, ERASED, [(number, *grave) for grave in erased])
            whole = known.attachments == ERASED_HERE
            if whole:
                erase(connection, keys, [number], seen_at)
            again[double] = Known(number, one.server_id, "", "", ERASED_HERE if whole else "", "", deleted=not whole)
    return again


def _adopt(connection: sa.Connection, source_id: int, page: Sequence[Submission]) -> None:
    """Submissions that once came without a root id, from an old export or server, keep their number under it."""
    here = _KEY.source_id == source_id
    unnamed = sa.exists().where(here, _KEY.root_uuid >= "_id:", _KEY.root_uuid < "_id;")
    if not connection.execute(sa.select(unnamed)).scalar():
        return
    for one in page:
        old = f"_id:{one.server_id}"
        if one.root_uuid != old and not _held(connection, source_id, [one.root_uuid]):
            renamed = sa.update(SUBMISSION_KEY).where(here, _KEY.root_uuid == old)
            connection.execute(renamed.values(root_uuid=one.root_uuid))


def _double(root: str, server_id: int) -> str:
    """Two rows of the server under one root id: both are kept, told apart by the server's own number."""
    return f"{root}{SIGN}{server_id}"


def _held(connection: sa.Connection, source_id: int, roots: Sequence[str]) -> dict[str, Known]:
    query = sa.select(_KEY.root_uuid, *KNOWN).where(_KEY.source_id == source_id, _KEY.root_uuid.in_(among_texts(roots)))
    return {root: Known(*row) for root, *row in map(tuple, connection.execute(query))}


def _mark_back(connection: sa.Connection, submission_id: int) -> None:
    """One that was erased here and gone from the server is there again: it counts there, and stays erased."""
    connection.execute(sa.update(SUBMISSION_KEY).where(_KEY.submission_id == submission_id).values(deleted=False))


def _update(connection: sa.Connection, states: Sequence[tuple[object, ...]]) -> None:
    for version_id, uuid, status, attachments, modified, server_id, submission_id in states:
        state = {"version_id": version_id, "uuid": uuid, "validation_status": status, "attachments": attachments}
        state |= {"modified": modified, "server_id": server_id}
        here = sa.update(SUBMISSION_KEY).where(_KEY.submission_id == submission_id)
        connection.execute(here.values(**state, deleted=False))

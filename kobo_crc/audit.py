"""The store held against the server, submission by submission: which are there, in which version, with which content.

Asks and compares; changes nothing. What cannot be decided (a server that changed meanwhile) is never called equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import sqlalchemy as sa

from kobo_crc import holdings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import SOURCE, SUBMISSION, SUBMISSION_KEY
from kobo_crc.database.rows import among
from kobo_crc.model import Landed, Origin
from kobo_crc.progress import Progress
from kobo_crc.remake import Remake
from kobo_crc.sources.attached import attached
from kobo_crc.sources.kobo import Asset, Glimpse
from kobo_crc.tombstones import Redaction

# Above any `_id`: PostgreSQL's own numbers end here.
HIGHEST_ID = 2**53 - 1
FETCH_AT_ONCE = 200

EQUAL, DIFFERENT, UNDECIDED = "equal", "different", "undecided"
_KEY = SUBMISSION_KEY.c


@dataclass(slots=True)
class Finding:
    """What the comparison of one form in one project found. Lists hold the `_id`s of submissions.

    `steady` is False when the server changed meanwhile, `sees_all` when the token may not see every submission.
    `not_loaded` are landed but not in the store as landed; `earlier` came from an old export and are on no server;
    `erased` were erased here and are still there;
    `compared` counts those whose content was compared: `other_content` lists those that were received otherwise,
    `other_rows` those whose rows are not what the server's answers make.
    """

    origin: Origin
    server_count: int = 0
    here_count: int = 0
    steady: bool = True
    sees_all: bool = True
    only_server: list[int] = field(default_factory=list)
    only_here: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    not_loaded: list[int] = field(default_factory=list)
    earlier: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    compared: int = 0
    other_content: list[int] = field(default_factory=list)
    other_rows: list[int] = field(default_factory=list)
    fault: str = ""

    @property
    def result(self) -> str:
        """EQUAL, DIFFERENT or UNDECIDED."""
        if self.fault or not self.steady or not self.sees_all:
            return UNDECIDED
        ids = (self.only_server, self.only_here, self.changed, self.not_loaded, self.other_content, self.other_rows)
        return DIFFERENT if any(ids) else EQUAL


def verdict(findings: Sequence[Finding]) -> str:
    """Of all together: DIFFERENT once one is, else UNDECIDED once one is, else EQUAL."""
    results = {finding.result for finding in findings}
    return next((result for result in (DIFFERENT, UNDECIDED) if result in results), EQUAL)


@dataclass(frozen=True, slots=True)
class Sample:
    """Whose content is compared: `size` of each form and project, picked by `seed`; None for all."""

    size: int | None
    seed: int

    def of(self, ids: Sequence[int]) -> list[int]:
        """The picked `_id`s, ascending."""
        if self.size is None or self.size >= len(ids):
            return list(ids)
        return sorted(Random(self.seed).sample(ids, self.size))


class Audit:
    """Compares one asset with what is here; `remake` makes the rows again. Its methods may raise SourceError."""

    def __init__(self, database: Database, asset: Asset, origin: Origin, remake: Remake, progress: Progress) -> None:
        self._database, self._asset, self._remake, self._progress = database, asset, remake, progress
        self.finding = Finding(origin)

    def compare(self, sample: Sample) -> Finding:
        """Ids and versions of all, the content of the sample."""
        found = self.finding
        found.sees_all = self._asset.describe().sees_all
        before = self._asset.count()
        self._progress.start(f"{found.origin.form} in {found.origin.project}", before)
        same = self._ids()
        self._contents(sample.of(same))
        with self._database.reading() as connection:
            found.not_loaded = _not_loaded(connection, found.origin.asset_uid)
            found.here_count = _here(connection, found.origin.asset_uid)
        found.steady = before == found.server_count == self._asset.count()
        self._progress.finish()
        return found

    def _ids(self) -> list[int]:
        """The `_id`s of submissions that are the same by id and version."""
        same: list[int] = []
        above = 0
        for page in self._asset.sweep(HIGHEST_ID):
            self.finding.server_count += len(page)
            same += self._compare(page, self._known(above, page[-1].server_id))
            above = page[-1].server_id
            self._progress.advance(len(page))
        self._compare([], self._known(above, HIGHEST_ID))
        return same

    def _known(self, above: int, up_to: int) -> dict[int, holdings.Known]:
        with self._database.reading() as connection:
            return holdings.known_between(connection, self._asset.uid, above, up_to)

    def _compare(self, page: Sequence[Glimpse], known: dict[int, holdings.Known]) -> list[int]:
        same = []
        for glimpse in page:
            held = known.pop(glimpse.server_id, None)
            if held is not None and held.attachments == holdings.ERASED_HERE:
                self.finding.erased.append(glimpse.server_id)
            elif held is None or held.deleted:
                self.finding.only_server.append(glimpse.server_id)
            elif held.is_still(glimpse):
                same.append(glimpse.server_id)
            else:
                self.finding.changed.append(glimpse.server_id)
        for held in known.values():
            if held.may_be_missed():
                self.finding.only_here.append(held.server_id)
            elif not held.deleted:
                self.finding.earlier.append(held.server_id)
        return same

    def _contents(self, server_ids: Sequence[int]) -> None:
        """Compare what the server gives now with what was landed, whole."""
        for start in range(0, len(server_ids), FETCH_AT_ONCE):
            batch = server_ids[start : start + FETCH_AT_ONCE]
            held = self._landed(batch)
            for page in self._asset.fetch(batch):
                fresh = self._as_kept([held[one.server_id]._replace(submission=one) for one in page])
                self.finding.compared += len(fresh)
                self.finding.other_content += [one.server_id for one in fresh if _differs(one, held[one.server_id])]
                self.finding.other_rows += sorted(self._remake.other_rows(fresh))

    def _as_kept(self, page: Sequence[Landed]) -> list[Landed]:
        """The server's versions without what was erased of them here."""
        with self._database.reading() as connection:
            redact = Redaction(connection, self._database.keys, [one.submission_id for one in page])
            return [
                one._replace(submission=redact.of(one.submission_id, one.submission)) for one in page if one.submission
            ]

    def _landed(self, server_ids: Sequence[int]) -> dict[int, Landed]:
        numbers = (
            sa.select(_KEY.submission_id)
            .join(SOURCE, SOURCE.c.source_id == _KEY.source_id)
            .where(SOURCE.c.asset_uid == self._asset.uid, _KEY.server_id.in_(among(server_ids)))
        )
        with self._database.reading() as connection:
            ids = list(connection.execute(numbers).scalars())
            return {one.server_id: one for one in holdings.newest(connection, self._database.keys, ids)}


def _differs(one: Landed, other: Landed) -> bool:
    said = [content_digest(version.submission.payload) for version in (one, other) if version.submission]
    return len(set(said)) != 1


def content_digest(payload: Any) -> str:
    """A SHA-256 of everything that a submission says, the order of its keys and the addresses of its files apart."""
    files = sorted((file.uid, file.question, file.name, file.mimetype) for file in attached(payload))
    said = {**payload, "_attachments": files}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _not_loaded(connection: sa.Connection, asset_uid: str) -> list[int]:
    """The `_id`s of submissions whose newest landed version is not the one that the store's rows were made from."""
    query = (
        sa.select(_KEY.server_id)
        .join(SOURCE, SOURCE.c.source_id == _KEY.source_id)
        .outerjoin(SUBMISSION, SUBMISSION.c.submission_id == _KEY.submission_id)
        .where(SOURCE.c.asset_uid == asset_uid)
        .where(sa.or_(SUBMISSION.c.version_id.is_(None), SUBMISSION.c.version_id != _KEY.version_id))
        .order_by(_KEY.server_id)
    )
    return list(connection.execute(query).scalars())


def _here(connection: sa.Connection, asset_uid: str) -> int:
    c = SUBMISSION.c
    return connection.execute(
        sa.select(sa.func.count()).where(c.asset_uid == asset_uid, c.deleted_on.is_(None))
    ).scalar_one()


def sentences(finding: Finding) -> Iterator[str]:
    """The finding in words that need no knowledge of the program."""
    if finding.fault:
        yield f"The comparison could not be made. {finding.fault}"
        return
    yield f"The server has {finding.server_count} submissions, the store {finding.here_count}."
    if not finding.sees_all:
        yield "The account may not see every submission, so nothing can be concluded. Please share the whole project."
    if not finding.steady:
        yield "The server's submissions changed during the comparison. Please compare again at a quiet hour."
    for ids, words in (
        (finding.only_server, "on the server and not in the store"),
        (finding.only_here, "in the store and no longer on the server"),
        (finding.changed, "in another version on the server"),
        (finding.not_loaded, "received and not yet in the store as received"),
        (finding.other_content, "of the same version, and yet were received with other content"),
        (finding.other_rows, "in the store with other rows than the server's answers make by the forms here"),
    ):
        if ids:
            yield f"{len(ids)} are {words}: _id {_listed(ids)}. Please run the pipeline, then compare again."
    if finding.erased:
        yield (
            f"{len(finding.erased)} were erased here and are still on the server: _id {_listed(finding.erased)}. "
            "Please delete them there, or run `kobo-crc person erase` or `kobo-crc retention` with --on-server."
        )
    if finding.earlier:
        yield f"{len(finding.earlier)} came from an earlier export and are on no server; they were not compared."
    differ = len({*finding.other_content, *finding.other_rows})
    yield f"Whole content and all rows compared: {finding.compared}, of which {differ} differ."


def _listed(ids: Sequence[int], most: int = 10) -> str:
    return ", ".join(map(str, ids[:most])) + (" and more" if len(ids) > most else "")

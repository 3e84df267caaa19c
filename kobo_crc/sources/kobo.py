"""One project (asset) on a KoboToolbox server: what it is, its submissions whole, and light glimpses to find changes.

Pages by key (`_id` above the last seen), never by offset: rows deleted meanwhile would make offsets skip others.
Knows nothing of the store, and keeps every answer as it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

import orjson

from kobo_crc.errors import Fatal
from kobo_crc.model import Submission
from kobo_crc.sources.ahead import ahead
from kobo_crc.sources.history import get_changed, get_newest
from kobo_crc.sources.http import Client

T = TypeVar("T")

# The server cuts a larger page to this number without a word.
PAGE_SIZE = 1000
# A server without `_date_modified` leaves it out.
GLIMPSE_FIELDS = '["_id","_uuid","meta/rootUuid","_validation_status","_attachments","_date_modified"]'
# Proxies commonly refuse addresses above 8 kB; the ids of one fetch take at most this many characters of it.
IDS_LENGTH_MOST = 5000
# What every whole submission has, and no glimpse.
ARRIVAL = "_submission_time"


@dataclass(frozen=True, slots=True)
class AssetInfo:
    """What the server says about a project, for our token.

    `sees_all` is False when the account sees only some submissions: then absence proves nothing. `deployed_version`
    is "" before the first deployment; `url` is the project's page for people. `versions` are all that were ever
    deployed, or none when the server did not tell them whole.
    """

    uid: str
    name: str
    owner: str
    url: str
    active: bool
    deployed_version: str
    version: str
    permissions: frozenset[str]
    sees_all: bool
    versions: frozenset[str]


class FormVersion(NamedTuple):
    """A version of a form that was deployed: its uid, its number as people see it, and when, in the server's text."""

    uid: str
    number: str
    deployed_at: str


class Glimpse(NamedTuple):
    """As much of a submission as shows whether it changed: equal glimpses mean an unchanged submission.

    `attachments` is a digest of which files are there, whatever their URLs; "" for none. `modified` is the server's
    `_date_modified`; "" where it serves none.
    """

    server_id: int
    root_uuid: str
    uuid: str
    validation_status: str
    attachments: str
    modified: str


class Asset:
    """A project on the server, by its uid. Every method may raise Retriable or Fatal."""

    def __init__(self, client: Client, uid: str, page_size: int = PAGE_SIZE) -> None:
        self.uid = uid
        self.server_url = client.server_url
        self._client = client
        self._page_size = page_size
        self._path = f"assets/{quote(uid, safe='')}/"

    def __repr__(self) -> str:
        return f"Asset({self.uid!r} on {self.server_url!r})"

    def describe(self) -> AssetInfo:
        """The project's name, owner, versions, and what our token may do there."""
        said = _mapping(self._client.get(self._path), self)
        permissions = frozenset(entry.get("codename", "") for entry in said.get("effective_permissions") or ())
        return AssetInfo(
            uid=self.uid,
            name=said.get("name") or "",
            owner=said.get("owner__username") or "",
            url=f"{self.server_url}/#/forms/{self.uid}",
            active=bool(said.get("deployment__active")),
            deployed_version=said.get("deployed_version_id") or "",
            version=said.get("version_id") or "",
            permissions=permissions,
            sees_all="view_submissions" in permissions and "partial_submissions" not in permissions,
            versions=_versions(said.get("deployed_versions") or {}),
        )

    def get_content(self, version: str = "") -> dict[str, Any]:
        """The form that the project holds, or held in that deployed version, as the server's JSON."""
        path = f"{self._path}versions/{quote(version, safe='')}/" if version else self._path
        content = _mapping(self._client.get(path), self).get("content")
        if not isinstance(content, dict):
            raise _strange(self, "a form as `content`")
        return content

    def get_versions(self) -> list[FormVersion]:
        """The deployed versions, newest first: those that the server tells at once, some hundred."""
        told = _mapping(self._client.get(f"{self._path}versions/"), self).get("results")
        if not isinstance(told, list):
            raise _strange(self, "a list of versions")
        return [FormVersion(one["uid"], str(one["version_number"]), one["date_deployed"] or "") for one in told]

    def get_rights(self) -> dict[str, frozenset[str]]:
        """What each account may do with the project: every account for who manages it, else the owner and our own."""
        told = self._client.get(f"{self._path}permission-assignments/")
        if not isinstance(told, list):
            raise _strange(self, "a list of permissions")
        rights: dict[str, frozenset[str]] = {}
        for one in told:
            account, right = (str(one[key]).rstrip("/").rpartition("/")[2] for key in ("user", "permission"))
            rights[account] = rights.get(account, frozenset()) | {right}
        return rights

    def count(self, up_to: int | None = None) -> int:
        """How many submissions the server shows us, up to and including that `_id` (None: all)."""
        query = {} if up_to is None else {"_id": {"$lte": up_to}}
        # With the fields of a glimpse: without the status asked for, every row says that it has none, and a proxy that
        # gave this answer to a sweep would hide one.
        return self._ask(query, limit=1, fields=GLIMPSE_FIELDS)[0]

    def count_of_page(self, limit: int) -> tuple[int, int]:
        """How many submissions there are, and how many of them come when so many are asked for."""
        total, rows = self._ask({}, limit, '["_id"]')
        return total, len(rows)

    def pages(self, after: int = 0) -> Iterator[list[Submission]]:
        """Whole submissions with `_id` above `after`, ascending, a page at a time; the next page comes meanwhile."""
        return ahead(self._whole(page) for page in self._keyset({}, after))

    def sweep(self, up_to: int) -> Iterator[list[Glimpse]]:
        """Glimpses of all submissions up to and including that `_id`, ascending, a page at a time."""
        rows = self._keyset({"$lte": up_to}, 0, GLIMPSE_FIELDS)
        return ahead([_glimpse_of_row(row) for row in page] for page in rows)

    def fetch(self, ids: Iterable[int]) -> Iterator[list[Submission]]:
        """Whole submissions of those `_id`s, ascending; those that are no longer there are left out."""
        batches = _batches(sorted(set(ids)))
        return ahead(self._whole(page, batch) for batch in batches for page in self._keyset({"$in": batch}, 0))

    def get_changed(self, since: datetime) -> set[str]:
        """The root ids of submissions that the history says were edited or deleted since that UTC time."""
        return get_changed(self._client, self.uid, since)

    def get_newest_change(self) -> datetime | None:
        """When the newest line of the history was written, by the server's clock; None for an empty one."""
        return get_newest(self._client, self.uid)

    def _keyset(self, condition: dict[str, Any], after: int, fields: str = "") -> Iterator[list[dict[str, Any]]]:
        """Pages of raw rows in ascending `_id` above `after`. A page shorter than asked is normal: the server's cap."""
        while True:
            total, rows = self._ask({"_id": {**condition, "$gt": after}}, self._page_size, fields)
            if not rows:
                return
            after = self._last_id(rows, after)
            yield rows
            if total == len(rows):
                return

    def _whole(self, page: list[dict[str, Any]], asked: Iterable[int] | None = None) -> list[Submission]:
        """The page's submissions, none of them a mere glimpse and, where some were asked for by `_id`, none other.

        A proxy that answers with an earlier page would otherwise empty submissions.
        """
        wanted = None if asked is None else frozenset(asked)
        for row in page:
            if ARRIVAL not in row or (wanted is not None and row["_id"] not in wanted):
                raise _strange(self, "the submissions that were asked for, whole")
        return [submission_of(row) for row in page]

    def _ask(self, query: dict[str, Any], limit: int, fields: str) -> tuple[int, list[dict[str, Any]]]:
        """One request to `data/`: how many rows match in all, and the first of them by `_id`."""
        params: dict[str, str | int] = {"sort": '{"_id":1}', "limit": limit, "start": 0}
        if query:
            params["query"] = orjson.dumps(query).decode()
        if fields:
            params["fields"] = fields
        said = _mapping(self._client.get(f"{self._path}data/", params), self)
        total, rows = said.get("count"), said.get("results")
        if not isinstance(total, int) or not isinstance(rows, list):
            raise _strange(self, "a list of submissions and their count")
        return total, rows

    def _last_id(self, rows: list[dict[str, Any]], after: int) -> int:
        """The page's highest `_id`, having made sure that each one is above the one before."""
        for row in rows:
            server_id = row.get("_id")
            if not isinstance(server_id, int):
                raise _strange(self, "a number as `_id` of each submission")
            if server_id <= after:
                raise _strange(self, f"submissions in ascending order without repeats after _id {after}")
            after = server_id
        return after


def submission_of(row: dict[str, Any]) -> Submission:
    """A submission from a whole row of the server's JSON; the row itself is the payload."""
    get = row.get
    uuid, version, at = get("_uuid") or "", get("__version__") or "", get("_submission_time") or ""
    return Submission(row["_id"], _root_uuid(row), uuid, version, at, _validation_status(row), row)


def glimpse_of(submission: Submission) -> Glimpse:
    """The glimpse that a sweep would give of this submission."""
    return Glimpse(
        submission.server_id,
        submission.root_uuid,
        submission.uuid,
        submission.validation_status,
        _attachments_digest(submission.payload.get("_attachments")),
        submission.payload.get("_date_modified") or "",
    )


def _glimpse_of_row(row: dict[str, Any]) -> Glimpse:
    return Glimpse(
        row["_id"],
        _root_uuid(row),
        row.get("_uuid") or "",
        _validation_status(row),
        _attachments_digest(row.get("_attachments")),
        row.get("_date_modified") or "",
    )


def _versions(told: dict[str, Any]) -> frozenset[str]:
    return frozenset() if told.get("next") else frozenset(one["uid"] for one in told.get("results") or ())


def _root_uuid(row: dict[str, Any]) -> str:
    """The id that survives edits, bare; old servers do not give it, then it is `_id:<n>`."""
    given: str | None = row.get("meta/rootUuid")
    return given.removeprefix("uuid:") if given else f"_id:{row['_id']}"


def _validation_status(row: dict[str, Any]) -> str:
    status = row.get("_validation_status")
    return (status.get("uid") or "") if status else ""


def _attachments_digest(attachments: list[dict[str, Any]] | None) -> str:
    """A digest of which files are there and which are deleted. URLs differ by host and type, so they do not count."""
    if not attachments:
        return ""
    seen = sorted(
        (str(file.get("uid") or file.get("id") or file.get("filename")), bool(file.get("is_deleted")))
        for file in attachments
    )
    return hashlib.blake2b(orjson.dumps(seen), digest_size=12).hexdigest()


def _batches(ids: list[int]) -> Iterator[list[int]]:
    """The ids in groups whose text fits into an address."""
    batch: list[int] = []
    length = 0
    for server_id in ids:
        cost = len(str(server_id)) + len("%2C")
        if length + cost > IDS_LENGTH_MOST:
            yield batch
            batch, length = [], 0
        batch.append(server_id)
        length += cost
    if batch:
        yield batch


def _mapping(said: Any, asset: Asset) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise _strange(asset, "an object")
    return said


def _strange(asset: Asset, expected: str) -> Fatal:
    return Fatal(
        f"Project {asset.uid} on {asset.server_url}: the answer is not what KoboToolbox gives, which is {expected}. "
        "Nothing of it was taken. Please check `server_url`, run again, and report it if it stays."
    )

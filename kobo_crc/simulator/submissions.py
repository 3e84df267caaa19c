"""The submissions of one project, kept as ready JSON in the order of `_id`, so that pages need no scan."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from kobo_crc.simulator.query import keys_of, matches

Record = dict[str, Any]
HEAD = ("_id", "_uuid", "meta/rootUuid", "_attachments", "_submission_time", "_validation_status", "_submitted_by")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a submission; `filename` is the sanitised path on the server, `basename` the name as sent."""

    uid: str
    basename: str
    filename: str
    mimetype: str
    xpath: str
    content: bytes = field(repr=False)
    is_deleted: bool = False


@dataclass(slots=True)
class Row:
    """One submission: `body` is its JSON, `head` the fields that sweeps ask for, already parsed.

    `xml` is what was sent last, None for rows loaded ready-made; `submitted_at` is the server's time, ISO with zone.
    """

    body: bytes
    head: Record
    submitted_at: str
    xml: bytes | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def id(self) -> int:
        return int(self.head["_id"])

    @property
    def uuid(self) -> str:
        return str(self.head["_uuid"])

    @property
    def root_uuid(self) -> str:
        return str(self.head["meta/rootUuid"]).removeprefix("uuid:")

    @property
    def record(self) -> Record:
        """The whole JSON record, a fresh copy."""
        out: Record = orjson.loads(self.body)
        return out

    def write(self, record: Record) -> None:
        """Replace the record."""
        self.body = bytes(memoryview(orjson.dumps(record)))  # a copy: orjson's own bytes keep four times their size
        self.head = {key: record[key] for key in HEAD if key in record}


class Store:
    """All submissions of a project; ids may arrive out of order, as they do on a busy server."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.by_id: dict[int, Row] = {}
        self._id_by_uuid: dict[str, int] = {}
        self._id_by_root: dict[str, int] = {}
        self.old_uuids: dict[str, int] = {}
        self.last_time: str | None = None
        self.arrivals: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, row: Row) -> None:
        """Take in a new submission."""
        if not self.ids or row.id > self.ids[-1]:
            self.ids.append(row.id)
        else:
            bisect.insort(self.ids, row.id)
        self.by_id[row.id] = row
        self._id_by_uuid[row.uuid] = row.id
        self._id_by_root[row.root_uuid] = row.id
        self.last_time = row.submitted_at
        self.arrivals[row.submitted_at[:10]] += 1

    def replace(self, row: Row, record: Record) -> None:
        """Write an edited record, remembering the uuid that it replaces."""
        old = row.uuid
        row.write(record)
        if row.uuid != old:
            self._id_by_uuid.pop(old, None)
            self.old_uuids[old] = row.id
            self._id_by_uuid[row.uuid] = row.id

    def remove(self, row: Row) -> None:
        """Delete for good: nothing is left of a submission."""
        del self.ids[bisect.bisect_left(self.ids, row.id)]
        del self.by_id[row.id]
        self._id_by_uuid.pop(row.uuid, None)
        self._id_by_root.pop(row.root_uuid, None)
        self.old_uuids = {uuid: owner for uuid, owner in self.old_uuids.items() if owner != row.id}

    def by_uuid(self, uuid: str) -> Row | None:
        """Return the submission whose present uuid this is."""
        return self.by_id.get(self._id_by_uuid.get(uuid, -1))

    def find(self, key: str) -> Row | None:
        """Return a submission by `_id`, by its present uuid or by its root uuid."""
        if key.isdecimal():
            return self.by_id.get(int(key))
        return self.by_uuid(key) or self.by_id.get(self._id_by_root.get(key, -1))

    def select(self, query: Mapping[str, Any], allowed: list[Mapping[str, Any]] | None = None) -> list[int]:
        """Return the ids of the matching submissions, ascending; `allowed` are a partial permission's filters."""
        ids, rest = self._narrow(query)
        keys = keys_of(rest).union(*(keys_of(part) for part in allowed or ()))
        if not rest and allowed is None:
            return ids
        found = self._records(ids, only_head=keys <= set(HEAD))
        return [number for number, record in found if matches(record, rest) and _is_allowed(record, allowed)]

    def _records(self, ids: Iterable[int], only_head: bool) -> Iterator[tuple[int, Record]]:
        for number in ids:
            row = self.by_id[number]
            yield number, row.head if only_head else row.record

    def _narrow(self, query: Mapping[str, Any]) -> tuple[list[int], dict[str, Any]]:
        """Use the order of ids for the clause on `_id`; return the ids left and the clauses left."""
        wanted = query.get("_id")
        if isinstance(wanted, str) and wanted.isdecimal():  # the server turns this one text into a number
            return self._narrow(dict(query) | {"_id": {"$in": [int(wanted)]}})
        if not isinstance(wanted, Mapping) or not wanted or not _is_range(wanted):
            return self.ids, dict(query)
        if "$in" in wanted:
            ids = sorted({number for number in wanted["$in"] if number in self.by_id})
            return ids, dict(query)
        low, high = 0, len(self.ids)
        for name, bound in wanted.items():
            cut = (bisect.bisect_right if name in ("$gt", "$lte") else bisect.bisect_left)(self.ids, bound)
            low, high = (max(low, cut), high) if name.startswith("$gt") else (low, min(high, cut))
        return self.ids[low:high], {key: clause for key, clause in query.items() if key != "_id"}

    def order(self, ids: list[int], sort: Mapping[str, int]) -> list[int]:
        """Return ids in the order asked for; ties stay in the order of `_id`."""
        if not sort or list(sort.items()) == [("_id", 1)]:
            return ids
        if list(sort.items()) == [("_id", -1)]:
            return ids[::-1]
        only_head = set(sort) <= set(HEAD)
        found = dict(self._records(ids, only_head))
        ordered = list(ids)
        for key, direction in reversed(list(sort.items())):
            ordered.sort(key=lambda number: _sort_key(found[number].get(key)), reverse=direction < 0)
        return ordered


def _is_range(wanted: Mapping[str, Any]) -> bool:
    if set(wanted) == {"$in"}:
        return isinstance(wanted["$in"], list) and all(type(number) is int for number in wanted["$in"])
    known = {"$gt", "$gte", "$lt", "$lte"}
    return set(wanted) <= known and all(type(bound) in (int, float) for bound in wanted.values())


def _is_allowed(record: Record, allowed: list[Mapping[str, Any]] | None) -> bool:
    return allowed is None or any(matches(record, part) for part in allowed)


def _sort_key(value: Any) -> tuple[int, Any]:
    """Order as MongoDB does: nothing, numbers, strings."""
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return 2, str(value)

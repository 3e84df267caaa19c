"""The validation statuses of a project's submissions on the server: asked for, set on hold, cleared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson

from kobo_crc.errors import Fatal
from kobo_crc.sources.http import Client

ON_HOLD: Final = "validation_status_on_hold"
FIELDS: Final = '["_id","_validation_status"]'
MOST: Final = 100  # of the ids in one question: they stand in its address


class Status(NamedTuple):
    """A validation status: its uid, "" for none, and when it was set by the server's clock (Unix seconds)."""

    uid: str
    set_at_s: int


class Statuses:
    """The statuses of one project. Every method may raise SourceError."""

    def __init__(self, client: Client, asset_uid: str) -> None:
        self._client = client
        self._path = f"assets/{quote(asset_uid, safe='')}/data/"

    def get(self, ids: Sequence[int]) -> dict[int, Status]:
        """Those of at most MOST submissions, by `_id`; those that are no longer there are left out."""
        if len(ids) > MOST:
            raise ValueError(f"At most {MOST} submissions can be asked for at once.")
        query = orjson.dumps({"_id": {"$in": list(ids)}}).decode()
        said = self._client.get(self._path, {"query": query, "fields": FIELDS, "limit": MOST, "start": 0})
        rows = said.get("results") if isinstance(said, dict) else None
        if not isinstance(rows, list) or not {row.get("_id") for row in rows} <= set(ids):
            raise Fatal(
                f"{self._path}: the server's answer is not about the submissions that were asked for. Nothing was "
                "changed. Please run again, and report it if it stays."
            )
        return {row["_id"]: _status(row.get("_validation_status")) for row in rows}

    def hold(self, server_id: int) -> int:
        """Put a submission on hold; returns when that was, by the server's clock (Unix seconds)."""
        return _status(self._client.patch(self._place(server_id), {"validation_status.uid": ON_HOLD})).set_at_s

    def clear(self, server_id: int) -> None:
        """Take a submission's status away."""
        self._client.delete(self._place(server_id))

    def _place(self, server_id: int) -> str:
        return f"{self._path}{server_id}/validation_status/"


def _status(said: Any) -> Status:
    given = said if isinstance(said, dict) else {}
    return Status(given.get("uid") or "", int(given.get("timestamp") or 0))

"""The project's history log on the server: which submissions were edited or deleted since a moment.

Only an account that manages the project may read it. Validation statuses and late files stand in no line of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from kobo_crc.sources.http import Client

PAGE_SIZE = 1000
PERMISSION = "manage_asset"
QUERY = "(action:modify-submission OR action:delete-submission) AND date_created__gte:{since}"


def get_changed(client: Client, asset_uid: str, since: datetime) -> set[str]:
    """The root ids, bare, of submissions edited or deleted since that UTC time. Raises SourceError, 403 as Fatal."""
    # Without quotes around the time the server answers 200 with nothing.
    query = QUERY.format(since=f'"{since:%Y-%m-%dT%H:%M:%SZ}"')
    roots: set[str] = set()
    start = 0
    while True:
        params: dict[str, str | int] = {"q": query, "limit": PAGE_SIZE, "start": start}
        said = client.get(f"assets/{quote(asset_uid, safe='')}/history/", params)
        lines: list[dict[str, Any]] = said.get("results") or []
        roots |= {root for line in lines if (root := _root_of(line))}
        start += len(lines)
        if not lines or start >= int(said.get("count") or 0):
            return roots


def get_newest(client: Client, asset_uid: str) -> datetime | None:
    """When the newest line was written, by the server's clock, UTC without zone; None for an empty log."""
    said = client.get(f"assets/{quote(asset_uid, safe='')}/history/", {"limit": 1})  # the newest comes first
    times = [str(line.get("date_created") or "") for line in said.get("results") or []]
    try:
        return max(datetime.fromisoformat(at.removesuffix("Z")).replace(tzinfo=None) for at in times)
    except ValueError:
        return None


def _root_of(line: dict[str, Any]) -> str:
    submission = (line.get("metadata") or {}).get("submission") or {}
    return str(submission.get("root_uuid") or "").removeprefix("uuid:")

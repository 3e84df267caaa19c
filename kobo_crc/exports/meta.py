"""What the server itself says of a submission, from an export's columns: numbers, ids, times, validation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

# As exports in XML values and in the server's languages say it.
STATUSES = {
    "approved": "validation_status_approved",
    "not approved": "validation_status_not_approved",
    "on hold": "validation_status_on_hold",
}


class Unreadable(ValueError):
    """A row that lacks what tells its submission; the text says why and is for people."""


def server_part(meta: Mapping[str, str]) -> dict[str, Any]:
    """The server's own keys of a submission as its JSON has them. Raises Unreadable."""
    number = meta.get("_id", "")
    if not number.isdecimal() or int(number) == 0:
        raise Unreadable("`_id` is not a submission's number")
    uuid = meta.get("_uuid", "").removeprefix("uuid:")
    if not uuid:
        raise Unreadable("`_uuid` is empty")
    root = meta.get("meta/rootUuid", "").removeprefix("uuid:")
    status = meta.get("_validation_status", "")
    part: dict[str, Any] = {
        "_id": int(number),
        "_uuid": uuid,
        "meta/instanceID": f"uuid:{uuid}",
        "__version__": meta.get("__version__", ""),
        "_submission_time": _time(meta.get("_submission_time", "")),
        "_validation_status": {"uid": STATUSES.get(status.lower(), status)} if status else {},
        "_submitted_by": meta.get("_submitted_by") or None,
        "_attachments": [],
    }
    return part | ({"meta/rootUuid": f"uuid:{root}"} if root else {})


def _time(text: str) -> str:
    """The server's UTC time, ISO without zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0).isoformat()
    except ValueError:
        raise Unreadable("`_submission_time` is not a time") from None

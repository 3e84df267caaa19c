"""An export in JSON: what the API gives, a page of it or all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from kobo_crc.errors import ConfigError
from kobo_crc.exports.model import Notes, Unread


def rows_of_listing(path: Path, notes: Notes) -> Iterator[dict[str, Any]]:
    """The submissions of a .json file as they stand there; what is none is noted. Raises ConfigError."""
    for number, row in enumerate(_listed(path), start=1):
        cause = _fault(row)
        if cause:
            notes.unread.append(Unread(path.name, number, cause))
        else:
            yield row


def _listed(path: Path) -> list[Any]:
    try:
        said = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigError(
            f"{path}: this cannot be read as JSON ({type(error).__name__}). Please give the file as KoboToolbox's API "
            "gave it."
        ) from error
    rows = said.get("results") if isinstance(said, dict) else said
    if not isinstance(rows, list):
        raise ConfigError(
            f"{path}: this is no list of submissions. Please give what KoboToolbox's API gives under data/, a list or "
            "an object with `results`."
        )
    return rows


def _fault(row: Any) -> str:
    """Why an entry is no submission, or nothing."""
    if not isinstance(row, dict):
        return "this is not an object"
    number = row.get("_id")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return "`_id` is not a submission's number"
    if not isinstance(row.get("_uuid"), str) or not row["_uuid"]:
        return "`_uuid` is empty"
    return ""

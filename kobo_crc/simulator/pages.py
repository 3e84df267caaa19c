"""Lists in pages, with the links that the server gives: `start` pages, everything else is carried along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from kobo_crc.simulator.web import Call, bad_request

DEFAULT_LIMIT = 100


def page_links(call: Call, count: int, start: int, limit: int) -> tuple[str | None, str | None]:
    """Return the links to the next and the previous page; parameters come in alphabetical order."""
    shown = start or _misread_start(call)
    after = _link(call, limit, shown + limit) if shown + limit < count else None
    before = None if shown <= 0 else _link(call, limit, shown - limit)
    return after, before


def _misread_start(call: Call) -> int:
    """The server ignores `offset` and `page` for the page itself but not for the links around it."""
    if call.get("page"):
        size = _number(call.get("page_size", str(DEFAULT_LIMIT))) or DEFAULT_LIMIT
        return ((_number(call.get("page")) or 1) - 1) * size
    return _number(call.get("offset", "0")) or 0


def _link(call: Call, limit: int, start: int) -> str:
    kept = {key: value for key, value in call.query if key not in ("start", "limit")}
    pairs = kept | {"limit": str(limit)} | ({"start": str(start)} if start > 0 else {})
    return f"{call.host}{call.path}?{urlencode(sorted(pairs.items()))}"


def paged(call: Call, items: Sequence[Any]) -> dict[str, Any]:
    """Return one page of already rendered items."""
    limit, start = page_bounds(call)
    after, before = page_links(call, len(items), start, limit)
    return {"count": len(items), "next": after, "previous": before, "results": items[start : start + limit]}


def page_bounds(call: Call) -> tuple[int, int]:
    """Return (limit, start); a limit that is no positive number is refused with 400, so is a negative start."""
    limit = _number(call.get("limit", str(DEFAULT_LIMIT)))
    if limit is None or limit < 1:
        raise bad_request({"limit": "A positive integer is required"})
    start = _number(call.get("start", "0"))
    if start is None or start < 0:
        raise bad_request({"start": "A positive integer is required."})
    return limit, start


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None

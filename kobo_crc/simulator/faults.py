"""Faults on order: which request fails, how often and how, declared as JSON and kept in order."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kobo_crc.simulator.web import Reply

KINDS = ("status", "html", "truncate", "cut", "delay", "repeat")


class UnknownFault(ValueError):
    """The order names a key or kind that does not exist."""


@dataclass(slots=True)
class Fault:
    """One fault: from the `nth` matching request on, `times` times (0 for ever).

    `path` is a shell pattern on the path with its query (`*` for all), `method` empty for any. Kinds: `status` answers
    with `status` in JSON, `html` the same as an HTML page, `truncate` sends half of the real JSON as if it were whole,
    `cut` closes the connection after half of the announced body, `delay` waits `seconds` and answers as usual, `repeat`
    sends once more what the last request for this path (whatever its query) got.
    """

    kind: str = "status"
    path: str = "*"
    method: str = ""
    nth: int = 1
    times: int = 1
    status: int = 503
    retry_after: str = ""
    seconds: float = 0.0
    seen: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Say whether this request fails, counting it when it matches."""
        if (self.method and self.method != method) or not fnmatch.fnmatchcase(path, self.path):
            return False
        self.seen += 1
        past = self.seen - self.nth
        return past >= 0 and (self.times == 0 or past < self.times)


class Faults:
    """The faults on order; the first that strikes is the one that counts."""

    def __init__(self) -> None:
        self.ordered: list[Fault] = []
        self._last: dict[str, Reply] = {}

    def order(self, wishes: list[Mapping[str, Any]]) -> None:
        """Add faults; raises UnknownFault without adding any."""
        known = {one.name for one in fields(Fault)} - {"seen"}
        for wish in wishes:
            if set(wish) - known or wish.get("kind", "status") not in KINDS:
                raise UnknownFault(f"Known keys are {sorted(known)}, known kinds are {list(KINDS)}")
        self.ordered.extend(Fault(**wish) for wish in wishes)

    def clear(self) -> None:
        """Forget every fault, and what was sent under them."""
        self.ordered.clear()
        self._last.clear()

    def after(self, fault: Fault | None, path: str, reply: Reply) -> Reply:
        """Return what is sent: the reply, or under `repeat` the one before it on this path."""
        if fault is not None and fault.kind == "repeat":
            return self._last.get(path, reply)
        if any(other.kind == "repeat" for other in self.ordered):
            self._last[path] = reply
        return reply

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, if any."""
        struck = [fault for fault in self.ordered if fault.strikes(method, path)]
        return struck[0] if struck else None

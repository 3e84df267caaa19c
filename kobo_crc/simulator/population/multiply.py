"""Makes many submissions of a few thousand: the rows of the server's JSON again and again, with new ids and numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from kobo_crc.codes import Kind, is_valid, random_code

_UUID_KEYS = frozenset({"_uuid", "meta/instanceID", "meta/rootUuid", "meta/deprecatedID"})


def multiply(rows: Sequence[Mapping[str, Any]], times: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield all rows `times` over: as they are at first, then with `_id`, uuids, card and referral numbers renewed.

    Within one round a number that stands in several rows (an intake's referral and its follow-ups, a card and its
    visits) is renewed alike in all. `_id` goes on from the highest; nothing else changes.
    """
    highest = max((int(row["_id"]) for row in rows), default=0)
    yield from (dict(row) for row in rows)
    for round_number in range(1, times):
        renewal = _Renewal(random.Random(f"{seed}/{round_number}"))
        for index, row in enumerate(rows):
            yield renewal.row(row, highest + (round_number - 1) * len(rows) + index + 1)


class _Renewal:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.numbers: dict[str, str] = {}
        self.uuids: dict[str, str] = {}

    def row(self, row: Mapping[str, Any], identity: int) -> dict[str, Any]:
        made = {key: self._value(key, value) for key, value in row.items()}
        made["_id"] = identity
        return made

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            if key in _UUID_KEYS:
                return self._uuid(value)
            return self._number(value) if len(value) == 12 and is_valid(value) else value
        if isinstance(value, list):
            return [self._value("", item) for item in value]
        if isinstance(value, dict):
            return {inner: self._value(inner, item) for inner, item in value.items()}
        return value

    def _number(self, value: str) -> str:
        if value not in self.numbers:
            self.numbers[value] = random_code(cast(Kind, value[0]), self.rng)
        return self.numbers[value]

    def _uuid(self, value: str) -> str:
        prefix, _, bare = value.rpartition(":")
        if bare not in self.uuids:
            digits = f"{self.rng.getrandbits(128):032x}"
            self.uuids[bare] = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
        return f"{prefix}:{self.uuids[bare]}" if prefix else self.uuids[bare]

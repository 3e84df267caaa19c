"""What was erased of submissions on request, by keyed hashes: no later version brings it back."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import ERASED
from kobo_crc.database.rows import among
from kobo_crc.model import Submission
from kobo_crc.redaction import without


class Redaction:
    """Leaves out of submissions what was erased of them, in whatever version they come."""

    def __init__(self, connection: sa.Connection, keys: Keys, submission_ids: Sequence[int]) -> None:
        self._erased: dict[int, list[tuple[str, bytes]]] = {}
        c = ERASED.c
        if submission_ids:
            ids = c.submission_id.in_(among(submission_ids))
            for number, repeat, card in connection.execute(sa.select(c.submission_id, c.path, c.card).where(ids)):
                self._erased.setdefault(number, []).append((repeat, card))
        self._hash = keyed_hash(connection, keys) if self._erased else None

    def of(self, submission_id: int, submission: Submission) -> Submission:
        """The submission without the repeats' items that hold an erased person's number."""
        payload = submission.payload
        for repeat, card in self._erased.get(submission_id, ()):
            payload = without(payload, repeat, lambda text, card=card: self._hash(text) == card)  # type: ignore[misc]
        return submission._replace(payload=payload)


def graves_of(connection: sa.Connection, submission_id: int) -> list[tuple[str, bytes, str, str]]:
    """What was erased of the submission: path, keyed hash, when (UTC, as text), and whose time was over."""
    c = ERASED.c
    query = sa.select(c.path, c.card, c.erased_at, c.purpose).where(c.submission_id == submission_id)
    return [
        (path, card, at.isoformat(" ", "seconds"), purpose) for path, card, at, purpose in connection.execute(query)
    ]


def keyed_hash(connection: sa.Connection, keys: Keys) -> Callable[[str], bytes]:
    """What stands for a number in `erased`: without the vault's key nobody can try all numbers."""
    key = keys.for_purpose(connection, "erased")
    return lambda text: hmac.digest(key, text.encode(), "sha256")

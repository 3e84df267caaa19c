"""Everything that the vault holds of one person, found by the card's number: in every version, deleted ones too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from kobo_crc.codes import PERSON_KINDS, is_valid
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import FACT_TABLES, LANDED, SUBMISSION_KEY
from kobo_crc.database.rows import among
from kobo_crc.redaction import WHOLE, places, plain

AT_ONCE = 500


class Place(NamedTuple):
    """A repeat, by its path without numbers, and which of the person's numbers stands in it."""

    repeat: str
    number: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a person stands, by the numbers of submissions.

    `own` are about this person alone; `shared` name others too, and the person in these repeats; `earlier` name the
    person in an older version only. `references` are the numbers of the person's referrals.
    """

    card: str
    own: tuple[int, ...] = ()
    shared: dict[int, frozenset[Place]] = field(default_factory=dict)
    earlier: tuple[int, ...] = ()
    references: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.own or self.shared or self.earlier)


class _Version(NamedTuple):
    """A landed version; `newest` is the last one with content, of a submission that was deleted too."""

    submission_id: int
    newest: bool
    answers: dict[str, Any]


def trace(connection: sa.Connection, keys: Keys, card: str) -> Trace:
    """Where the card stands, and what names no card but one of its referrals. Reads the whole vault. StoreError."""
    own, seen, shared = _sorted_out(_holding(connection, keys, {card}), {card})
    references = _references(connection, card, own)
    told = (one for one in _holding(connection, keys, references) if not _names_a_card(one.answers))
    own_too, seen_too, shared_too = _sorted_out(told, references)
    own |= own_too
    shared = {number: found for number, found in (shared | shared_too).items() if number not in own}
    rest = (seen | seen_too) - own - shared.keys()
    return Trace(card, tuple(sorted(own)), shared, tuple(sorted(rest)), frozenset(references))


def _sorted_out(
    versions: Iterable[_Version], numbers: set[str]
) -> tuple[set[int], set[int], dict[int, frozenset[Place]]]:
    """Those about the person alone, all that name the person, and in which repeats the newest versions do."""
    own: set[int] = set()
    seen: set[int] = set()
    shared: dict[int, frozenset[Place]] = {}
    for one in versions:
        found = {Place(repeat, number) for number in numbers for repeat in places(one.answers, number.__eq__)}
        if found:
            seen.add(one.submission_id)
        if found and one.newest and any(place.repeat == WHOLE for place in found):
            own.add(one.submission_id)
        elif found and one.newest:
            shared[one.submission_id] = frozenset(found)
    return own, seen, shared


def _holding(connection: sa.Connection, keys: Keys, numbers: set[str]) -> Iterator[_Version]:
    """Every landed version whose text has one of the numbers anywhere."""
    last = 0
    while numbers:
        key = SUBMISSION_KEY.c
        following = sa.select(key.submission_id).where(key.submission_id > last).order_by(key.submission_id)
        ids = list(connection.execute(following.limit(AT_ONCE)).scalars())
        if not ids:
            return
        last = ids[-1]
        ready = keys.of(connection, ids)
        whole = sa.select(LANDED).where(LANDED.c.submission_id.in_(among(list(ready))), LANDED.c.payload.is_not(None))
        rows = connection.execute(whole.order_by(LANDED.c.version_id)).all()
        newest = {row.submission_id: row.version_id for row in rows}
        for row in rows:
            text = ready[row.submission_id].unseal(row.payload, f"{LANDED.name}/{row.version_id}").decode()
            if any(number in plain(text) for number in numbers):
                yield _Version(row.submission_id, row.version_id == newest[row.submission_id], orjson.loads(text))


def _references(connection: sa.Connection, card: str, own: set[int]) -> set[str]:
    c = FACT_TABLES["referral"].c
    hers = sa.or_(c.person_code == card, c.submission_id.in_(among(sorted(own))))
    return set(connection.execute(sa.select(c.reference_code).where(hers, c.reference_code.is_not(None))).scalars())


def _names_a_card(answers: dict[str, Any]) -> bool:
    named = places(answers, lambda text: is_valid(text) and text[0] in PERSON_KINDS)
    return next(named, None) is not None

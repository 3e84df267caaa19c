"""Everything that the vault holds of people, found by their cards' numbers: in every version, deleted ones too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson
import sqlalchemy as sa

from kobo_crc.codes import PERSON_KINDS, REFERRAL_KINDS, is_valid
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import FACT_TABLES, LANDED, SUBMISSION_KEY
from kobo_crc.database.rows import among
from kobo_crc.redaction import WHOLE, items, places, plain, texts

AT_ONCE = 500
NUMBER_DIGITS: Final = 12
# A number may stand right beside other digits once blanks are gone, so every stretch of 12 is looked at.
_STRETCH = re.compile(rf"(?=([0-9]{{{NUMBER_DIGITS}}}))")
# Line ends and tabs, as JSON writes them: the letter would stand between the digits.
_ESCAPED = re.compile(r"\\(?:[bfnrt]|u00[01][0-9a-fA-F])")


class Place(NamedTuple):
    """A repeat, by its path without numbers, and which of the person's numbers stands in it."""

    repeat: str
    number: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a person stands, by the numbers of submissions.

    `own` are about this person alone; `shared` name others too, and the person in these repeats; `earlier` name the
    person in an older version only. `references` are the numbers of the person's referrals. `mentioned` have the
    card's number within a longer answer, which may be about others: people have to look.
    """

    card: str
    own: tuple[int, ...] = ()
    shared: dict[int, frozenset[Place]] = field(default_factory=dict)
    earlier: tuple[int, ...] = ()
    references: frozenset[str] = frozenset()
    mentioned: tuple[int, ...] = ()

    @property
    def submission_ids(self) -> tuple[int, ...]:
        """All of them."""
        return (*self.own, *self.shared, *self.earlier)

    def __bool__(self) -> bool:
        return bool(self.submission_ids)


class Version(NamedTuple):
    """A landed version; `newest` is the last one with content, of a submission that was deleted too."""

    submission_id: int
    newest: bool
    answers: dict[str, Any]


class _Version(NamedTuple):
    """The same; `numbers` are those asked for that its text has anywhere."""

    submission_id: int
    newest: bool
    answers: dict[str, Any]
    numbers: frozenset[str]


class _Found:
    """What was found of one person so far."""

    def __init__(self) -> None:
        self.own: set[int] = set()
        self.seen: set[int] = set()
        self.shared: dict[int, frozenset[Place]] = {}
        self.references: set[str] = set()
        self.mentioned: set[int] = set()

    def name(self, one: _Version, card: str) -> None:
        """Sort out a version that the card's number stands in, and take the numbers of the person's referrals from it.

        The store knows none of those that a submission had which was deleted since.
        """
        self.add(one, [card])
        if one.newest and one.submission_id not in self.seen:
            self.mentioned.add(one.submission_id)
        for place in self.shared.get(one.submission_id, ()) if one.newest else ():
            for _, item in items(one.answers, place.repeat, card.__eq__):
                self.references.update(_referrals(item))
        if one.newest and one.submission_id in self.own:
            self.references.update(_referrals(one.answers))

    def add(self, one: _Version, numbers: Iterable[str]) -> None:
        """Sort a version out by where these numbers of the person stand in it."""
        found = {Place(repeat, number) for number in numbers for repeat in places(one.answers, number.__eq__)}
        if found:
            self.seen.add(one.submission_id)
        if found and one.newest and any(place.repeat == WHOLE for place in found):
            self.own.add(one.submission_id)
        elif found and one.newest:
            earlier = self.shared.get(one.submission_id, frozenset())
            self.shared[one.submission_id] = earlier | found

    def trace(self, card: str, references: frozenset[str]) -> Trace:
        """Everything put together."""
        shared = {number: found for number, found in self.shared.items() if number not in self.own}
        rest = self.seen - self.own - shared.keys()
        mentioned = tuple(sorted(self.mentioned - self.seen))
        return Trace(card, tuple(sorted(self.own)), shared, tuple(sorted(rest)), references, mentioned)


class _Wanted:
    """Numbers to look for in texts, quickly however many they are."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self.any = frozenset(numbers)
        # Mistyped ones, of another length, which the forms refuse and an edit on the server does not.
        self._odd = [number for number in self.any if len(number) != NUMBER_DIGITS or not number.isdecimal()]

    def within(self, text: str) -> frozenset[str]:
        """Those that stand anywhere in the text."""
        return self.any.intersection(_STRETCH.findall(text)) | {number for number in self._odd if number in text}


def trace(connection: sa.Connection, keys: Keys, card: str) -> Trace:
    """Where the card stands, and what names no card but one of its referrals. Reads the whole vault. StoreError."""
    [found] = traces(connection, keys, [card])
    return found


def traces(connection: sa.Connection, keys: Keys, cards: Iterable[str]) -> list[Trace]:
    """The same of each of these cards, in their order; the vault is read twice, however many they are."""
    found = {card: _Found() for card in cards}
    for one in _holding(connection, keys, found.keys()):
        for card in one.numbers:
            found[card].name(one, card)
    references = {card: _references(connection, card, known) for card, known in found.items()}
    _add_what_was_told(connection, keys, found, references)
    return [known.trace(card, references[card]) for card, known in found.items()]


def _add_what_was_told(
    connection: sa.Connection, keys: Keys, found: Mapping[str, _Found], references: Mapping[str, frozenset[str]]
) -> None:
    """Add what names no card, but a number of one of these people's referrals."""
    whose: dict[str, list[str]] = {}
    for card, hers in references.items():
        for reference in hers:
            whose.setdefault(reference, []).append(card)
    for one in _holding(connection, keys, whose.keys()):
        if not _names_a_card(one.answers):
            for card in {card for reference in one.numbers for card in whose[reference]}:
                found[card].add(one, one.numbers & references[card])


def _holding(connection: sa.Connection, keys: Keys, numbers: Iterable[str]) -> Iterator[_Version]:
    """Every landed version whose text has one of the numbers anywhere."""
    wanted = _Wanted(numbers)
    for number, newest, text in _landed(connection, keys) if wanted.any else ():
        if held := wanted.within(plain(_ESCAPED.sub("", text))):
            yield _Version(number, newest, orjson.loads(text), held)


def versions(connection: sa.Connection, keys: Keys) -> Iterator[Version]:
    """Every landed version that says something, opened. StoreError."""
    for number, newest, text in _landed(connection, keys):
        yield Version(number, newest, orjson.loads(text))


def _landed(connection: sa.Connection, keys: Keys) -> Iterator[tuple[int, bool, str]]:
    """Every landed version with content: its submission, whether it is the newest of that, and its JSON."""
    last, key = 0, SUBMISSION_KEY.c
    following = sa.select(key.submission_id).order_by(key.submission_id).limit(AT_ONCE)
    while ids := list(connection.execute(following.where(key.submission_id > last)).scalars()):
        last = ids[-1]
        ready = keys.of(connection, ids)
        whole = sa.select(LANDED).where(LANDED.c.submission_id.in_(among(list(ready))), LANDED.c.payload.is_not(None))
        rows = connection.execute(whole.order_by(LANDED.c.version_id)).all()
        newest = {row.submission_id: row.version_id for row in rows}
        for row in rows:
            text = ready[row.submission_id].unseal(row.payload, f"{LANDED.name}/{row.version_id}").decode()
            yield row.submission_id, row.version_id == newest[row.submission_id], text


def _references(connection: sa.Connection, card: str, known: _Found) -> frozenset[str]:
    """As the store has them, doubtful ones too, and as they are compared."""
    c = FACT_TABLES["referral"].c
    hers = sa.or_(c.person_code == card, c.submission_id.in_(among(sorted(known.own))))
    query = sa.select(c.reference_code).where(hers, c.reference_code.is_not(None))
    held = frozenset(connection.execute(query).scalars())
    return held | {plain(code) for code in held} | known.references


def _referrals(answers: Mapping[str, Any]) -> Iterator[str]:
    numbers = map(plain, texts(answers))
    return (number for number in numbers if is_valid(number) and number[0] in REFERRAL_KINDS)


def _names_a_card(answers: dict[str, Any]) -> bool:
    named = places(answers, lambda text: is_valid(text) and text[0] in PERSON_KINDS)
    return next(named, None) is not None

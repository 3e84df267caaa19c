"""The known share of dirty data, put into instances after they were filled, as edited forms, typing and bad clocks do.

Every kind is counted: what a submission carries stands in `Filled.dirty`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.codes import TABLET_REFERRAL, is_valid
from kobo_crc.simulator.population.filling import Instance
from kobo_crc.simulator.population.functions import date_of, stamp
from kobo_crc.simulator.population.order import references_of
from kobo_crc.simulator.population.xform import XForm

IMPOSSIBLE_DATE = "impossible_date"
UNKNOWN_CODE = "unknown_code"
BAD_PHONE = "bad_phone"
WRONG_CLOCK = "wrong_clock"
ORPHAN_FOLLOW_UP = "orphan_follow_up"
REPEATED_REGISTRATION = "repeated_registration"
CODE_COLLISION = "code_collision"

# Shares of all submissions that could carry the kind: of all intakes and follow-ups, of those with a phone, of
# follow-ups (orphans) and of visits (repeated registrations).
SHARES: Mapping[str, float] = {
    IMPOSSIBLE_DATE: 0.01,
    UNKNOWN_CODE: 0.01,
    BAD_PHONE: 0.015,
    WRONG_CLOCK: 0.01,
    ORPHAN_FOLLOW_UP: 0.02,
    REPEATED_REGISTRATION: 0.02,
}
COLLISIONS = 1

_BAD_PHONES = ("0000000", "لا يوجد", "07X1 234 567", "٠٧٥", "123", "0770 000 00 00 00 1")
_OLD_CODES = ("old_choice", "other_2", "99")
_CLOCK_DAYS = (-365 * 11, -365 * 6, 365 * 3)


@dataclass(frozen=True, slots=True)
class Shape:
    """The places of a form that dirt can fall on: question names by kind, repeats included.

    `past` are dates that the form does not let lie after today; `codes` are single choices that nothing else depends
    on, so that an unknown one changes no other answer; `clocks` are metadata by place.
    """

    past: frozenset[str]
    dates: frozenset[str]
    codes: frozenset[str]
    phones: frozenset[str]
    clocks: Mapping[str, str]


def shape_of(form: XForm) -> Shape:
    """Read off a form which questions are dates, single choices, phone numbers and clock readings."""
    questions = list(form.questions())
    read = {path for item in form.items() for path in references_of(item) if path != item.path}
    return Shape(
        past=frozenset(q.name for q in questions if q.type == "date" and "<= today()" in q.constraint),
        dates=frozenset(q.name for q in questions if q.type == "date"),
        codes=frozenset(q.name for q in questions if q.control == "select1" and q.path not in read),
        phones=frozenset(q.name for q in questions if "phone" in q.name and q.control == "input"),
        clocks={item.place: item.preload for item in form.items() if item.preload.startswith(("timestamp", "date"))},
    )


def places(instance: Instance, names: frozenset[str]) -> list[str]:
    """The indexed paths of an instance that answer one of these questions."""
    return [place for place in instance.answers if place.rpartition("/")[2] in names]


def soil(kind: str, instance: Instance, shape: Shape, rng: random.Random) -> bytes:
    """The instance's XML with one dirty answer; the instance must have a place for it (`can_carry`)."""
    root = etree.fromstring(instance.xml)
    for place, text in _SOILERS[kind](instance, shape, rng).items():
        root.find(place).text = text
    soiled: bytes = etree.tostring(root, encoding="utf-8")
    return soiled


def can_carry(kind: str, instance: Instance, shape: Shape) -> bool:
    """Whether an instance has an answer that this kind of dirt falls on."""
    names = {IMPOSSIBLE_DATE: shape.dates, UNKNOWN_CODE: shape.codes, BAD_PHONE: shape.phones}.get(kind)
    return bool(shape.clocks) if names is None else bool(places(instance, names))


def tablet_code(instance: Instance) -> str:
    """The first referral number that the tablet made in an instance, "" without one."""
    made = (value for value in instance.answers.values() if value.startswith(TABLET_REFERRAL) and is_valid(value))
    return next(made, "")


def _impossible_date(instance: Instance, shape: Shape, rng: random.Random) -> dict[str, str]:
    place = rng.choice(places(instance, shape.dates))
    day = instance.answers[place]
    if place.rpartition("/")[2] in shape.past and rng.random() < 0.7:
        return {place: rng.choice((f"2{rng.randint(1, 9)}{day[2:]}", f"00{day[2:]}"))}
    return {place: f"{day[:4]}-02-30"}


def _unknown_code(instance: Instance, shape: Shape, rng: random.Random) -> dict[str, str]:
    return {rng.choice(places(instance, shape.codes)): rng.choice(_OLD_CODES)}


def bad_phone(instance: Instance, shape: Shape, rng: random.Random) -> dict[str, str]:
    """A phone question of the instance with what an old form version let through: to be filled in again, unchecked."""
    return {rng.choice(places(instance, shape.phones)): rng.choice(_BAD_PHONES)}


def _wrong_clock(instance: Instance, shape: Shape, rng: random.Random) -> dict[str, str]:
    off = timedelta(days=rng.choice(_CLOCK_DAYS), hours=rng.randrange(24))
    wrong = {}
    for place in shape.clocks:
        at = date_of(instance.answers.get(place, ""))
        if at is not None:
            shifted = at + off
            wrong[place] = shifted.date().isoformat() if shape.clocks[place].startswith("date") else stamp(shifted)
    return wrong


_Soiler = Callable[[Instance, Shape, random.Random], dict[str, str]]
_SOILERS: Mapping[str, _Soiler] = {
    IMPOSSIBLE_DATE: _impossible_date,
    UNKNOWN_CODE: _unknown_code,
    WRONG_CLOCK: _wrong_clock,
}

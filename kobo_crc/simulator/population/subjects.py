"""What an officer knows when a form is filled: the visit of a person, news of a referral, or another activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from kobo_crc.simulator.population.agenda import Slot
from kobo_crc.simulator.population.people import Person


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at a centre. `number` is the person's card or tablet-made number, "" on a first visit without a card.

    `previous` is the number of the person's latest referral, "" without one.
    """

    slot: Slot
    person: Person
    number: str
    repeat: bool
    day: date
    previous: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """One event of a referral as it is told to a centre: `number` is the slip's, `day` when it happened."""

    slot: Slot
    number: str
    event: str
    day: date
    reported_by: str


@dataclass(frozen=True, slots=True)
class Task:
    """Another activity of a centre. `number` is the card of somebody known there, `slip` that person's latest referral;
    each "" where there is none.
    """

    slot: Slot
    number: str = ""
    slip: str = ""


Subject: TypeAlias = Visit | News | Task

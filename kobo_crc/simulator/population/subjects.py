"""What an officer knows when a form is filled: the visit of a person, or news of a referral."""

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


Subject: TypeAlias = Visit | News

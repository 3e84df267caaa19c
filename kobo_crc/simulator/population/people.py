"""The people of the six centres: who they are, how they live, what they need. Made by chance, none of them real."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.simulator.population.names import FullName, full_name, phone


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre with its share of all visits, of Kurdish speakers, and the district (p-code) most people live in."""

    code: str
    share: float
    kurdish: float
    district: str


CENTRES = (
    Centre("mosul_jadeda", 0.24, 0.04, "IQG15Q05"),
    Centre("mosul_tahrir", 0.20, 0.03, "IQG15Q05"),
    Centre("fallujah", 0.19, 0.0, "IQG01Q01"),
    Centre("baiji", 0.12, 0.02, "IQG16Q03"),
    Centre("jalawla", 0.15, 0.35, "IQG10Q05"),
    Centre("centre_6", 0.10, 0.15, "IQG13Q04"),
)
OFFICERS = 4  # of each centre
_STATUS = {"returnee": 58, "idp": 22, "host": 17, "refugee": 3}
# Ages in years: most who come are adults; caregivers come for children.
_AGES = ((0, 4, 2), (5, 12, 5), (13, 17, 5), (18, 29, 28), (30, 45, 34), (46, 59, 16), (60, 86, 10))
# The share with each degree of difficulty grows with age: none, some, a lot, cannot.
_DIFFICULTIES = ("seeing", "hearing", "walking", "remembering", "selfcare", "communicating")
_DEGREES = ((40, (93, 5, 1.5, 0.5)), (60, (84, 11, 4, 1)), (200, (62, 24, 11, 3)))
AGE_BANDS = ((0, 5), (6, 12), (13, 17), (18, 45), (46, 59), (60, 200))


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who comes to a centre. `card` is a pre-printed number, "" for those whom the tablet gives one.

    `household` counts heads by (sex `f` or `m`, index of the age band), the person included; `difficulties` are degrees
    from 0 (none) to 3 (cannot do), by domain.
    """

    centre: Centre
    name: FullName
    caregiver: FullName
    female: bool
    age: int
    language: str
    phone: str
    status: str
    card: str
    household: Mapping[tuple[str, int], int]
    difficulties: Mapping[str, int]
    is_head: bool
    head_female: bool


def make_person(rng: random.Random, centre: Centre) -> Person:
    """A new person of a centre."""
    language = "ckb" if rng.random() < centre.kurdish else "ar"
    female = rng.random() < 0.54
    age = _age(rng)
    is_head = age >= 18 and rng.random() < (0.22 if female else 0.7)
    return Person(
        centre=centre,
        name=full_name(rng, language, female),
        caregiver=full_name(rng, language, rng.random() < 0.6),
        female=female,
        age=age,
        language=language,
        phone=phone(rng) if rng.random() < 0.9 else "",
        status=rng.choices(list(_STATUS), list(_STATUS.values()))[0],
        card=random_code(PERSON_CARD, rng) if rng.random() < 0.9 else "",
        household=_household(rng, female, age),
        difficulties={name: _degree(rng, age) for name in _DIFFICULTIES},
        is_head=is_head,
        head_female=female if is_head else rng.random() < 0.15,
    )


def band_of(age: int) -> int:
    """The index of the age band (the bands of the displacement matrix) that an age in years falls into."""
    return next(index for index, (_, last) in enumerate(AGE_BANDS) if age <= last)


def _age(rng: random.Random) -> int:
    first, last, _ = rng.choices(_AGES, [weight for *_, weight in _AGES])[0]
    return rng.randint(first, last)


def _degree(rng: random.Random, age: int) -> int:
    shares = next(shares for last, shares in _DEGREES if age <= last)
    return rng.choices(range(4), shares)[0]


def _household(rng: random.Random, female: bool, age: int) -> dict[tuple[str, int], int]:
    heads: dict[tuple[str, int], int] = {("f" if female else "m", band_of(age)): 1}
    for _ in range(max(0, round(rng.gauss(5, 2.2)))):
        key = ("f" if rng.random() < 0.5 else "m", rng.choices(range(6), (20, 20, 14, 34, 7, 5))[0])
        heads[key] = heads.get(key, 0) + 1
    if age < 18:  # someone grown-up keeps the house
        heads["f", 3] = heads.get(("f", 3), 0) + 1
    return heads

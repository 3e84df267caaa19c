"""Small ways to answer that several questions share."""

from __future__ import annotations

import random

from kobo_crc.simulator.population.filling import Context

DEFAULT = "\0default"  # no answer of a form: let the generic answers decide
_EASTERN_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_NOT_LISTED = "not_listed"


def weighted(context: Context, **shares: float) -> str:
    """One of the codes by its share."""
    return context.rng.choices(list(shares), list(shares.values()))[0]


def yes(context: Context, share: float) -> str:
    return "yes" if context.rng.random() < share else "no"


def typed_digits(digits: str, rng: random.Random) -> str:
    """Digits as people type them: now and then on an Arabic keyboard."""
    return digits.translate(_EASTERN_DIGITS) if rng.random() < 0.15 else digits


def typed_number(number: str, rng: random.Random) -> str:
    """A card or slip number as people type it: now and then in groups of four."""
    spaced = " ".join(number[at : at + 4] for at in range(0, 12, 4)) if rng.random() < 0.2 else number
    return typed_digits(spaced, rng)


def officer(place: int, context: Context) -> str:
    """The staff code of a centre's officer; a newcomer is not in the list yet."""
    staff = [choice.code for choice in context.choices if choice.code != _NOT_LISTED]
    if not staff or context.rng.random() < 0.01:
        return DEFAULT
    return staff[place % len(staff)]


def listed(context: Context, blank: float = 0.0) -> str | None:
    """Any choice but the one for what is not listed, which is rare."""
    if context.rng.random() < blank or not context.choices:
        return None
    codes = [choice.code for choice in context.choices]
    known = [code for code in codes if code != _NOT_LISTED]
    return context.rng.choice(known if known and context.rng.random() < 0.97 else codes)

"""The smallest schedule that still breaks the same promise: what is not needed for it is left out, bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from tests.soak.schedules import Night

TRIES_MOST = 80


def shrunk(nights: Sequence[Night], breaks: Callable[[list[Night]], bool]) -> list[Night]:
    """What is left of the nights when nothing more can go without the break going too, or after 80 tries."""
    left, tries = list(nights), 0
    candidates = _smaller(left)
    while tries < TRIES_MOST and (candidate := next(candidates, None)) is not None:
        tries += 1
        if breaks(candidate):
            left, candidates = candidate, _smaller(candidate)
    return left


def _smaller(nights: list[Night]) -> Iterator[list[Night]]:
    """The nights without one of them; then without one thing in one of them."""
    for at in range(len(nights)):
        yield nights[:at] + nights[at + 1 :]
    for at, night in enumerate(nights):
        for calmer in _calmer(night):
            yield [*nights[:at], calmer, *nights[at + 1 :]]


def _calmer(night: Night) -> Iterator[Night]:
    for field in fields(night):
        value = getattr(night, field.name)
        fewer = (
            [value[:at] + value[at + 1 :] for at in range(len(value))] if isinstance(value, tuple) else [type(value)()]
        )
        for calmer in fewer if value else ():
            changed: dict[str, Any] = {field.name: calmer}
            yield replace(night, **changed)

"""What a form costs in the hand: questions shown, taps, and seconds by a keystroke-level model. Pure: it counts a walk.

A tap is one touch of the glass: choosing an answer, opening a list or a keyboard, turning to the next screen. Answers
that stood there when the form was opened cost none. The seconds follow Card, Moran and Newell (1980): a mental act
before each answer, a pointing for each tap. Every question that gets an answer is read aloud; the rates for that, for
answering and for typing are our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MENTAL_SECONDS = 1.35
TAP_SECONDS = 1.1
KEY_SECONDS = 0.5
GLANCE_SECONDS = 0.5
SCAN_SECONDS = 4.0
ANSWERING_SECONDS = 1.0
WORDS_A_SECOND = 2.5
# Taps for one answer, besides the typing: a date opens a calendar, has a day chosen, and is confirmed.
TAPS = {"select_one": 1, "input": 1, "barcode": 1, "date": 3, "one more": 1}

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """Questions that somebody had to answer, all that were shown (notes too), taps, and seconds."""

    answered: int
    shown: int
    taps: int
    seconds: float


def cost(opened: Sequence[Step], shown: Sequence[Step]) -> Cost:
    """The cost of the way from a form just opened to the same form filled, both as walked through."""
    before = {step["path"]: step["value"] for step in opened}
    touched = [step for step in shown if _is_touched(step, before)]
    taps = sum(_taps(step) for step in touched) + len({step["screen"] for step in shown if step["kind"] != "one more"})
    seconds = sum(_answering(step) for step in touched) + TAP_SECONDS * taps
    seconds += GLANCE_SECONDS * (len(shown) - len(touched)) + sum(map(_reading_aloud, touched))
    return Cost(len(touched), len(shown), taps, seconds)


def _is_touched(step: Step, before: Mapping[str, str]) -> bool:
    return step["kind"] == "one more" or (bool(step["value"]) and step["value"] != before.get(step["path"], ""))


def _taps(step: Step) -> int:
    chosen = len(step["value"].split()) if step["kind"] == "select_multiple" else TAPS[step["kind"]]
    return chosen + (1 if step["minimal"] else 0)


def _answering(step: Step) -> float:
    if step["kind"] == "barcode":
        return MENTAL_SECONDS + SCAN_SECONDS
    typed = KEY_SECONDS * len(step["value"]) if step["kind"] == "input" else 0.0
    return MENTAL_SECONDS + ANSWERING_SECONDS + typed


def _reading_aloud(step: Step) -> float:
    return len(step["label"].split()) / WORDS_A_SECOND

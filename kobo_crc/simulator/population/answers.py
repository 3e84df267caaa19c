"""Answers for any form, by type, choice list and constraint; and the replay of a saved instance with changes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from kobo_crc.simulator.population.filling import Answerer, Context, saved_count
from kobo_crc.simulator.population.items import QuestionInfo, RepeatInfo
from kobo_crc.simulator.population.patterns import sample

_BLANK_SHARE = 0.1
_MOST_REPEATS = 3
_PATTERN = re.compile(r"regex\(\s*\.\s*,\s*'([^']*)'\s*\)|regex\(\s*\.\s*,\s*\"([^\"]*)\"\s*\)")
_LITERAL = re.compile(r"(?<![\w/.'-])-?\d+(?:\.\d+)?")
_PHRASES = (
    "مراجعة", "طلب معلومات", "يحتاج إلى متابعة", "زيارة المركز", "داواکاری زانیاری", "پێویستی بە بەدواداچوونە",
    "سەردانی ناوەند", "Asked to come back",
)  # fmt: skip
# Days from the day of filling, tried in this order of widening.
_DAY_SPANS = ((-30, 0), (0, 30), (-365, 0), (-20000, 0), (0, 365))
_NUMBER_SPANS = ((0, 8), (0, 40), (1, 100), (0, 1000), (-50, 0), (0, 100000))


class Generic:
    """Plausible answers to any question; seeded by the occasion. `blank_share` of what may stay empty stays empty."""

    def __init__(self, blank_share: float = _BLANK_SHARE) -> None:
        self.blank_share = blank_share

    def answer(self, question: QuestionInfo, context: Context) -> str | None:
        if context.attempt == 0 and context.initial:
            return context.initial
        if not question.required and context.attempt == 0 and context.rng.random() < self.blank_share:
            return None
        if question.control in _BY_CONTROL:
            return _BY_CONTROL[question.control](question, context)
        return _BY_TYPE.get(question.type, _text)(question, context)

    def repeats(self, repeat: RepeatInfo, context: Context) -> int:
        return context.rng.randint(0, _MOST_REPEATS)


class Replay:
    """The answers of a saved instance, with changes by indexed path (None clears); other questions go to `otherwise`.

    `counts` overrides the number of instances of open repeats, by indexed path.
    """

    def __init__(
        self,
        saved: Mapping[str, str],
        changes: Mapping[str, str | None],
        otherwise: Answerer,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        self.saved, self.changes, self.otherwise, self.counts = saved, changes, otherwise, counts or {}

    def answer(self, question: QuestionInfo, context: Context) -> str | None:
        if context.attempt == 0 and context.place in self.changes:
            return self.changes[context.place]
        if context.attempt == 0 and (context.place in self.saved or not question.required):
            return self.saved.get(context.place)
        return self.otherwise.answer(question, context)

    def repeats(self, repeat: RepeatInfo, context: Context) -> int:
        return self.counts.get(context.place, saved_count(self.saved, context.place))


def _one(question: QuestionInfo, context: Context) -> str | None:
    return context.rng.choice(context.choices).code if context.choices else None


def _several(question: QuestionInfo, context: Context) -> str | None:
    most = min(len(context.choices), 3 if context.attempt < 6 else 1)
    if not most:
        return None
    picked = context.rng.sample(range(len(context.choices)), context.rng.randint(1, most))
    return " ".join(context.choices[index].code for index in sorted(picked))


def _ranked(question: QuestionInfo, context: Context) -> str | None:
    return " ".join(choice.code for choice in context.rng.sample(context.choices, len(context.choices))) or None


def _number(context: Context, constraint: str) -> float:
    bounds = sorted({float(text) for text in _LITERAL.findall(constraint)})
    if bounds and context.attempt % 2 == 0:
        low, high = bounds[0], bounds[-1] if len(bounds) > 1 else bounds[0] + 10
        return context.rng.uniform(low, high + 1)
    low, high = _NUMBER_SPANS[min(context.attempt // 2, len(_NUMBER_SPANS) - 1)]
    return context.rng.uniform(low, high)


def _whole(question: QuestionInfo, context: Context) -> str:
    return str(int(_number(context, question.constraint)))


def _decimal(question: QuestionInfo, context: Context) -> str:
    return f"{_number(context, question.constraint):.2f}"


def _day(context: Context) -> date:
    low, high = _DAY_SPANS[context.attempt % len(_DAY_SPANS)]
    return context.occasion.started.date() + timedelta(days=context.rng.randint(low, high))


def _date(question: QuestionInfo, context: Context) -> str:
    return _day(context).isoformat()


def _moment(question: QuestionInfo, context: Context) -> str:
    return f"{_day(context).isoformat()}T{_time(question, context)}"


def _time(question: QuestionInfo, context: Context) -> str:
    return f"{context.rng.randint(8, 15):02d}:{context.rng.randrange(60):02d}:00.000+03:00"


def _point(question: QuestionInfo, context: Context) -> str:
    return _place(context.rng)


def _place(rng: random.Random) -> str:
    return f"{rng.uniform(33, 36.5):.5f} {rng.uniform(42, 45.5):.5f} 0 0"


def _trace(question: QuestionInfo, context: Context) -> str:
    return ";".join(_place(context.rng) for _ in range(3))


def _shape(question: QuestionInfo, context: Context) -> str:
    first = _place(context.rng)
    return ";".join([first, _place(context.rng), _place(context.rng), first])


def _text(question: QuestionInfo, context: Context) -> str:
    patterns = [a or b for a, b in _PATTERN.findall(question.constraint)]
    if patterns:
        return sample(context.rng.choice(patterns), context.rng)
    if context.attempt % 3 == 2:
        return _whole(question, context)
    return context.rng.choice(_PHRASES)


def _nothing(question: QuestionInfo, context: Context) -> str | None:
    return None


def _agreed(question: QuestionInfo, context: Context) -> str | None:
    return "OK"


def _digits(question: QuestionInfo, context: Context) -> str:
    return f"{context.rng.randrange(10**12):012d}"


_Maker = Callable[[QuestionInfo, Context], str | None]
_BY_CONTROL: Mapping[str, _Maker] = {
    "select1": _one, "select": _several, "rank": _ranked, "trigger": _agreed, "upload": _nothing,
}  # fmt: skip
_BY_TYPE: Mapping[str, _Maker] = {
    "int": _whole, "integer": _whole, "decimal": _decimal, "date": _date, "dateTime": _moment, "time": _time,
    "geopoint": _point, "geotrace": _trace, "geoshape": _shape, "barcode": _digits, "binary": _nothing,
}  # fmt: skip

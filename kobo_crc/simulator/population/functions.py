"""The ODK XPath functions, as methods of a runtime that holds one filling's clock, chance and form.

Random and clock come from arguments, never from the machine. Values are what lxml passes: float, bool, str, elements.
"""

from __future__ import annotations

import base64
import hashlib
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

Value: TypeAlias = Any  # float | bool | str | list of elements, as lxml gives it
Function: TypeAlias = Callable[..., Any]

_EPOCH = date(1970, 1, 1)
_MAXIMUM_WHOLE = 1e15
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?")
_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
# strftime has no shape for these; ODK's letters are otherwise a subset of it.
_UNPADDED: Mapping[str, Callable[[datetime], str]] = {
    "%e": lambda at: str(at.day),
    "%n": lambda at: str(at.month),
    "%h": lambda at: str(at.hour),
    "%3": lambda at: f"{at.microsecond // 1000:03d}",
}


def text_of(value: Value) -> str:
    """A value as ODK writes it into an answer: whole numbers without a point, nothing for not-a-number."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _node_text(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    return str(value)


def number_of(value: Value) -> float:
    """A value as a number; a date counts days since 1970, what is neither is not-a-number."""
    if isinstance(value, (float, bool, int)):
        return float(value)
    text = text_of(value).strip()
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return _days(text)


def truth_of(value: Value) -> bool:
    """A value as XPath's boolean()."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def date_of(value: Value) -> datetime | None:
    """The moment that a text or a number of days means; None where it means none."""
    text = text_of(value).strip()
    try:
        if _DATE.fullmatch(text):
            return datetime.fromisoformat(text)
        return datetime(1970, 1, 1) + timedelta(days=float(text))
    except (ValueError, OverflowError):
        return None


def stamp(at: datetime) -> str:
    """A moment as tablets write it: milliseconds and zone."""
    return at.isoformat(timespec="milliseconds")


class Runtime:
    """The state that ODK functions read: set before each filling, shared by all expressions of one form."""

    def __init__(self) -> None:
        self.rng = random.Random(0)
        self.now = datetime(2000, 1, 1)
        self.today = "2000-01-01"
        self.labels: Mapping[str, Mapping[str, str]] = {}
        self.texts: Mapping[str, str] = {}

    def begin(self, rng: random.Random, now: datetime) -> None:
        self.rng, self.now, self.today = rng, now, now.date().isoformat()

    def functions(self) -> dict[str, Function]:
        """Every function by its name; each takes lxml's context and its arguments."""
        return {name: getattr(self, "_" + name.replace("-", "_")) for name in FUNCTION_NAMES}

    # -- values

    def _num(self, _: Any, value: Value) -> float:
        return number_of(value)

    def _str(self, _: Any, value: Value) -> str:
        return text_of(value)

    def _int(self, _: Any, value: Value) -> float:
        number = number_of(value)
        return float(math.trunc(number)) if math.isfinite(number) else math.nan

    def _round(self, _: Any, value: Value, places: Value = 0.0) -> float:
        number, scale = number_of(value), 10.0 ** int(number_of(places))
        return math.floor(number * scale + 0.5) / scale if math.isfinite(number) else math.nan

    def _abs(self, _: Any, value: Value) -> float:
        return abs(number_of(value))

    def _pow(self, _: Any, value: Value, power: Value) -> float:
        try:
            return math.pow(number_of(value), number_of(power))
        except (ValueError, OverflowError):
            return math.nan

    def _sqrt(self, _: Any, value: Value) -> float:
        return _mathematical(math.sqrt, value)

    def _log(self, _: Any, value: Value) -> float:
        return _mathematical(math.log, value)

    def _log10(self, _: Any, value: Value) -> float:
        return _mathematical(math.log10, value)

    def _exp(self, _: Any, value: Value) -> float:
        return _mathematical(math.exp, value)

    def _pi(self, _: Any) -> float:
        return math.pi

    def _max(self, _: Any, *values: Value) -> float:
        numbers = [number_of(value) for value in _flat(values)]
        return max(numbers) if numbers and not any(map(math.isnan, numbers)) else math.nan

    def _min(self, _: Any, *values: Value) -> float:
        numbers = [number_of(value) for value in _flat(values)]
        return min(numbers) if numbers and not any(map(math.isnan, numbers)) else math.nan

    def _if(self, _: Any, condition: Value, then: Value, otherwise: Value) -> Value:
        chosen = then if truth_of(condition) else otherwise
        return text_of(chosen) if isinstance(chosen, list) else chosen

    def _coalesce(self, _: Any, *values: Value) -> Value:
        for value in values:
            if text_of(value) != "":
                return text_of(value) if isinstance(value, list) else value
        return ""

    def _once(self, context: Any, value: Value) -> Value:
        kept = context.context_node.text
        return kept or (text_of(value) if isinstance(value, list) else value)

    def _boolean_from_string(self, _: Any, value: Value) -> bool:
        return text_of(value) in ("1", "true")

    # -- text

    def _join(self, _: Any, separator: Value, *values: Value) -> str:
        return text_of(separator).join(_flat(values))

    def _concat(self, _: Any, *values: Value) -> str:
        return "".join(_flat(values))

    def _substr(self, _: Any, value: Value, start: Value, end: Value | None = None) -> str:
        text = text_of(value)
        stop = len(text) if end is None else int(number_of(end))
        return text[int(number_of(start)) : stop]

    def _ends_with(self, _: Any, value: Value, end: Value) -> bool:
        return text_of(value).endswith(text_of(end))

    def _regex(self, _: Any, value: Value, pattern: Value) -> bool:
        return re.fullmatch(text_of(pattern), text_of(value), re.ASCII) is not None

    def _digest(self, _: Any, value: Value, name: Value, encoding: Value = "base64") -> str:
        made = hashlib.new(_DIGESTS[text_of(name)], text_of(value).encode("utf-8"))
        return made.hexdigest() if text_of(encoding) == "hex" else base64.b64encode(made.digest()).decode("ascii")

    def _itext(self, _: Any, identity: Value) -> str:
        return self.texts.get(text_of(identity), "")

    # -- choices

    def _selected(self, _: Any, value: Value, choice: Value) -> bool:
        return text_of(choice).strip() in text_of(value).split()

    def _selected_at(self, _: Any, value: Value, index: Value) -> str:
        chosen, at = text_of(value).split(), int(number_of(index))
        return chosen[at] if 0 <= at < len(chosen) else ""

    def _count_selected(self, _: Any, value: Value) -> float:
        return float(len(text_of(value).split()))

    def _choice_name(self, _: Any, value: Value, question: Value) -> str:
        labels = self.labels.get(text_of(question).replace(" ", ""), {})
        return ", ".join(labels.get(code, code) for code in text_of(value).split())

    def _checklist(self, _: Any, least: Value, most: Value, *values: Value) -> bool:
        count = sum(truth_of(value) for value in values)
        low, high = number_of(least), number_of(most)
        return (low < 0 or count >= low) and (high < 0 or count <= high)

    # -- nodes

    def _position(self, _: Any, nodes: list[Any]) -> float:
        if not nodes:
            return math.nan
        node = nodes[0]
        return 1.0 + sum(1 for _ in node.itersiblings(node.tag, preceding=True))

    def _count_non_empty(self, _: Any, nodes: list[Any]) -> float:
        return float(sum(1 for node in nodes if _node_text(node)))

    def _randomize(self, _: Any, nodes: list[Any], seed: Value | None = None) -> list[Any]:
        rng = self.rng if seed is None else random.Random(text_of(seed))
        return rng.sample(nodes, len(nodes))

    # -- chance and clock

    def _random(self, _: Any) -> float:
        return self.rng.random()

    def _uuid(self, _: Any, length: Value | None = None) -> str:
        if length is not None:
            return "".join(self.rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=int(number_of(length))))
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def _today(self, _: Any) -> str:
        return self.today

    def _now(self, _: Any) -> str:
        return stamp(self.now)

    def _date(self, _: Any, value: Value) -> str:
        text = text_of(value).strip()
        at = date_of(text)
        if at is None:
            return ""
        return text if _DATE.fullmatch(text) else at.date().isoformat()

    def _format_date(self, _: Any, value: Value, shape: Value) -> str:
        at = date_of(value)
        return "" if at is None else _shaped(at, text_of(shape))

    def _decimal_date_time(self, _: Any, value: Value) -> float:
        return number_of(value)

    def _decimal_time(self, _: Any, value: Value) -> float:
        hours, minutes, *_rest = [*text_of(value).rpartition("T")[2].split(":"), "0", "0"]
        return (float(hours or 0) + float(minutes) / 60) / 24


FUNCTION_NAMES = tuple(
    [
        "num",
        "str",
        "int",
        "round",
        "abs",
        "pow",
        "sqrt",
        "log",
        "log10",
        "exp",
        "pi",
        "max",
        "min",
        "if",
        "coalesce",
        "once",
        "boolean-from-string",
        "join",
        "concat",
        "substr",
        "ends-with",
        "regex",
        "digest",
        "itext",
        "selected",
        "selected-at",
        "count-selected",
        "choice-name",
        "checklist",
        "position",
        "count-non-empty",
        "randomize",
        "random",
        "uuid",
        "today",
        "now",
        "date",
        "format-date",
        "decimal-date-time",
        "decimal-time",
    ]
)
ALIASES = {"format-date-time": "format-date"}


def _node_text(node: Any) -> str:
    return node if isinstance(node, str) else node.text or ""


def _flat(values: tuple[Value, ...]) -> list[str]:
    flat: list[str] = []
    for value in values:
        flat.extend(map(_node_text, value)) if isinstance(value, list) else flat.append(text_of(value))
    return flat


def _number_text(value: float) -> str:
    if math.isnan(value):
        return ""
    if value.is_integer() and abs(value) < _MAXIMUM_WHOLE:
        return str(int(value))
    return repr(value)


def _mathematical(function: Callable[[float], float], value: Value) -> float:
    try:
        return function(number_of(value))
    except (ValueError, OverflowError):
        return math.nan


def _days(text: str) -> float:
    if not _DATE.fullmatch(text):
        return math.nan
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    day = float((at.date() - _EPOCH).days)
    return day + (at.hour * 3600 + at.minute * 60 + at.second) / 86400 if len(text) > 10 else day


def _shaped(at: datetime, shape: str) -> str:
    for letter, make in _UNPADDED.items():
        if letter in shape:
            shape = shape.replace(letter, make(at))
    return at.strftime(shape)

"""What a relevance says, as far as it can be told to people: comparisons of questions, joined by and, or, not.

Calculations are followed to the questions behind them. What is beyond that is `UNTOLD`: it is never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from kobo_crc.xlsform.form import Row

_TOKEN = re.compile(r"\s*(\$\{\s*[^}]*?\s*\}|'[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?|[A-Za-z][\w:-]*|!=|<=|>=|[-()=<>,+*])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TRANSPARENT = ("number", "int", "string", "once", "coalesce", "translate")


@dataclass(frozen=True, slots=True)
class Compared:
    """A question's answer against values: one of them for `=`, none of them for `!=`, one number for the others."""

    name: str
    sign: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Several conditions, of which all must hold (`every`) or one."""

    every: bool
    parts: tuple[Condition, ...]


Condition = Compared | Joined
ALWAYS, NEVER = Joined(True, ()), Joined(False, ())
UNTOLD = Compared("", "?", ())


@dataclass(frozen=True, slots=True)
class _Call:
    """A function and its arguments, still as tokens."""

    name: str
    arguments: tuple[tuple[str, ...], ...]


class _Beyond(Exception):
    """The expression says more than can be told."""


def condition_of(expression: str, rows: Mapping[str, Row]) -> Condition:
    """The condition with calculations followed; `rows` are by name.

    That a question has any answer at all is no condition here: where one was not asked, what hangs on it is skipped.
    """
    return _joined(True, [_told(_tokens(expression), rows, False)])


def _told(tokens: Sequence[str], rows: Mapping[str, Row], negated: bool) -> Condition:
    every, parts = _parts(tokens)
    found: list[Condition] = []
    for part in parts:
        try:
            found.append(_one(part, rows, negated))
        except _Beyond:
            found.append(UNTOLD)
    return _joined(every != negated, found)


def _parts(tokens: Sequence[str]) -> tuple[bool, list[tuple[str, ...]]]:
    """What the outermost `or`, else `and`, joins."""
    for word in ("or", "and"):
        parts = list(_split(tokens, word))
        if len(parts) > 1:
            return word == "and", parts
    return True, [tuple(tokens)]


def _one(tokens: Sequence[str], rows: Mapping[str, Row], negated: bool) -> Condition:
    if _is_wrapped(tokens):
        return _told(tokens[1:-1], rows, negated)
    call = _call(tokens)
    if call and call.name == "not":
        return _told(call.arguments[0], rows, not negated)
    if call and call.name == "selected":
        return _equal(call.arguments[0], _literal(call.arguments[1]), rows, negated)
    if call or len(_parts(tokens)[1]) > 1:
        raise _Beyond
    return _comparison(tokens, rows, negated)


def _comparison(tokens: Sequence[str], rows: Mapping[str, Row], negated: bool) -> Condition:
    for sign in _OPPOSITE:
        sides = list(_split(tokens, sign))
        if len(sides) == 2:
            value = _literal(sides[1])
            if sign in ("=", "!="):
                return _equal(sides[0], value, rows, negated != (sign == "!="))
            return Compared(_question(sides[0], rows), _OPPOSITE[sign] if negated else sign, (value,))
    raise _Beyond


def _equal(tokens: Sequence[str], value: str, rows: Mapping[str, Row], negated: bool) -> Condition:
    """When the tokens' value is, or is not, this one."""
    if _is_literal(tokens):
        return ALWAYS if (_literal(tokens) == value) != negated else NEVER
    call = _call(tokens)
    if call and call.name == "if" and len(call.arguments) == 3:
        return _by_if(call, value, rows, negated)
    if calculation := _calculation(tokens, rows):
        return _equal(calculation, value, rows, negated)
    return Compared(_question(tokens, rows), "!=" if negated else "=", (value,))


def _by_if(call: _Call, value: str, rows: Mapping[str, Row], negated: bool) -> Condition:
    """`if(C, a, b)` is the value when C holds and a is it, or C does not and b is."""
    condition, then, otherwise = call.arguments
    if value == "" and not all(map(_is_literal, (then, otherwise))):
        return Compared(_question(then, rows), "!=" if negated else "=", ("",))
    held = _joined(True, [_told(condition, rows, False), _equal(then, value, rows, negated)])
    missed = _joined(True, [_told(condition, rows, True), _equal(otherwise, value, rows, negated)])
    if NEVER in (held, missed):
        return missed if held == NEVER else held
    # C or b, in place of C or (not C and b): the same, and shorter.
    return _joined(False, [held, _equal(otherwise, value, rows, negated)])


def _calculation(tokens: Sequence[str], rows: Mapping[str, Row]) -> list[str]:
    """The tokens of the calculation that a reference leads to; none for a question that people answer."""
    if len(tokens) != 1 or not tokens[0].startswith("${"):
        return []
    row = rows.get(_reference(tokens))
    return _tokens(row.cells.get("calculation", "")) if row and row.type == "calculate" else []


def _joined(every: bool, found: Sequence[Condition]) -> Condition:
    """The parts together. What cannot be told stays at the end of an `and`, and is all that is left of an `or`."""
    decides, idle = (NEVER, ALWAYS) if every else (ALWAYS, NEVER)
    if decides in found or (not every and UNTOLD in found):
        return decides if decides in found else UNTOLD
    flat = [inner for part in found if part != idle for inner in _inner(part, every)]
    told = [part for part in flat if part != UNTOLD and not (every and _is_answered(part))]
    merged = [*_merged(told, every), *([UNTOLD] if UNTOLD in flat else ())]
    return merged[0] if len(merged) == 1 else Joined(every, tuple(merged))


def _is_answered(part: Condition) -> bool:
    return isinstance(part, Compared) and part.sign == "!=" and part.values == ("",)


def _inner(part: Condition, every: bool) -> tuple[Condition, ...]:
    return part.parts if isinstance(part, Joined) and part.every == every else (part,)


def _merged(parts: Sequence[Condition], every: bool) -> Iterator[Condition]:
    """Neighbours about one question as one: is A or B; is neither A nor B."""
    sign = "!=" if every else "="

    def key(part: Condition) -> object:
        return part.name if isinstance(part, Compared) and part.sign == sign else id(part)

    for _, group in groupby(parts, key):
        first, *others = group
        if isinstance(first, Compared) and others:
            values = (value for one in others if isinstance(one, Compared) for value in one.values)
            yield Compared(first.name, sign, tuple(dict.fromkeys([*first.values, *values])))
        else:
            yield first


def _question(tokens: Sequence[str], rows: Mapping[str, Row]) -> str:
    """The question that people answer behind a reference or a calculation that only hands it on."""
    call = _call(tokens)
    if call and call.name in (*_TRANSPARENT, "if"):
        return _question(call.arguments[call.name == "if"], rows)
    if calculation := _calculation(tokens, rows):
        return _question(calculation, rows)
    name = _reference(tokens)
    if name not in rows or rows[name].type == "calculate":
        raise _Beyond
    return name


def _reference(tokens: Sequence[str]) -> str:
    if len(tokens) == 1 and tokens[0].startswith("${"):
        return tokens[0][2:-1].strip()
    raise _Beyond


def _literal(tokens: Sequence[str]) -> str:
    if not _is_literal(tokens):
        raise _Beyond
    return tokens[0].strip("'\"")


def _is_literal(tokens: Sequence[str]) -> bool:
    return len(tokens) == 1 and (tokens[0][0] in "'\"" or bool(_NUMBER.fullmatch(tokens[0])))


def _call(tokens: Sequence[str]) -> _Call | None:
    if len(tokens) < 3 or tokens[1] != "(" or not _is_wrapped(tokens[1:]):
        return None
    return _Call(tokens[0], tuple(_split(tokens[2:-1], ",")))


def _is_wrapped(tokens: Sequence[str]) -> bool:
    """Whether the first bracket closes with the last token."""
    depths = list(_depths(tokens))
    return bool(tokens) and tokens[0] == "(" and tokens[-1] == ")" and all(depths[:-1])


def _depths(tokens: Sequence[str]) -> Iterator[int]:
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token, 0)
        yield depth


def _split(tokens: Sequence[str], word: str) -> Iterator[tuple[str, ...]]:
    start = 0
    for number, depth in enumerate(_depths(tokens)):
        if tokens[number] == word and depth == 0:
            yield tuple(tokens[start:number])
            start = number + 1
    yield tuple(tokens[start:])


def _tokens(expression: str) -> list[str]:
    """The tokens; none when the expression has other signs, such as a path."""
    found, position = [], 0
    while position < len(expression.rstrip()):
        match = _TOKEN.match(expression, position)
        if match is None:
            return []
        found.append(match[1])
        position = match.end()
    return found

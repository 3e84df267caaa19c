"""The part of MongoDB's query language that KoboToolbox passes through; keys with slashes and dots are plain names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]
Test = Callable[[Any, Any], bool]
MISSING = object()


def matches(record: Record, query: Mapping[str, Any]) -> bool:
    """Say whether a record fits; what is not understood fits nothing. Strings never equal numbers."""
    return all(_clause(record, key, wanted) for key, wanted in query.items())


def keys_of(query: Mapping[str, Any]) -> set[str]:
    """Return every top-level field that a query looks at, the first part of dotted names only."""
    found: set[str] = set()
    for key, wanted in query.items():
        if key in ("$or", "$and") and isinstance(wanted, list):
            found.update(*(keys_of(part) for part in wanted if isinstance(part, Mapping)))
        elif key == "$expr":
            found.update(str(name).removeprefix("$") for name in _operands(wanted))
        else:
            found.add(key.split(".")[0])
    return found


def _operands(expression: Any) -> Iterable[Any]:
    if not isinstance(expression, Mapping):
        return []
    return [name for pair in expression.values() if isinstance(pair, list) for name in pair]


def _clause(record: Record, key: str, wanted: Any) -> bool:
    if key in ("$or", "$and"):
        parts = [matches(record, part) for part in wanted if isinstance(part, Mapping)]
        return any(parts) if key == "$or" else all(parts)
    if key == "$expr":
        return _expression(record, wanted)
    if key.startswith("$"):
        return False
    value = _value(record, key)
    if isinstance(wanted, Mapping) and any(name.startswith("$") for name in wanted):
        return all(_operator(value, name, operand, wanted) for name, operand in wanted.items())
    return _equal(value, wanted)


def _expression(record: Record, expression: Any) -> bool:
    """Only `$ne` and `$eq` of two fields, as the recordings use them."""
    if not isinstance(expression, Mapping) or set(expression) - {"$ne", "$eq"}:
        return False
    pairs = [
        (name == "$eq", [_value(record, str(field).removeprefix("$")) for field in pair])
        for name, pair in expression.items()
    ]
    return all((left == right) is wanted for wanted, (left, right) in pairs)


def _value(record: Record, key: str) -> Any:
    if key in record:
        return record[key]
    value: Any = record
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def _equal(value: Any, wanted: Any) -> bool:
    if value is MISSING:
        return wanted is None
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted)


def _operator(value: Any, name: str, operand: Any, whole: Mapping[str, Any]) -> bool:
    if name == "$options":
        return True
    if name == "$regex":
        flags = re.IGNORECASE if "i" in str(whole.get("$options", "")) else 0
        return isinstance(value, str) and re.search(str(operand), value, flags) is not None
    test = OPERATORS.get(name)
    return test is not None and test(value, operand)


def _ordered(compare: Callable[[Any, Any], bool]) -> Test:
    """Compare only numbers with numbers and strings with strings."""

    def test(value: Any, operand: Any) -> bool:
        kinds = {_kind(value), _kind(operand)}
        return len(kinds) == 1 and None not in kinds and compare(value, operand)

    return test


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else None


def _in(value: Any, operand: Any) -> bool:
    return isinstance(operand, list) and any(_equal(value, wanted) for wanted in operand)


def _element(value: Any, operand: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) and matches(item, operand) for item in value)


OPERATORS: dict[str, Test] = {
    "$gt": _ordered(lambda value, operand: value > operand),
    "$gte": _ordered(lambda value, operand: value >= operand),
    "$lt": _ordered(lambda value, operand: value < operand),
    "$lte": _ordered(lambda value, operand: value <= operand),
    "$eq": _equal,
    "$ne": lambda value, operand: not _equal(value, operand),
    "$in": _in,
    "$nin": lambda value, operand: isinstance(operand, list) and not _in(value, operand),
    "$exists": lambda value, operand: (value is not MISSING) is bool(operand),
    "$elemMatch": _element,
}

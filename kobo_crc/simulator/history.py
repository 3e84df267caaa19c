"""A project's history log and the small query language that its endpoint understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r'\(|\)|[A-Za-z_]+:"[^"]*"|[A-Za-z_]+:[^\s()]+|[^\s()]+')
UNQUOTED = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `at` is UTC such as `2026-11-23T13:34:00Z`."""

    action: str
    username: str
    at: str
    metadata: dict[str, Any] = field(default_factory=dict)


def select(entries: list[Entry], query: str) -> list[Entry]:
    """Return the entries that fit, newest first; a query that cannot be read fits nothing."""
    newest_first = entries[::-1]
    if not query.strip():
        return newest_first
    try:
        tree = _parse(query)
    except _Unreadable:
        return []
    return [entry for entry in newest_first if _holds(tree, entry)]


class _Unreadable(Exception):
    """The query is none that the server knows."""


Tree = tuple[Any, ...]


def _parse(query: str) -> Tree:
    tokens = TOKEN.findall(query)
    tree = _either(tokens)
    if tokens:
        raise _Unreadable
    return tree


def _either(tokens: list[str]) -> Tree:
    parts = [_both(tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        parts.append(_both(tokens))
    return ("or", parts)


def _both(tokens: list[str]) -> Tree:
    parts = [_term(tokens)]
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        parts.append(_term(tokens))
    return ("and", parts)


def _term(tokens: list[str]) -> Tree:
    if not tokens:
        raise _Unreadable
    token = tokens.pop(0)
    if token == "NOT":
        return ("not", _term(tokens))
    if token == "(":
        tree = _either(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise _Unreadable
        return tree
    name, colon, value = token.partition(":")
    quoted = value.startswith('"')
    if not colon or not (quoted or UNQUOTED.fullmatch(value)):
        raise _Unreadable
    return ("is", name, value.strip('"'))


def _holds(tree: Tree, entry: Entry) -> bool:
    kind, *rest = tree
    if kind == "or":
        return any(_holds(part, entry) for part in rest[0])
    if kind == "and":
        return all(_holds(part, entry) for part in rest[0])
    if kind == "not":
        return not _holds(rest[0], entry)
    return _compare(entry, *rest)


def _compare(entry: Entry, name: str, wanted: str) -> bool:
    if name.startswith("date_created"):
        return _compare_date(entry.at, name.removeprefix("date_created").removeprefix("__"), wanted)
    return any(str(value) == wanted for value in _values(entry, name))


def _compare_date(at: str, operator: str, wanted: str) -> bool:
    """Compare as text to the length of what was asked: times are written alike, with a blank or a T."""
    bound = wanted.replace(" ", "T").removesuffix("Z")
    moment = at.removesuffix("Z")
    tests = {"gte": moment >= bound, "gt": moment > bound, "lte": moment <= bound, "lt": moment < bound}
    return tests.get(operator, moment.startswith(bound))


def _values(entry: Entry, name: str) -> Iterator[Any]:
    value: Any = {"action": entry.action, "user": {"username": entry.username}, "metadata": entry.metadata}
    for part in name.split("__"):
        if not isinstance(value, dict) or part not in value:
            return
        value = value[part]
    yield value

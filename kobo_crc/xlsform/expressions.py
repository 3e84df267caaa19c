"""Just enough XPath to find calls in an expression: strings are passed over, parentheses balanced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")


def without_strings(text: str) -> str:
    """The text with string literals blanked, every other character in its place."""
    return _LITERAL.sub(lambda literal: "'" + " " * (len(literal[0]) - 2) + "'", text)


def calls(text: str, function: str) -> Iterator[tuple[int, int, str]]:
    """Every call of the function: where it starts and ends in the text, and what stands between its parentheses."""
    plain = without_strings(text)
    for match in re.finditer(rf"(?<![\w:.-]){re.escape(function)}\s*\(", plain):
        end = _closing(plain, match.end())
        yield match.start(), end, text[match.end() : end - 1]


def _closing(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return len(text) + 1


def outside(text: str, functions: Sequence[str]) -> str:
    """The text with the calls of these functions blanked."""
    for function in functions:
        for start, end, _ in list(calls(text, function)):
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def last_string(arguments: str) -> str | None:
    """The string literal that ends the arguments of a call; None when they end otherwise."""
    literals = list(_LITERAL.finditer(arguments.rstrip()))
    return literals[-1][0][1:-1] if literals and literals[-1].end() == len(arguments.rstrip()) else None


def references(text: str) -> list[str]:
    """The names in `${name}`."""
    return REFERENCE.findall(text)

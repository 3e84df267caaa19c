"""The words of ODK expressions: tokens, and what is known of each function before it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from kobo_crc.errors import FormError

NodePath: TypeAlias = tuple[str, ...]

_TOKEN = re.compile(
    r"""\s*(?:(?P<literal>'[^']*'|"[^"]*")|(?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<name>[^\W\d][\w.\-]*(?::(?!:)[^\W\d][\w.\-]*)?)|(?P<sign>::|//|\.\.|<=|>=|!=|[-+*/|=<>()\[\],.@$]))""",
    re.VERBOSE,
)
# Functions whose XPath 1.0 meaning is already what ODK says; the value is the kind of the result.
CORE = {
    "true": "boolean", "false": "boolean", "not": "boolean", "boolean": "boolean", "contains": "boolean",
    "starts-with": "boolean", "lang": "boolean", "count": "number", "sum": "number", "last": "number",
    "floor": "number", "ceiling": "number", "string-length": "number", "concat": "string", "string": "string",
    "substring": "string", "substring-before": "string", "substring-after": "string", "translate": "string",
    "normalize-space": "string", "name": "string", "local-name": "string",
}  # fmt: skip
TEXT_ARGUMENTS = {"contains", "starts-with", "string-length", "concat", "string", "substring-before"} | {
    "substring-after", "translate", "normalize-space",
}  # fmt: skip
NUMBERS = {"int", "round", "abs", "pow", "sqrt", "log", "log10", "exp", "max", "min", "random", "count-selected"} | {
    "decimal-date-time", "decimal-time", "position", "num", "count-non-empty", "checklist-count", "pi",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp10",
}  # fmt: skip
BOOLEANS = {"selected", "regex", "ends-with", "boolean-from-string", "checklist", "weighted-checklist"}
RENAMED = {"number": "num", "jr:choice-name": "choice-name", "jr:itext": "itext", "string": "str", "date-time": "date"}
CHANGING = {"random", "uuid", "now", "once", "position", "randomize", "today"}
NODE_TESTS = {"node", "text", "comment"}


@dataclass(frozen=True, slots=True)
class Term:
    text: str
    kind: str
    path: NodePath | None = None


@dataclass(slots=True)
class Step:
    text: str
    predicates: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.text + "".join(f"[{predicate}]" for predicate in self.predicates)


def tokens_of(source: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = source.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FormError(f"Cannot read the expression {source!r} at {text[at:]!r}. Please correct it in the form.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found

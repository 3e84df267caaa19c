"""Calls found in XPath, whatever stands in its strings."""

from __future__ import annotations

import pytest

from kobo_crc.xlsform.expressions import calls, last_string, outside, references


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f(1)", [(0, 4, "1")]),
        ("g(f(1, h(2)) + f(3))", [(2, 12, "1, h(2)"), (15, 19, "3")]),
        ("f ('a)b') or 'f(x)'", [(0, 9, "'a)b'")]),
        ("my-f(1) + jr:f(2)", []),
        ("f(g(1)", [(0, 7, "g(1)")]),
    ],
)
def test_calls__are_balanced_and_outside_strings(text: str, found: list[tuple[int, int, str]]) -> None:
    assert list(calls(text, "f")) == found


def test_outside__calls_are_blanked_in_place() -> None:
    assert outside("1 + once(uuid()) + uuid()", ["once"]) == "1 +              + uuid()"


@pytest.mark.parametrize(
    ("arguments", "literal"), [("., '^a$'", "^a$"), (" 'x', ${a}", None), ("${a}", None), ('., "it\'s" ', "it's")]
)
def test_last_string__is_the_literal_at_the_end(arguments: str, literal: str | None) -> None:
    assert last_string(arguments) == literal


def test_references__are_the_names() -> None:
    assert references("${a} + ${ b }") == ["a", "b"]

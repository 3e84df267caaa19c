"""Markdown tables are cut into cells exactly as pyxform, the reference implementation, cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.constants import SUPPORTED_SHEET_NAMES
from pyxform.xls2json_backends import _md_table_to_ss_structure

from kobo_crc.xlsform.headers import SHEETS
from kobo_crc.xlsform.markdown import Tables, read_tables

PIECES = st.sampled_from(["|", "| ", "||", "\\", r"\|", "-", "#", "a", "ب", "survey", " ", "\t", "\N{NO-BREAK SPACE}"])
LINE = st.lists(PIECES, max_size=12).map("".join)
ROW = st.lists(PIECES, max_size=10).map(lambda pieces: f"|{''.join(pieces)}|")


def by_pyxform(text: str) -> Tables:
    """pyxform's tables, with "" for its None; it keeps rows above the first name under False."""
    tables = _md_table_to_ss_structure(text).items()
    return {name: [tuple(cell or "" for cell in row) for row in rows] for name, rows in tables if name}


@given(lines=st.lists(LINE | ROW, max_size=6))
@settings(max_examples=400, deadline=None)
def test_tables__any_lines__are_those_of_pyxform(lines: list[str]) -> None:
    assert read_tables("\n".join(lines)) == by_pyxform("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("| a |\n| | b | c |", {"a": [("b", "c")]}),
        ("| a | b |", {"a": [("b",)]}),
        ("| a |\n|---|---|\n| | b |", {"a": [("b",)]}),
        ("| a |\n| | b | | # a remark", {"a": [("b", "")]}),
        ("# | a |\n| c |", {"c": []}),
        (r"| a |" "\n" r"| | b \| c |", {"a": [("b | c",)]}),
        ("| | b |\n| a |\n| | |\n", {"a": []}),
        ("| a |\n| | b |\n| a |\n| | c |", {"a": [("c",)]}),
        ("no table", {}),
    ],
)
def test_tables__by_example(text: str, tables: Tables) -> None:
    assert read_tables(text) == by_pyxform(text) == tables


def test_sheets__are_those_that_pyxform_reads() -> None:
    assert set(SHEETS) == SUPPORTED_SHEET_NAMES

"""Markdown to workbook and back loses nothing, and all ways lead to the same XForm."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from kobo_crc.errors import FormError
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.lists import CodeRow
from kobo_crc.xlsform.read import from_sheets, read
from kobo_crc.xlsform.sheets import parse_markdown
from kobo_crc.xlsform.workbook import read_workbook
from kobo_crc.xlsform.write import to_sheets, to_xform, write_markdown, write_xlsx
from tests.xlsform.samples import CODES, FORM, form_of

OWN_LISTS = """
| survey |
| | type | name | label::العربية (ar) | label::English (en) | constraint | hxl | relevant |
| | select_one sex | sex | جنس | Sex | | #sex | |
| | text | phone | هاتف | Phone \\| mobile | regex(., '^(07\\|\\+964)\\d+$') | | ${sex} = 'f' |
| choices |
| | list_name | name | label::العربية (ar) | label::English (en) | image | shade |
| | sex | f | أنثى | Female | f.png | =1+1 |
| | sex | m | ذكر | Male | | http://example.org |
| settings |
| | form_id | version | form_title |
| | own | 2026.10 | Own lists |
| entities |
| | list_name | label |
| | people | ${phone} |
"""


def reread(form: Form, folder: Path) -> Form:
    write_xlsx(form, folder / f"{form.name}.xlsx")
    return read_workbook(folder / f"{form.name}.xlsx", CODES)


@pytest.mark.parametrize("markdown", [FORM, OWN_LISTS], ids=["shared lists", "own lists"])
def test_round_trip__workbook__gives_the_same_form(markdown: str, tmp_path: Path) -> None:
    form = form_of(markdown)
    again = reread(form, tmp_path)
    assert again.rows == form.rows
    assert again.choices == form.choices
    assert again.shared_lists == form.shared_lists
    assert (again.settings, again.sheets) == (form.settings, form.sheets)
    assert write_markdown(again) == write_markdown(form)


@pytest.mark.parametrize("markdown", [FORM, OWN_LISTS], ids=["shared lists", "own lists"])
def test_round_trip__markdown__gives_the_same_form(markdown: str) -> None:
    form = form_of(markdown)
    again = form_of(write_markdown(form))
    assert again == form


def test_xform__from_markdown_workbook_and_pyxform_itself__is_identical(tmp_path: Path) -> None:
    form = form_of(OWN_LISTS, "own")
    path = tmp_path / "own.md"
    path.write_text(OWN_LISTS, encoding="utf-8")
    by_pyxform = convert(path).xform
    assert to_xform(form) == by_pyxform
    assert to_xform(reread(form, tmp_path)) == by_pyxform
    assert convert(tmp_path / "own.xlsx").xform == by_pyxform


def test_xform__refused__is_a_form_error_in_pyxforms_words() -> None:
    form = form_of("| survey |\n| | type | name | label |\n| | text | a b | A |")
    with pytest.raises(FormError, match=r"^sample: \[row : 2\]"):
        to_xform(form)


def test_workbook__same_form__same_bytes(tmp_path: Path) -> None:
    write_xlsx(form_of(FORM), tmp_path / "first.xlsx")
    write_xlsx(form_of(FORM), tmp_path / "new folder" / "second.xlsx")
    first, second = (tmp_path / "first.xlsx").read_bytes(), (tmp_path / "new folder" / "second.xlsx").read_bytes()
    assert first == second
    with zipfile.ZipFile(tmp_path / "first.xlsx") as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {(1980, 1, 31)}  # no clock was read
        assert b">2000-01-01T00:00:00Z</dcterms:created>" in parts.read("docProps/core.xml")


def test_workbook__header__is_frozen_and_columns_keep_their_order(tmp_path: Path) -> None:
    write_xlsx(form_of(FORM), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["survey", "choices", "settings"]
    survey = book["survey"]
    assert survey.freeze_panes == "A2"
    assert [cell.value for cell in survey[1]] == list(form_of(FORM).headers["survey"])
    assert survey.column_dimensions["F"].width > survey.column_dimensions["B"].width
    book.close()


def test_workbook__shared_lists__are_copied_in_with_three_labels(tmp_path: Path) -> None:
    write_xlsx(form_of(FORM), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["choices"]
    rows = [tuple(cell.value for cell in row) for row in sheet.rows]
    assert rows[0] == ("list_name", "name", "label::العربية (ar)", "label::کوردی (ckb)", "label::English (en)")
    assert rows[1] == ("sex", "f", "عربي f", "کوردی f", "f")
    assert [row[:2] for row in rows[2:]] == [("sex", "m"), ("service", "health"), ("service", "legal")]


def test_workbook__filter_behind_a_long_list__is_still_seen_by_a_server_that_looks_at_100_rows() -> None:
    survey = "| survey |\n| | type | name | label | choice_filter |\n| | select_one long | a | A | |\n"
    labels = {"en": "x"}
    codes = {
        "long": [CodeRow(line, f"c{line}", labels, "", "", {}) for line in range(2, 130)],
        "short": [CodeRow(2, "s1", labels, "", "", {}), CodeRow(3, "s2", labels, "", "", {"region": "n"})],
    }
    sheets = parse_markdown(f"{survey}| | select_one short | b | B | region = 'n' |", "any")
    form = from_sheets("any", sheets, codes)
    rows = to_sheets(form).rows
    assert [(row["list_name"], row["name"]) for row in rows["choices"][:4]] == [
        ("long", "c2"), ("short", "s1"), ("short", "s2"), ("long", "c3"),
    ]  # fmt: skip
    assert len(rows["choices"]) == 130
    convert({"survey": list(rows["survey"]), "choices": list(rows["choices"])})
    in_order = [choice.cells for choices in form.choices.values() for choice in choices]
    with pytest.raises(PyXFormError, match="first 100 rows"):
        convert({"survey": list(rows["survey"]), "choices": in_order})


def test_workbook__cell_too_long_for_excel__says_where(tmp_path: Path) -> None:
    form = form_of(FORM)
    long = replace(form.rows[1], cells={**form.rows[1].cells, "constraint": "x" * 32_768})
    with pytest.raises(FormError, match="sheet survey, row 3: the cell constraint is longer"):
        write_xlsx(replace(form, rows=(form.rows[0], long, *form.rows[2:])), tmp_path / "a.xlsx")


def test_markdown__line_break__says_where() -> None:
    form = form_of(FORM)
    broken = replace(form.rows[0], cells={**form.rows[0].cells, "constraint": "1\n2"})
    with pytest.raises(FormError, match="sheet survey, row 2: a cell has a line break"):
        write_markdown(replace(form, rows=(broken, *form.rows[1:])))


def test_write__file_read_from_disk__survives(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    path = tmp_path / "own.md"
    path.write_text(OWN_LISTS, encoding="utf-8")
    form = read(path, tmp_path / "codes")
    path.write_text(write_markdown(form), encoding="utf-8")
    assert read(path, tmp_path / "codes") == form


# Any printable text: pipes, backslashes, quotes, formulas, both scripts; what a cell strips is stripped before.
PRINTABLE = st.characters(exclude_categories=["C", "Z"], include_characters=" |\\'\"=#-كڵ٥\u200e\u2066", codec="utf-8")
CELL = st.text(PRINTABLE, max_size=12).map(str.strip)
ROW = st.fixed_dictionaries({}, optional={"label::English (en)": CELL, "hint": CELL, "store": CELL, "my column": CELL})


@given(rows=st.lists(ROW, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip__any_cells__come_back(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    cells = [{"type": "text", "name": f"q{number}", **row} for number, row in enumerate(rows)]
    header = ["type", "name", "label::English (en)", "hint", "store", "my column"]
    table = [header, *([row.get(column, "") for column in header] for row in cells)]
    lines = ["| | " + " | ".join(text.replace("|", r"\|") for text in row) + " |" for row in table]
    form = from_sheets("any", parse_markdown("\n".join(["| survey |", *lines]), "any"), {})
    assert [row.cells for row in form.rows] == [{key: text for key, text in row.items() if text} for row in cells]
    assert reread(form, tmp_path).rows == form.rows
    assert from_sheets("any", parse_markdown(write_markdown(form), "any"), {}).rows == form.rows

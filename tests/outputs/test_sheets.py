"""Workbooks as Excel and LibreOffice read them: right-to-left, filtered, and nothing in them computes."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.outputs.sheets import LINE_POINTS, Sheet, workbook

NOW = datetime(2026, 11, 23, 20, 5)


def opened(*sheets: Sheet, language: str = "en") -> Any:
    return openpyxl.load_workbook(BytesIO(workbook(sheets, language, made_at=NOW)))


def only_cell(value: str | int | date | None) -> Any:
    return opened(Sheet("a", ("h",), [(value,)])).active["A2"]


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+9647701234567", "-1", "@SUM(A1)", "=HYPERLINK(\"http://127.0.0.1\")", "\t=1", "200000000101",
     "0012", "1E5", "2026-11-23", "http://127.0.0.1/", "TRUE", "12:30"],
)  # fmt: skip
def test_cell__text_that_looks_like_something_else__stays_a_text_also_when_edited(value: str) -> None:
    cell = only_cell(value)
    assert (cell.value, cell.data_type) == (value, "s")
    assert cell.number_format == "@"
    assert cell.quotePrefix
    assert cell.hyperlink is None


@given(value=st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40))
def test_cell__any_text__is_no_formula(value: str) -> None:
    assert only_cell(value).data_type == "s"


def test_cell__number_day_and_nothing__keep_their_kind() -> None:
    row = opened(Sheet("a", ("h", "i", "j"), [(7, date(2026, 11, 23), None)])).active[2]
    assert [cell.value for cell in row] == [7, datetime(2026, 11, 23), None]
    assert row[1].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize(("language", "right_to_left"), [("ar", True), ("ckb", True), ("en", None)])
def test_sheet__language__gives_its_direction(language: str, right_to_left: bool | None) -> None:
    assert opened(Sheet("a", ("h",), []), language=language).active.sheet_view.rightToLeft is right_to_left


RIGHTWARD, LEFTWARD = 1, 2


@pytest.mark.parametrize(("language", "start"), [("ar", "right"), ("ckb", "right"), ("en", "left")])
@pytest.mark.parametrize(
    ("value", "order"),
    [
        ("سند الملكية (NRC).", LEFTWARD),
        ("KoboToolbox: ناڕوون", LEFTWARD),
        ("+964 770 123 4567", RIGHTWARD),
        ("218893625265", RIGHTWARD),
        ("A title deed (NRC).", RIGHTWARD),
    ],
)
def test_cell__text__is_read_in_its_own_direction_and_stands_where_the_sheet_begins(
    language: str, start: str, value: str, order: int
) -> None:
    rows = [(value, 7, date(2026, 11, 23))]
    cells = opened(Sheet("a", ("h", "i", "j"), rows), language=language).active[2]
    assert cells[0].alignment.readingOrder == order
    assert {cell.alignment.horizontal for cell in cells} == {start}


def test_row__text_longer_than_the_widest_column__has_the_lines_for_it() -> None:
    page = opened(Sheet("a", ("h", "i"), [("1", "n" * 121), ("2", "n" * 60)])).active
    assert page.row_dimensions[2].height == 3 * LINE_POINTS
    assert page.row_dimensions[3].height is None


def test_sheet__header__stays_filters_and_is_printed_on_each_page() -> None:
    page = opened(Sheet("a", ("h", "i"), [("1", "2"), ("3", "4")])).active
    assert (page.freeze_panes, page.auto_filter.ref) == ("B2", "A1:B3")
    assert page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape"


def test_sheet__without_rows__says_so() -> None:
    assert opened(Sheet("a", ("h", "i"), [], "Nothing today.")).active["A2"].value == "Nothing today."


def test_workbook__same_content_and_time__is_the_same_file() -> None:
    sheets = [Sheet("a", ("h",), [("1",)])]
    assert workbook(sheets, "ar", made_at=NOW) == workbook(sheets, "ar", made_at=NOW)

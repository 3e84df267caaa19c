"""Forms that are workbooks, also as other people's programs write them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kobo_crc.errors import FormError
from kobo_crc.xlsform.workbook import read_workbook
from tests.xlsform.samples import CODES


def book_of(path: Path, title: str, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = title
    for cells in rows:
        book.worksheets[0].append(cells)
    book.save(path)
    return path


def test_read_workbook__empty_rows__keep_their_numbers(tmp_path: Path) -> None:
    rows: tuple[list[object], ...] = (["type", "name", None, "Label"], ["text", "a", None, 1.0], [], ["text", "b"])
    form = read_workbook(book_of(tmp_path / "book.xlsx", "Survey", *rows), CODES)
    assert form.name == "book"
    assert [(row.line, row.name, row.labels) for row in form.rows] == [(2, "a", {"default": "1"}), (4, "b", {})]


def test_read_workbook__headers_that_mean_the_same__are_refused(tmp_path: Path) -> None:
    path = book_of(tmp_path / "book.xlsx", "survey", ["type", "name", "calculation", "calculate"])
    with pytest.raises(FormError, match="the column calculation stands twice"):
        read_workbook(path, CODES)


def test_read_workbook__annotations_beside_it__are_taken(tmp_path: Path) -> None:
    path = book_of(tmp_path / "book.xlsx", "survey", ["type", "name"], ["text", "a"])
    (tmp_path / "book.store.csv").write_text("path,store,pii,hxl\na,visit.remark,quasi,\n", encoding="utf-8")
    form = read_workbook(path, CODES)
    assert (form.foreign, form.rows[0].store) == (True, "visit.remark")


@pytest.mark.parametrize("content", [None, b"no workbook"], ids=["none", "broken"])
def test_read_workbook__no_workbook__is_a_form_error(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "book.xlsx").write_bytes(content)
    with pytest.raises(FormError, match="Please"):
        read_workbook(tmp_path / "book.xlsx", CODES)

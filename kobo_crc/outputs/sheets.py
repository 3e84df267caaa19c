"""Workbooks for people: right-to-left where the language is, filters, a header that stays, and no cell that computes.

Texts are written as texts, also those that look like a number, a date or a formula, and stay so when a cell is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.workbook import Format, Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Cell = str | int | date | None
RIGHT_TO_LEFT: Final = frozenset({"ar", "ckb"})
OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# In characters: Excel's own unit for the width of a column.
NARROWEST, WIDEST = 10, 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its tab's name (31 characters at most), its header, and rows of as many cells.

    `empty` is what stands below the header when there are no rows.
    """

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    empty: str = ""


class Styles:
    """The formats that a workbook's cells share."""

    def __init__(self, book: Workbook) -> None:
        head = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#1F4E79", "font_color": "#FFFFFF"}
        body = {"text_wrap": True, "valign": "top"}
        self.head: Format = book.add_format(head | {"border": 1, "num_format": "@"})
        # A text that begins like a formula keeps its mark, so that it stays a text when somebody edits the cell.
        self.text: Format = book.add_format(body | {"num_format": "@", "quote_prefix": True})
        self.day: Format = book.add_format(body | {"num_format": "yyyy-mm-dd", "align": "left"})
        self.number: Format = book.add_format(body | {"num_format": "0"})


def workbook(sheets: Sequence[Sheet], language: str, *, made_at: datetime) -> bytes:
    """The sheets as an .xlsx file; the same bytes for the same content and time."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as book:
        book.set_properties({"created": made_at})
        styles = Styles(book)
        for sheet in sheets:
            add(book, sheet, styles, language)
    return content.getvalue()


def add(book: Workbook, sheet: Sheet, styles: Styles, language: str) -> Worksheet:
    """Add a sheet to a workbook and return it."""
    page = book.add_worksheet(sheet.name)
    if language in RIGHT_TO_LEFT:
        page.right_to_left()
    for place, title in enumerate(sheet.header):
        page.write_string(0, place, title, styles.head)
    for line, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            write(page, line, place, cell, styles)
    if not sheet.rows and sheet.empty:
        page.write_string(1, 0, sheet.empty, styles.text)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)
    _set_widths(page, sheet)
    _set_print(page)
    return page


def write(page: Worksheet, line: int, place: int, cell: Cell, styles: Styles) -> None:
    """Write one cell by its type; nothing for None, so that filters offer it as empty."""
    if isinstance(cell, date):
        page.write_datetime(line, place, cell, styles.day)
    elif isinstance(cell, int):
        page.write_number(line, place, cell, styles.number)
    elif cell:
        page.write_string(line, place, cell, styles.text)


def _set_widths(page: Worksheet, sheet: Sheet) -> None:
    for place, title in enumerate(sheet.header):
        longest = max([len(title), *(len(str(row[place] or "")) for row in sheet.rows)])
        page.set_column(place, place, min(max(longest + 3, NARROWEST), WIDEST))


def _set_print(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&C&P / &N")

"""Workbooks for people: right-to-left where the language is, filters, a header that stays, and no cell that computes.

Texts are written as texts, also those that look like a number, a date or a formula, and stay so when a cell is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from math import ceil
from typing import Final
from unicodedata import bidirectional

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
LINE_POINTS: Final = 16


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
    """The formats that a workbook's cells share: each text is read in its own direction, and stands where reading
    begins in the sheet. Excel sees a text's direction by itself, LibreOffice has to be told."""

    def __init__(self, book: Workbook, language: str) -> None:
        self.right_to_left = language in RIGHT_TO_LEFT
        start = {"align": "right" if self.right_to_left else "left", "valign": "top", "text_wrap": True}
        head = {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1}
        # A text that begins like a formula keeps its mark, so that it stays a text when somebody edits the cell.
        text = start | {"num_format": "@", "quote_prefix": True}
        order = 2 if self.right_to_left else 1
        self.head: Format = book.add_format(start | head | {"num_format": "@", "reading_order": order})
        self.rightward: Format = book.add_format(text | {"reading_order": 1})
        self.leftward: Format = book.add_format(text | {"reading_order": 2})
        self.day: Format = book.add_format(start | {"num_format": "yyyy-mm-dd"})
        self.number: Format = book.add_format(start | {"num_format": "0"})

    def text(self, said: str) -> Format:
        """The format of a text: a number or a phone among Arabic words is read from the left, as they are written."""
        return self.leftward if any(bidirectional(letter) in ("R", "AL") for letter in said) else self.rightward


def workbook(sheets: Sequence[Sheet], language: str, *, made_at: datetime, footer: str = "") -> bytes:
    """The sheets as an .xlsx file; the same bytes for the same content and time. `footer` is printed on each page."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as book:
        book.set_properties({"created": made_at})
        styles = Styles(book, language)
        for sheet in sheets:
            add(book, sheet, styles, footer)
    return content.getvalue()


def add(book: Workbook, sheet: Sheet, styles: Styles, footer: str = "") -> Worksheet:
    """Add a sheet to a workbook and return it."""
    page = book.add_worksheet(sheet.name)
    if styles.right_to_left:
        page.right_to_left()
    for place, title in enumerate(sheet.header):
        page.write_string(0, place, title, styles.head)
    for line, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            write(page, line, place, cell, styles)
    if not sheet.rows and sheet.empty:
        page.write_string(1, 0, sheet.empty, styles.text(sheet.empty))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)
    _set_widths(page, sheet)
    _set_print(page, footer)
    return page


def write(page: Worksheet, line: int, place: int, cell: Cell, styles: Styles) -> None:
    """Write one cell by its type; nothing for None, so that filters offer it as empty."""
    if isinstance(cell, date):
        page.write_datetime(line, place, cell, styles.day)
    elif isinstance(cell, int):
        page.write_number(line, place, cell, styles.number)
    elif cell:
        page.write_string(line, place, cell, styles.text(cell))


def _set_widths(page: Worksheet, sheet: Sheet) -> None:
    """Wide enough for what stands in them; what is longer than the widest takes more lines."""
    for place, title in enumerate(sheet.header):
        longest = max([len(title), *(len(str(row[place] or "")) for row in sheet.rows)])
        page.set_column(place, place, min(max(longest + 3, NARROWEST), WIDEST))
    for line, row in enumerate(sheet.rows, start=1):
        longest = max((len(cell) for cell in row if isinstance(cell, str)), default=0)
        if longest > WIDEST:  # Excel would do so by itself, LibreOffice would not
            page.set_row(line, LINE_POINTS * ceil(longest / WIDEST))


def _set_print(page: Worksheet, footer: str) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer(f"&L{footer}&C&P / &N")

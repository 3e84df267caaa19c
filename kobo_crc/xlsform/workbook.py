"""Read a form that is a workbook, by pyxform's own reader. Apart from `read`, because pyxform is slow to import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl  # type: ignore[import-untyped]
from pyxform.errors import PyXFormError  # type: ignore[import-untyped]
from pyxform.xls2json_backends import xlsx_to_dict  # type: ignore[import-untyped]

from kobo_crc.errors import FormError
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.headers import EXPRESSIONS, SHEETS
from kobo_crc.xlsform.lists import CodeRow
from kobo_crc.xlsform.read import from_sheets, with_annotations
from kobo_crc.xlsform.sheets import Cells, Sheets, clean, header_of

# Spreadsheet programs turn the quotes that one types; in an expression they would be no quotes any more.
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})


def read_workbook(path: Path, lists: Mapping[str, Sequence[CodeRow]]) -> Form:
    """The form of an .xlsx file, as `read_with` gives that of an .md file; FormError when it cannot be read."""
    return with_annotations(from_sheets(path.stem, workbook_sheets(path), lists), path)


def workbook_sheets(path: Path) -> Sheets:
    """The cells of an .xlsx file; FormError when it cannot be read as a workbook."""
    book = _open(path)
    rows: dict[str, tuple[Cells, ...]] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for name in (name.lower() for name in book["sheet_names"] if name.lower() in book):
        header = tuple(next(iter(book[f"{name}_header"]), ()))
        headers[name] = header_of(name, [column or "" for column in header], f"{path}, sheet {name}")
        spelling = dict(zip(header, headers[name], strict=True))
        rows[name] = tuple(_known_cells(cells, spelling) for cells in book[name])
    return Sheets(tuple(book["sheet_names"]), rows, headers)


def _open(path: Path) -> Mapping[str, Any]:
    try:
        # From the open file and not its name: pyxform takes a name it cannot resolve for the form itself.
        with path.open("rb") as file:
            book: Mapping[str, Any] = xlsx_to_dict(file)
    except FileNotFoundError as error:
        raise FormError(f"{path}: there is no such form. Please check the file's name.") from error
    except (PyXFormError, BadZipFile, OSError) as error:
        raise FormError(f"{path}: {error}. Please save it again as an .xlsx workbook.") from error
    return book


def _known_cells(row: Mapping[str, str | None], spelling: Mapping[str, str]) -> Cells:
    named = {spelling[column]: clean(cell) for column, cell in row.items() if cell is not None}
    return {column: _straight(column, text) for column, text in named.items() if text}


def _straight(column: str, text: str) -> str:
    return text.translate(_STRAIGHT) if column in EXPRESSIONS else text


def lost_in_markdown(path: Path) -> Iterator[str]:
    """What the workbook holds and a Markdown form cannot: formulas, comments, other sheets. One sentence each."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        if sheet.title.lower() not in SHEETS:
            yield f"The sheet {sheet.title} is no sheet of XLSForm and was not taken."
            continue
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            place = f"sheet {sheet.title}, cell {cell.coordinate}"
            if cell.data_type == "f":
                yield f"{place}: the formula was taken as the value that it last had."
            if cell.comment is not None:
                yield f"{place}: the comment was not taken; a column named comment is."
    book.close()

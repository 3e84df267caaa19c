"""The one place that touches pyxform: its readers give an XLSForm's cells, its converter the XForm.

pyxform is pinned to 4.5 (setup.cfg) because the Markdown reader used here is one of its inner functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

from pyxform.constants import SUPPORTED_SHEET_NAMES  # type: ignore[import-untyped]
from pyxform.errors import PyXFormError  # type: ignore[import-untyped]
from pyxform.xls2json_backends import (  # type: ignore[import-untyped]
    _md_table_to_ss_structure,
    is_markdown_table,
    xlsx_to_dict,
)
from pyxform.xls2xform import convert  # type: ignore[import-untyped]

from kobo_crc.errors import FormError
from kobo_crc.xlsform.headers import normal

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The cells of a workbook. `rows` and `headers` are by lower-case sheet name; the first of `rows` is line 2.

    Empty cells are absent; an empty row, which only a workbook can have, is an empty mapping. `names` are all
    sheet names as written, also those that XLSForm does not know.
    """

    names: tuple[str, ...]
    rows: Mapping[str, tuple[Cells, ...]]
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_sheets(path: Path) -> Sheets:
    """The cells of a .md or .xlsx file; FormError when it cannot be read as a workbook."""
    if not path.is_file():
        raise FormError(f"{path}: there is no such form. Please check the file's name.")
    if path.suffix == ".md":
        return parse_markdown(path.read_text(encoding="utf-8-sig"), str(path))
    if path.suffix in (".xlsx", ".xlsm"):
        return _read_workbook(path)
    raise FormError(f"{path}: a form is an .md or .xlsx file. Please save it as one of these.")


def parse_markdown(text: str, place: str) -> Sheets:
    """The cells of an XLSForm written as Markdown tables; `place` is named in errors."""
    if not is_markdown_table(text):
        raise FormError(f"{place}: no Markdown table was found. Please begin with a line `| survey |`.")
    tables = {str(name): tuple(rows) for name, rows in _md_table_to_ss_structure(text).items() if name}
    rows: dict[str, tuple[Cells, ...]] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for name, table in tables.items():
        if name.lower() in SUPPORTED_SHEET_NAMES and table:
            header = _header(name.lower(), table[0], f"{place}, sheet {name}")
            headers[name.lower()] = tuple(column for column in header if column)
            rows[name.lower()] = tuple(
                _cells(header, cells, f"{place}, sheet {name}, row {line}") for line, cells in enumerate(table[1:], 2)
            )
    return Sheets(tuple(tables), rows, headers)


def _header(sheet: str, cells: Sequence[str | None], place: str) -> tuple[str, ...]:
    header = tuple(normal(sheet, _clean(cell or "")) for cell in cells)
    for column in header:
        if column and header.count(column) > 1:
            raise FormError(f"{place}: the column {column} stands twice. Please either rename or remove one of them.")
    return header


def _cells(header: tuple[str, ...], row: tuple[str | None, ...], place: str) -> Cells:
    cells: dict[str, str] = {}
    for number, cell in enumerate(row):
        if cell:
            if number >= len(header) or not header[number]:
                raise FormError(
                    f"{place}: the cell in column {number + 1} has no header above it. "
                    r"Please either write the missing header or, if a | belongs to a text, write it as \|."
                )
            cells[header[number]] = _clean(cell)
    return cells


def _clean(text: str) -> str:
    """The text as pyxform's own workbook reader gives it: no-break spaces become plain ones."""
    return text.replace("\N{NO-BREAK SPACE}", " ").strip()


def _read_workbook(path: Path) -> Sheets:
    try:
        # From the open file and not its name: pyxform takes a name it cannot resolve for the form itself.
        with path.open("rb") as file:
            book = xlsx_to_dict(file)
    except (PyXFormError, BadZipFile, OSError) as error:
        raise FormError(f"{path}: {error}. Please save it again as an .xlsx workbook.") from error
    rows: dict[str, tuple[Cells, ...]] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for name in (name.lower() for name in book["sheet_names"] if name.lower() in book):
        header = tuple(next(iter(book[f"{name}_header"]), ()))
        headers[name] = _header(name, header, f"{path}, sheet {name}")
        spelling = dict(zip(header, headers[name], strict=True))
        rows[name] = tuple(_known_cells(cells, spelling) for cells in book[name])
    return Sheets(tuple(book["sheet_names"]), rows, headers)


def _known_cells(row: Mapping[str, str | None], spelling: Mapping[str, str]) -> Cells:
    return {spelling[column]: text for column, cell in row.items() if cell is not None and (text := _clean(cell))}


class Refused(Exception):
    """pyxform does not convert the form; the text is pyxform's own. `check` makes a finding of it."""


def to_xml(sheets: Sheets, name: str) -> tuple[str, list[str]]:
    """The XForm of the sheets and pyxform's warnings; `name` is the form id unless the settings sheet gives one."""
    book: dict[str, object] = {sheet: [dict(row) for row in rows] for sheet, rows in sheets.rows.items()}
    book |= {f"{sheet}_header": [dict.fromkeys(header)] for sheet, header in sheets.headers.items()}
    book |= {"sheet_names": list(sheets.names), "fallback_form_name": name}
    warnings: list[str] = []
    try:
        return convert(book, warnings=warnings, validate=False).xform, warnings
    except PyXFormError as error:
        raise Refused(str(error)) from error

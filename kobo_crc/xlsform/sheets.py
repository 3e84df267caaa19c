"""An XLSForm's cells by sheet and row, read from Markdown here, from workbooks by `workbook`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kobo_crc.errors import FormError
from kobo_crc.textfile import read_utf8
from kobo_crc.xlsform.headers import SHEETS, normal
from kobo_crc.xlsform.markdown import read_tables, torn_rows

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
    """The cells of a .md file; FormError when it is none."""
    if not path.is_file():
        raise FormError(f"{path}: there is no such form. Please check the file's name.")
    if path.suffix != ".md":
        raise FormError(f"{path}: forms are read from .md files. Please write the form as one.")
    return parse_markdown(read_utf8(path, FormError), str(path))


def parse_markdown(text: str, place: str) -> Sheets:
    """The cells of an XLSForm written as Markdown tables; `place` is named in errors."""
    torn = [f"{place}, line {line}: {wrong}" for line, wrong in torn_rows(text)]
    if torn:
        raise FormError("\n".join(torn))
    tables = read_tables(text)
    if not any(tables.values()):
        raise FormError(f"{place}: no Markdown table was found. Please begin with a line `| survey |`.")
    rows: dict[str, tuple[Cells, ...]] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for name, table in tables.items():
        if name.lower() in SHEETS and table:
            header = header_of(name.lower(), table[0], f"{place}, sheet {name}")
            headers[name.lower()] = tuple(column for column in header if column)
            rows[name.lower()] = tuple(
                _cells(header, cells, f"{place}, sheet {name}, row {line}") for line, cells in enumerate(table[1:], 2)
            )
    return Sheets(tuple(tables), rows, headers)


def header_of(sheet: str, cells: Sequence[str], place: str) -> tuple[str, ...]:
    """The columns as this project spells them; FormError when two of them are the same."""
    header = tuple(normal(sheet, clean(cell)) for cell in cells)
    for column in header:
        if column and header.count(column) > 1:
            raise FormError(f"{place}: the column {column} stands twice. Please either rename or remove one of them.")
    return header


def _cells(header: tuple[str, ...], row: tuple[str, ...], place: str) -> Cells:
    if len(row) != len(header):
        raise FormError(
            f"{place}: {len(row)} cells where the header has {len(header)}, so some would stand under a wrong one. "
            r"Please write a bar for each column, an empty cell too; if a | belongs to a text, write it as \|."
        )
    cells: dict[str, str] = {}
    for number, cell in enumerate(row):
        if cell:
            if not header[number]:
                raise FormError(
                    f"{place}: the cell in column {number + 1} has no header above it. "
                    "Please write the missing header, or remove the cell."
                )
            cells[header[number]] = clean(cell)
    return cells


def clean(text: str) -> str:
    """The text as pyxform's own workbook reader gives it: no-break spaces become plain ones."""
    return text.replace("\N{NO-BREAK SPACE}", " ").strip()

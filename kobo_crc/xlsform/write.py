"""Write a form: as a workbook for the server, as Markdown for people, as the XForm that tablets load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from kobo_crc.errors import FormError
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.sheets import Cells, Sheets
from kobo_crc.xlsform.xform import Refused, to_xml

_CREATED = datetime(2000, 1, 1)  # fixed, so that the same form gives the same bytes
_CELL_CHARACTERS = 32_767  # Excel's limit
_LEARNED_ROWS = 100
_COLUMN_CHARACTERS = (8, 60)


def to_sheets(form: Form, *, shared: bool = True) -> Sheets:
    """The form's cells, empty lines kept; with `shared`, the shared lists stand on the choices sheet."""
    own = [choice for name, choices in form.choices.items() if name not in form.shared_lists for choice in choices]
    own_rows = _spaced({choice.line: choice.cells for choice in own})
    copied = _copied(form, own_rows) if shared else []
    rows: dict[str, tuple[Cells, ...]] = {
        "survey": _spaced({row.line: row.cells for row in form.rows}),
        "choices": (*own_rows, *copied),
        "settings": (form.settings,) if form.settings else (),
        **form.sheets,
    }
    rows = {sheet: cells for sheet, cells in rows.items() if cells}
    headers = {sheet: _header(form.headers.get(sheet, ()), cells) for sheet, cells in rows.items()}
    return Sheets(tuple(rows), rows, headers)


def _copied(form: Form, before: Iterable[Cells]) -> list[Cells]:
    """The shared lists' rows, first those that bring a new column.

    A KoboToolbox server learns a sheet's columns from its first 100 rows (`late_columns`): a filter that begins further
    down, behind long lists, would make it refuse the form. Each list keeps its own order.
    """
    known = {column for cells in before for column in cells}
    early: list[Cells] = []
    late: list[Cells] = []
    for name in (name for name in form.choices if name in form.shared_lists):
        rows = [choice.cells for choice in form.choices[name]]
        first = 0
        for number, cells in enumerate(rows, 1):
            if not known.issuperset(cells):
                first = number
                known.update(cells)
        early += rows[:first]
        late += rows[first:]
    return early + late


def late_columns(sheets: Sheets) -> Iterator[tuple[str, int, str]]:
    """Sheet, row and name of every column whose first cell lies below the rows that a server learns columns from.

    KoboToolbox hands pyxform the rows without a header, and pyxform then looks at 100 of them.
    """
    for sheet in ("survey", "choices"):
        known: set[str] = set()
        for line, cells in enumerate(sheets.rows.get(sheet, ()), 2):
            if line > _LEARNED_ROWS + 1:
                yield from ((sheet, line, column) for column in cells if column not in known)
            known.update(cells)


def _spaced(by_line: Mapping[int, Cells]) -> tuple[Cells, ...]:
    """The rows from line 2 on, with {} for the empty lines between them, so that line numbers in errors stay true."""
    return tuple(by_line.get(line, {}) for line in range(2, max(by_line, default=1) + 1))


def _header(known: Sequence[str], rows: Iterable[Cells]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *(column for cells in rows for column in cells)]))


def write_xlsx(form: Form, path: Path) -> None:
    """Write the workbook, shared lists included; the same form always gives the same bytes. OSError, FormError."""
    sheets = to_sheets(form)
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _CREATED})
        bold = book.add_format({"bold": True})
        for name, rows in sheets.rows.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            header = sheets.headers[name]
            _write_widths(sheet, header, rows)
            for number, column in enumerate(header):
                sheet.write_string(0, number, column, bold)
            for line, cells in enumerate(rows, 1):
                _write_cells(sheet, line, header, cells, f"{form.name}, sheet {name}, row {line + 1}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue())


def _write_cells(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, header: Sequence[str], cells: Cells, place: str
) -> None:
    for number, column in enumerate(header):
        text = cells.get(column, "")
        if len(text) > _CELL_CHARACTERS:
            raise FormError(f"{place}: the cell {column} is longer than Excel can hold. Please shorten it.")
        if text:
            sheet.write_string(line, number, text)


def _write_widths(sheet: xlsxwriter.worksheet.Worksheet, header: Sequence[str], rows: Sequence[Cells]) -> None:
    least, most = _COLUMN_CHARACTERS
    for number, column in enumerate(header):
        longest = max((len(cells.get(column, "")) for cells in rows), default=0)
        sheet.set_column(number, number, min(most, max(least, len(column), longest) + 2))


def write_markdown(form: Form) -> str:
    """The form as Markdown tables, one a sheet, a row a line; shared lists stay in their CSV files."""
    return "\n".join(table_text(name, header, rows, form.name) for name, (header, rows) in tables_of(form).items())


def tables_of(form: Form) -> dict[str, tuple[Sequence[str], tuple[Cells, ...]]]:
    """Header and rows of each sheet as Markdown holds them: without empty rows, and without the shared lists."""
    sheets = to_sheets(form, shared=False)
    # A workbook's choices sheet has columns that only the shared lists fill.
    filled = {column for cells in sheets.rows.get("choices", ()) for column in cells}
    choices = [column for column in sheets.headers.get("choices", ()) if column in filled]
    headers: dict[str, Sequence[str]] = {**sheets.headers, "choices": choices}
    return {name: (headers[name], tuple(cells for cells in rows if cells)) for name, rows in sheets.rows.items()}


def table_text(name: str, header: Sequence[str], rows: Sequence[Cells], form: str) -> str:
    """A sheet as a Markdown table. Cells are not padded: an edit of one changes one line."""
    table = [list(header), *([cells.get(column, "") for column in header] for cells in rows)]
    lines = (table_line(cells, f"{form}, sheet {name}, row {line}") for line, cells in enumerate(table, 1))
    return "\n".join([f"| {name} |", *lines]) + "\n"


def table_line(cells: Sequence[str], place: str) -> str:
    """One row of a Markdown table; FormError for a cell with a line break."""
    if any("\n" in text or "\r" in text for text in cells):
        raise FormError(f"{place}: a cell has a line break, which Markdown cannot hold. Please remove it.")
    return "| | " + " | ".join(text.replace("|", r"\|") for text in cells) + " |"


def to_xform(form: Form) -> str:
    """The XForm XML, by pyxform; FormError with pyxform's own words when it refuses the form."""
    try:
        return to_xml(to_sheets(form), form.name)[0]
    except Refused as refused:
        raise FormError(f"{form.name}: {refused}") from refused

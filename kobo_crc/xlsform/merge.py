"""An edited form into its Markdown file: lines that still hold stay as they are, remarks and blank lines too.

So the file's history shows what was edited and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.headers import SHEETS
from kobo_crc.xlsform.markdown import cells_of, remark_of
from kobo_crc.xlsform.sheets import Cells, clean, header_of
from kobo_crc.xlsform.write import table_line, table_text, tables_of


@dataclass(slots=True)
class _Line:
    """A row of a table as it stands in the file, with the remarks and blank lines above it."""

    text: str
    cells: Cells
    above: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    """A table of the file: its name's line, its header, its rows, and what stands behind its last row."""

    name: str
    opening: list[str]
    header: tuple[str, ...] = ()
    rows: list[_Line] = field(default_factory=list)
    below: list[str] = field(default_factory=list)


def merged(text: str, form: Form) -> str:
    """The Markdown of the form, with every line of `text` that still says the same; FormError as `write_markdown`."""
    head, tables = _parts(text)
    fresh = tables_of(form)
    lines = list(head)
    for table in tables:
        header, rows = fresh.pop(table.name.lower(), ((), ()))
        lines += _table_lines(table, header, rows, form.name)
    parts = ["\n".join(lines), *(table_text(name, *table, form.name) for name, table in fresh.items())]
    return "\n".join(parts)


def _parts(text: str) -> tuple[list[str], list[_Table]]:
    """What stands above the first table, and the tables; every line of the text is in one of them."""
    head: list[str] = []
    tables: list[_Table] = []
    waiting = head
    for line in text.split("\n"):
        name, *cells = cells_of(line)
        if name:
            tables.append(_Table(name, [line]))
            waiting = tables[-1].opening
        elif not any(cells) or not tables:
            waiting.append(line)
        elif not tables[-1].header:
            tables[-1].header = header_of(tables[-1].name.lower(), cells, tables[-1].name)
            tables[-1].opening.append(line)
            waiting = tables[-1].below
        else:
            table = tables[-1]
            named = {column: clean(cell) for column, cell in zip(table.header, cells, strict=True) if cell}
            table.rows.append(_Line(line, named, above=table.below))
            waiting = table.below = []
    return head, tables


def _table_lines(table: _Table, header: Sequence[str], rows: Sequence[Cells], form: str) -> Iterator[str]:
    if table.name.lower() not in SHEETS or (not rows and not table.rows):
        yield from (*table.opening, *table.below)
        return
    keeps = _keeps_header(table, header, rows)
    if keeps:
        yield from table.opening
    elif rows:
        yield from (table_line(header, form) if cells_of(line)[1:] else line for line in table.opening)
    yield from _row_lines(table, table.header if keeps else header, rows, form)
    yield from table.below


def _keeps_header(table: _Table, header: Sequence[str], rows: Sequence[Cells]) -> bool:
    """Whether the file's own header still serves: columns may have gone that no row ever filled."""
    own, filled = set(table.header), {column for cells in rows for column in cells}
    emptied = {column for line in table.rows for column in line.cells} - set(header)
    return filled <= own and (table.name.lower() == "choices" or (set(header) <= own and not emptied))


def _row_lines(table: _Table, header: Sequence[str], rows: Sequence[Cells], form: str) -> Iterator[str]:
    same_header = tuple(header) == table.header
    before, after = [_key(line.cells) for line in table.rows], [_key(cells) for cells in rows]
    for _, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for number in range(max(end - start, last - first)):
            old = table.rows[start + number] if start + number < end else None
            new = rows[first + number] if first + number < last else None
            yield from old.above if old else ()
            if new is None:
                continue
            if old and same_header and old.cells == new:
                yield old.text
            else:
                place = f"{form}, sheet {table.name}, row {first + number + 2}"
                remark = remark_of(old.text) if old else ""
                yield table_line([new.get(column, "") for column in header], place) + remark


def _key(cells: Cells) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(cells.items()))

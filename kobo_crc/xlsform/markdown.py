"""The tables of a form written as Markdown, cut into cells as pyxform cuts them.

Not by pyxform itself: a night reads its forms here, and importing pyxform costs more than the rest of a quiet night.
"""

from __future__ import annotations

import re

# What stands after the last | of a line is a remark; so is a line that begins with anything but a |.
_LINE = re.compile(r"\s*\|(.*)\|")
_RULE = re.compile(r"[|-]+")
_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")

Tables = dict[str, list[tuple[str, ...]]]


def read_tables(text: str) -> Tables:
    """The rows of each table by its name, which stands alone in the first column; "" for an empty cell.

    Rows without any cell are left out, as are rows above the first name. A name used twice keeps its last table.
    """
    tables: Tables = {}
    rows: list[tuple[str, ...]] = []
    for line in text.split("\n"):
        name, *cells = _cells(line)
        if name:
            rows = tables[name] = []
        if any(cells):
            rows.append(tuple(cells))
    return tables


def stray_rows(text: str) -> list[int]:
    """The lines that look like a table's row and would pass for a remark, because their first bar is missing."""
    lines = enumerate(text.split("\n"), 1)
    return [number for number, line in lines if len(_BETWEEN_CELLS.findall(line)) > 1 and not _LINE.match(line)]


def _cells(line: str) -> list[str]:
    found = _LINE.match(line)
    if not found or _RULE.fullmatch(found[1]):
        return [""]
    return [cell.strip().replace(r"\|", "|") for cell in _BETWEEN_CELLS.split(found[1])]

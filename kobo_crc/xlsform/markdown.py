"""The tables of a form written as Markdown, cut into cells as pyxform cuts them.

Not by pyxform itself: a night reads its forms here, and importing pyxform costs more than the rest of a quiet night.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kobo_crc.xlsform.headers import SHEETS

_NO_BEGIN = "a row begins without its bars. Please begin it with `| |`; a sheet's name stands alone in its line."
_NO_END = "a row ends without its bar. Please end it with `|`; a remark behind that begins with #."
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
        name, *cells = cells_of(line)
        if name:
            rows = tables[name] = []
        if any(cells):
            rows.append(tuple(cells))
    return tables


def torn_rows(text: str) -> Iterator[tuple[int, str]]:
    """Lines that lack a bar, with what is wrong and the remedy: read as they stand, cells would be lost or shift."""
    for number, line in enumerate(text.split("\n"), 1):
        wrong = _tear(line)
        if wrong:
            yield number, wrong


def _tear(line: str) -> str:
    begun = line.lstrip().startswith("|")
    if not begun:
        return _NO_BEGIN if len(_BETWEEN_CELLS.findall(line)) > 1 else ""
    remark = remark_of(line).strip()
    if remark and not remark.startswith("#"):
        return _NO_END
    name, *cells = cells_of(line)
    return _NO_BEGIN if name and name.lower() not in SHEETS and any(cells) else ""


def remark_of(line: str) -> str:
    """What stands behind the last bar of a line; the whole line when it has none."""
    found = _LINE.match(line)
    return line[found.end() :] if found else line


def cells_of(line: str) -> list[str]:
    """The cells of a line, the sheet's name or "" first; only "" for a remark, a rule or a blank line."""
    found = _LINE.match(line)
    if not found or _RULE.fullmatch(found[1]):
        return [""]
    return [cell.strip().replace(r"\|", "|") for cell in _BETWEEN_CELLS.split(found[1])]

"""Questions that were renamed or moved: the column `was` of the survey sheet, with the old path or paths of a row.

On a group or repeat it stands for everything inside, so that a renamed group takes one cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kobo_crc.xlsform.findings import Finding, found
from kobo_crc.xlsform.form import Form, Row

_PATH = re.compile(r"[^\W\d][\w.-]*(/[^\W\d][\w.-]*)*")


@dataclass(frozen=True, slots=True)
class Move:
    """A row and one path that it once had, its own `was` or that of a group around it."""

    row: Row
    old: str


def moves_of(form: Form) -> dict[str, str]:
    """The path of today by each path of the past, for questions and repeats."""
    return {move.old: move.row.path for move in _moves(form) if move.row.type != "begin_group"}


def move_findings(form: Form) -> Iterator[Finding]:
    """Cells of `was` that cannot be followed."""
    paths = {row.path for row in form.rows if row.name}
    repeats = {row.path for row in form.rows if row.type == "begin_repeat"}
    moved = moves_of(form)
    first: dict[str, Row] = {}
    for row in form.rows:
        for old in was_of(row):
            if not _PATH.fullmatch(old):
                yield found("survey", row.line, "was_syntax", was=old)
            elif old in paths:
                yield found("survey", row.line, "was_still_there", was=old)
            elif first.setdefault(old, row) is not row:
                yield found("survey", row.line, "was_twice", was=old, line=first[old].line)
            elif row.type != "begin_group" and _repeat(old, {*repeats, *moved}, moved) != _repeat(
                row.path, repeats, {}
            ):
                yield found("survey", row.line, "was_elsewhere", was=old)


def was_of(row: Row) -> list[str]:
    """The old paths that the row names itself."""
    return row.cells.get("was", "").split() if row.name and not row.type.startswith("end_") else []


def _moves(form: Form) -> Iterator[Move]:
    """Every old path of every row: its own, and its name below the old paths of the groups around it."""
    opened: list[list[str]] = [[]]
    for row in form.rows:
        if row.type in ("end_group", "end_repeat"):
            if len(opened) > 1:
                opened.pop()
        elif row.name:
            olds = [*was_of(row), *(f"{around}/{row.name}" for around in opened[-1])]
            yield from (Move(row, old) for old in olds)
            if row.type in ("begin_group", "begin_repeat"):
                opened.append(olds)


def _repeat(path: str, repeats: set[str], moved: Mapping[str, str]) -> str:
    """The repeat around a path, as it is called today; "" for none."""
    around = max((repeat for repeat in repeats if path.startswith(f"{repeat}/")), key=len, default="")
    return moved.get(around, around)

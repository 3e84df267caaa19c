"""Expressions that read an answer and not what opens its question: Enketo goes on computing with what is hidden again.

JavaRosa and ODK Web Forms take a hidden answer for empty, so the same form would send different answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kobo_crc.xlsform.conditions import ALWAYS, condition_of
from kobo_crc.xlsform.expressions import references
from kobo_crc.xlsform.findings import Finding, found
from kobo_crc.xlsform.form import Form, Row
from kobo_crc.xlsform.question_types import BEGINS

_READING = ("calculation", "relevant")
Gates = Mapping[str, tuple[str, ...]]


def gate_findings(form: Form) -> Iterator[Finding]:
    """Calculations and relevances that read a question of another gate, without any question of that gate."""
    rows = {row.name: row for row in form.rows if row.name and not row.type.startswith("end_")}
    gates = _gates(form)
    for row in rows.values():
        for column in (column for column in _READING if column in row.cells):
            for name, gate in _unread(row, column, rows, gates):
                words = {
                    "column": column,
                    "name": name,
                    "gate": gate,
                    "missing": " or ".join(dict.fromkeys(references(gate))),
                }
                yield found("survey", row.line, "gate_ignored", **words)


def _gates(form: Form) -> Gates:
    """The relevances over each row by its name: those of the groups around it, and its own."""
    opened: list[str] = []
    gates: dict[str, tuple[str, ...]] = {}
    for row in form.rows:
        if row.type.startswith("end_"):
            del opened[-1:]
            continue
        own = row.cells.get("relevant", "")
        gates[row.name] = tuple(gate for gate in (*opened, own) if gate)
        if row.type in BEGINS:
            opened.append(own)
    return gates


def _unread(row: Row, column: str, rows: Mapping[str, Row], gates: Gates) -> Iterator[tuple[str, str]]:
    """Each question that the cell reads, with a gate that it does not; that there is any answer is no gate."""
    over = gates[row.name]
    read = frozenset[str]()
    for expression in (row.cells[column], *over):
        read = _read(expression, rows, gates, read)
    shared = over if column == "calculation" else over[: -1 if "relevant" in row.cells else None]
    for name in dict.fromkeys(references(row.cells[column])):
        for gate in (gate for gate in gates.get(name, ()) if gate not in shared):
            if not read.intersection(references(gate)) and condition_of(gate, rows) != ALWAYS:
                yield name, gate


def _read(expression: str, rows: Mapping[str, Row], gates: Gates, seen: frozenset[str]) -> frozenset[str]:
    """The questions that an expression reads, through calculations and what opens those."""
    for name in references(expression):
        row = rows.get(name)
        if name in seen or row is None:
            continue
        seen |= {name}
        if row.type == "calculate":
            for inner in (row.cells.get("calculation", ""), *gates[name]):
                seen = _read(inner, rows, gates, seen)
    return seen

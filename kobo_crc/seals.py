"""What is too sensitive to be kept is not read: a submission's answers before and after its seal. Pure.

It fails closed: an unknown kind, or none, seals as well, whatever form version or edit it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kobo_crc.schema.tables import Seal, Table
from kobo_crc.xlsform.plan import Plan


@dataclass(frozen=True, slots=True)
class Guard:
    """The question of a form on which a seal depends. `harmless` are the codes with which everything may be read."""

    path: str
    harmless: frozenset[str]
    seal: Seal

    def let_through(self, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """All answers when the kind is harmless, else at most the answer that tells the kind."""
        said = answers.get(self.path)
        if isinstance(said, str) and said in self.harmless:
            return answers
        if not isinstance(said, str) or not said:
            return {}
        return {self.path: self.seal.kept if said in self.seal.codes else said}


def guards_of(plan: Plan, tables: Mapping[str, Table], codes: Mapping[str, frozenset[str]]) -> Iterator[Guard]:
    """The guards of a form: one for each cell that fills a column with a seal."""
    for path, cell in plan.cells.items():
        table = tables[cell.table]
        column = table.column(cell.column)
        if table.seal is not None and column is not None and column.name == table.seal.column:
            yield Guard(path, codes[column.codes].difference(table.seal.codes), table.seal)

"""What travels between the parts that read an export."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that could not be taken: its sheet, its row as Excel shows it, and why. Never its content."""

    sheet: str
    row: int
    cause: str

    def __str__(self) -> str:
        return f"{self.sheet}, row {self.row}: {self.cause}"


@dataclass(slots=True)
class Notes:
    """What a reader of the file should know afterwards.

    `unknown_columns` are headers that no question of the form has; `unknown_labels` counts, by question, answers that
    are neither a code nor a label of it. Both go in as they are, and become problems there.
    """

    unread: list[Unread] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    unknown_labels: Counter[str] = field(default_factory=Counter)

"""Counts of people as the report may show them: small ones hidden, and sums made only of what is shown.

A sum made of shown cells alone tells nothing about the hidden ones. Totals of submissions, which could be compared
with such a sum, are rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# Counts from 1 to 4 are hidden (IASC and OCHA guidance on data responsibility; never lower it below 3).
THRESHOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A count: what may be known of it (`value`), and how many cells of it are hidden (`few`)."""

    value: int = 0
    few: int = 0

    @property
    def text(self) -> str:
        """As shown: `1,204`, `<5`, or `1,200+` when hidden cells are left out."""
        if not self.few:
            return grouped(self.value)
        return f"{grouped(self.value)}+" if self.value else f"<{self.few * (THRESHOLD - 1) + 1}"


def figure(count: int) -> Figure:
    """A counted cell, hidden when it is small."""
    return Figure(few=1) if 0 < count < THRESHOLD else Figure(count)


def total(figures: Iterable[Figure]) -> Figure:
    """The sum of what is shown."""
    cells = list(figures)
    return Figure(sum(cell.value for cell in cells), sum(cell.few for cell in cells))


def percent(part: Figure, whole: Figure) -> int:
    """Whole per cent of what is shown; 0 of nothing."""
    return round(100 * part.value / whole.value) if whole.value else 0


def about(number: int) -> str:
    """A total of submissions, to the nearest ten: `≈ 1,570`."""
    return figure(number).text if number < THRESHOLD else f"≈ {grouped((number + 5) // 10 * 10)}"


def grouped(number: int) -> str:
    """`1,204`: the same in all three languages of the report."""
    return f"{number:,}"

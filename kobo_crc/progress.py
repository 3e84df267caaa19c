"""How long work tells that it goes on: a small interface that the command line draws, and tests leave silent."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told what is being worked on; draws it, or not."""

    def start(self, what: str, total: int | None = None) -> None:
        """A new piece of work begins; `total` is its size where it is known."""

    def advance(self, steps: int) -> None:
        """So many more of it are done."""

    def finish(self) -> None:
        """The piece of work is done."""


class Silence:
    """Progress that nobody sees."""

    def start(self, what: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, steps: int) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""

"""Progress drawn for people in a terminal; a plain line each where there is none (cron, a log file)."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class Bars:
    """A bar for each piece of work, on standard error."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bars = RichProgress(*columns, TimeElapsedColumn(), console=self._console)
        self._task: TaskID | None = None
        self._what, self._done, self._began = "", 0, 0.0

    def __enter__(self) -> Bars:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def start(self, what: str, total: int | None = None) -> None:
        """Begin a bar; without a total it only counts."""
        self._what, self._done, self._began = what, 0, time.monotonic()
        if self._console.is_terminal:
            self._task = self._bars.add_task(what, total=total)

    def advance(self, steps: int) -> None:
        """Move the bar."""
        self._done += steps
        if self._task is not None:
            self._bars.advance(self._task, steps)

    def finish(self) -> None:
        """Fill the bar, or say in a line what was done."""
        if self._task is not None:
            self._bars.update(self._task, total=self._done, completed=self._done)
            self._task = None
        else:
            seconds = time.monotonic() - self._began
            self._console.print(f"  {self._what}: {self._done} in {seconds:.1f} s", highlight=False)

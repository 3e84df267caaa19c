"""The diary of runs: one row each, begun before anything is touched, ended with what came of it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kobo_crc.database.metadata import PROBLEM, RUN

RUNNING = "running"
OK = "ok"
INCOMPLETE = "incomplete"
FAILED = "failed"
CUT = "cut"  # the program was killed, or the machine stopped


@dataclass(slots=True)
class Run:
    """One run in the table `run`. Times are UTC; `note` says in a sentence what the outcome means, if it was not ok."""

    run_id: int
    pipeline: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = RUNNING
    note: str = ""
    new_count: int = 0
    changed_count: int = 0
    deleted_count: int = 0
    reloaded_count: int = 0
    server_count: int = 0
    store_count: int = 0
    problem_count: int = 0
    begun_s: float = field(default_factory=time.monotonic, repr=False, compare=False)


def begin(connection: sa.Connection, pipeline: str, now: datetime) -> Run:
    """Write a new running row, begun `now`; runs that never ended are marked as cut."""
    connection.execute(sa.update(RUN).where(RUN.c.outcome == RUNNING).values(outcome=CUT))
    last = connection.execute(sa.select(sa.func.max(RUN.c.run_id))).scalar() or 0
    run = Run(last + 1, pipeline, now)
    connection.execute(sa.insert(RUN).values(_row(run)))
    return run


def end(connection: sa.Connection, run: Run, outcome: str, note: str = "") -> None:
    """Write how the run ended, and how many problems there are then; a clock set back meanwhile does not count."""
    taken = timedelta(seconds=round(time.monotonic() - run.begun_s))
    run.outcome, run.finished_at, run.note = outcome, run.started_at + taken, note
    run.problem_count = connection.execute(sa.select(sa.func.count()).select_from(PROBLEM)).scalar_one()
    connection.execute(sa.update(RUN).where(RUN.c.run_id == run.run_id).values(_row(run)))


def _row(run: Run) -> dict[str, Any]:
    values = asdict(run)
    del values["begun_s"]
    return values

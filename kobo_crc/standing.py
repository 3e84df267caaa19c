"""How things stand between two nights: the last runs, what is here and on the server, and when the next is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from kobo_crc import runs
from kobo_crc.config import Project, Settings, load_pipeline
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import PROBLEM, RUN, SUBMISSION
from kobo_crc.errors import CrcError
from kobo_crc.model import Origin
from kobo_crc.pipeline import origins_of
from kobo_crc.sources.faults import is_of_all
from kobo_crc.sources.http import client_of
from kobo_crc.sources.kobo import Asset

USUAL_INTERVAL = timedelta(days=1)
GRACE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Runs:
    """The last run of a pipeline and the last good one, UTC; `expected_at` is when the next should begin."""

    last: runs.Run | None
    last_ok_at: datetime | None
    expected_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Whether the next run should have begun by now."""
        return self.expected_at is None or now > self.expected_at + GRACE


@dataclass(frozen=True, slots=True)
class Standing:
    """One form in one project: counts on both sides, open problems, the newest arrival here (UTC).

    `server_count` is None when the server could not be asked; `fault` then says why.
    """

    origin: Origin
    here_count: int
    server_count: int | None
    problem_count: int
    newest_at: datetime | None
    fault: str = ""


def last_runs(settings: Settings, pipeline: str) -> Runs:
    """The pipeline's runs; ConfigError when there is no store yet."""
    with Database.onlooking(settings) as database, database.reading() as connection:
        mine = sa.select(RUN).where(RUN.c.pipeline == pipeline).order_by(RUN.c.run_id.desc())
        last = connection.execute(mine).mappings().first()
        good = connection.execute(mine.where(RUN.c.outcome == runs.OK)).mappings().first()
    run = runs.Run(**last) if last else None
    return Runs(run, good["started_at"] if good else None, run.started_at + USUAL_INTERVAL if run else None)


def standings(settings: Settings, pipeline: str, *, ask: bool = True) -> Iterator[Standing]:
    """How each form and project of the pipeline stands; the servers are asked for their counts unless `ask` is off."""
    file = load_pipeline(settings, pipeline)
    for project in file.projects:
        asks = ask
        for origin in origins_of(settings, file, project):
            count, fault, asks = _server_count(settings, project, origin) if asks else (None, "not asked", False)
            with Database.onlooking(settings) as database, database.reading() as connection:
                yield _standing(connection, origin, count, fault)


def _standing(connection: sa.Connection, origin: Origin, count: int | None, fault: str) -> Standing:
    c = SUBMISSION.c
    mine = sa.and_(c.asset_uid == origin.asset_uid, c.deleted_on.is_(None))
    here, newest = connection.execute(sa.select(sa.func.count(), sa.func.max(c.submitted_at)).where(mine)).one()
    open_problems = sa.select(sa.func.count()).select_from(PROBLEM.join(SUBMISSION)).where(mine)
    return Standing(origin, here, count, connection.execute(open_problems).scalar_one(), newest, fault)


def _server_count(settings: Settings, project: Project, origin: Origin) -> tuple[int | None, str, bool]:
    """The count, or why there is none; and whether it is of use to ask for the project's other forms."""
    try:
        with closing(client_of(settings, project)) as client:
            return Asset(client, origin.asset_uid).count(), "", True
    except CrcError as fault:
        return None, str(fault), not is_of_all(fault)

"""Two nights of six simulated centres, by the same code that works against a real server: deploy, fill, run, report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from kobo_crc import pipeline
from kobo_crc.config import SETTINGS_FILE, Settings, load_pipeline, load_settings, password_name
from kobo_crc.custody import set_up
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.errors import ConfigError
from kobo_crc.opening import locked
from kobo_crc.outputs import report
from kobo_crc.progress import Progress
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.rollout import roll_out
from kobo_crc.runs import Run
from kobo_crc.simulator.population.campaign import Campaign
from kobo_crc.simulator.population.delivery import Filled, Tablets, deliver
from kobo_crc.simulator.population.second_night import second_night
from kobo_crc.simulator.server import Running, running
from kobo_crc.templates import copy_into
from kobo_crc.xlsform.lists import read_codes

PIPELINE = "nightly"
WEEKS = 6
TOKEN = "KOBO_CRC_DEMO_TOKEN"
# One partner of the demo gets its worklist, which is written under a password only.
PARTNER, PARTNER_PASSWORD = "drc", "the demo's password"
MARKER = "made-by-kobo-crc-demo"
START = date(2026, 9, 27)  # a Sunday: the centres' week begins


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the two nights left behind."""

    submissions: int
    referrals: int
    problems: int
    report: Path
    worklists: Path


class _Clock:
    """The simulated server's time: that of the submission on its way, so that six weeks pass in a minute."""

    def __init__(self) -> None:
        self.now = datetime.combine(START, datetime.min.time(), UTC)

    def __call__(self) -> datetime:
        return self.now

    def following(self, actions: Iterable[Filled]) -> Iterator[Filled]:
        """The same actions, each one arriving when its tablet sends it."""
        for action in actions:
            self.now = max(self.now, action.sent_at.astimezone(UTC))
            yield action


def play(folder: Path, *, submissions: int, seed: int, progress: Progress, say: Callable[[str], None]) -> Outcome:
    """Live through two nights in `folder`, made anew; raises CrcError as the real commands do."""
    _make_anew(folder)
    clock = _Clock()
    with running(seed=seed, clock=clock) as server:
        settings = _settle(folder, server)
        _seal(settings, clock.now, say)
        for _, form, deployed in roll_out(settings, PIPELINE):
            say(f"Deployed {form} as {deployed.asset_uid}")
        tablets = _tablets(settings, server)
        campaign = _campaign(tablets, submissions, seed)
        first, waiting = _first(campaign, progress)
        _send(clock.following(first), tablets, len(first), "Tablets send", progress)
        _night("First night", settings, clock, progress, say)
        later = _later(campaign, first, waiting)
        _send(clock.following(later), tablets, len(later), "New, edited, deleted, late", progress)
        night = _night("Second night", settings, clock, progress, say)
    _report(settings, night)
    return _outcome(settings)


def _make_anew(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise ConfigError(f"{folder} holds other files. Please name an empty or new folder for the demo.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("Simulated people only. This folder is deleted by the next demo.\n", encoding="utf-8")


def _settle(folder: Path, server: Running) -> Settings:
    copy_into(folder)
    # A token name of its own: a real server's token in the environment must not be sent to the simulated one.
    with (folder / "pipelines" / f"{PIPELINE}.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[projects]]\nname = "demo"\ntoken = "{TOKEN}"\n')
    (folder / "secrets").mkdir()
    (folder / "secrets" / TOKEN.lower()).write_text(server.token, encoding="utf-8")
    (folder / "secrets" / password_name(PARTNER).lower()).write_text(PARTNER_PASSWORD, encoding="utf-8")
    path = folder / SETTINGS_FILE
    path.write_text(f'server_url = "{server.url}"\n', encoding="utf-8")
    return load_settings(path)


def _seal(settings: Settings, now: datetime, say: Callable[[str], None]) -> None:
    with locked(settings) as database:
        found = set_up(database, settings, now.replace(tzinfo=None), demo=True)
    say(f"Sealed the vault under a demo key ({found.key.key_id}); it protects nobody")


def _tablets(settings: Settings, server: Running) -> Tablets:
    file = load_pipeline(settings, PIPELINE)
    origins = pipeline.origins_of(settings, file, file.projects[0])
    return Tablets(server.url, server.token, {origin.form: origin.asset_uid for origin in origins})


def _campaign(tablets: Tablets, submissions: int, seed: int) -> Campaign:
    forms = {name: tablets.get_xform(name) for name in tablets.assets}
    return Campaign(seed, submissions, WEEKS, START, forms)


def _first(campaign: Campaign, progress: Progress) -> tuple[list[Filled], list[Filled]]:
    """What has arrived when the weeks are over, and what still waits on tablets without a network."""
    progress.start("People at six centres", campaign.submissions)
    filled = campaign.run(lambda _done, _total: progress.advance(1))
    progress.finish()
    end = campaign.start + timedelta(weeks=campaign.weeks)
    return [one for one in filled if one.sent_at.date() < end], [one for one in filled if one.sent_at.date() >= end]


def _later(campaign: Campaign, first: list[Filled], waiting: list[Filled]) -> list[Filled]:
    """What happens until the second night; tablets that waited have found a network by then."""
    later = second_night(campaign, first)
    dawn = min(action.sent_at for action in later)
    found = [replace(one, sent_at=dawn) for one in waiting]
    return sorted([*found, *later], key=lambda action: action.sent_at)


def _send(actions: Iterable[Filled], tablets: Tablets, total: int, what: str, progress: Progress) -> None:
    progress.start(what, total)
    deliver(actions, tablets, total, lambda _done, _total: progress.advance(1))
    progress.finish()


def _night(name: str, settings: Settings, clock: _Clock, progress: Progress, say: Callable[[str], None]) -> Run:
    run = pipeline.run(settings, PIPELINE, progress=progress, now=clock.now + timedelta(hours=1))
    say(
        f"{name}: {run.new_count} new, {run.changed_count} changed, {run.deleted_count} deleted; "
        f"{run.store_count} here, {run.server_count} on the server; {run.problem_count} problems"
    )
    return run


def _report(settings: Settings, night: Run) -> None:
    """The report once more, made now: by the simulated clock it would call itself old."""
    made = replace(night, finished_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0))
    with Database.onlooking(settings) as database, database.reading() as connection:
        calendar = calendar_of(read_codes(settings.forms / "codes"))
        report.build(connection, settings.report, run=made, language=settings.language, calendar=calendar)


def _outcome(settings: Settings) -> Outcome:
    def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one()

    with Database.of(settings) as database, database.reading() as connection:
        live = count(SUBMISSION, SUBMISSION.c.deleted_on.is_(None))
        referrals, problems = count(FACT_TABLES["referral"]), count(PROBLEM)
        return Outcome(live, referrals, problems, settings.report / "index.html", settings.worklists)

"""Whether the copy can be trusted: held against the server, how it stands, and what is wrong with the setup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, say, settings_of

if TYPE_CHECKING:
    from kobo_crc.standing import Runs, Standing

commands = typer.Typer()
Named = Annotated[str, typer.Option(help="The file's name in pipelines/, without .toml.")]


@commands.command()
def verify(
    folder: Folder = HERE,
    pipeline: Named = "nightly",
    every: Annotated[bool, typer.Option("--all", help="Compare the whole content of every submission.")] = False,
    sample: Annotated[int, typer.Option(help="Compare the content of so many of each form and project.", min=0)] = 100,
    seed: Annotated[int | None, typer.Option(help="Which sample; the same number picks the same.")] = None,
) -> None:
    """Hold the store against the server and print a verdict. Exit code 1 unless all is equal.

    Example: `kobo-crc verify --all`
    """
    from secrets import randbelow

    from kobo_crc import __version__
    from kobo_crc.audit import EQUAL, Sample, sentences, verdict
    from kobo_crc.verify import verify as compare

    settings = settings_of(folder)
    chosen = Sample(None if every else sample, randbelow(10_000) if seed is None else seed)
    say(f"Comparison of the store {settings.store} with the server, pipeline {pipeline}, kobo-crc {__version__}")
    say(f"Begun {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Every submission's id and version is compared;")
    say("whole content of all." if every else f"whole content of a sample of {sample} each (seed {chosen.seed}).")
    with bars() as progress:
        findings = list(compare(settings, pipeline, chosen, progress))
    for finding in findings:
        say(f"\n{finding.origin.form} in {finding.origin.project}: {finding.result.upper()}")
        for sentence in sentences(finding):
            say(f"    {sentence}")
    found = verdict(findings)
    say(f"\nVerdict, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {found.upper()}")
    if found != EQUAL:
        raise typer.Exit(1)


@commands.command()
def status(
    folder: Folder = HERE,
    pipeline: Named = "nightly",
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the server for its counts.")] = False,
) -> None:
    """Show the last run, what is here and on the server, open problems, and when the next run is due.

    Example: `kobo-crc status`
    """
    from kobo_crc.standing import last_runs, standings

    settings = settings_of(folder)
    _say_runs(last_runs(settings, pipeline))
    for standing in standings(settings, pipeline, ask=not offline):
        _say_standing(standing)


def _say_runs(found: Runs) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    last = found.last
    if last is None:
        say("Never run. Please run: kobo-crc run nightly")
        return
    say(f"Last run: {last.started_at:%Y-%m-%d %H:%M} UTC, {last.outcome}" + (f": {last.note}" if last.note else ""))
    if found.last_ok_at is None:
        say("Last good run: none yet")
    else:
        say(f"Last good run: {found.last_ok_at:%Y-%m-%d %H:%M} UTC, {_hours(now, found.last_ok_at)} ago")
    late = " - overdue: please look at the schedule" if found.overdue(now) else ""
    say(f"Next run expected: {found.expected_at:%Y-%m-%d %H:%M} UTC{late}")


def _say_standing(standing: Standing) -> None:
    server = "unknown" if standing.server_count is None else str(standing.server_count)
    newest = f"{standing.newest_at:%Y-%m-%d %H:%M} UTC" if standing.newest_at else "none"
    say(
        f"{standing.origin.form} in {standing.origin.project}: {standing.here_count} here, {server} on the server; "
        f"{standing.problem_count} problems; newest arrival {newest}"
    )
    if standing.fault:
        say(f"    {standing.fault}")


def _hours(now: datetime, then: datetime) -> str:
    return f"{(now - then).total_seconds() / 3600:.0f} hours"


@commands.command()
def doctor(folder: Folder = HERE, pipeline: Named = "nightly") -> None:
    """Check settings, token, permissions, server, forms, clock, disk and database. Exit code 1 for a fault.

    Example: `kobo-crc doctor`
    """
    from kobo_crc.cli.words import settings_path
    from kobo_crc.doctor import FAULT, examine

    worst = False
    for check in examine(settings_path(folder), pipeline):
        say(f"{check.level:<8}{check.subject}: {check.said}")
        worst |= check.level == FAULT
    if worst:
        raise typer.Exit(1)

"""The nightly run on this computer's own schedule: systemd or cron on Linux, the Task Scheduler on Windows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, say, settings_of

if TYPE_CHECKING:
    from kobo_crc.config import Settings
    from kobo_crc.schedule.job import Job
    from kobo_crc.schedule.machine import Machine

commands = typer.Typer(no_args_is_help=True, help="The nightly run on this computer's schedule. No administrator.")
Pipeline = Annotated[str, typer.Option(help="The file's name in pipelines/, without .toml.")]


@commands.command()
def install(
    folder: Folder = HERE,
    pipeline: Pipeline = "nightly",
    at: Annotated[str, typer.Option("--at", help="The time, by this computer's clock.")] = "01:30",
    scheduler: Annotated[str, typer.Option("--with", help="systemd, cron or windows; else what is here.")] = "",
) -> None:
    """Run the pipeline every night from now on, for this account; given again, it replaces what was there.

    No secret goes into the schedule. What the run would not find at night is named.

    Example: `kobo-crc schedule install --at 01:30`
    """
    from kobo_crc import schedule

    settings, machine, job = _job(folder, pipeline, at)
    for sentence in schedule.install(settings, machine, job, scheduler):
        say(sentence)
    say(f"What came of each night: kobo-crc status, and {settings.logs / f'{pipeline}.log'}")


@commands.command()
def remove(folder: Folder = HERE, pipeline: Pipeline = "nightly") -> None:
    """Take the pipeline off the schedule again; nothing else is touched.

    Example: `kobo-crc schedule remove`
    """
    from kobo_crc import schedule

    _, machine, job = _job(folder, pipeline, "00:00")
    names = schedule.remove(machine, job)
    say(f"Removed from {', '.join(names)}." if names else "Nothing of this folder was on the schedule.")


@commands.command()
def show(folder: Folder = HERE, pipeline: Pipeline = "nightly") -> None:
    """Show whether the pipeline is on the schedule, when it runs next, and what it would not find. Exit code 1 if not.

    Example: `kobo-crc schedule show`
    """
    from kobo_crc import schedule

    settings, machine, job = _job(folder, pipeline, "00:00")
    found = schedule.show(machine, job)
    for name, said in found:
        say(f"{name}:\n{said}")
    for sentence in schedule.missing(settings, job, [name for name, _ in found]):
        say(sentence)
    if not found:
        say("Not on the schedule. Please run: kobo-crc schedule install")
        raise typer.Exit(1)


def _job(folder: Path, pipeline: str, at: str) -> tuple[Settings, Machine, Job]:
    from kobo_crc.schedule.job import job
    from kobo_crc.schedule.machine import this_machine

    settings, machine = settings_of(folder), this_machine()
    return settings, machine, job(pipeline, folder, at, machine.python, settings.secrets)

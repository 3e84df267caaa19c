"""The nightly run on this computer's own schedule: installed, removed, shown. For one account, without administrator.

Says where the secrets have to stand; none of them is ever in a unit, a line or a task.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, Protocol

from kobo_crc.config import VAULT_KEY, Settings, load_pipeline
from kobo_crc.config.secrets import stands_in
from kobo_crc.errors import ConfigError
from kobo_crc.schedule.cron import Cron
from kobo_crc.schedule.job import Job, job
from kobo_crc.schedule.machine import Machine
from kobo_crc.schedule.systemd import Systemd
from kobo_crc.schedule.tasks import Tasks

OTHERS: Final = 0o077


class Scheduler(Protocol):
    """What can keep a job."""

    name: str

    def works(self) -> bool:
        """Whether this computer has it."""

    def install(self, job: Job) -> list[str]:
        """Keep the job from now on; sentences of what is to be known. ConfigError."""

    def remove(self, job: Job) -> bool:
        """Keep it no more; whether it was kept. ConfigError."""

    def show(self, job: Job) -> str:
        """What is known of it; "" when it is not kept."""


def schedulers(machine: Machine) -> tuple[Scheduler, ...]:
    """Every scheduler there is, the best first."""
    return Tasks(machine), Systemd(machine), Cron(machine)


def chosen(machine: Machine, name: str) -> Scheduler:
    """The scheduler of that name, or for "" the best that this computer has. ConfigError."""
    for one in schedulers(machine):
        if name in ("", one.name) and one.works():
            return one
    wanted = f"{name} does not answer on this computer" if name else "This computer has neither systemd nor cron"
    raise ConfigError(
        f"{wanted}, or not for this account. Please log in as the account that owns the folder, not by way of sudo or "
        "su, and give --with systemd, --with cron or --with windows."
    )


def install(settings: Settings, machine: Machine, wanted: Job, name: str) -> list[str]:
    """Put the run on the schedule, in place of an earlier one; sentences of what is to be known. ConfigError."""
    load_pipeline(settings, wanted.pipeline)
    scheduler = chosen(machine, name)
    return [*scheduler.install(wanted), *missing(settings, wanted, [scheduler.name])]


def remove(machine: Machine, wanted: Job) -> list[str]:
    """Take the run off every schedule that has it; their names. ConfigError."""
    return [one.name for one in schedulers(machine) if one.works() and one.remove(wanted)]


def show(machine: Machine, wanted: Job) -> list[tuple[str, str]]:
    """Each schedule that has the run, with what it says of it."""
    found = [(one.name, one.show(wanted)) for one in schedulers(machine) if one.works()]
    return [(name, said) for name, said in found if said]


def missing(settings: Settings, wanted: Job, names: Collection[str]) -> list[str]:
    """What the run will not find at night on these schedules: a variable of this terminal is none of the job's.

    Secrets are never shown.
    """
    tokens = {project.token for project in load_pipeline(settings, wanted.pipeline).projects}
    read = wanted.variables if set(names) <= {Systemd.name} else None  # the others know no such file
    return [said for name in (*sorted(tokens), VAULT_KEY) for said in _missing(settings, name, read)]


def _missing(settings: Settings, name: str, variables: Path | None) -> Iterator[str]:
    kept = settings.secrets / name.lower()
    if not kept.is_file() and not (variables and stands_in(name, variables)):
        ring = ", unless this computer's keyring has it" if name == VAULT_KEY else ""
        yield (
            f"{name} stands nowhere that the run can read at night{ring}: variables of this terminal are not there "
            f"then. Please save it as {kept}, for this account alone."
        )
    for path in (kept, variables):
        if path and path.is_file() and os.name == "posix" and path.stat().st_mode & OTHERS:
            yield f"Others may read {path}. Please run: chmod 600 {path}"


__all__ = ["Job", "Machine", "chosen", "install", "job", "missing", "remove", "schedulers", "show"]

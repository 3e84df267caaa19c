"""A line of the account's crontab, for computers without systemd. cron makes up for no missed night."""

from __future__ import annotations

import shlex
from typing import Final

from kobo_crc.errors import ConfigError
from kobo_crc.schedule.job import Job
from kobo_crc.schedule.machine import Machine

MISSED: Final = "cron makes up for no night that the computer was off: on the next morning, please run it by hand."


class Cron:
    """The account's own crontab, whose other lines stay as they are."""

    name = "cron"

    def __init__(self, machine: Machine) -> None:
        self._run, self._has = machine.run, machine.has

    def works(self) -> bool:
        """Whether this computer has cron."""
        return self._has("crontab")

    def install(self, job: Job) -> list[str]:
        """Put the job's line in place of the one it had; returns what is to be known. ConfigError."""
        self._write([*self._others(job), line(job)])
        return [f"crontab: every day at {job.at:%H:%M}. Faults are mailed to this account.", MISSED]

    def remove(self, job: Job) -> bool:
        """Take the job's line out; whether there was one. ConfigError."""
        others = self._others(job)
        if there := len(others) < len(self._lines()):
            self._write(others)
        return there

    def show(self, job: Job) -> str:
        """The job's line; "" when there is none."""
        return "\n".join(one for one in self._lines() if _is_of(one, job))

    def _others(self, job: Job) -> list[str]:
        return [one for one in self._lines() if not _is_of(one, job)]

    def _lines(self) -> list[str]:
        done = self._run(["crontab", "-l"], "")
        if done.code and "no crontab" not in done.said.lower():
            raise ConfigError(f"crontab -l failed ({done.said}). Please check that this account may use cron.")
        return [] if done.code else done.said.splitlines()

    def _write(self, lines: list[str]) -> None:
        done = self._run(["crontab", "-"], "".join(f"{one}\n" for one in lines))
        if done.code:
            raise ConfigError(f"crontab refused the new lines ({done.said}). Nothing was changed.")


def line(job: Job) -> str:
    """The job as a line of a crontab: cron gives it to a shell, and takes a bare percent sign for a line break."""
    command = shlex.join(job.words).replace("%", r"\%")
    return f"{job.at.minute} {job.at.hour} * * * umask 077; {command} >/dev/null # {job.name}"


def _is_of(one: str, job: Job) -> bool:
    return one.endswith(f"# {job.name}")

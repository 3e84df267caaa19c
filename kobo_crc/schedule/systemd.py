"""A timer of the account's own systemd: no administrator, a missed night is made up for, output in the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kobo_crc.errors import ConfigError
from kobo_crc.schedule.job import Job
from kobo_crc.schedule.machine import Machine

USER: Final = ("systemctl", "--user")
SUFFIXES: Final = ("timer", "service")
LINGER: Final = (
    "It runs only while you are logged in, because this account may not keep programs running otherwise. Please ask "
    "whoever administers the computer for: loginctl enable-linger YOUR-ACCOUNT"
)


class Systemd:
    """The timers in the account's `~/.config/systemd/user`."""

    name = "systemd"

    def __init__(self, machine: Machine) -> None:
        self._run = machine.run
        self._folder = machine.home / ".config" / "systemd" / "user"

    def works(self) -> bool:
        """Whether this account has a systemd of its own that answers."""
        return self._run([*USER, "show-environment"], "").code == 0

    def install(self, job: Job) -> list[str]:
        """Write the two units and start the timer; returns what is to be known. ConfigError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for suffix, text in (("service", service(job)), ("timer", timer(job))):
            self._unit(job, suffix).write_text(text, encoding="utf-8", newline="\n")
        self._ask("daemon-reload")
        self._ask("enable", "--now", f"{job.name}.timer")
        lingers = self._run(["loginctl", "enable-linger"], "").code == 0
        said = [f"{self._unit(job, 'timer')}: every day at {job.at:%H:%M}; a night that was missed is made up for."]
        return said if lingers else [*said, LINGER]

    def remove(self, job: Job) -> bool:
        """Stop the timer and delete both units; whether there were any. ConfigError."""
        units = [path for suffix in SUFFIXES if (path := self._unit(job, suffix)).exists()]
        if units:
            self._run([*USER, "disable", "--now", f"{job.name}.timer"], "")  # gone already, or never started
            for path in units:
                path.unlink()
            self._ask("daemon-reload")
        return bool(units)

    def show(self, job: Job) -> str:
        """What systemd says of it; "" when it is not installed."""
        if not self._unit(job, "timer").exists():
            return ""
        listed = self._run([*USER, "list-timers", "--all", "--no-pager", f"{job.name}.timer"], "").said
        return listed or str(self._unit(job, "timer"))

    def _unit(self, job: Job, suffix: str) -> Path:
        return self._folder / f"{job.name}.{suffix}"

    def _ask(self, *words: str) -> None:
        done = self._run([*USER, *words], "")
        if done.code:
            raise ConfigError(
                f"systemctl --user {' '.join(words)} failed ({done.said}). Please give the command as the account that "
                "owns the folder, or take --with cron."
            )


def service(job: Job) -> str:
    """What is run: readable by this account alone, in its folder, with the variables of its file if there is one."""
    command = " ".join(_quoted(word) for word in job.words)
    return f"""[Unit]
Description={_plain(job.title)}

[Service]
Type=oneshot
UMask=0077
WorkingDirectory={_plain(job.folder)}
EnvironmentFile=-{_plain(job.variables)}
ExecStart={command}
"""


def timer(job: Job) -> str:
    """When it is run."""
    return f"""[Unit]
Description={_plain(job.title)}

[Timer]
OnCalendar=*-*-* {job.at:%H:%M}:00
Persistent=true

[Install]
WantedBy=timers.target
"""


def _plain(value: object) -> str:
    """A value that takes the rest of its line: a percent sign would begin a specifier."""
    return str(value).replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of a command: systemd expands variables and specifiers, and takes backslashes for escapes."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'

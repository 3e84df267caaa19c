"""A task of Windows' Task Scheduler for the account itself, which needs no administrator.

It runs while the account is logged in, a closed laptop's night as soon as it is opened.
"""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree

from kobo_crc.errors import ConfigError
from kobo_crc.schedule.job import Job
from kobo_crc.schedule.machine import Machine

NAMESPACE: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"
HEAD: Final = '<?xml version="1.0" encoding="UTF-16"?>\n'
# Any day that is over: a task begins on a day, and repeats from there.
BEGINS_ON: Final = date(2026, 1, 1)
LOGGED_IN: Final = (
    "It runs while you are logged in, a missed night as soon as you are again. Stay logged in with the screen locked."
)


class Tasks:
    """The account's own tasks."""

    name = "windows"

    def __init__(self, machine: Machine) -> None:
        self._run, self._windows = machine.run, machine.windows

    def works(self) -> bool:
        """Whether this is Windows."""
        return self._windows

    def install(self, job: Job) -> list[str]:
        """Make the task, in place of the one it had; returns what is to be known. ConfigError."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "task.xml"
            path.write_bytes(document(job))
            done = self._run(["schtasks", "/Create", "/TN", job.name, "/XML", str(path), "/F"], "")
        if done.code:
            raise ConfigError(
                f"schtasks made no task ({done.said}). Please give the command in PowerShell as the account that owns "
                "the folder; where the organisation forbids tasks, ask whoever administers the computer."
            )
        return [f"Task Scheduler, {job.name}: every day at {job.at:%H:%M}.", LOGGED_IN]

    def remove(self, job: Job) -> bool:
        """Delete the task; whether there was one. ConfigError."""
        if not self.show(job):
            return False
        done = self._run(["schtasks", "/Delete", "/TN", job.name, "/F"], "")
        if done.code:
            raise ConfigError(f"schtasks deleted no task ({done.said}). Please delete it in the Task Scheduler.")
        return True

    def show(self, job: Job) -> str:
        """What Windows says of it; "" when it is not installed."""
        done = self._run(["schtasks", "/Query", "/TN", job.name, "/V", "/FO", "LIST"], "")
        return "" if done.code else done.said


def document(job: Job) -> bytes:
    """The task as schtasks reads it: XML in UTF-16 with its mark."""
    task = ElementTree.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _add(task, "RegistrationInfo", {"Description": job.title})
    trigger = _add(_add(task, "Triggers", {}), "CalendarTrigger", {})
    _add(trigger, "", {"StartBoundary": datetime.combine(BEGINS_ON, job.at).isoformat()})
    _add(trigger, "ScheduleByDay", {"DaysInterval": "1"})
    principal = _add(_add(task, "Principals", {}), "Principal", {"LogonType": "InteractiveToken"})
    principal.set("id", "Author")
    _add(principal, "", {"RunLevel": "LeastPrivilege"})
    _add(task, "Settings", SETTINGS)
    actions = _add(task, "Actions", {})
    actions.set("Context", "Author")
    command, *words = job.words
    what = {"Command": command, "Arguments": subprocess.list2cmdline(words), "WorkingDirectory": str(job.folder)}
    _add(actions, "Exec", what)
    ElementTree.indent(task)
    return str(ElementTree.tostring(task, encoding="unicode")).join((HEAD, "\n")).encode("utf-16")


# In the order that the schema wants.
SETTINGS: Final = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "RunOnlyIfNetworkAvailable": "true",
    "Enabled": "true",
    "Hidden": "false",
    "ExecutionTimeLimit": "PT12H",
}


def _add(parent: ElementTree.Element, name: str, texts: dict[str, str]) -> ElementTree.Element:
    """A child of that name with these elements within; without a name, the elements in the parent itself."""
    child = ElementTree.SubElement(parent, name) if name else parent
    for key, text in texts.items():
        ElementTree.SubElement(child, key).text = text
    return child

"""The summary that goes out when a run failed or work is overdue: counts and sentences of the program, never a name.

Says what could not be sent, and raises nothing for it: a failed mail must not cost a night.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kobo_crc.config import Settings
from kobo_crc.errors import ConfigError
from kobo_crc.notices import mail, webhook
from kobo_crc.notices.texts import text
from kobo_crc.notices.waiting import Waiting


class Notice(NamedTuple):
    """A summary to send, in the language of the settings."""

    subject: str
    body: str


def of_fault(settings: Settings, pipeline: str, fault: str, waiting: list[Waiting]) -> Notice:
    """That a run failed, and why; what waits stands below."""
    language = settings.language
    said = [text("failed_because", language), _without_places(settings, fault), "", text("see_status", language)]
    return Notice(
        f"kobo_crc: {text('failed', language)} ({pipeline})", "\n".join([*said, "", *_table(waiting, language)])
    )


def of_work(settings: Settings, pipeline: str, waiting: list[Waiting]) -> Notice | None:
    """What is overdue, by centre; None when nothing is."""
    count = sum(one.overdue for one in waiting)
    if not count:
        return None
    language = settings.language
    subject = f"kobo_crc: {text('overdue', language)} - {count} ({pipeline})"
    return Notice(subject, "\n".join([*_table(waiting, language), "", text("see_list", language)]))


def of_now(settings: Settings, pipeline: str, waiting: list[Waiting]) -> Notice:
    """What waits as it stands, also when nothing is overdue: to see, and to try whether a summary arrives."""
    rows = _table(waiting, settings.language) or [text("nothing", settings.language)]
    return Notice(f"kobo_crc: {text('now', settings.language)} ({pipeline})", "\n".join(rows))


def has_ways(settings: Settings) -> bool:
    """Whether a summary would go anywhere."""
    return bool(settings.mail_server) or webhook.is_kept(settings)


def send(settings: Settings, notice: Notice) -> list[str]:
    """Send it by every way that is set up; a sentence for each that failed."""
    return list(_failures(settings, notice))


def _failures(settings: Settings, notice: Notice) -> Iterator[str]:
    for way in (mail.send, webhook.send):
        try:
            way(settings, notice.subject, notice.body)
        except ConfigError as fault:
            yield str(fault)


def _table(waiting: list[Waiting], language: str) -> list[str]:
    """A line for each centre with something to do."""
    keys = ("overdue", "due_soon", "no_response")
    rows = [one for one in waiting if one.overdue or one.due_soon or one.no_response]
    counts = [
        text("comma", language).join(f"{text(key, language)} {count}" for key, count in zip(keys, one[1:], strict=True))
        for one in rows
    ]
    return [f"{one.centre or text('no_centre', language)}: {said}" for one, said in zip(rows, counts, strict=True)]


def _without_places(settings: Settings, fault: str) -> str:
    """The fault without the folders of this computer, which name whose account it is."""
    for place in (settings.store.parent, Path.home()):
        fault = fault.replace(str(place), "…")
    return fault

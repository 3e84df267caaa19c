"""A run that is watched: written into its log, and told to whoever should know when it fails or work is overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from logging import Logger

from kobo_crc import notices
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.errors import CrcError
from kobo_crc.logbook import logbook
from kobo_crc.notices import Notice
from kobo_crc.notices.waiting import Waiting, waiting
from kobo_crc.pipeline import run as run_pipeline
from kobo_crc.progress import Progress
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.runs import Run
from kobo_crc.xlsform.lists import read_codes


def run(
    settings: Settings, name: str, *, progress: Progress, tell: Callable[[str], None], accept_deletions: bool = False
) -> Run:
    """Run the pipeline once; raises CrcError as it does. `tell` gets a sentence for each summary that was not sent."""
    with logbook(settings.logs, name) as log:
        log.info("begun")
        try:
            entry = run_pipeline(settings, name, progress=progress, accept_deletions=accept_deletions)
        except CrcError as fault:
            log.error("%s", fault)
            _send(settings, notices.of_fault(settings, name, str(fault), _waiting(settings, log)), log, tell)
            raise
        except Exception as error:  # of what nobody foresaw only the kind: its text may hold an answer
            kind = f"An error of kobo-crc itself: {type(error).__name__}"
            log.error("%s", kind)
            _send(settings, notices.of_fault(settings, name, kind, _waiting(settings, log)), log, tell)
            raise
        except KeyboardInterrupt:
            log.warning("stopped by hand")
            raise
        log.info("%s: %d new, %d changed, %d deleted. %s", *_counts(entry))
        _send(settings, notices.of_work(settings, name, _waiting(settings, log)), log, tell)
    return entry


def summary(settings: Settings, name: str) -> Notice:
    """What waits now, as a summary. Raises CrcError when it cannot be counted."""
    return notices.of_now(settings, name, _counted(settings))


def _send(settings: Settings, notice: Notice | None, log: Logger, tell: Callable[[str], None]) -> None:
    for sentence in notices.send(settings, notice) if notice else ():
        log.warning("%s", sentence)
        tell(sentence)


def _counts(entry: Run) -> tuple[str, int, int, int, str]:
    return entry.outcome, entry.new_count, entry.changed_count, entry.deleted_count, entry.note


def _waiting(settings: Settings, log: Logger) -> list[Waiting]:
    """What waits, as far as it can be counted; nothing when nobody is told of it."""
    try:
        told = notices.has_ways(settings) and (settings.store_url or settings.store.exists())
        return _counted(settings) if told else []
    except CrcError as fault:
        log.warning("What waits could not be counted: %s", fault)
        return []


def _counted(settings: Settings) -> list[Waiting]:
    calendar = calendar_of(read_codes(settings.forms / "codes"))
    now = datetime.now(UTC).replace(tzinfo=None)
    with Database.onlooking(settings) as database, database.reading() as connection:
        return waiting(connection, calendar, now, settings.language)

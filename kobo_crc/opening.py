"""The store and the vault opened for one run alone: upgraded, fit for each other, with a line in the diary of runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from kobo_crc import holdings, runs, store
from kobo_crc.config import Settings
from kobo_crc.custody import open_vault
from kobo_crc.database.database import Database
from kobo_crc.database.lock import only_run
from kobo_crc.database.metadata import RUN
from kobo_crc.database.migrate import behind, upgrade
from kobo_crc.errors import ConfigError, CrcError, StoreError
from kobo_crc.runs import Run

RECENT: Final = timedelta(days=3)


@contextmanager
def opened(settings: Settings, *, to_officers: bool = False) -> Iterator[Database]:
    """The store and vault, unlocked and upgraded, for this run alone.

    An officer's login on a server is refused, unless the command is one `to_officers`; it upgrades nothing. StoreError.
    """
    with locked(settings, to_officers=to_officers) as database:
        open_vault(database, settings)
        if database.centres is None:
            upgrade(database)
        elif behind(database):
            raise StoreError(f"{database.store} waits for an upgrade. Please give this again after the next night.")
        yield database


@contextmanager
def locked(settings: Settings, *, to_officers: bool = False) -> Iterator[Database]:
    """The store and vault as they are, the vault locked, for this run alone; an officer's command holds up no run."""
    with only_run(settings.store), Database.of(settings) as database:
        if database.centres is None:
            with database.alone():
                yield database
        elif to_officers:
            yield database
        else:
            raise StoreError(
                "This login is an officer's, and the command needs the rows of all centres or changes what is kept. "
                "Please have it given where the nights run; docs/postgresql.md lists what an officer may give."
            )


def refuse_another_centre(database: Database, centre: str) -> None:
    """ConfigError for a centre that is not an officer's own: an empty answer would look like the truth."""
    if database.centres is not None and centre not in database.centres:
        own = ", ".join(database.centres) or "no centre"
        raise ConfigError(f"This login is an officer's of {own}. Please give one of the login's own centres.")


@contextmanager
def in_the_diary(database: Database, name: str, now: datetime) -> Iterator[Run]:
    """A running row of the table `run`; a fault in the block ends it as failed, Ctrl+C as cut. `now` has its zone."""
    with database.writing() as connection:
        entry = runs.begin(connection, name, now.replace(tzinfo=None, microsecond=0))
    try:
        yield entry
    except CrcError as fault:
        with database.writing() as connection:
            runs.end(connection, entry, runs.FAILED, str(fault))
        raise
    except KeyboardInterrupt:
        with database.writing() as connection:
            runs.end(connection, entry, runs.CUT, "Stopped by hand. Please run again: the next run goes on from here.")
        raise


def refuse_older_vault(database: Database) -> None:
    """StoreError when the store was made from versions or replies that this vault never landed, as after restoring a
    backup.

    The vault would hand out their numbers again, and the store would take other versions for those it has.
    """
    with database.reading() as connection:
        older = store.newest_version(connection) > holdings.newest_version(connection)
        if older or store.mark(connection, "replies") > holdings.newest_reply(connection):
            raise StoreError(
                f"The vault {database.vault} is older than the store {database.store}, or missing. Please restore the "
                "newest vault; if only an older one is left, run `kobo-crc rebuild nightly`, which makes the store "
                "from it, and then this again."
            )


def refuse_empty_vault(database: Database) -> None:
    """StoreError when a rebuild would replace the store's rows by none, because the vault has landed nothing."""
    with database.reading() as connection:
        if store.newest_version(connection) and not holdings.newest_version(connection):
            raise StoreError(
                f"The vault {database.vault} is empty, so nothing can be made from it; the store {database.store} was "
                "left as it is. Please restore the vault from a backup. If there is none, move the store to a safe "
                "place and run the pipeline: all that the server still has comes anew."
            )


def refuse_behind(connection: sa.Connection, now: datetime, what: str) -> None:
    """StoreError when somebody's newest submission may be unknown here; `what` says what is not done then.

    Whoever came back last week must not be taken for somebody not seen for years, nor a yes for the last word of
    somebody who said no since. `now` is UTC, without zone.
    """
    c = RUN.c
    nights = sa.select(sa.func.max(c.started_at)).where(c.outcome == runs.OK, c.pipeline.not_like("% (%)"))
    last = connection.execute(nights).scalar()
    if last is None or last < now - RECENT or store.is_behind(connection):
        raise StoreError(
            f"{what}, because the store may not know of somebody's newest visit: no night was complete in the last "
            f"{RECENT.days} days, or something of it is not loaded. Please run: kobo-crc run nightly"
        )

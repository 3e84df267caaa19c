"""Files that came with submissions: fetched once, checked, sealed, kept beside the vault.

A file reaches its final name whole or not at all. It goes when its submission is deleted; one that was only removed on
the server stays, marked. Which questions' files are wanted is the caller's choice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from kobo_crc import holdings, landing, store
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import ATTACHMENT, ATTACHMENT_MARK, LANDED, PROBLEM, SUBMISSION, SUBMISSION_KEY
from kobo_crc.errors import Retriable, StoreError
from kobo_crc.fetched import Fetched, Sealed, fetch
from kobo_crc.model import Origin, Problem, Submission
from kobo_crc.problems import ATTACHMENTS
from kobo_crc.progress import Progress
from kobo_crc.sealed_files import LOST, chunk_place, free_place, new_seal, seal_of, sealed
from kobo_crc.sealing import DataKey
from kobo_crc.sources.attached import Attached, Choice, attached
from kobo_crc.sources.faults import Refused
from kobo_crc.sources.http import Client

INCOMING: Final = ".incoming"
LIST_AT_ONCE: Final = 500
# A server that fails so often in a row is down: asking for the rest would only take the night.
FAILURES_IN_A_ROW: Final = 3

WAITING, KEPT, REFUSED, GIVEN_UP = "waiting", "kept", "refused", "given_up"
REMOVED, ERASED = "removed", "erased"

_CODES = {REFUSED: "file_not_as_declared", GIVEN_UP: "file_missing", LOST: "file_lost"}

_A = ATTACHMENT.c
_KEY = SUBMISSION_KEY.c


@dataclass(slots=True)
class Kept:
    """What a night did with files. `incomplete` says why some are still to come, or is empty."""

    kept: int = 0
    waiting: int = 0
    refused: int = 0
    given_up: int = 0
    erased: int = 0
    incomplete: str = ""


class _Unlisted(NamedTuple):
    """A newest version that the table of files does not know of yet; `said` is the server's JSON, None when gone."""

    submission_id: int
    version_id: int
    said: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Which files are wanted, where they are kept, and for how many days one that does not come is asked for."""

    choice: Choice
    folder: Path
    days: int


class Keeper:
    """Keeps the files of one asset. `now` is the run's UTC time."""

    def __init__(self, database: Database, client: Client, wish: Wish, now: datetime) -> None:
        self._database, self._client, self._now = database, client, now
        self._choice, self._folder, self._patience = wish.choice, wish.folder, timedelta(days=wish.days)
        self.done = Kept()

    def keep(self, origin: Origin, progress: Progress) -> Kept:
        """List what new versions name, erase what deleted submissions had, and fetch what is still to come."""
        with self._database.writing() as connection:
            source_id = landing.source_of(connection, origin)
        self._clear_incoming()
        self._list(source_id)
        self._look(source_id)
        wanted = self._wanted(source_id)
        progress.start(f"files of {origin.form} from {origin.project}", len(wanted))
        self._fetch(wanted, progress)
        progress.finish()
        return self.done

    def _clear_incoming(self) -> None:
        """What a killed run left half fetched."""
        shutil.rmtree(self._folder / INCOMING, ignore_errors=True)

    def _list(self, source_id: int) -> None:
        """Bring the table to what the newest versions name, from the mark on."""
        with self._database.reading() as connection:
            above = _mark(connection, source_id, self._choice.digest())
            newest = holdings.newest_version(connection)
        while True:
            with self._database.reading() as connection:
                batch = list(self._unlisted(connection, source_id, above))
            above = batch[-1].version_id if len(batch) == LIST_AT_ONCE else newest
            # Files go before their rows say so: a run cut in between does it again.
            for row in batch:
                if row.said is None:
                    erase_files(self._folder, [row.submission_id])
            with self._database.writing() as connection:
                for row in batch:
                    self._list_one(connection, row.submission_id, row.said)
                _set_mark(connection, source_id, above, self._choice.digest())
            if above == newest:
                return

    def _look(self, source_id: int) -> None:
        """See whether what is kept lies in the folder, which no backup carries; if not, the server is asked again."""
        mine = sa.select(_KEY.submission_id).where(_KEY.source_id == source_id)
        query = sa.select(ATTACHMENT).where(_A.submission_id.in_(mine), _A.size.is_not(None), _A.state != ERASED)
        with self._database.writing() as connection:
            for row in connection.execute(query).all():
                if (self._folder / row.file).exists() == (row.state == LOST):
                    connection.execute(sa.update(ATTACHMENT).where(_this(row)).values(self._seen(row)))

    def _seen(self, row: Any) -> dict[str, Any]:
        if row.state == KEPT:
            return {"state": WAITING, "size": None, "sha256": None, "first_seen_at": self._now}
        return {"state": REMOVED if row.state == LOST else LOST}

    def _unlisted(self, connection: sa.Connection, source_id: int, above: int) -> Iterator[_Unlisted]:
        """Newest versions above the mark of submissions that have files, or had some."""
        had = sa.exists().where(_A.submission_id == _KEY.submission_id)
        query = (
            sa.select(_KEY.submission_id, _KEY.version_id, LANDED.c.payload)
            .join(LANDED, LANDED.c.version_id == _KEY.version_id)
            .where(_KEY.source_id == source_id, _KEY.version_id > above, sa.or_(_KEY.attachments != "", had))
            .order_by(_KEY.version_id)
            .limit(LIST_AT_ONCE)
        )
        rows = connection.execute(query).all()
        keys = self._database.keys.of(connection, [row.submission_id for row in rows])
        for number, version, payload in rows:
            yield _Unlisted(number, version, holdings.answers_of(version, payload, keys.get(number)))

    def _list_one(self, connection: sa.Connection, submission_id: int, said: Mapping[str, Any] | None) -> None:
        here = _A.submission_id == submission_id
        if said is None:
            gone = sa.update(ATTACHMENT).where(here, _A.state != ERASED)
            self.done.erased += connection.execute(gone.values(state=ERASED, size=None, sha256=None)).rowcount
            return
        named = attached(said)
        absent = sa.and_(here, _A.attachment_uid.not_in([file.uid for file in named]))
        connection.execute(sa.update(ATTACHMENT).where(absent, _A.state != ERASED).values(state=REMOVED))
        _take_back(connection, sa.and_(here, _A.attachment_uid.in_([file.uid for file in named])))
        held = {row.attachment_uid: row.file for row in connection.execute(sa.select(ATTACHMENT).where(here))}
        self._add(connection, submission_id, [file for file in named if file.uid not in held], list(held.values()))

    def _add(self, connection: sa.Connection, submission_id: int, files: Sequence[Attached], taken: list[str]) -> None:
        key = self._database.keys.of(connection, [submission_id])[submission_id]
        for file in files:
            if not self._choice.wants(file.question):
                continue
            taken.append(free_place(submission_id, file.uid, taken))
            connection.execute(
                sa.insert(ATTACHMENT).values(
                    submission_id=submission_id,
                    attachment_uid=file.uid,
                    question=file.question,
                    file=taken[-1],
                    mimetype=file.mimetype,
                    address=file.address,
                    state=WAITING,
                    first_seen_at=self._now,
                    sealed=sealed(new_seal(file.name), key, submission_id, file.uid),
                )
            )

    def _wanted(self, source_id: int) -> list[Any]:
        """The rows that wait, of questions that are wanted now; oldest first."""
        query = (
            sa.select(ATTACHMENT)
            .join(SUBMISSION_KEY, _KEY.submission_id == _A.submission_id)
            .where(_KEY.source_id == source_id, _A.state == WAITING)
            .order_by(_A.submission_id, _A.attachment_uid)
        )
        with self._database.reading() as connection:
            return [row for row in connection.execute(query) if self._choice.wants(row.question)]

    def _fetch(self, wanted: Sequence[Any], progress: Progress) -> None:
        failures, refusals = 0, []
        for row in wanted:
            try:
                self._note(row, self._fetch_one(row))
                failures = 0
            except (Retriable, Refused) as fault:
                self._note(row, None)
                failures += 1
                refusals += [fault] if isinstance(fault, Refused) else []
                self.done.incomplete = f"files are still to come: {fault}"
                if failures == FAILURES_IN_A_ROW:
                    break
            progress.advance(1)
        if refusals:
            raise refusals[0]

    def _fetch_one(self, row: Any) -> Fetched | None:
        """The file, once it lies under its final name; None when the server does not give it."""
        part = self._folder / INCOMING / f"{row.submission_id}.part"
        try:
            make_private(part.parent)
            got = fetch(self._client, row.address, row.mimetype, Sealed(part, self._key_of(row), chunk_place(row)))
            if got.fits:
                final = self._folder / row.file
                make_private(final.parent)
                part.replace(final)
            else:
                part.unlink()
        except Refused as refusal:
            if refusal.status == 404:  # named before it came, or gone again
                return None
            raise
        except OSError as error:
            cause = error.strerror or type(error).__name__
            raise StoreError(
                f"The folder {self._folder} cannot take a file ({cause}). Please check the free space and that you may "
                "write there, and run again; nothing was lost."
            ) from error
        return got

    def _key_of(self, row: Any) -> DataKey:
        with self._database.reading() as connection:
            key = self._database.keys.of(connection, [row.submission_id])[row.submission_id]
        return seal_of(row, key).key

    def _note(self, row: Any, got: Fetched | None) -> None:
        state = self._state(row, got)
        setattr(self.done, state, getattr(self.done, state) + 1)
        values: dict[str, Any] = {"state": state, "tried_at": self._now}
        if got is not None and got.fits:
            values |= {"size": got.size, "sha256": got.sha256}
        with self._database.writing() as connection:
            connection.execute(sa.update(ATTACHMENT).where(_this(row)).values(values))

    def _state(self, row: Any, got: Fetched | None) -> str:
        if got is not None:
            return KEPT if got.fits else REFUSED
        return GIVEN_UP if self._now - row.first_seen_at > self._patience else WAITING


def erase_files(folder: Path, submission_ids: Iterable[int]) -> None:
    """Remove the files of these submissions from the folder `attachments`."""
    for number in submission_ids:
        if (folder / str(number)).exists():
            shutil.rmtree(folder / str(number))


def forget_others(connection: sa.Connection, submission_id: int, kept: Submission | None) -> None:
    """Drop what is said of the submission's files, their keys too, but for those that it still names."""
    named = [file.uid for file in attached(kept.payload)] if kept is not None else []
    others = sa.and_(_A.submission_id == submission_id, _A.attachment_uid.not_in(named))
    connection.execute(sa.delete(ATTACHMENT).where(others))


def note_problems(connection: sa.Connection) -> None:
    """Write anew which files the store's submissions lack: refused, never come, or lost."""
    connection.execute(sa.delete(PROBLEM).where(PROBLEM.c.step == ATTACHMENTS))
    alive = sa.and_(SUBMISSION.c.submission_id == _A.submission_id, SUBMISSION.c.deleted_on.is_(None))
    query = sa.select(ATTACHMENT).join(SUBMISSION, alive).where(_A.state.in_(_CODES))
    problems = [
        Problem(_CODES[row.state], ATTACHMENTS, row.submission_id, row.question) for row in connection.execute(query)
    ]
    store.insert_problems(connection, problems)


def make_private(folder: Path) -> None:
    """Make the folder, and those above it up to `attachments`, for the own account alone (on Windows: as inherited)."""
    for place in (folder.parent, folder):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)


def _this(row: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_A.submission_id == row.submission_id, _A.attachment_uid == row.attachment_uid)


def _take_back(connection: sa.Connection, named: sa.ColumnElement[bool]) -> None:
    """Files that are named again, as when a deleted submission is restored: kept where they are here, else awaited."""
    back = sa.update(ATTACHMENT).where(named, _A.state.in_([REMOVED, LOST, ERASED]))
    connection.execute(back.values(state=sa.case((_A.size.is_not(None), KEPT), else_=WAITING)))


def _mark(connection: sa.Connection, source_id: int, choice: str) -> int:
    c = ATTACHMENT_MARK.c
    query = sa.select(c.version_id).where(c.source_id == source_id, c.choice == choice)
    return connection.execute(query).scalar() or 0


def _set_mark(connection: sa.Connection, source_id: int, version_id: int, choice: str) -> None:
    connection.execute(sa.delete(ATTACHMENT_MARK).where(ATTACHMENT_MARK.c.source_id == source_id))
    connection.execute(sa.insert(ATTACHMENT_MARK).values(source_id=source_id, version_id=version_id, choice=choice))

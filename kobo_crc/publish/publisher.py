"""Decides which lists go to the tablets now, brings them there, and remembers what was brought.

A list goes only when it has changed, at most once a day, while its centres are closed. One that has become much shorter
goes only when somebody says that it is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kobo_crc.config import Project, Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import PUBLISHED_LIST
from kobo_crc.errors import Fatal
from kobo_crc.lookups import listed
from kobo_crc.model import Origin
from kobo_crc.publish.hours import Opening, is_open, local_time, read_hours
from kobo_crc.publish.rows import Looker, openings, rows_of
from kobo_crc.referrals.calendar import Calendar, calendar_of
from kobo_crc.sources.http import Client
from kobo_crc.sources.kobo import Asset, AssetInfo
from kobo_crc.sources.media import Media, digest_of
from kobo_crc.xlsform.lists import CodeRow

# So many rows may always go: a short list halves easily.
UNQUESTIONED: Final = 20
# Of a list on its way for the first time: cut now, its file may be gone, and the next run has to know of it.
NEVER: Final = datetime(1970, 1, 1)
NEEDED: Final = "change_asset"
Verdict = Literal["send", "same", "undeployed", "shorter", "open", "today"]
WHY: Final[Mapping[Verdict, str]] = {
    "send": "goes to the tablets",
    "same": "has not changed",
    "undeployed": "waits until the form is deployed with it: please run `kobo-crc deploy`",
    "shorter": "has become much shorter, and waits for somebody to say that it is right",
    "open": "waits until the centres are closed",
    "today": "waits until tomorrow: it was sent today already",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How lists are brought: deadlines, the hours of every working day, and which fall in rows (0 to 1) is believed."""

    calendar: Calendar
    zone: ZoneInfo
    hours: Opening
    accept_shorter: float


def wish_of(settings: Settings, lists: Mapping[str, Sequence[CodeRow]], accept_shorter: float) -> Wish:
    """As the settings and the code lists have it."""
    zone, hours = ZoneInfo(settings.time_zone), read_hours(settings.opening_hours)
    return Wish(calendar_of(lists), zone, hours, accept_shorter)


@dataclass(frozen=True, slots=True)
class Handout:
    """One list of one form in one project: what stands in it, and whether it goes now. `before` is its last length."""

    origin: Origin
    filename: str
    content: bytes
    row_count: int
    before: int | None
    verdict: Verdict

    def __str__(self) -> str:
        counted = f"{self.row_count} rows" + ("" if self.before is None else f", {self.before} before")
        return f"{self.origin.form} ({self.origin.project}): {self.filename} ({counted}) {WHY[self.verdict]}."


class Sent(NamedTuple):
    """What is remembered of a list: the hash and length that tablets have, and since when (UTC, no zone)."""

    handout: Handout
    digest: str
    row_count: int
    at: datetime


class Publisher:
    """Brings the lists of projects to their tablets. `now` is UTC, without zone. Methods may raise SourceError."""

    def __init__(self, database: Database, wish: Wish, now: datetime) -> None:
        self._database, self._wish, self._now = database, wish, now

    def plan(self, client: Client, origin: Origin, project: Project, filenames: Sequence[str]) -> list[Handout]:
        """Each of the form's lists with what is to become of it; asks the server what it holds, changes nothing."""
        held = Media(client, origin.asset_uid).digests() if filenames else {}
        with self._database.reading() as connection:
            looker = Looker(connection, project, self._wish.calendar, self._now)
            closed = not is_open(self._now, self._wish.zone, self._wish.calendar, [self._wish.hours, *openings(looker)])
            return [self._handout(looker, origin, name, held.get(name), closed) for name in filenames]

    def publish(self, client: Client, origin: Origin, project: Project, filenames: Sequence[str]) -> list[Handout]:
        """Bring the lists whose time it is to the tablets; returns all. Fatal for one that became much shorter."""
        handouts = self.plan(client, origin, project, filenames)
        _refuse_shorter(handouts)
        going = [handout for handout in handouts if handout.verdict == "send"]
        if going:
            self._send(client, origin, going)
        return handouts

    def _handout(self, looker: Looker, origin: Origin, filename: str, held: str | None, closed: bool) -> Handout:
        rows = rows_of(filename, looker)
        content = listed(filename, rows)
        last = _last(looker.connection, origin.asset_uid, filename)
        before = last.row_count if last else None
        as_it_is = held == digest_of(content)
        if last is None:
            verdict = _first(as_it_is and not rows, held, closed)
        else:
            verdict = self._next(last, as_it_is and last.digest == held, len(rows), closed)
        return Handout(origin, filename, content, len(rows), before, verdict)

    def _next(self, last: sa.Row[tuple[object, ...]], as_it_is: bool, count: int, closed: bool) -> Verdict:
        if as_it_is:
            return "same"
        if last.row_count - count > max(UNQUESTIONED, last.row_count * self._wish.accept_shorter):
            return "shorter"
        if not closed:
            return "open"
        return "today" if self._day(last.published_at) == self._day(self._now) else "send"

    def _day(self, at: datetime) -> object:
        return local_time(at, self._wish.zone).date()

    def _send(self, client: Client, origin: Origin, going: Sequence[Handout]) -> None:
        """Put the lists beside the form and deploy it as it is; remembered last, so that a cut is mended next time."""
        info = Asset(client, origin.asset_uid).describe()
        _refuse_unfit(info, origin)
        self._remember([Sent(handout, "", 0, NEVER) for handout in going if handout.before is None])
        media = Media(client, origin.asset_uid)
        for handout in going:
            media.put(handout.filename, handout.content)
        client.patch(f"assets/{quote(info.uid)}/deployment/", {"active": True, "version_id": info.version})
        at = self._now.replace(microsecond=0)
        self._remember([Sent(handout, digest_of(handout.content), handout.row_count, at) for handout in going])

    def _remember(self, sent: Sequence[Sent]) -> None:
        c = PUBLISHED_LIST.c
        with self._database.writing() as connection:
            for handout, digest, row_count, at in sent:
                key = {"asset_uid": handout.origin.asset_uid, "filename": handout.filename}
                same = sa.and_(*(c[name] == value for name, value in key.items()))
                connection.execute(sa.delete(PUBLISHED_LIST).where(same))
                values = {"digest": digest, "row_count": row_count, "published_at": at}
                connection.execute(sa.insert(PUBLISHED_LIST).values(**key, **values))


def _first(as_it_is: bool, held: str | None, closed: bool) -> Verdict:
    """What becomes of a list that was never sent: deploying the form has brought it without rows."""
    if held is None:
        return "undeployed"
    return "same" if as_it_is else "send" if closed else "open"


def _last(connection: sa.Connection, asset_uid: str, filename: str) -> sa.Row[tuple[object, ...]] | None:
    c = PUBLISHED_LIST.c
    query = sa.select(PUBLISHED_LIST).where(c.asset_uid == asset_uid, c.filename == filename)
    return connection.execute(query).first()


def _refuse_shorter(handouts: Sequence[Handout]) -> None:
    for handout in handouts:
        if handout.verdict == "shorter":
            raise Fatal(
                f"{handout.origin.form} ({handout.origin.project}): the list {handout.filename} would fall from "
                f"{handout.before} to {handout.row_count} rows, so the tablets keep the one they have. Please look for "
                "the cause (`kobo-crc referral list`); if it is right, run `kobo-crc publish --accept-shorter`."
            )


def _refuse_unfit(info: AssetInfo, origin: Origin) -> None:
    """A list is brought by deploying the form as it is: only where that changes nothing else, and we may."""
    place = f"The project {info.name} ({info.url}), form {origin.form},"
    if NEEDED not in info.permissions:
        raise Fatal(
            f"{place} gets no lists: our account may not edit it. Please ask its owner for the permission to edit the "
            "form, or take publish out of the pipeline's steps."
        )
    if not info.deployed_version or not info.active:
        raise Fatal(f"{place} gets no lists: it is archived or not deployed. Please deploy it in KoboToolbox.")
    if info.version != info.deployed_version:
        raise Fatal(
            f"{place} gets no lists: the form was changed on the server and not deployed, and bringing lists would "
            "deploy that too. Please deploy it, or bring the change back first (`kobo-crc deploy`)."
        )

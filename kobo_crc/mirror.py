"""What changed on the server, brought to the landing: a sweep of what is known, then what is new.

Absence is deletion only after a complete sweep: the rows swept equal the server's own count, asked before and after,
under permissions that see everything, and the fall is small enough to believe. Between two sweeps the server's history
may stand in for one, as long as the counts agree.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from kobo_crc import holdings, landing, projects
from kobo_crc.database.database import Database
from kobo_crc.errors import Fatal
from kobo_crc.model import Landed, Origin, Submission
from kobo_crc.progress import Progress
from kobo_crc.projects import Sighting
from kobo_crc.sources.history import PERMISSION
from kobo_crc.sources.kobo import Asset, AssetInfo, Glimpse

Along = Callable[[sa.Connection, Sequence[Landed]], None]

FETCH_AT_ONCE = 500
LEAST_FALL = 20
# The history is read from this long before the last run began: clocks differ, and a run takes its time.
HISTORY_OVERLAP = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Caution:
    """What is believed: a fall of up to this share, and the server's history for this many days after a sweep."""

    share: float
    full_sweep_days: int = 0


@dataclass(slots=True)
class Mirrored:
    """What a pull of one asset saw and landed. `incomplete` says why nothing was tombstoned, or is empty.

    `remarks` are sentences on the project itself; `new_versions` tells that the form has versions not known before.
    """

    origin: Origin
    new: int = 0
    changed: int = 0
    deleted: int = 0
    server_count: int = 0
    incomplete: str = ""
    missing: list[holdings.Known] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    new_versions: bool = False


class Mirror:
    """Pulls one asset into the landing. `now` is when the run began, UTC without zone."""

    def __init__(
        self, database: Database, asset: Asset, origin: Origin, caution: Caution, now: datetime, progress: Progress
    ) -> None:
        self._database, self._asset, self._caution, self._now = database, asset, caution, now
        self._seen_at = now.isoformat(" ", "seconds")
        self._progress = progress
        self._told_until: datetime | None = None
        self._promised = 0
        self.seen = Mirrored(origin)

    def pull(self, along: Along | None = None) -> Iterator[list[Landed]]:
        """Batches of freshly landed versions, each already committed: changed, deleted, then new ones.

        `along` does more in the transaction that lands a batch of new ones.
        """
        with self._database.reading() as connection:
            cursor = holdings.cursor(connection, self._asset.uid)
            before = projects.last_sighting(connection, self._asset.uid)
        info = self._look(before)
        self._promised = self._asset.count()
        self._progress.start(f"{self.seen.origin.form} from {self.seen.origin.project}", self._promised)
        since = self._history_since(before, info)
        self._told_until = self._newest_told(info)
        if cursor and not (since and (yield from self._by_history(cursor, since))):
            yield from self._sweep(cursor, before, info)
        yield from self._new(cursor, along)
        self.seen.server_count = self._asset.count()
        self._hold_to(self._promised)
        self._progress.finish()

    def _hold_to(self, promised: int) -> None:
        """Whatever the server had at first is held at the end: else its later answers were old ones."""
        with self._database.reading() as connection:
            held = holdings.live_count(connection, self._asset.uid)
        if not self.seen.incomplete and held < promised:
            self.seen.incomplete = f"the server said at first that it has {promised} submissions, and gave {held}"

    def _look(self, before: Sighting | None) -> AssetInfo:
        """How the project looks now; what has changed of it becomes remarks."""
        info = self._asset.describe()
        self.seen.remarks += projects.remarks(self.seen.origin, before, info)
        with self._database.writing() as connection:
            landing.source_of(connection, self.seen.origin)
            self.seen.new_versions = projects.remember(connection, before, info, self._seen_at)
        return info

    def _history_since(self, before: Sighting | None, info: AssetInfo) -> datetime | None:
        """From when on the history will do; None when the last sweep is too old, or the account may not read it."""
        if before is None or before.swept_at is None or before.looked_at is None:
            return None
        if PERMISSION not in info.permissions or not info.sees_all:
            return None
        recent = timedelta() <= self._now - before.swept_at < timedelta(days=self._caution.full_sweep_days)
        return before.looked_at - HISTORY_OVERLAP if recent else None

    def _newest_told(self, info: AssetInfo) -> datetime | None:
        """Up to when the next look into the history need not ask again: by the server's clock, ours may be wrong."""
        reads = self._caution.full_sweep_days and PERMISSION in info.permissions
        return self._asset.get_newest_change() if reads else None

    def _by_history(self, cursor: int, since: datetime) -> Generator[list[Landed], None, bool]:
        """Fetch what the server's history names; True when the counts then agree, else a sweep has to find out.

        Rows that became visible late, below the cursor, are in no line, but they are in the count.
        """
        roots = self._asset.get_changed(since)
        with self._database.reading() as connection:
            known = holdings.known_of(connection, self._asset.uid, sorted(roots))
        came: set[int] = set()
        for page in self._asset.fetch(one.server_id for one in known):
            came.update(submission.server_id for submission in page)
            yield self._land(page)
        gone = [one for one in known if one.server_id not in came and one.may_be_missed()]
        with self._database.reading() as connection:
            held = holdings.live_count(connection, self._asset.uid, cursor)
        if self._asset.count(cursor) != held - len(gone):
            return False
        self.seen.missing = gone
        yield from self._bury_missing(held)
        if not self.seen.incomplete:
            self._remember_look(swept=False)
        return True

    def _new(self, cursor: int, along: Along | None) -> Iterator[list[Landed]]:
        for page in self._asset.pages(cursor):
            with self._database.writing() as connection:
                landed = landing.land(connection, self._database.keys, self.seen.origin, page, self._seen_at)
                landing.move_cursor(connection, self._asset.uid, page[-1].server_id)
                if along is not None:
                    along(connection, landed)
            self.seen.new += len(landed)
            yield landed
            self._progress.advance(len(page))

    def _sweep(self, cursor: int, sighting: Sighting | None, info: AssetInfo) -> Iterator[list[Landed]]:
        before, swept, above, changed = self._asset.count(cursor), 0, 0, []
        for page in self._asset.sweep(cursor):
            swept += len(page)
            with self._database.reading() as connection:
                known = holdings.known_between(connection, self._asset.uid, above, page[-1].server_id)
            changed += self._compare(page, known)
            self._progress.advance(len(page))
            above = page[-1].server_id
            if len(changed) >= FETCH_AT_ONCE:
                yield from self._fetch(changed)
                changed = []
        with self._database.reading() as connection:
            self._compare([], holdings.known_between(connection, self._asset.uid, above, cursor))
        yield from self._fetch(changed)
        self.seen.incomplete = self._doubt(sighting, info, swept == before == self._asset.count(cursor))
        if not self.seen.incomplete:
            yield from self._bury_missing(before + len(self.seen.missing))
        if not self.seen.incomplete:
            self._remember_look(swept=True)

    def _remember_look(self, *, swept: bool) -> None:
        """Keep when all was looked at. Only who reads the history needs it: else a quiet night writes nothing."""
        if self._caution.full_sweep_days:
            with self._database.writing() as connection:
                projects.mark_looked(connection, self._asset.uid, self._told_until, self._now if swept else None)

    def _compare(self, page: Sequence[Glimpse], known: dict[int, holdings.Known]) -> list[int]:
        """The `_id`s of the page to fetch whole; those that the page should have held are noted as missing."""
        changed = []
        for glimpse in page:
            held = known.pop(glimpse.server_id, None)
            if held is None or not held.is_still(glimpse):
                changed.append(glimpse.server_id)
        self.seen.missing += [held for held in known.values() if held.may_be_missed()]
        return changed

    def _fetch(self, server_ids: Sequence[int]) -> Iterator[list[Landed]]:
        for page in self._asset.fetch(server_ids):
            yield self._land(page)

    def _land(self, page: Sequence[Submission]) -> list[Landed]:
        """Land what was fetched because it changed."""
        with self._database.writing() as connection:
            landed = landing.land(connection, self._database.keys, self.seen.origin, page, self._seen_at)
        self.seen.changed += len(landed)
        return landed

    def _doubt(self, before: Sighting | None, info: AssetInfo, complete: bool) -> str:
        """Why what the sweep missed cannot be believed to be deleted; "" when it can."""
        if not info.sees_all:
            lost = projects.lost_permissions(before, info)
            cause = f": it has lost {', '.join(lost)}" if lost else ""
            return f"the token may not see every submission of the project{cause}"
        return "" if complete else "the server's submissions changed during the sweep"

    def _bury_missing(self, held: int) -> Iterator[list[Landed]]:
        """Land the deletion of what is missing; `held` is how many there were before."""
        missing = self.seen.missing
        self._believe(len(missing), held)
        if missing and not self._are_gone(missing):
            self.seen.incomplete = "the server says one thing and then another of what is missing"
            return
        for start in range(0, len(missing), FETCH_AT_ONCE):
            with self._database.writing() as connection:
                batch = [one.submission_id for one in missing[start : start + FETCH_AT_ONCE]]
                landed = landing.bury(connection, self.seen.origin, batch, self._seen_at)
            self.seen.deleted += len(landed)
            yield landed

    def _are_gone(self, missing: Sequence[holdings.Known]) -> bool:
        """Whether the server has none of these, asked for each by its number, and as many as it said at first.

        One old answer given to everything can make a page and the counts around it agree. It is none to this question.
        """
        came = [page for page in self._asset.fetch(one.server_id for one in missing) if page]
        return not came and self._asset.count() >= self._promised

    def _believe(self, missing: int, held: int) -> None:
        if missing > max(LEAST_FALL, self._caution.share * held):
            raise Fatal(
                f"The form {self.seen.origin.form} in project {self.seen.origin.project} has lost {missing} of "
                f"{held} submissions on the server since the last run. Nothing was deleted here. Please "
                "look at the project's permissions and recent history in KoboToolbox; if people really deleted them, "
                "run again with --accept-deletions."
            )

"""What changed on the server, brought to the landing: a sweep of what is known, then what is new.

Absence is deletion only after a complete sweep: the rows swept equal the server's own count, asked before and after,
under permissions that see everything, and the fall is small enough to believe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kobo_crc import landing
from kobo_crc.database.database import Database
from kobo_crc.errors import Fatal
from kobo_crc.model import Landed, Origin
from kobo_crc.progress import Progress
from kobo_crc.sources.kobo import Asset, Glimpse

FETCH_AT_ONCE = 500
LEAST_FALL = 20


@dataclass(slots=True)
class Mirrored:
    """What a pull of one asset saw and landed. `incomplete` says why nothing was tombstoned, or is empty."""

    origin: Origin
    new: int = 0
    changed: int = 0
    deleted: int = 0
    server_count: int = 0
    incomplete: str = ""
    missing: list[int] = field(default_factory=list)


class Mirror:
    """Pulls one asset into the landing. `seen_at` is the run's UTC time, `share` the fall that is believed."""

    def __init__(
        self, database: Database, asset: Asset, origin: Origin, seen_at: str, share: float, progress: Progress
    ) -> None:
        self._database, self._asset, self._seen_at, self._share = database, asset, seen_at, share
        self._progress = progress
        self.seen = Mirrored(origin)

    def pull(self) -> Iterator[list[Landed]]:
        """Batches of freshly landed versions, each already committed: changed, deleted, then new ones."""
        with self._database.reading() as connection:
            cursor = landing.cursor(connection, self._asset.uid)
        whole = self._asset.describe().sees_all
        self._progress.start(f"{self.seen.origin.form} from {self.seen.origin.project}", self._asset.count())
        if cursor:
            yield from self._sweep(cursor, whole)
        yield from self._new(cursor)
        self.seen.server_count = self._asset.count()
        self._progress.finish()

    def _new(self, cursor: int) -> Iterator[list[Landed]]:
        for page in self._asset.pages(cursor):
            with self._database.writing() as connection:
                landed = landing.land(connection, self.seen.origin, page, self._seen_at)
                landing.move_cursor(connection, self._asset.uid, page[-1].server_id)
            self.seen.new += len(landed)
            yield landed
            self._progress.advance(len(page))

    def _sweep(self, cursor: int, whole: bool) -> Iterator[list[Landed]]:
        before, swept, above, changed = self._asset.count(cursor), 0, 0, []
        for page in self._asset.sweep(cursor):
            swept += len(page)
            with self._database.reading() as connection:
                known = landing.known_between(connection, self._asset.uid, above, page[-1].server_id)
            changed += self._compare(page, known)
            self._progress.advance(len(page))
            above = page[-1].server_id
            if len(changed) >= FETCH_AT_ONCE:
                yield from self._fetch(changed)
                changed = []
        with self._database.reading() as connection:
            self._compare([], landing.known_between(connection, self._asset.uid, above, cursor))
        yield from self._fetch(changed)
        after = self._asset.count(cursor)
        yield from self._bury(whole, swept == before == after, before)

    def _compare(self, page: Sequence[Glimpse], known: dict[int, landing.Known]) -> list[int]:
        """The `_id`s of the page to fetch whole; those that the page should have held are noted as missing."""
        changed = []
        for glimpse in page:
            held = known.pop(glimpse.server_id, None)
            if held is None or not held.is_still(glimpse):
                changed.append(glimpse.server_id)
        self.seen.missing += [held.submission_id for held in known.values() if held.may_be_missed()]
        return changed

    def _fetch(self, server_ids: Sequence[int]) -> Iterator[list[Landed]]:
        for page in self._asset.fetch(server_ids):
            with self._database.writing() as connection:
                landed = landing.land(connection, self.seen.origin, page, self._seen_at)
            self.seen.changed += len(landed)
            yield landed

    def _bury(self, whole: bool, complete: bool, swept: int) -> Iterator[list[Landed]]:
        missing = self.seen.missing
        if not whole:
            self.seen.incomplete = "the token may not see every submission of the project"
        elif not complete:
            self.seen.incomplete = "the server's submissions changed during the sweep"
        elif missing:
            self._believe(len(missing), swept)
            for start in range(0, len(missing), FETCH_AT_ONCE):
                with self._database.writing() as connection:
                    batch = missing[start : start + FETCH_AT_ONCE]
                    landed = landing.bury(connection, self.seen.origin, batch, self._seen_at)
                self.seen.deleted += len(landed)
                yield landed

    def _believe(self, missing: int, swept: int) -> None:
        if missing > max(LEAST_FALL, self._share * (missing + swept)):
            raise Fatal(
                f"The form {self.seen.origin.form} in project {self.seen.origin.project} has lost {missing} of "
                f"{missing + swept} submissions on the server since the last run. Nothing was deleted here. Please "
                "look at the project's permissions and recent history in KoboToolbox; if people really deleted them, "
                "run again with --accept-deletions."
            )

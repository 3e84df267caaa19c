"""Puts submissions with answers to correct on hold on the server, and takes off hold what it put there itself.

A person's decision stands: a status that somebody set is never changed, and one that somebody cleared is not set again
as long as the same submission is doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import sqlalchemy as sa

from kobo_crc.database.database import Database
from kobo_crc.database.metadata import HELD_SUBMISSION, PROBLEM, SOURCE, SUBMISSION_KEY
from kobo_crc.errors import Fatal
from kobo_crc.model import Origin
from kobo_crc.sources.http import Client
from kobo_crc.sources.kobo import Asset
from kobo_crc.sources.statuses import ON_HOLD, Status, Statuses

# What correcting the submission itself puts right. Other problems wait for another submission, a form or a file; and
# a complaint that was sealed is to draw no eyes.
HELD_FOR: Final = frozenset(
    {
        *("value_not_integer", "value_not_decimal", "value_not_date", "value_not_datetime", "value_not_time"),
        *("code_unknown", "number_out_of_range", "date_in_future", "date_too_early", "check_digits_wrong"),
        *("phone_invalid", "centre_elsewhere"),
    }
)
# So many are looked at before they are acted on: what a person does meanwhile would be overlooked.
LOOKED_AT_ONCE: Final = 20
NEEDED: Final = "validate_submissions"
Act = Literal["hold", "clear", "release", "forget", "leave"]
WORDS: Final = {
    "hold": "has answers to correct, and goes on hold",
    "clear": "is corrected, and comes off hold",
    "release": "is left as a person decided",
}


class Held(NamedTuple):
    """What is remembered of a submission put on hold: the server's time of it, and whether a person undid it."""

    held_at_s: int
    released: bool


class Candidate(NamedTuple):
    """A submission that is doubtful, or was put on hold before; `held` is None for one that never was."""

    submission_id: int
    server_id: int
    doubtful: bool
    held: Held | None


class Step(NamedTuple):
    """What is done about one submission, by its `_id` on the server."""

    origin: Origin
    server_id: int
    act: Act

    def __str__(self) -> str:
        return f"{self.origin.form} ({self.origin.project}): _id {self.server_id} {WORDS[self.act]}."


def act_on(doubtful: bool, held: Held | None, seen: Status | None) -> Act:
    """What to do about a submission whose status on the server is `seen`, None for one that is no longer there."""
    if held is None:
        return "hold" if doubtful and seen is not None and not seen.uid else "leave"
    ours = seen is not None and seen == Status(ON_HOLD, held.held_at_s) and not held.released
    if not doubtful:
        return "clear" if ours else "forget"
    if seen is None:
        return "forget"
    return "leave" if ours or held.released else "release"


class Holder:
    """Brings the statuses of one project's submissions in line with their problems. Methods may raise SourceError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, client: Client, origin: Origin) -> list[Step]:
        """What would be done; asks the server, changes nothing."""
        statuses = Statuses(client, origin.asset_uid)
        acts = (pair for some in self._candidates(origin) for pair in _acts(statuses, some))
        return [Step(origin, candidate.server_id, act) for candidate, act in acts if act in WORDS]

    def hold(self, client: Client, origin: Origin) -> list[Step]:
        """Do it; cut on the way, the rest is done the next time, and a status just set is taken for a person's."""
        statuses = Statuses(client, origin.asset_uid)
        done: list[Step] = []
        for some in self._candidates(origin):
            for candidate, act in _acts(statuses, some):
                if not done and act in ("hold", "clear"):
                    _refuse_unfit(Asset(client, origin.asset_uid))
                self._do(statuses, candidate, act)
                done += [Step(origin, candidate.server_id, act)] if act in WORDS else []
        return done

    def _candidates(self, origin: Origin) -> Iterator[list[Candidate]]:
        """The candidates of the project, so many at a time as are looked at before they are acted on."""
        with self._database.reading() as connection:
            found = list(_candidates(connection, origin))
        return (found[first : first + LOOKED_AT_ONCE] for first in range(0, len(found), LOOKED_AT_ONCE))

    def _do(self, statuses: Statuses, candidate: Candidate, act: Act) -> None:
        held = candidate.held
        if act == "leave":
            return
        if act == "hold":
            held = Held(statuses.hold(candidate.server_id), released=False)
        elif act == "clear":
            statuses.clear(candidate.server_id)
        kept = {"hold": held, "release": Held(held.held_at_s, released=True) if held else None}.get(act)
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(HELD_SUBMISSION).where(HELD_SUBMISSION.c.submission_id == candidate.submission_id)
            )
            if kept:
                values = {"submission_id": candidate.submission_id, **kept._asdict()}
                connection.execute(sa.insert(HELD_SUBMISSION).values(values))


def _acts(statuses: Statuses, candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Act]]:
    seen = statuses.get([candidate.server_id for candidate in candidates])
    for candidate in candidates:
        yield candidate, act_on(candidate.doubtful, candidate.held, seen.get(candidate.server_id))


def _candidates(connection: sa.Connection, origin: Origin) -> Iterator[Candidate]:
    """Those put on hold before, and the doubtful ones without a status when they were seen last."""
    key, held = SUBMISSION_KEY.c, HELD_SUBMISSION.c
    doubtful = sa.exists().where(PROBLEM.c.submission_id == key.submission_id, PROBLEM.c.code.in_(sorted(HELD_FOR)))
    without = sa.and_(doubtful, key.validation_status == "", sa.not_(key.deleted))
    query = (
        sa.select(key.submission_id, key.server_id, doubtful.label("doubtful"), held.held_at_s, held.released)
        .join(SOURCE, SOURCE.c.source_id == key.source_id)
        .outerjoin(HELD_SUBMISSION, held.submission_id == key.submission_id)
        .where(SOURCE.c.asset_uid == origin.asset_uid, sa.or_(held.submission_id.is_not(None), without))
        .order_by(key.server_id)
    )
    for row in connection.execute(query):
        before = None if row.held_at_s is None else Held(row.held_at_s, row.released)
        yield Candidate(row.submission_id, row.server_id, bool(row.doubtful), before)


def _refuse_unfit(asset: Asset) -> None:
    info = asset.describe()
    if NEEDED not in info.permissions:
        raise Fatal(
            f"The project {info.name} ({info.url}): nothing is put on hold, because our account may not set validation "
            "statuses. Please ask its owner for that permission, or take `hold_doubtful` out of the pipeline file."
        )

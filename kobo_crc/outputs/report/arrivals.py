"""What came in: visits per centre and week, referrals and follow-ups, and how fresh each form is. Reads the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs.report.figures import Figure, figure, total
from kobo_crc.referrals.lifecycle import BAGHDAD, day_of

WEEKS = 8
# Working days (Sunday to Thursday) without anything from a centre after which the report points at it.
SILENT_DAYS = 4
NOT_SENT = ("draft", "entered_in_error")
Labels = Mapping[str, str]
Counts = sa.Select[*tuple[Any, ...]]  # the centre's code, then counts
VISIT = FACT_TABLES["visit"]
EVENT = FACT_TABLES["referral_event"]
STATE = DERIVED_TABLES["referral_state"]


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre's row: visits by week of arrival, then what else came from it in these weeks."""

    labels: Labels
    weeks: tuple[Figure, ...]
    referrals: Figure
    followups: Figure
    latest_on: date | None
    silent: bool

    @property
    def visits(self) -> Figure:
        """Visits of all the weeks shown."""
        return total(self.weeks)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The table of centres; `weeks` are their first days (Sundays), the last one still running."""

    weeks: tuple[date, ...]
    centres: tuple[Centre, ...]

    def week(self, number: int) -> Figure:
        """Visits of all centres in that week."""
        return total(centre.weeks[number] for centre in self.centres)

    @property
    def visits(self) -> Figure:
        """Visits of all centres in all the weeks."""
        return total(centre.visits for centre in self.centres)

    @property
    def referrals(self) -> Figure:
        """Referrals of all centres in these weeks."""
        return total(centre.referrals for centre in self.centres)

    @property
    def followups(self) -> Figure:
        """Follow-ups of all centres in these weeks."""
        return total(centre.followups for centre in self.centres)

    @property
    def highest(self) -> int:
        """The largest cell shown, at least 1: the scale of the bars."""
        return max([1, *(cell.value for centre in self.centres for cell in centre.weeks)])


@dataclass(frozen=True, slots=True)
class FormCount:
    """One form in one project: how many submissions the store holds and leaves out, and when the last one arrived."""

    form: str
    project: str
    held: int
    not_approved: int
    deleted: int
    latest_at: datetime | None


def arrivals(connection: sa.Connection, now: datetime) -> Arrivals:
    """What came from each centre in the last weeks, by the day it reached the server. `now` is UTC."""
    weeks = week_starts(day_of(now))
    visits = _by_centre(connection, _weekly(weeks))
    referrals = _by_centre(connection, _referrals(weeks))
    followups = _by_centre(connection, _followups(weeks))
    latest: dict[str | None, datetime] = {code: at for code, at in connection.execute(_latest())}
    centres = (
        Centre(
            labels,
            tuple(figure(count) for count in visits.get(code, [0] * WEEKS)),
            figure(referrals.get(code, [0])[0]),
            figure(followups.get(code, [0])[0]),
            day_of(latest[code]) if code in latest else None,
            not retired and _is_silent(latest.get(code), now),
        )
        for code, labels, retired in _centre_labels(connection)
        if not retired or code in visits
    )
    return Arrivals(weeks, tuple(centres))


def forms(connection: sa.Connection) -> list[FormCount]:
    """Each form of each project."""
    c = SUBMISSION.c
    refused = sa.and_(c.deleted_on.is_(None), c.validation_status == NOT_APPROVED)
    query = (
        sa.select(
            c.form,
            c.project,
            _count(c.deleted_on.is_(None)),
            _count(refused),
            _count(c.deleted_on.is_not(None)),
            sa.func.max(c.submitted_at),
        )
        .group_by(c.form, c.project)
        .order_by(c.form, c.project)
    )
    return [FormCount(*row) for row in connection.execute(query)]


def week_starts(today: date) -> tuple[date, ...]:
    """The Sundays that begin the last weeks, today's the last."""
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    return tuple(sunday - timedelta(weeks=back) for back in reversed(range(WEEKS)))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _begins(day: date) -> datetime:
    """The UTC time at which a day begins in Baghdad."""
    return datetime.combine(day, time()) - BAGHDAD.utcoffset(None)


def _within(first: date, after: date) -> sa.ColumnElement[bool]:
    at = SUBMISSION.c.submitted_at
    return sa.and_(at >= _begins(first), at < _begins(after))


def _all(weeks: tuple[date, ...]) -> sa.ColumnElement[bool]:
    return _within(weeks[0], weeks[-1] + timedelta(weeks=1))


def _weekly(weeks: tuple[date, ...]) -> Counts:
    counts = [_count(_within(week, week + timedelta(weeks=1))) for week in weeks]
    centre = VISIT.c.centre_code
    return sa.select(centre, *counts).join(SUBMISSION, _same(VISIT)).where(shown()).group_by(centre)


def _referrals(weeks: tuple[date, ...]) -> Counts:
    centre, sent = STATE.c.centre_code, STATE.c.state_code.not_in(NOT_SENT)
    query = sa.select(centre, sa.func.count()).select_from(STATE).join(SUBMISSION, _same(STATE))
    return query.where(shown(), sent, _all(weeks)).group_by(centre)


def _followups(weeks: tuple[date, ...]) -> Counts:
    centre = EVENT.c.centre_code
    query = sa.select(centre, sa.func.count()).select_from(EVENT).join(SUBMISSION, _same(EVENT))
    return query.where(shown(), _all(weeks)).group_by(centre)


def _latest() -> sa.Select[str, datetime]:
    centre = VISIT.c.centre_code
    at = sa.func.max(SUBMISSION.c.submitted_at)
    query = sa.select(centre, at).join(SUBMISSION, _same(VISIT)).where(shown(), centre.is_not(None))
    return query.group_by(centre).having(at.is_not(None))


def _same(table: sa.Table) -> sa.ColumnElement[bool]:
    return SUBMISSION.c.submission_id == table.c.submission_id


def _by_centre(connection: sa.Connection, query: Counts) -> dict[str | None, list[int]]:
    return {row[0]: list(row[1:]) for row in connection.execute(query)}


def _centre_labels(connection: sa.Connection) -> list[tuple[str | None, Labels, bool]]:
    """Every centre with its labels, and the row of what names none."""
    c = CODES["centre"].c
    query = sa.select(c.code, c.label_ar, c.label_ckb, c.label_en, c.retired_on).order_by(c.label_en)
    known: list[tuple[str | None, Labels, bool]] = [
        (code, {"ar": ar, "ckb": ckb, "en": en}, retired is not None)
        for code, ar, ckb, en, retired in connection.execute(query)
    ]
    return [*known, (None, {"ar": "دون مركز معروف", "ckb": "بێ ناوەندی ناسراو", "en": "No known centre"}, True)]


def _is_silent(latest_at: datetime | None, now: datetime) -> bool:
    """Whether nothing has come for some working days."""
    if latest_at is None:
        return True
    last, today = day_of(latest_at), day_of(now)
    days = (last + timedelta(days=number) for number in range(1, (today - last).days + 1))
    return sum(day.weekday() not in (4, 5) for day in days) > SILENT_DAYS

"""By when a referral should be answered, decided and served. Pure: the day is an argument, and nothing here is stored.

Hours run by the clock, also at night and on holidays. Working days are Sunday to Thursday in Baghdad without holidays,
the first being the one after the day of sending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from kobo_crc.errors import FormError
from kobo_crc.referrals.lifecycle import BAGHDAD, day_of
from kobo_crc.xlsform.lists import CodeRow

Stage = Literal["acknowledge", "decide", "serve"]
STAGES: Final[tuple[Stage, ...]] = ("acknowledge", "decide", "serve")
# A referral without a priority is given the time of one that has no hurry.
USUAL_PRIORITY: Final = "normal"
WEEKEND: Final = frozenset({4, 5})  # Friday and Saturday, Monday being 0
TAKEN_ON: Final = frozenset({"accepted", "on_hold", "in_progress"})
PRIORITY_LIST, HOLIDAY_LIST = "priority", "holiday"

_LIMIT = re.compile(r"([1-9]\d{0,3}) (hours?|days?|working days?)", re.ASCII)
_YEARLY = re.compile(r"\d\d-\d\d", re.ASCII)
_ANY_LEAP_YEAR = "2000-"
LONGEST_HOLIDAY = timedelta(days=31)


class Limit(NamedTuple):
    """So many hours by the clock, or so many working days."""

    number: int
    unit: Literal["hours", "working days"]


class Due(NamedTuple):
    """The last day on which something is in time (Baghdad's), and the moment from which it is late (UTC, no zone)."""

    on: date
    late_at: datetime


class Outlook(NamedTuple):
    """What is awaited of a referral at a moment: the stage, and by when; `due` is None where nobody set a limit.

    `overdue`: the limit to decide, or once accepted to serve, has passed. `no_response`: nothing was ever heard of it,
    and the limit to acknowledge has passed.
    """

    stage: Stage
    due: Due | None
    overdue: bool
    no_response: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """The limits of each priority and stage, and the days on which nobody works.

    `yearly` are holidays of every year as (month, day).
    """

    limits: Mapping[tuple[str, Stage], Limit]
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    # What was found before: thousands of referrals begin on the same days.
    _found: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_working(self, day: date) -> bool:
        """Whether receivers work on that day."""
        off = day.weekday() in WEEKEND or day in self.holidays or (day.month, day.day) in self.yearly
        return not off

    def limit(self, priority: str | None, stage: Stage) -> Limit | None:
        """The limit of that stage; None where nobody set one."""
        return self.limits.get((priority or USUAL_PRIORITY, stage))

    def due(self, priority: str | None, stage: Stage, begun_at: datetime) -> Due | None:
        """By when that stage should be reached, counted from `begun_at` (UTC, without zone)."""
        return self._due(self.limit(priority, stage), day_of(begun_at), begun_at)

    def due_after(self, priority: str | None, stage: Stage, begun_on: date) -> Due | None:
        """The same, where only the day is known: hours are counted from its end."""
        return self._due(self.limit(priority, stage), begun_on, _ends_at(begun_on))

    def _due(self, limit: Limit | None, begun_on: date, begun_at: datetime) -> Due | None:
        if limit is None:
            return None
        if limit.unit == "hours":
            late_at = begun_at + timedelta(hours=limit.number)
            return Due(day_of(late_at), late_at)
        on = self._working_days_after(begun_on, limit.number)
        return Due(on, _ends_at(on))

    def _working_days_after(self, day: date, count: int) -> date:
        known = self._found.get((day, count))
        if known is None:
            known, left = day, count
            while left:
                known += timedelta(days=1)
                left -= self.is_working(known)
            self._found[day, count] = known
        return known


def outlook(
    calendar: Calendar,
    now: datetime,
    *,
    state: str,
    priority: str | None,
    sent_at: datetime | None,
    accepted_on: date | None = None,
) -> Outlook | None:
    """What is awaited of a referral in that state at `now` (UTC, without zone); None when nothing is.

    `accepted_on` is the day of the decision, or where nobody told it, that on which the referral came into its state.
    """
    if state in TAKEN_ON and accepted_on is not None:
        due = calendar.due_after(priority, "serve", accepted_on)
        return Outlook("serve", due, _is_late(due, now), False)
    if state not in ("sent", "acknowledged") or sent_at is None:
        return None
    answer, decision = (calendar.due(priority, stage, sent_at) for stage in STAGES[:2])
    silent = state == "sent" and _is_late(answer, now)
    awaited: tuple[Stage, Due | None] = ("decide", decision)
    if state == "sent" and answer is not None and not silent:
        awaited = ("acknowledge", answer)
    return Outlook(*awaited, _is_late(decision, now), silent)


def calendar_of(lists: Mapping[str, Sequence[CodeRow]]) -> Calendar:
    """The calendar that the code lists `priority` and `holiday` give. FormError names a cell that cannot be read."""
    every, single = _holidays(lists.get(HOLIDAY_LIST, ()))
    return Calendar(dict(_limits(lists.get(PRIORITY_LIST, ()))), single, every)


def _limits(rows: Iterable[CodeRow]) -> Iterable[tuple[tuple[str, Stage], Limit]]:
    for row in rows:
        for stage in STAGES:
            text = row.extra.get(f"{stage}_within", "")
            if text:
                yield (row.name, stage), _limit(text, row.line, f"{stage}_within")


def _limit(text: str, line: int, header: str) -> Limit:
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise FormError(
            f"forms/codes/{PRIORITY_LIST}.csv, row {line}: {header} is no limit. Please write it like 24 hours, 3 days "
            "or 5 working days, or leave it empty."
        )
    count, unit = int(found[1]), found[2]
    if unit.startswith("working"):
        return Limit(count, "working days")
    return Limit(count * (24 if unit.startswith("day") else 1), "hours")


def _holidays(rows: Iterable[CodeRow]) -> tuple[frozenset[tuple[int, int]], frozenset[date]]:
    """Those of every year as (month, day), and single days."""
    yearly: set[tuple[int, int]] = set()
    single: set[date] = set()
    for row in rows:
        first, last = row.extra.get("first_on", ""), row.extra.get("last_on", "") or row.extra.get("first_on", "")
        days = _days(first, last, row.line)
        if _YEARLY.fullmatch(first):
            yearly.update((day.month, day.day) for day in days)
        else:
            single.update(days)
    return frozenset(yearly), frozenset(single)


def _days(first: str, last: str, line: int) -> list[date]:
    """Every day from the first to the last; both are days of one year, or of every year."""
    year = _ANY_LEAP_YEAR if _YEARLY.fullmatch(first) else ""
    try:
        begins, ends = date.fromisoformat(year + first), date.fromisoformat(year + last)
    except ValueError:
        begins, ends = date.max, date.min
    if not (begins <= ends and ends - begins <= LONGEST_HOLIDAY):
        raise FormError(
            f"forms/codes/{HOLIDAY_LIST}.csv, row {line}: first_on and last_on are no days, or more than a month "
            "apart. Please write them like 2027-03-09, or like 03-21 for a day of every year; last_on may stay empty."
        )
    return [begins + timedelta(days=number) for number in range((ends - begins).days + 1)]


def _is_late(due: Due | None, now: datetime) -> bool:
    return due is not None and now >= due.late_at


@lru_cache(maxsize=1000)
def _ends_at(day: date) -> datetime:
    """The moment (UTC, without zone) at which a day of Baghdad is over."""
    midnight = datetime.combine(day + timedelta(days=1), time(), BAGHDAD)
    return midnight.astimezone(UTC).replace(tzinfo=None)

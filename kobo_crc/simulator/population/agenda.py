"""When people come: the working days (Sunday to Thursday), hours and officers of each centre over some weeks."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from kobo_crc.simulator.population.people import CENTRES, OFFICERS, Centre

BAGHDAD = timezone(timedelta(hours=3), "Asia/Baghdad")
# Visits by weekday, Monday is 0: Sundays are busy, Thursdays end early, Friday and Saturday are closed.
_BY_WEEKDAY = {6: 26, 0: 22, 1: 20, 2: 18, 3: 14}
_BY_HOUR = {8: 10, 9: 20, 10: 22, 11: 18, 12: 12, 13: 10, 14: 8}
_SECONDS_AN_INTAKE = (480, 2400)


@dataclass(frozen=True, slots=True)
class Slot:
    """One interview: where, by which officer (0 is the first), and between which moments."""

    centre: Centre
    officer: int
    started: datetime
    ended: datetime


def working_days(start: date, weeks: int) -> list[date]:
    """The working days of some weeks from a date on."""
    days = (start + timedelta(days=offset) for offset in range(7 * weeks))
    return [day for day in days if day.weekday() in _BY_WEEKDAY]


def is_working(day: date) -> bool:
    """Whether the centres are open on that day."""
    return day.weekday() in _BY_WEEKDAY


def slots(rng: random.Random, count: int, start: date, weeks: int) -> list[Slot]:
    """That many interviews over the weeks, in the order in which they begin."""
    days = working_days(start, weeks)
    weights = [_BY_WEEKDAY[day.weekday()] for day in days]
    made = [slot_on(rng, day) for day in rng.choices(days, weights, k=count)]
    return sorted(made, key=lambda slot: (slot.started, slot.centre.code, slot.officer))


def slot_on(rng: random.Random, day: date, centre: Centre | None = None) -> Slot:
    """An interview some time on a day, at a centre (by default one by its share of visits)."""
    place = centre or rng.choices(CENTRES, [each.share for each in CENTRES])[0]
    hour = rng.choices(list(_BY_HOUR), list(_BY_HOUR.values()))[0]
    started = datetime(
        day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), rng.randrange(1000) * 1000, BAGHDAD
    )
    return Slot(place, rng.randrange(OFFICERS), started, started + timedelta(seconds=rng.randint(*_SECONDS_AN_INTAKE)))


def next_working(day: date) -> date:
    """The day itself, or the next on which the centres are open."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def sent_at(rng: random.Random, ended: datetime) -> datetime:
    """When the tablet sends it: mostly within the hour, some at night, a few after days without a network."""
    way = rng.random()
    if way < 0.7:
        return ended + timedelta(seconds=rng.randint(5, 3600))
    if way < 0.93:
        return ended + timedelta(seconds=rng.randint(3600, 12 * 3600))
    return ended + timedelta(seconds=rng.randint(86400, 9 * 86400))

"""Whether a centre is open at a moment: nothing is changed under the hands of those who fill forms. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kobo_crc.referrals.calendar import Calendar

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# What is given for longer than this, such as a telephone line by day and night, is not a centre's working day.
LONGEST: Final = timedelta(hours=14)


class Opening(NamedTuple):
    """From when until when, by the clock on the wall; `weekdays` such as {"SU", "MO"}, none for every working day."""

    opens_at: time
    closes_at: time
    weekdays: frozenset[str] = frozenset()


def read_hours(text: str) -> Opening:
    """Hours as the settings have them, `08:00-16:00`, of every working day."""
    opens_at, _, closes_at = text.partition("-")
    return Opening(time.fromisoformat(opens_at), time.fromisoformat(closes_at))


def is_open(now: datetime, zone: ZoneInfo, calendar: Calendar, openings: Iterable[Opening]) -> bool:
    """Whether any of these hours has begun and is not over. `now` is UTC, without zone."""
    local = local_time(now, zone)
    return any(_holds(opening, local, calendar) for opening in openings)


def local_time(now: datetime, zone: ZoneInfo) -> datetime:
    """The clock on the wall at that UTC time."""
    return now.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _holds(opening: Opening, local: datetime, calendar: Calendar) -> bool:
    begins, ends = (datetime.combine(local, at) for at in opening[:2])
    if ends - begins > LONGEST:
        return False
    today = WEEKDAYS[local.weekday()] in opening.weekdays if opening.weekdays else calendar.is_working(local.date())
    return today and begins <= local < ends

"""Centres are open by the clock on their wall."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from kobo_crc.publish.hours import Opening, is_open, read_hours
from kobo_crc.referrals.calendar import Calendar

BAGHDAD = ZoneInfo("Asia/Baghdad")
HOLIDAY = date(2026, 11, 26)
CALENDAR = Calendar({}, frozenset({HOLIDAY}))
USUAL = read_hours("08:00-16:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 04:59", False),  # UTC: a Monday, 7:59 in Baghdad
        ("2026-11-23 05:00", True),
        ("2026-11-23 12:59", True),
        ("2026-11-23 13:00", False),
        ("2026-11-22 06:00", True),  # a Sunday
        ("2026-11-27 06:00", False),  # a Friday
        ("2026-11-26 06:00", False),  # a holiday
    ],
)
def test_is_open__usual_hours__working_days_by_the_wall_clock(now: str, expected: bool) -> None:
    assert is_open(datetime.fromisoformat(now), BAGHDAD, CALENDAR, [USUAL]) == expected


def test_is_open__hours_of_a_weekday__count_on_that_day_alone_holiday_or_not() -> None:
    thursday_evening = Opening(time(17), time(19), frozenset({"TH"}))
    assert is_open(datetime(2026, 11, 26, 15), BAGHDAD, CALENDAR, [USUAL, thursday_evening])
    assert not is_open(datetime(2026, 11, 25, 15), BAGHDAD, CALENDAR, [USUAL, thursday_evening])


def test_is_open__by_day_and_night__is_no_centres_day() -> None:
    line = Opening(time(0), time(23, 59), frozenset({"MO"}))
    assert not is_open(datetime(2026, 11, 23, 20), BAGHDAD, CALENDAR, [line])

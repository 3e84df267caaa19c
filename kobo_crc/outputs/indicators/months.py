"""Calendar months, the unit in which figures are counted and published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from kobo_crc.errors import ConfigError
from kobo_crc.referrals.lifecycle import BAGHDAD


class Month(NamedTuple):
    """A month of a year, ordered by time."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> Month:
        """The month before it."""
        return month_of(self.first - timedelta(days=1))

    @property
    def begins_at(self) -> datetime:
        """When it begins in Baghdad, as UTC without zone."""
        return datetime.combine(self.first, time()) - BAGHDAD.utcoffset(None)


def month_of(day: date) -> Month:
    """The month that a day lies in."""
    return Month(day.year, day.month)


def read_month(text: str) -> Month:
    """A month as it is typed: `2026-10`. ConfigError for anything else."""
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text.strip())
    if not found:
        raise ConfigError(f"{text} is not a month. Please write the year and the month, such as 2026-10.")
    return Month(int(found[1]), int(found[2]))


def months(first: Month, last: Month) -> Iterator[Month]:
    """Every month from the first to the last. ConfigError when the first is the later one."""
    if first > last:
        raise ConfigError(f"{first} is after {last}. Please give the earlier month as --from.")
    month = first
    while month <= last:
        yield month
        month = month.next

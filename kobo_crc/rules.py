"""What makes a well-formed value doubtful: pure checks named by `Column.rule`. The value is kept; a problem says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

from kobo_crc.casts import CastError, Value, to_datetime, western_digits
from kobo_crc.codes import is_valid

EARLIEST_DAY = "1900-01-01"
OLDEST_AGE_YEARS = 120
MOST_PEOPLE = 99
LARGEST_CROWD = 999
# A tablet may run an hour ahead of the server; one offline for half a year is more likely set to a wrong date.
CLOCK_AHEAD = timedelta(hours=1)
CLOCK_BEHIND = timedelta(days=183)

_DIGITS = re.compile(r"\d{1,16}", re.ASCII)
_BETWEEN_DIGITS = str.maketrans("", "", " -")

Doubt = tuple[str, str]


class Arrival:
    """When a submission reached the server (UTC, `YYYY-MM-DD HH:MM:SS`): the yardstick of every date in it."""

    __slots__ = ("at", "earliest", "tomorrow", "year")

    def __init__(self, at: str) -> None:
        self.at = at
        self.year = int(at[:4])
        self.tomorrow, earliest = _days_around(at[:10])
        self.earliest = earliest + at[10:]

    def has_clock(self, moment: str) -> bool:
        """Whether a tablet whose clock showed that moment (the same notation) can have had the right time."""
        return self.earliest <= moment and (moment <= self.at or moment <= self._latest())

    def _latest(self) -> str:
        return (datetime.fromisoformat(self.at) + CLOCK_AHEAD).isoformat(" ", "seconds")


@lru_cache(maxsize=4096)  # a night's submissions arrive on few days
def _days_around(day: str) -> tuple[str, str]:
    """The day after, for Baghdad's begins three hours earlier, and the earliest day of a tablet's right clock."""
    arrival = date.fromisoformat(day)
    return (arrival + timedelta(days=1)).isoformat(), (arrival - CLOCK_BEHIND).isoformat()


def _past(value: Value, arrival: Arrival) -> Doubt | None:
    day = str(value)[:10]
    if day > arrival.tomorrow:
        return "date_in_future", "a day not after the submission's arrival"
    return ("date_too_early", "a day from 1900 on") if day < EARLIEST_DAY else None


def _year(value: Value, arrival: Arrival) -> Doubt | None:
    if date.fromisoformat(EARLIEST_DAY).year <= int(value) <= arrival.year:
        return None
    return "number_out_of_range", "a year from 1900 to the year of arrival"


def _between(highest: int, what: str) -> Callable[[Value, Arrival], Doubt | None]:
    def check(value: Value, _arrival: Arrival) -> Doubt | None:
        return None if 0 <= int(value) <= highest else ("number_out_of_range", f"{what} from 0 to {highest}")

    return check


def _number(value: Value, _arrival: Arrival) -> Doubt | None:
    return None if is_valid(str(value)) else ("check_digits_wrong", "12 digits whose last two check the others")


def _mobile_pattern() -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region("IQ")
    assert metadata is not None and metadata.mobile is not None
    return re.compile(rf"(?:0|\+964)?(?:{metadata.mobile.national_number_pattern})", re.ASCII)


# What the library takes for a mobile number, as nearly all are typed: its own parser takes 40 µs for each.
_MOBILE = _mobile_pattern()


def _phone(value: Value, _arrival: Arrival) -> Doubt | None:
    if _MOBILE.fullmatch(str(value)):
        return None
    return None if _is_phone(str(value)) else ("phone_invalid", "a phone number such as 0770 123 4567")


# A doubtful text beyond this is not stored; the answer stays in the landing.
LONGEST_DOUBTFUL = 200


def is_short(text: str) -> bool:
    """Whether a doubtful text may be kept at all."""
    return len(text) <= LONGEST_DOUBTFUL


def _may_be_a_number(text: str) -> bool:
    """A slip of the pen in a number; no name and no phone, which the column of a number is not the place for."""
    digits = western_digits(text).translate(_BETWEEN_DIGITS)
    return bool(_DIGITS.fullmatch(digits)) and not _is_phone(digits)


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, "IQ"))
    except phonenumbers.NumberParseException:
        return False


RULES: dict[str, Callable[[Value, Arrival], Doubt | None]] = {
    "past": _past,
    "year": _year,
    "number": _number,
    "age": _between(OLDEST_AGE_YEARS, "an age in years"),
    "count": _between(MOST_PEOPLE, "a number of people"),
    "crowd": _between(LARGEST_CROWD, "a number of people"),
    "phone": _phone,
}


# By rule, which doubtful texts are kept; of other rules, all short ones.
KEPT: Mapping[str, Callable[[str], bool]] = {"number": _may_be_a_number}

# By rule, the numbers that are never doubtful, whenever the submission arrived.
SOUND: Mapping[str, range] = {
    "age": range(OLDEST_AGE_YEARS + 1),
    "count": range(MOST_PEOPLE + 1),
    "crowd": range(LARGEST_CROWD + 1),
}


def clock_is_wrong(start: object, end: object, arrival: Arrival) -> str | None:
    """The metadata question (`start` or `end`) that shows a tablet with a wrong clock, or None."""
    for path, text in (("end", end), ("start", start)):
        if not isinstance(text, str):
            continue
        try:
            moment = to_datetime(text)
        except CastError:
            return path
        if not arrival.has_clock(moment):
            return path
    return None

"""What makes a well-formed value doubtful: pure checks named by `Column.rule`. The value is kept; a problem says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import phonenumbers

from kobo_crc.casts import CastError, Value, to_datetime
from kobo_crc.codes import is_valid

EARLIEST_DAY = "1900-01-01"
OLDEST_AGE_YEARS = 120
MOST_PEOPLE = 99
# A tablet may run an hour ahead of the server; one offline for half a year is more likely set to a wrong date.
CLOCK_AHEAD = timedelta(hours=1)
CLOCK_BEHIND = timedelta(days=183)

Doubt = tuple[str, str]


class Arrival:
    """When a submission reached the server (UTC): the yardstick of every date in it."""

    __slots__ = ("at", "tomorrow", "year")

    def __init__(self, at: str) -> None:
        self.at = datetime.fromisoformat(at)
        self.tomorrow = (self.at + timedelta(days=1)).date().isoformat()  # Baghdad's day begins three hours earlier
        self.year = self.at.year


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


def _phone(value: Value, _arrival: Arrival) -> Doubt | None:
    try:
        number = phonenumbers.parse(str(value), "IQ")
    except phonenumbers.NumberParseException:
        return "phone_invalid", "a phone number such as 0770 123 4567"
    valid = phonenumbers.is_valid_number(number)
    return None if valid else ("phone_invalid", "a phone number such as 0770 123 4567")


RULES: dict[str, Callable[[Value, Arrival], Doubt | None]] = {
    "past": _past,
    "year": _year,
    "number": _number,
    "age": _between(OLDEST_AGE_YEARS, "an age in years"),
    "count": _between(MOST_PEOPLE, "a number of people"),
    "phone": _phone,
}


def clock_is_wrong(start: object, end: object, arrival: Arrival) -> str | None:
    """The metadata question (`start` or `end`) that shows a tablet with a wrong clock, or None."""
    for path, text in (("end", end), ("start", start)):
        if not isinstance(text, str):
            continue
        try:
            moment = datetime.fromisoformat(to_datetime(text)).replace(tzinfo=None)
        except CastError:
            return path
        if not arrival.at - CLOCK_BEHIND <= moment <= arrival.at + CLOCK_AHEAD:
            return path
    return None

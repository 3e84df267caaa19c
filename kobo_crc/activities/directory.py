"""The service directory as it stands: of each service at each place, what was assured last. Pure.

The words are those of the Human Services Data Specification: service, service_at_location, schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

WEEK = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
# A service is as much on offer as at the place where it is most so; a status that nobody gave comes last.
_BY_OFFER = ("active", "temporarily_closed", "inactive", "defunct", "")


class Entry(NamedTuple):
    """A row of `directory_entry` with its arrival (UTC, `YYYY-MM-DD HH:MM:SS`); codes and days are texts, "" for none.

    `terms` are the columns that the directory takes over as they are, in the order of `service_at_location`.
    """

    organization_code: str
    service_code: str
    at_centre_code: str
    place_code: str
    assured_on: str
    submitted_at: str
    submission_id: int
    status_code: str
    terms: tuple[str | int | None, ...]

    @property
    def service_id(self) -> str:
        """Names the service: who gives what."""
        return f"{self.organization_code}/{self.service_code}"

    @property
    def service_at_location_id(self) -> str:
        """Names the service at its place: a centre, else the finest place that is known."""
        return f"{self.service_id}/{self.at_centre_code or self.place_code}"


class Hours(NamedTuple):
    """Opening hours (`HH:MM:SS`, None for not said) that the weekdays of an entry share."""

    opens_at: str | None
    closes_at: str | None
    weekdays: frozenset[str]


Row = tuple[str | int | None, ...]


def newest(entries: Iterable[Entry]) -> list[Entry]:
    """One entry for each service at each place: the one assured last, of those of one day the one that arrived last."""
    by_place = sorted(entries, key=lambda entry: (entry.service_at_location_id, *_age(entry)))
    return [list(same)[-1] for _, same in groupby(by_place, key=lambda entry: entry.service_at_location_id)]


def _age(entry: Entry) -> tuple[str, str, int]:
    return entry.assured_on, entry.submitted_at, entry.submission_id


def services(offers: Sequence[Entry]) -> Iterator[Row]:
    """The rows of `service` from the newest entries, ordered as `newest` has them."""
    for service_id, same in groupby(offers, key=lambda entry: entry.service_id):
        places = list(same)
        status = min((entry.status_code for entry in places), key=_BY_OFFER.index)
        assured_on = max(entry.assured_on for entry in places)
        codes = (places[0].organization_code, places[0].service_code)
        yield (service_id, *codes, status or None, assured_on or None, len(places))


def service_at_locations(offers: Iterable[Entry]) -> Iterator[Row]:
    """The rows of `service_at_location` from the newest entries."""
    for entry in offers:
        said = (entry.at_centre_code, entry.place_code, entry.status_code, entry.assured_on)
        codes = (entry.organization_code, entry.service_code, *(text or None for text in said))
        yield (entry.service_at_location_id, entry.service_id, *codes, *entry.terms, entry.submission_id)


def schedules(offers: Iterable[Entry], hours: Mapping[int, Sequence[Hours]]) -> Iterator[Row]:
    """The rows of `schedule`; `hours` are those of each entry by its submission."""
    for entry in offers:
        for number, one in enumerate(hours.get(entry.submission_id, ()), start=1):
            days = ",".join(day for day in WEEK if day in one.weekdays)
            where = entry.service_at_location_id
            yield (f"{where}/{number}", where, days or None, one.opens_at, one.closes_at)

"""The directory as it stands: the entry assured last wins, for each service at each place."""

from __future__ import annotations

from itertools import permutations

import pytest

from kobo_crc.activities.directory import Entry, Hours, newest, schedules, service_at_locations, services

NO_TERMS = (None,) * 6


def entry(number: int, day: str, status: str = "active", *, place: str = "IQG10Q05", centre: str = "") -> Entry:
    return Entry("nrc", "hlp", centre, place, day, f"{day} 12:00:00", number, status, NO_TERMS)


OLD = entry(1, "2026-01-05", "active")
NEW = entry(2, "2026-10-05", "temporarily_closed")
LATE = OLD._replace(submission_id=3, submitted_at="2026-12-01 09:00:00")  # of an old day, sent late
ELSEWHERE = entry(4, "2026-02-01", "inactive", place="IQG15Q05")


@pytest.mark.parametrize("entries", list(permutations([OLD, NEW, LATE, ELSEWHERE])), ids=str)
def test_newest__in_any_order_of_arrival__the_one_assured_last_at_each_place(entries: tuple[Entry, ...]) -> None:
    assert newest(entries) == [NEW, ELSEWHERE]


@pytest.mark.parametrize("entries", list(permutations([OLD, LATE])))
def test_newest__two_of_one_day__the_one_that_arrived_last(entries: tuple[Entry, ...]) -> None:
    assert newest(entries) == [LATE]


def test_newest__no_day_told__any_day_wins() -> None:
    unsaid = entry(9, "")
    assert newest([OLD, unsaid]) == [OLD]
    assert newest([unsaid]) == [unsaid]


def test_newest__in_a_centre__is_another_place() -> None:
    inside = entry(5, "2026-01-01", place="", centre="jalawla")
    assert newest([OLD, inside]) == [OLD, inside]
    assert [row[0] for row in service_at_locations([OLD, inside])] == ["nrc/hlp/IQG10Q05", "nrc/hlp/jalawla"]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["inactive", "active"], "active"),
        (["temporarily_closed", "inactive"], "temporarily_closed"),
        (["defunct", "inactive"], "inactive"),
        (["", "defunct"], "defunct"),
        (["", ""], None),
    ],
)
def test_services__of_two_places__is_as_open_as_the_more_open_one(statuses: list[str], status: str | None) -> None:
    offers = [entry(n, f"2026-0{n}-01", each, place=f"IQG{n}") for n, each in enumerate(statuses, start=1)]
    assert list(services(offers)) == [("nrc/hlp", "nrc", "hlp", status, "2026-02-01", 2)]


def test_services__two_of_one_organisation__are_two() -> None:
    legal = OLD._replace(service_code="counselling_legal")
    assert [row[0] for row in services(newest([OLD, legal]))] == ["nrc/counselling_legal", "nrc/hlp"]


def test_service_at_locations__a_row__has_the_terms_of_its_entry() -> None:
    terms = (18, None, "appointment", "free", "lawyer", 20)
    assert list(service_at_locations([OLD._replace(terms=terms)])) == [
        ("nrc/hlp/IQG10Q05", "nrc/hlp", "nrc", "hlp", None, "IQG10Q05", "active", "2026-01-05", *terms, 1)
    ]


def test_schedules__hours_of_the_winning_entry__days_from_sunday_on() -> None:
    hours = {
        1: [Hours("06:00:00", None, frozenset({"SA"}))],
        2: [Hours("08:30:00", "14:00:00", frozenset({"TH", "MO", "SU"})), Hours("09:00:00", None, frozenset())],
    }
    assert list(schedules(newest([OLD, NEW]), hours)) == [
        ("nrc/hlp/IQG10Q05/1", "nrc/hlp/IQG10Q05", "SU,MO,TH", "08:30:00", "14:00:00"),
        ("nrc/hlp/IQG10Q05/2", "nrc/hlp/IQG10Q05", None, "09:00:00", None),
    ]

"""Whose time is over: months of the calendar, people who wait for each other, counts without names."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.people.groups import together
from kobo_crc.retention.due import PEOPLE, SESSIONS, Case, Line, Said, counted, months_before, overdue

DAY = datetime(2026, 11, 27, 9, 30)


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        (DAY, 0, DAY),
        (DAY, 11, datetime(2025, 12, 27, 9, 30)),
        (DAY, 12, datetime(2025, 11, 27, 9, 30)),
        (datetime(2026, 3, 31), 1, datetime(2026, 2, 28)),
        (datetime(2024, 3, 31), 1, datetime(2024, 2, 29)),
        (datetime(2026, 1, 5), 13, datetime(2024, 12, 5)),
    ],
)
def test_months_before__calendar__is_kept(moment: datetime, months: int, before: datetime) -> None:
    assert months_before(moment, months) == before


@given(st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=3), max_size=12))
def test_together__cards_of_one_submission__are_of_one_group_and_groups_share_none(cards: list[frozenset[str]]) -> None:
    groups = together(cards)
    assert all(named <= groups[card] for named in cards for card in named)
    assert all(groups[other] == whole for whole in groups.values() for other in whole)
    # and no larger than chains of shared submissions make them
    for whole in groups.values():
        inside = [named for named in cards if named & whole]
        assert set().union(*inside) == whole and len(whole) <= 1 + sum(len(named) - 1 for named in inside)


def case(purpose: str, heard: datetime, *, is_open: bool = False, centre: str = "baiji") -> Case:
    said = [Said(1, heard, centre), Said(2, heard.replace(year=2020))]
    return Case(purpose, frozenset(), said, heard, is_open)


def test_overdue__before_the_limit_of_its_purpose__and_no_other(
    limit: datetime = datetime(2025, 1, 1),
) -> None:
    old, new = case(PEOPLE, datetime(2024, 12, 31)), case(PEOPLE, limit)
    assert list(overdue([old, new, case(SESSIONS, datetime(2019, 1, 1))], {PEOPLE: limit})) == [old]


def test_counted__by_purpose_and_centre__open_ones_wait() -> None:
    heard = datetime(2024, 5, 1)
    found = [case(SESSIONS, heard), case(PEOPLE, heard), case(PEOPLE, heard, is_open=True), case(PEOPLE, heard)]
    assert counted([*found, case(PEOPLE, heard, centre="")]) == [
        Line(PEOPLE, "", 1, 2, 0),
        Line(PEOPLE, "baiji", 2, 4, 1),
        Line(SESSIONS, "baiji", 1, 2, 0),
    ]

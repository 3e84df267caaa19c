"""Cards and heads of one session are never added up."""

from __future__ import annotations

import pytest

from kobo_crc.activities.sessions import Session, people_count, problem


def session(method: str | None, cards: int, heads: int | None) -> Session:
    return Session(7, ("jalawla",), method, cards, heads)


@pytest.mark.parametrize(
    ("one", "people", "twice"),
    [
        (session("cards", 3, None), 3, False),
        (session("cards", 3, 15), 3, True),
        (session("heads", 0, 15), 15, False),
        (session("heads", 3, 15), 15, True),
        (session("heads", 3, None), None, True),
        (session("cards", 0, 0), 0, False),
        (session(None, 3, 15), None, False),
    ],
)
def test_people_count__by_the_way_that_is_named__and_a_problem_for_both(
    one: Session, people: int | None, twice: bool
) -> None:
    assert people_count(one) == people
    found = problem(one)
    assert (found is not None) == twice
    if found is not None:
        assert (found.code, found.submission_id, found.path) == ("attendance_twice", 7, "")

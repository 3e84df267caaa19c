"""Whose consent lets them be counted: the newest answer, and never an empty one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations

import pytest

from kobo_crc.consent import ConsentAnswer, HandoverAnswer, agreement, passing_to

ARRIVED = datetime(2026, 10, 20, 9)


def wish(
    code: str | None, day: int, *, person: str | None = "p", number: int = 1, said: date | None = None
) -> ConsentAnswer:
    return ConsentAnswer(person, number, said or date(2026, 10, day), ARRIVED + timedelta(days=day), code)


@pytest.mark.parametrize(("code", "allowed"), [("yes", True), ("no", False), (None, False), ("unheard", False)])
def test_reporting__one_answer__only_yes_allows(code: str | None, allowed: bool) -> None:
    assert agreement([wish(code, 1)]).allows("p", 1) is allowed


def test_reporting__newest_answer__holds_for_every_visit_whatever_the_order() -> None:
    wishes = [wish("yes", 1, number=1), wish("no", 5, number=2), wish(None, 9, number=3)]
    for order in permutations(wishes):
        asked = agreement(order)
        assert [asked.allows("p", number) for number in (1, 2, 3)] == [False, False, False]


def test_reporting__agreed_again__is_counted_again() -> None:
    assert agreement([wish("no", 1), wish("yes", 2, number=2)]).allows("p", 1)


def test_reporting__no_from_a_tablet_whose_clock_had_stopped__counts_from_its_arrival() -> None:
    wrong_clock = wish("no", 5, number=2, said=date(2015, 1, 1))
    assert not agreement([wish("yes", 1), wrong_clock]).allows("p", 1)
    assert agreement([wish("no", 1), wish("yes", 5, number=2)]).allows("p", 1)
    # A yes of long ago that arrives late is not new.
    assert not agreement([wish("no", 1), wish("yes", 5, number=2, said=date(2015, 1, 1))]).allows("p", 1)


def test_reporting__yes_on_a_day_after_its_arrival__does_not_outlive_a_no() -> None:
    wrong_clock = wish("yes", 1, said=date(2126, 1, 1))
    assert not agreement([wrong_clock, wish("no", 5, number=2, said=date(2026, 10, 24))]).allows("p", 1)


def test_reporting__no_number__goes_by_the_submission() -> None:
    asked = agreement([wish("yes", 1, person=None, number=7), wish("no", 2, number=8)])
    assert asked.allows(None, 7) and asked.allows("stranger", 7)
    assert not asked.allows(None, 8) and not asked.allows(None, None) and not asked.allows("stranger", None)


def test_reporting__two_answers_of_one_submission__a_no_counts_whatever_the_order() -> None:
    for order in permutations([wish("yes", 2), wish("no", 2)]):
        asked = agreement(order)
        assert not asked.allows("p", 1) and not asked.allows("stranger", 1)


def word(agreed: bool, day: int, *, to: str = "jcmc", arrived: int | None = None, number: int = 1) -> HandoverAnswer:
    at = ARRIVED + timedelta(days=arrived or day)
    return HandoverAnswer("p", number, date(2026, 10, 20) + timedelta(days=day), at, to, agreed)


@pytest.mark.parametrize(
    ("words", "passed_on"),
    [
        ([], False),
        ([word(True, 1)], True),
        ([word(True, 1), word(False, 2)], False),
        ([word(False, 1), word(True, 2)], True),
        ([word(True, 1), word(False, 1)], False),
        ([word(True, 2), word(False, 1, arrived=5)], True),
        ([word(True, 9, arrived=2), word(False, 3)], False),
        ([word(True, 1), word(False, 2, to="drc")], True),
        ([word(True, 1, to="drc")], False),
        ([word(True, 1), word(False, 2, to="")], False),
        ([word(False, 1, to=""), word(True, 2)], True),
    ],
    ids=[
        "never asked",
        "agreed",
        "refused later",
        "agreed later",
        "both on one day",
        "refused before, sent late",
        "agreed by a clock of the future",
        "refused another",
        "agreed for another",
        "everything taken back",
        "agreed after that",
    ],
)
def test_passing_to__last_word_for_that_organisation__whatever_the_order(
    words: list[HandoverAnswer], passed_on: bool
) -> None:
    for order in permutations(words):
        assert passing_to("jcmc", order) == ({"p"} if passed_on else set())

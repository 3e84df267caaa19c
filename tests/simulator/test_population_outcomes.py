"""Referrals fare at the published rates, and centres work from Sunday to Thursday."""

import random
from collections import Counter
from datetime import date

import pytest

from kobo_crc.simulator.population.agenda import BAGHDAD, next_working, slots, working_days
from kobo_crc.simulator.population.outcomes import _BY_SERVICE, OTHERS, events_of, rates_of

SENT = date(2026, 3, 1)
DRAWS = 3000


def outcome(codes: list[str]) -> str:
    if "decline" in codes:
        return "not_accepted"
    if {"accept", "serve", "fail"} & set(codes):
        return "accepted"
    return "acknowledged" if "acknowledge" in codes else "nothing"


@pytest.mark.parametrize(
    "service", ["health", "cash", "livelihoods", "counselling_legal", "social_protection", "other"]
)
def test_events_of__many_referrals__rates_of_the_sector(service: str) -> None:
    rng = random.Random(1)
    seen = Counter(outcome([event.code for event in events_of(rng, service, SENT)]) for _ in range(DRAWS))
    rates = rates_of(service)
    for name in ("nothing", "acknowledged", "accepted", "not_accepted"):
        assert seen[name] / DRAWS == pytest.approx(getattr(rates, name), abs=0.03)


def test_rates__each_sector__whole() -> None:
    for rates in (*_BY_SERVICE.values(), OTHERS):
        assert rates.nothing + rates.acknowledged + rates.accepted + rates.not_accepted == pytest.approx(1)


def test_events_of__every_course__days_never_go_back() -> None:
    rng = random.Random(2)
    for _ in range(300):
        days = [event.day for event in events_of(rng, "health", SENT)]
        assert days == sorted(days) and all(day >= SENT for day in days)


def test_slots__several_weeks__working_days_in_order_all_centres() -> None:
    agenda = slots(random.Random(1), 500, SENT, 3)
    assert [slot.started for slot in agenda] == sorted(slot.started for slot in agenda)
    assert {slot.started.strftime("%a") for slot in agenda} == {"Sun", "Mon", "Tue", "Wed", "Thu"}
    assert len({slot.centre.code for slot in agenda}) == 6
    assert all(slot.started < slot.ended and slot.started.tzinfo is BAGHDAD for slot in agenda)
    assert agenda[0].started.date() >= SENT and (agenda[-1].started.date() - SENT).days < 21


def test_working_days__one_week__five_from_sunday() -> None:
    assert len(working_days(SENT, 1)) == 5
    assert next_working(date(2026, 3, 6)) == date(2026, 3, 8)

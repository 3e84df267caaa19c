"""What becomes of referrals: the events that receivers, clients and centres report, at the rates published for Lebanon.

Rates: Inter-Agency Referral Analysis Q1 2021 (RIMS). What the analysis does not give is our own guess, and marked so.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of referrals by the last that was heard: nothing, only an acknowledgement, accepted, not accepted."""

    nothing: float
    acknowledged: float
    accepted: float
    not_accepted: float


# Given: protection no feedback .27; health accepted .53, no feedback .25; basic assistance accepted .32, some feedback
# .87 of which .47 only acknowledged, not accepted .08; livelihoods accepted .22, not accepted .17, some response .77;
# social stability no feedback .87. The rest of each row is our guess.
PROTECTION = Rates(0.27, 0.28, 0.37, 0.08)
HEALTH = Rates(0.25, 0.15, 0.53, 0.07)
BASIC = Rates(0.13, 0.47, 0.32, 0.08)
LIVELIHOODS = Rates(0.23, 0.38, 0.22, 0.17)
SOCIAL_STABILITY = Rates(0.87, 0.05, 0.06, 0.02)
OTHERS = Rates(0.30, 0.27, 0.33, 0.10)

_BY_SERVICE = {
    **dict.fromkeys(("health", "mhpss", "rehabilitation"), HEALTH),
    **dict.fromkeys(("shelter", "nfi", "cash", "food", "wash"), BASIC),
    **dict.fromkeys(("livelihoods", "skills_capacity"), LIVELIHOODS),
    **dict.fromkeys(("social_protection", "explosive_hazard", "information_awareness"), SOCIAL_STABILITY),
    **dict.fromkeys(("counselling_legal", "legal_representation", "civil_documentation", "hlp"), PROTECTION),
    **dict.fromkeys(("protection_general", "child_protection", "gbv", "family_tracing"), PROTECTION),
}
# Our guesses, as shares of what they follow.
WITHDRAWN, VOID, SERVED, FAILED, CLOSED, SKIPPED = 0.02, 0.005, 0.62, 0.13, 0.6, 0.06


@dataclass(frozen=True, slots=True)
class Event:
    """One thing reported of a referral: the event's code, the day it happened, and who said so."""

    code: str
    day: date
    reported_by: str


def rates_of(service: str) -> Rates:
    """The rates of a service's sector."""
    return _BY_SERVICE.get(service, OTHERS)


def events_of(rng: random.Random, service: str, sent: date) -> tuple[Event, ...]:
    """The events of one referral in the order in which they happen; none when nobody ever answered."""
    rates = rates_of(service)
    shares = (rates.nothing, rates.acknowledged, rates.accepted, rates.not_accepted)
    course = rng.choices((_nothing, _acknowledged, _accepted, _declined), shares)[0](rng)
    day, events = sent, []
    for code in course:
        day += timedelta(days=_wait(rng, code))
        events.append(Event(code, day, _reporter(rng, code)))
    return tuple(events)


def after_call(events: tuple[Event, ...], answer: str) -> tuple[Event, ...]:
    """What is still to be heard of a referral whose receiver said on the phone that it was received or accepted."""
    if not answer:
        return events
    known = {"acknowledge": {"acknowledge"}, "accept": {"acknowledge", "accept"}}[answer]
    left = tuple(event for event in events if event.code not in known)
    return () if answer == "accept" and any(event.code == "decline" for event in left) else left


def _nothing(rng: random.Random) -> list[str]:
    return ["withdraw"] if rng.random() < WITHDRAWN else ["void"] if rng.random() < VOID else []


def _acknowledged(rng: random.Random) -> list[str]:
    return ["acknowledge", *_nothing(rng)]


def _declined(rng: random.Random) -> list[str]:
    first = ["acknowledge"] if rng.random() < 0.5 else []
    return [*first, "decline", *(["close"] if rng.random() < 0.4 else [])]


def _accepted(rng: random.Random) -> list[str]:
    course = ["acknowledge"] if rng.random() < 0.5 else []
    course.append("accept")
    if rng.random() < 0.15:
        course.append("wait")
    if rng.random() < 0.3:
        course.append("start")
    end = rng.choices(("serve", "fail", ""), (SERVED, FAILED, 1 - SERVED - FAILED))[0]
    if not end:
        return course
    if rng.random() < SKIPPED:  # the first that the centre hears is the end
        course = []
    return [*course, end, *(["close"] if rng.random() < CLOSED else [])]


def _wait(rng: random.Random, code: str) -> int:
    usual = {"acknowledge": 2, "accept": 4, "decline": 5, "wait": 3, "start": 5, "serve": 6, "fail": 9}.get(code, 6)
    return int(min(rng.expovariate(1 / usual), 40))


def _reporter(rng: random.Random, code: str) -> str:
    if code in ("withdraw", "fail"):
        return rng.choice(("client", "receiver"))
    if code in ("close", "void"):
        return "centre"
    return rng.choices(("receiver", "client", "centre"), (75, 20, 5))[0]

"""What the forms cost in the hand, with forty people in the queue: the budgets are promises."""

from __future__ import annotations

import pytest

from tests.activities.filling import SLIP
from tests.engines.budget import Cost, cost
from tests.engines.commands import Command, answer
from tests.engines.engines import JAVAROSA, Sent, fill_in
from tests.engines.scenarios.followup import FOLLOWUP_DESK
from tests.engines.scenarios.registration import REGISTRATION
from tests.engines.scenarios.visits import AT_THE_DESK, CARD_LOST, INFORMATION_DESK, RETURNING_PERSON


@pytest.fixture(scope="module")
def before() -> Sent:
    """The form that the same tablet saved before: it remembers the desk."""
    return fill_in(JAVAROSA, "visit", [*AT_THE_DESK, *RETURNING_PERSON])


def _cost(name: str, commands: list[Command], before: Sent | None = None) -> Cost:
    sent = fill_in(JAVAROSA, name, commands, before)
    return cost(sent.opened, sent.shown)


def test_information_desk__six_taps(before: Sent) -> None:
    assert _cost("visit", INFORMATION_DESK, before).taps <= 6


def test_returning_person__a_minute(before: Sent) -> None:
    assert _cost("visit", RETURNING_PERSON, before).seconds <= 60


def test_card_lost__a_minute_and_a_half(before: Sent) -> None:
    assert _cost("visit", CARD_LOST, before).seconds <= 90


def test_full_registration__eight_minutes() -> None:
    found = _cost("intake", REGISTRATION)
    assert found.answered > 50
    assert found.seconds <= 480


@pytest.mark.parametrize(
    "said",
    [
        [answer("event/event_type", "accept")],
        [answer("event/event_type", "decline"), answer("event/event_reason", "no_capacity")],
        [answer("event/event_type", "serve")],
    ],
    ids=["accepted", "refused with reason", "served"],
)
def test_partners_answer_by_phone__three_taps_once_the_number_is_typed(said: list[Command]) -> None:
    number = [*FOLLOWUP_DESK, answer("which/slip_typed", SLIP)]
    before = fill_in(JAVAROSA, "referral_followup", [*number, *said])
    asked = _cost("referral_followup", number[-1:], before).taps
    told = _cost("referral_followup", [*number[-1:], *said], before)
    send = 1
    assert told.taps - asked + send <= 3

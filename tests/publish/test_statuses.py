"""What is done about a submission's status: never anything over a person's decision."""

from __future__ import annotations

import pytest

from kobo_crc.errors import NORMALISE
from kobo_crc.problems import PROBLEMS
from kobo_crc.publish.statuses import HELD_FOR, Held, act_on
from kobo_crc.sources.statuses import ON_HOLD, Status

OURS, AT = Held(100, released=False), Status(ON_HOLD, 100)
RELEASED = Held(100, released=True)
NONE, APPROVED, THEIRS = Status("", 0), Status("validation_status_approved", 90), Status(ON_HOLD, 101)


@pytest.mark.parametrize(
    ("doubtful", "held", "seen", "act"),
    [
        (True, None, NONE, "hold"),
        (True, None, APPROVED, "leave"),
        (True, None, THEIRS, "leave"),
        (True, None, None, "leave"),
        (False, None, NONE, "leave"),
        (True, OURS, AT, "leave"),
        (False, OURS, AT, "clear"),
        (True, OURS, NONE, "release"),  # somebody cleared it: not set again
        (True, OURS, APPROVED, "release"),
        (True, OURS, THEIRS, "release"),  # somebody set it again: theirs from now on
        (False, OURS, THEIRS, "forget"),
        (False, OURS, APPROVED, "forget"),
        (True, RELEASED, NONE, "leave"),
        (True, RELEASED, AT, "leave"),
        (False, RELEASED, NONE, "forget"),
        (False, RELEASED, AT, "forget"),
        (True, OURS, None, "forget"),
        (False, OURS, None, "forget"),
    ],
)
def test_act_on__problem_memory_and_what_the_server_says(
    doubtful: bool, held: Held | None, seen: Status | None, act: str
) -> None:
    assert act_on(doubtful, held, seen) == act


def test_held_for__each__is_a_problem_of_the_submission_alone() -> None:
    assert {PROBLEMS[code].step for code in HELD_FOR} == {NORMALISE}

"""Forty schedules of faults on small data; `make soak` runs thousands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kobo_crc.runs import OK
from tests.soak.harness import FAILED, KILLED, Violation, live_through, story
from tests.soak.schedules import Act, Night

EACH = 10


@pytest.mark.parametrize("first", range(0, 40, EACH))
def test_schedules__of_faults__end_equal_or_fail_loudly(first: int, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    with story(tmp_path / "مركز") as told:
        for seed in range(first, first + EACH):
            outcomes += live_through(told, seed)
    assert outcomes[OK] > EACH
    assert outcomes[FAILED] and outcomes[KILLED]


def test_harness__store_that_lost_a_row__is_caught(tmp_path: Path) -> None:
    """The harness itself can fail: a row taken out of the store behind its back is a violation."""
    with story(tmp_path / "مركز") as told:
        told.live(Night(before=(Act("submit", 3), Act("submit", 2))))
        told.centre.delete(told.centre.live_ids()[0])
        with pytest.raises(Violation, match=r"submission: missing .*too many"):
            told.compare()

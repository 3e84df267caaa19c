"""Forty schedules of faults on small data; `make soak` runs thousands."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kobo_crc.runs import OK
from tests.soak.harness import FAILED, KILLED, Violation, live_through, story
from tests.soak.schedules import Act, Night
from tests.soak.shrink import shrunk

EACH = 10


@pytest.mark.parametrize("first", range(0, 40, EACH))
def test_schedules__of_faults__end_equal_or_fail_loudly(first: int, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    with story(tmp_path / "مركز") as told:
        for seed in range(first, first + EACH):
            outcomes += live_through(told, seed)
    assert outcomes[OK] > EACH
    assert outcomes[FAILED] and outcomes[KILLED]


@pytest.mark.parametrize("night", [Night(down=1), Night(quota=4_000), Night(full=1), Night(kill=1)])
def test_hindrance__at_the_first_step__ends_the_night(night: Night, tmp_path: Path) -> None:
    """Each hindrance really hinders: a schedule of troubles that never strike would prove nothing."""
    with story(tmp_path / "مركز") as told:
        told.live(Night(before=(Act("submit", 1),)))
        many = tuple(Act("submit", 3) for _ in range(60))
        assert told.live(replace(night, before=many)) == (KILLED if night.kill else FAILED)
        assert told.live(Night()) == OK


def test_harness__store_that_lost_a_row__is_caught(tmp_path: Path) -> None:
    """The harness itself can fail: a row taken out of the store behind its back is a violation."""
    with story(tmp_path / "مركز") as told:
        told.live(Night(before=(Act("submit", 3), Act("submit", 2))))
        told.centre.delete(told.centre.live_ids()[0])
        with pytest.raises(Violation, match=r"submission: missing .*too many"):
            told.compare()


def test_harness__tombstone_of_what_was_there_all_night__is_caught(tmp_path: Path) -> None:
    with story(tmp_path / "مركز") as told:
        told.live(Night(before=(Act("submit", 3), Act("submit", 2), Act("delete", 0))))
        told.live(Night())
        with closing(sqlite3.connect(told.centre.settings.vault)) as vault, vault:
            vault.execute("UPDATE submission_key SET deleted = 1")
        with pytest.raises(Violation, match="on the server, and buried here"):
            told.look_for_false_tombstones()


def test_shrunk__break_that_needs_two_things__keeps_those() -> None:
    story = [
        Night(before=(Act("submit", 1), Act("edit", 2)), kill=3, rebuild=True),
        Night(clock_days=1),
        Night(before=(Act("delete", 1), Act("status", 2)), full=2),
    ]

    def breaks(nights: list[Night]) -> bool:
        acts = {act.what for night in nights for act in night.before}
        return "delete" in acts and any(night.kill for night in nights)

    assert shrunk(story, breaks) == [Night(kill=3), Night(before=(Act("delete", 1),))]

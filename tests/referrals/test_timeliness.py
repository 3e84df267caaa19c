"""In time or late, of each stage, at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from kobo_crc.referrals.calendar import Stage, calendar_of
from kobo_crc.referrals.timeliness import NO_LIMITS, Deadlines, is_overdue, silence, timely
from tests.referrals.conftest import code_row

CALENDAR = calendar_of({"priority": [code_row("urgent", acknowledge_within="48 hours", decide_within="72 hours")]})
SENT = datetime(2026, 10, 5, 9)
BEFORE, AFTER = Deadlines(CALENDAR, datetime(2026, 10, 6, 9)), Deadlines(CALENDAR, datetime(2026, 10, 20, 9))
DUE, LATE = date(2026, 10, 7), date(2026, 10, 9)  # the last day to confirm, and one after both limits


@dataclass
class Row:
    """A referral's standing, sent and urgent unless told otherwise."""

    state_code: str = "sent"
    state_on: date = date(2026, 10, 5)
    priority_code: str | None = "urgent"
    sent_at: datetime = SENT
    acknowledged_on: date | None = None
    decided_on: date | None = None
    served_on: date | None = None
    closed_on: date | None = None
    outcome_code: str | None = None


@pytest.mark.parametrize(
    ("row", "stage", "expected"),
    [
        (Row(), "acknowledge", "late"),
        (Row("acknowledged", acknowledged_on=DUE), "acknowledge", "in_time"),
        (Row("acknowledged", acknowledged_on=LATE), "acknowledge", "late"),
        (Row("acknowledged", acknowledged_on=DUE), "decide", "late"),
        (Row("accepted", decided_on=DUE), "acknowledge", "in_time"),  # nobody confirmed; the decision did
        (Row("accepted", decided_on=LATE), "acknowledge", None),  # confirmed, and nobody knows when
        (Row("accepted", decided_on=LATE), "decide", "late"),
        (Row("served", served_on=DUE, outcome_code="served"), "decide", "in_time"),
        (Row("served", served_on=LATE, outcome_code="served"), "decide", None),
        (Row("closed", closed_on=LATE, outcome_code="not_accepted", decided_on=DUE), "decide", "in_time"),
        (Row("closed", closed_on=LATE, outcome_code="served"), "decide", None),
        (Row("closed", closed_on=LATE), "decide", "late"),
        (Row("withdrawn", closed_on=DUE), "decide", "no_limit"),
        (Row("withdrawn", closed_on=LATE), "decide", "late"),
        (Row("withdrawn", closed_on=LATE, acknowledged_on=DUE), "acknowledge", "in_time"),
        (Row(priority_code="normal"), "decide", "no_limit"),
    ],
)
def test_timely__limit_has_passed__by_the_days_that_are_told(row: Row, stage: Stage, expected: str | None) -> None:
    assert timely(row, stage, AFTER) == expected


@pytest.mark.parametrize("row", [Row(), Row("accepted", acknowledged_on=SENT.date(), decided_on=SENT.date())])
def test_timely__limit_has_not_passed__neither_quick_nor_slow_ones_count(row: Row) -> None:
    assert timely(row, "decide", BEFORE) == "not_yet"


def test_timely__without_limits__none_applies_and_nothing_is_overdue() -> None:
    assert timely(Row(), "decide", NO_LIMITS) == "no_limit"
    assert not is_overdue(Row(), NO_LIMITS)


@pytest.mark.parametrize(
    ("row", "overdue"),
    [
        (Row(), True),
        (Row("acknowledged", acknowledged_on=DUE), True),
        (Row("accepted", decided_on=LATE), False),  # nobody set a limit to serve
        (Row("not_accepted", decided_on=LATE), False),
        (Row(priority_code=None), False),
    ],
)
def test_is_overdue__open_and_past_its_limit(row: Row, overdue: bool) -> None:
    assert is_overdue(row, AFTER) == overdue
    assert not is_overdue(row, BEFORE)


@pytest.mark.parametrize(("day", "band"), [(5, "week"), (12, "week"), (13, "month"), (36, "longer")])
def test_silence__days_since_sending(day: int, band: str) -> None:
    today = date(2026, 10, day) if day <= 31 else date(2026, 11, day - 31)
    assert silence(SENT.date(), today) == band

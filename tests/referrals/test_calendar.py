"""Limits by priority and stage: clock hours run through the night, working days are those of Baghdad's week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.errors import FormError
from kobo_crc.referrals.calendar import STAGES, Calendar, Due, Limit, Outlook, Stage, calendar_of, outlook
from kobo_crc.referrals.lifecycle import BAGHDAD, STATES, day_of
from kobo_crc.xlsform.lists import CodeRow, read_codes

CODES = Path(__file__).parents[2] / "forms" / "codes"
LISTS = read_codes(CODES)
SHIPPED = calendar_of(LISTS)
EID = frozenset({date(2026, 11, 9), date(2026, 11, 10)})


def baghdad(text: str) -> datetime:
    """A moment of Baghdad's clock in UTC, without zone."""
    return datetime.fromisoformat(text).replace(tzinfo=BAGHDAD).astimezone(UTC).replace(tzinfo=None)


def row(name: str, **extra: str) -> CodeRow:
    return CodeRow(2, name, {}, "", "", extra)


@pytest.mark.parametrize(
    ("priority", "stage", "limit"),
    [
        ("emergency", "acknowledge", Limit(24, "hours")),
        ("emergency", "decide", Limit(24, "hours")),
        ("urgent", "acknowledge", Limit(48, "hours")),
        ("urgent", "decide", Limit(72, "hours")),
        ("normal", "acknowledge", Limit(5, "working days")),
        ("normal", "decide", Limit(10, "working days")),
        ("normal", "serve", None),
        ("a_centres_own", "decide", None),
        (None, "decide", Limit(10, "working days")),
    ],
)
def test_limits__as_shipped__are_those_of_the_standards(priority: str, stage: str, limit: Limit | None) -> None:
    assert SHIPPED.limit(priority, stage) == limit  # type: ignore[arg-type]


def test_shipped_priorities__each__has_limits_to_answer() -> None:
    missing = [r.name for r in LISTS["priority"] for stage in STAGES[:2] if SHIPPED.limit(r.name, stage) is None]
    assert missing == []


def test_due__hours__run_through_the_weekend_and_holidays() -> None:
    thursday = baghdad("2026-12-31 15:00")
    assert SHIPPED.due("emergency", "decide", thursday) == Due(date(2027, 1, 1), baghdad("2027-01-01 15:00"))


@pytest.mark.parametrize(
    ("sent", "on"),
    [
        ("2026-11-02 10:00", "2026-11-09"),  # Monday: Tue Wed Thu Sun Mon
        ("2026-11-05 16:00", "2026-11-12"),  # Thursday: the weekend does not count
        ("2026-11-06 10:00", "2026-11-12"),  # Friday: as if it were Saturday
        ("2026-11-07 10:00", "2026-11-12"),
        ("2026-12-31 10:00", "2027-01-10"),  # New Year is a Friday; Army Day, the Wednesday after, is off
    ],
)
def test_due__working_days__begin_on_the_day_after_and_leave_out_friday_and_saturday(sent: str, on: str) -> None:
    due = SHIPPED.due("normal", "acknowledge", baghdad(sent))
    assert due == Due(date.fromisoformat(on), baghdad(f"{on} 00:00") + timedelta(days=1))


def test_due__late_evening_in_utc__belongs_to_the_next_day_of_baghdad() -> None:
    late = datetime(2026, 11, 4, 21, 30)  # half past midnight on Thursday the 5th in Baghdad
    assert SHIPPED.due("normal", "acknowledge", late) == SHIPPED.due(
        "normal", "acknowledge", baghdad("2026-11-05 12:00")
    )


def test_due__holiday_of_one_year__moves_the_day() -> None:
    calendar = Calendar(SHIPPED.limits, holidays=EID)
    due = calendar.due("normal", "acknowledge", baghdad("2026-11-02 10:00"))
    assert due is not None and due.on == date(2026, 11, 11)


@given(
    sent=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    count=st.integers(1, 60),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2028, 6, 1)), max_size=40),
)
def test_due__any_working_days__are_counted_one_by_one(sent: datetime, count: int, holidays: frozenset[date]) -> None:
    calendar = Calendar({("p", "decide"): Limit(count, "working days")}, holidays)
    due = calendar.due("p", "decide", sent)
    assert due is not None and calendar.is_working(due.on)
    days = (day_of(sent) + timedelta(days=n) for n in range(1, (due.on - day_of(sent)).days + 1))
    assert sum(day.weekday() not in (4, 5) and day not in holidays for day in days) == count


SENT = baghdad("2026-11-02 10:00")  # normal: to acknowledge by Monday the 9th, to decide by Monday the 16th


def seen(at: str, state: str = "sent", priority: str | None = "normal", **days: date) -> Outlook | None:
    return outlook(SHIPPED, baghdad(at), state=state, priority=priority, sent_at=SENT, **days)


@pytest.mark.parametrize(
    ("at", "state", "stage", "overdue", "no_response"),
    [
        ("2026-11-09 23:59", "sent", "acknowledge", False, False),
        ("2026-11-10 00:00", "sent", "decide", False, True),
        ("2026-11-10 00:00", "acknowledged", "decide", False, False),
        ("2026-11-16 23:59", "sent", "decide", False, True),
        ("2026-11-17 00:00", "sent", "decide", True, True),
        ("2026-11-17 00:00", "acknowledged", "decide", True, False),
    ],
)
def test_outlook__each_side_of_a_limit__says_what_is_awaited(
    at: str, state: str, stage: str, overdue: bool, no_response: bool
) -> None:
    found = seen(at, state)
    assert found is not None
    assert (found.stage, found.overdue, found.no_response) == (stage, overdue, no_response)


@pytest.mark.parametrize("state", ["accepted", "on_hold", "in_progress"])
def test_outlook__accepted__is_late_to_serve_only_where_somebody_set_a_limit(state: str) -> None:
    assert seen("2027-06-01 10:00", state, accepted_on=date(2026, 11, 5)) == Outlook("serve", None, False, False)
    limits: dict[tuple[str, Stage], Limit] = {("normal", "serve"): Limit(24, "hours")}
    due = Due(date(2026, 11, 7), baghdad("2026-11-07 00:00"))  # a day after the end of the day that was told
    for at, late in (("2026-11-06 23:59", False), ("2026-11-07 00:00", True)):
        found = outlook(
            Calendar(limits), baghdad(at), state=state, priority="normal", sent_at=SENT, accepted_on=date(2026, 11, 5)
        )  # fmt: skip
        assert found == Outlook("serve", due, late, False)


@pytest.mark.parametrize("state", sorted(set(STATES) - {"sent", "acknowledged", "accepted", "on_hold", "in_progress"}))
def test_outlook__draft_or_ended__awaits_nothing(state: str) -> None:
    assert seen("2030-01-01 10:00", state, accepted_on=date(2026, 11, 5)) is None


def test_outlook__priority_without_limits__is_never_late() -> None:
    assert seen("2030-01-01 10:00", priority="a_centres_own") == Outlook("decide", None, False, False)


@pytest.mark.parametrize(
    "text", ["24", "0 hours", "5 weeks", "-3 days", "five days", "5  days", "10000 hours", "٥ days"]
)
def test_calendar_of__limit_that_cannot_be_read__names_row_and_column(text: str) -> None:
    with pytest.raises(FormError, match=r"priority.csv, row 2: decide_within .* Please "):
        calendar_of({"priority": [row("urgent", decide_within=text)]})


def test_calendar_of__days__are_twenty_four_hours_each() -> None:
    calendar = calendar_of({"priority": [row("urgent", serve_within="1 day"), row("x", serve_within="3 days")]})
    assert (calendar.limit("urgent", "serve"), calendar.limit("x", "serve")) == (Limit(24, "hours"), Limit(72, "hours"))


def test_calendar_of__holidays__of_every_year_and_of_one() -> None:
    feast = row("eid", first_on="2026-11-09", last_on="2026-11-10")
    calendar = calendar_of({"holiday": [feast, row("newroz", first_on="03-21", last_on="03-22")]})
    assert calendar.holidays == EID
    assert calendar.yearly == {(3, 21), (3, 22)}
    assert not calendar.is_working(date(2027, 3, 22)) and calendar.is_working(date(2027, 11, 9))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("", ""),
        ("21/03", ""),
        ("2026-02-30", ""),
        ("02-30", ""),
        ("2026-11-10", "2026-11-09"),
        ("2026-11-09", "11-10"),
        ("11-09", "2026-11-10"),
        ("2026-11-09", "2026-12-20"),
    ],
)
def test_calendar_of__holiday_that_is_no_day__names_its_row(first: str, last: str) -> None:
    with pytest.raises(FormError, match=r"holiday.csv, row 2: .* Please "):
        calendar_of({"holiday": [row("eid", first_on=first, last_on=last)]})


def test_calendar_of__leap_day__is_a_day_of_every_year() -> None:
    assert calendar_of({"holiday": [row("leap", first_on="02-29")]}).yearly == {(2, 29)}

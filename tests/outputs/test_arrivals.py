"""What came in: which week, which centre, what is left out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs.report.arrivals import Centre, FormCount, arrivals, forms, week_starts
from tests.outputs.conftest import NOW, Store


def centre(store: Store, name: str = "Baiji centre") -> Centre:
    return next(one for one in arrivals(store.connection, NOW).centres if one.labels["en"] == name)


def texts(one: Centre) -> list[str]:
    return [cell.text for cell in one.weeks]


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 28)])
def test_week_starts__any_day__last_is_its_sunday(today: date) -> None:
    weeks = week_starts(today)
    assert (weeks[-1], weeks[0], len(weeks)) == (date(2026, 11, 22), date(2026, 10, 4), 8)


def test_arrivals__each_week__has_its_visits(store: Store) -> None:
    store.visits(6, "baiji")
    store.visits(7, "baiji", NOW - timedelta(weeks=1))
    store.visits(8, "baiji", NOW - timedelta(weeks=7))
    store.visits(9, "baiji", NOW - timedelta(weeks=8))
    assert texts(centre(store)) == ["8", "0", "0", "0", "0", "0", "7", "6"]
    assert centre(store).visits.text == "21"


def test_arrivals__saturday_midnight_in_baghdad__begins_the_week(store: Store) -> None:
    store.visits(5, "baiji", datetime(2026, 11, 21, 20, 59, 59))
    store.visits(6, "baiji", datetime(2026, 11, 21, 21, 0))
    assert texts(centre(store))[-2:] == ["5", "6"]


def test_arrivals__small_counts__hidden_in_cell_and_sums(store: Store) -> None:
    store.visits(3, "baiji")
    store.visits(20, "baiji", NOW - timedelta(weeks=1))
    store.visits(10, "jalawla")
    table = arrivals(store.connection, NOW)
    assert texts(centre(store))[-2:] == ["20", "<5"]
    assert (centre(store).visits.text, table.week(7).text, table.visits.text) == ("20+", "10+", "30+")


def test_arrivals__deleted_and_not_approved__left_out(store: Store) -> None:
    store.visits(5, "baiji")
    store.visits(6, "baiji", validation_status=NOT_APPROVED)
    store.visits(7, "baiji", deleted_on=NOW.date())
    store.visits(8, "baiji", validation_status="validation_status_on_hold")
    assert texts(centre(store))[-1] == "13"


def test_arrivals__referrals_and_followups__by_centre_without_drafts(store: Store) -> None:
    store.referrals(9, "sent")
    store.referrals(5, "draft")
    store.referrals(5, "entered_in_error")
    store.referrals(5, "sent", at=NOW - timedelta(weeks=9))
    store.followups(6, "jalawla")
    assert (centre(store).referrals.text, centre(store).followups.text) == ("9", "0")
    assert centre(store, "Jalawla centre").followups.text == "6"


def test_arrivals__centre_without_anything__stands_there_and_is_flagged(store: Store) -> None:
    store.visits(5, "baiji", NOW - timedelta(days=1))
    silent = centre(store, "Jalawla centre")
    assert (silent.visits.text, silent.latest_on, silent.silent) == ("0", None, True)
    assert (centre(store).latest_on, centre(store).silent) == (date(2026, 11, 22), False)


@pytest.mark.parametrize(
    ("last", "silent"),
    [(datetime(2026, 11, 17, 12), False), (datetime(2026, 11, 16, 12), True)],  # Friday and Saturday do not count
)
def test_arrivals__silence__counts_working_days(store: Store, last: datetime, silent: bool) -> None:
    store.visits(5, "baiji", last)
    assert centre(store).silent is silent


def test_arrivals__unknown_centre__has_its_own_row_only_when_needed(store: Store) -> None:
    assert len(arrivals(store.connection, NOW).centres) == 2
    store.visits(5, None)
    assert arrivals(store.connection, NOW).centres[-1].labels["en"] == "No known centre"


def test_forms__each__held_and_left_out(store: Store) -> None:
    store.visits(2, "baiji", NOW - timedelta(hours=5))
    store.visits(1, "baiji", NOW - timedelta(hours=6), validation_status=NOT_APPROVED)
    store.visits(1, "baiji", NOW - timedelta(hours=7), deleted_on=NOW.date())
    store.followups(3, "baiji")
    assert forms(store.connection) == [
        FormCount("intake", "crc", 3, 1, 1, NOW - timedelta(hours=5)),
        FormCount("referral_followup", "crc", 3, 0, 0, NOW),
    ]

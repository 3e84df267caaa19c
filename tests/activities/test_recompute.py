"""Filled forms in a real store: what is derived follows every change of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import store
from kobo_crc.activities.recompute import recompute
from kobo_crc.database.metadata import CODES as CODE_TABLES
from kobo_crc.database.metadata import DERIVED_TABLES, PROBLEM
from kobo_crc.model import NOT_APPROVED
from kobo_crc.normalise import Rows
from kobo_crc.referrals import recompute as referrals
from kobo_crc.xlsform.lists import read_codes
from tests.activities.filling import CARD, DAY, OTHER_CARD, Record, landed, normaliser_of
from tests.stores import Stores
from tests.translation_review import CODES


class Shelf:
    """A store that takes submissions by number, and shows a derived table's rows as dicts without what is empty."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, number: int, form: str, record: Record, **system: Any) -> None:
        version = landed(form, {**record, **system}, number)
        rows = Rows()
        normaliser_of(form).add(version, rows)
        store.replace(self._connection, [version], rows, normaliser_of(form).digest)

    def derived(self, name: str) -> list[dict[str, Any]]:
        self._connection.execute(sa.delete(PROBLEM).where(PROBLEM.c.step == "derive"))
        recompute(self._connection)
        rows = self._connection.execute(sa.select(DERIVED_TABLES[name])).mappings()
        return [{key: str(value) for key, value in row.items() if value is not None} for row in rows]

    def left(self, staff: str, day: date) -> None:
        """Say that a member of staff left on a day, and look for rows after it."""
        table = CODE_TABLES["staff"]
        self._connection.execute(sa.update(table).where(table.c.code == staff).values(valid_to=day))
        referrals.recompute(self._connection)

    def problems(self) -> list[tuple[Any, ...]]:
        query = sa.select(PROBLEM.c.submission_id, PROBLEM.c.code)
        return [tuple(row) for row in self._connection.execute(query)]


@pytest.fixture
def shelf(stores: Stores, tmp_path: Path) -> Iterator[Shelf]:
    with stores.database(tmp_path) as database, database.writing() as connection:
        store.sync_codes(connection, read_codes(CODES), [])
        yield Shelf(connection)


ENTRY = {
    "writer/centre": "jalawla",
    "writer/assured_on": "2026-10-01",
    "provider/organization": "nrc",
    "provider/service": "hlp",
    "provider/status": "active",
    "place/service_place": "IQG10Q05",
    "terms/minimum_age": "18",
    "access/capacity": "20",
    "hours": [
        {"hours/opening/weekdays": "TH SU", "hours/opening/hours_open": "08:30:00.000+03:00"},
        *({"hours/opening/hours_open": f"{hour:02}:00"} for hour in range(9, 18)),
    ],
}


def test_directory__one_entry__service_place_and_hours(shelf: Shelf) -> None:
    shelf.put(1, "directory", ENTRY)
    assert shelf.derived("service") == [
        {
            "service_id": "nrc/hlp",
            "organization_code": "nrc",
            "service_code": "hlp",
            "status_code": "active",
            "assured_on": "2026-10-01",
            "location_count": "1",
        }
    ]
    assert shelf.derived("service_at_location") == [
        {
            "service_at_location_id": "nrc/hlp/IQG10Q05",
            "service_id": "nrc/hlp",
            "organization_code": "nrc",
            "service_code": "hlp",
            "place_code": "IQG10Q05",
            "status_code": "active",
            "assured_on": "2026-10-01",
            "minimum_age": "18",
            "capacity_per_week": "20",
            "submission_id": "1",
        }
    ]
    hours = {row["schedule_id"].rpartition("/")[2]: row for row in shelf.derived("schedule")}
    assert (hours["1"]["byday"], hours["1"]["opens_at"]) == ("SU,TH", "08:30:00")
    assert "byday" not in hours["2"]
    assert [hours[str(number)]["opens_at"] for number in (2, 9, 10)] == ["09:00:00", "16:00:00", "17:00:00"]


def test_directory__newer_entry_edited_and_refused__the_one_that_counts_wins(shelf: Shelf) -> None:
    shelf.put(1, "directory", ENTRY)
    newer = {**ENTRY, "writer/assured_on": "2026-11-01", "provider/status": "defunct", "hours": []}
    shelf.put(2, "directory", newer)
    assert [row["status_code"] for row in shelf.derived("service_at_location")] == ["defunct"]
    assert shelf.derived("schedule") == []
    shelf.put(2, "directory", {**newer, "writer/assured_on": "2026-09-01"})
    assert [row["submission_id"] for row in shelf.derived("service_at_location")] == ["1"]
    shelf.put(1, "directory", ENTRY, _validation_status={"uid": NOT_APPROVED})
    assert [row["submission_id"] for row in shelf.derived("service_at_location")] == ["2"]


def test_directory__organisation_that_is_in_no_list__is_left_out(shelf: Shelf) -> None:
    shelf.put(1, "directory", {**ENTRY, "provider/organization": "somebody"})
    assert shelf.derived("service_at_location") == []
    assert shelf.problems() == [(1, "code_unknown")]


SESSION = {
    "writer/centre": "jalawla",
    "writer/held_on": DAY,
    "about/session_kind": "training",
    "about/topic": "business",
    "counting/method": "cards",
    "attendee": [{"attendee/attendee_card/attendee_number": card, "attendee/attendee_card/attendee_scan": card}
                 for card in (CARD, OTHER_CARD, CARD)],
}  # fmt: skip


def test_session__by_cards__each_card_once_with_the_topics_service(shelf: Shelf) -> None:
    shelf.put(1, "session", SESSION)
    assert shelf.derived("session_attendance") == [
        {
            "submission_id": "1",
            "centre_code": "jalawla",
            "held_on": DAY,
            "kind_code": "training",
            "topic_code": "business",
            "service_code": "livelihoods",
            "method_code": "cards",
            "people_count": "2",
        }
    ]
    assert shelf.problems() == []


def test_session__heads_left_beside_cards_by_an_edit__one_way_and_a_problem(shelf: Shelf) -> None:
    heads = {"heads/ages/female_0_5_typed": "5", "heads/ages/female_0_5": "5", "heads/ages/male_60_plus": "4"}
    shelf.put(1, "session", {**SESSION, **heads})
    assert [row["people_count"] for row in shelf.derived("session_attendance")] == ["2"]
    assert shelf.problems() == [(1, "attendance_twice")]
    shelf.put(1, "session", {**SESSION, **heads, "counting/method": "heads"})
    assert [row["people_count"] for row in shelf.derived("session_attendance")] == ["9"]
    shelf.put(1, "session", {**SESSION, **heads, "counting/method": "heads", "attendee": []})
    assert [row["people_count"] for row in shelf.derived("session_attendance")] == ["9"]
    assert shelf.problems() == []


def test_session__refused_by_a_reviewer__counts_nobody(shelf: Shelf) -> None:
    shelf.put(1, "session", SESSION, _validation_status={"uid": NOT_APPROVED})
    assert shelf.derived("session_attendance") == []


@pytest.mark.parametrize(
    ("form", "group", "question"),
    [
        ("service", "writer", "delivered_on"),
        ("session", "writer", "held_on"),
        ("feedback", "received", "received_on"),
        ("directory", "writer", "assured_on"),
        ("centre_day", "writer", "day"),
    ],
)
def test_staff__after_the_day_they_left__are_named(shelf: Shelf, form: str, group: str, question: str) -> None:
    kind = {"kind/category": "thanks"} if form == "feedback" else {}
    for number, day in enumerate(("2026-10-01", "2026-10-02"), start=1):
        shelf.put(number, form, {**kind, f"{group}/staff": "mjd_01", f"{group}/{question}": day})
    shelf.left("mjd_01", date(2026, 10, 1))
    assert shelf.problems() == [(2, "staff_not_active")]

"""Whom each submission is about and when they were last heard of, from the store's rows alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, LANDED
from kobo_crc.retention.due import FEEDBACK, PEOPLE, SESSIONS, UNNAMED, Case
from kobo_crc.retention.reading import cases
from kobo_crc.store import sync_codes
from kobo_crc.xlsform.lists import read_codes
from tests.outputs.conftest import Store
from tests.stores import Stores

CODES = Path(__file__).parents[2] / "forms" / "codes"
ROSA, NUR = "112345678955", "112345679052"
FIRST, THEN, LAST = datetime(2024, 1, 5, 9), datetime(2024, 6, 5, 9), datetime(2025, 2, 5, 9)


@pytest.fixture
def store(stores: Stores) -> Iterator[Store]:
    with stores.passing(vault=True) as connection:
        filled = Store(connection)
        sync_codes(connection, read_codes(CODES), [])
        yield filled


def visit(store: Store, card: str | None, at: datetime, centre: str = "baiji") -> int:
    number = store.submission(at)
    store.row("visit", number, centre_code=centre, person_code=card)
    return number


def refer(store: Store, submission: int, reference: str, state: str = "sent", card: str | None = None) -> None:
    values = {"row_path": "referral[1]", "reference_code": reference}
    store.row("referral", submission, **values, person_code=card)
    state_row = {**values, "submission_id": submission, "centre_code": "baiji", "state_code": state}
    store.connection.execute(sa.insert(DERIVED_TABLES["referral_state"]).values(state_row))


def follow_up(store: Store, reference: str, at: datetime) -> int:
    number = store.submission(at, "referral_followup")
    store.row("referral_event", number, reference_code=reference)
    return number


def found(store: Store, purpose: str) -> list[Case]:
    return [case for case in cases(store.connection) if case.purpose == purpose]


def numbers(case: Case) -> list[int]:
    return sorted(one.submission_id for one in case.submissions)


def test_people__all_that_names_or_tells_of_them__is_one_case_heard_of_last(store: Store) -> None:
    first = visit(store, ROSA, FIRST)
    refer(store, first, "211111111111", "closed", ROSA)
    visit(store, NUR, FIRST)
    told = follow_up(store, "211111111111", THEN)
    [rosa, nur] = sorted(found(store, PEOPLE), key=lambda case: case.heard_at, reverse=True)
    assert (numbers(rosa), rosa.heard_at, rosa.is_open, [*rosa.cards]) == ([first, told], THEN, False, [ROSA])
    assert (nur.heard_at, [*nur.cards]) == (FIRST, [NUR]) and found(store, UNNAMED) == []


@pytest.mark.parametrize(("state", "is_open"), [("sent", True), ("on_hold", True), ("draft", False), ("served", False)])
def test_people__open_referral__keeps_the_case_open(store: Store, state: str, is_open: bool) -> None:
    refer(store, visit(store, ROSA, FIRST), "211111111111", state, ROSA)
    [case] = found(store, PEOPLE)
    assert case.is_open is is_open


def test_people__reply_of_a_receiver__is_heard_of_them(store: Store) -> None:
    refer(store, visit(store, ROSA, FIRST), "211111111111", "served", ROSA)
    reply = {"reply_id": 1, "reference_code": "211111111111", "received_at": LAST}
    store.connection.execute(sa.insert(DERIVED_TABLES["referral_reply"]).values(reply))
    assert [case.heard_at for case in found(store, PEOPLE)] == [LAST]


def test_people__cards_of_one_visit_wait_for_each_other__guests_of_a_session_do_not(store: Store) -> None:
    session = store.submission(THEN, "session")
    store.row("session", session, centre_code="baiji")
    for place, card in enumerate((ROSA, NUR)):
        store.row("attendance", session, row_path=f"card[{place + 1}]", person_code=card)
    assert sorted(sorted(case.cards) for case in found(store, PEOPLE)) == [[ROSA], [NUR]]
    assert {case.heard_at for case in found(store, PEOPLE)} == {THEN}
    refer(store, visit(store, ROSA, FIRST), "211111111111", "closed", NUR)
    assert [sorted(case.cards) for case in found(store, PEOPLE)] == [[ROSA, NUR]]
    [case] = found(store, SESSIONS)
    assert (numbers(case), case.heard_at, case.is_open) == ([session], THEN, False)


def test_unnamed__referral_and_what_was_told_of_it__are_one_case(store: Store) -> None:
    number = visit(store, None, FIRST)
    refer(store, number, "211111111111", "accepted")
    told = follow_up(store, "211111111111", LAST)
    orphan = follow_up(store, "211111119999", THEN)
    one, other = found(store, UNNAMED)
    assert (numbers(one), one.heard_at, one.is_open) == ([number, told], LAST, True)
    assert (numbers(other), other.heard_at, other.is_open) == ([orphan], THEN, False)
    assert found(store, PEOPLE) == []


def feedback(store: Store, **values: object) -> int:
    number = store.submission(FIRST, "feedback")
    store.row("feedback", number, **values)
    return number


@pytest.mark.parametrize(
    ("values", "heard", "is_open"),
    [
        ({"status_code": "closed", "closed_on": date(2025, 2, 5)}, date(2025, 2, 5), False),
        ({"status_code": "closed"}, FIRST.date(), False),
        ({"status_code": "open"}, FIRST.date(), True),
        ({"status_code": "passed_on"}, FIRST.date(), True),
        ({"category_code": "channelled"}, FIRST.date(), False),
    ],
)
def test_feedback__counts_from_its_closing__and_waits_while_open(
    store: Store, values: dict[str, object], heard: date, is_open: bool
) -> None:
    number = feedback(store, **values)
    [case] = found(store, FEEDBACK)
    assert (numbers(case), case.heard_at.date(), case.is_open) == ([number], heard, is_open)
    assert found(store, UNNAMED) == []


def test_directory_and_days_of_centres__are_nobodys_case(store: Store) -> None:
    store.row("centre_day", store.submission(FIRST, "centre_day"), centre_code="baiji")
    store.row("directory_entry", store.submission(FIRST, "directory"))
    assert cases(store.connection) == []


def test_submission__deleted_is_no_case__and_one_without_arrival_counts_from_its_landing(store: Store) -> None:
    visit(store, ROSA, FIRST)
    store.row("visit", store.submission(FIRST, deleted_on=date(2025, 1, 1)), person_code=NUR)
    late = store.submission(None, submitted_at=None)  # type: ignore[arg-type]
    store.row("visit", late, person_code=NUR, centre_code="jalawla")
    for version, at in ((1, THEN), (2, LAST)):
        store.connection.execute(sa.insert(LANDED).values(version_id=version, submission_id=late, seen_at=at))
    assert {(case.heard_at, case.centre_code) for case in found(store, PEOPLE)} == {(FIRST, "baiji"), (THEN, "jalawla")}


def test_joined_cards__wait_for_each_other(store: Store) -> None:
    visit(store, ROSA, FIRST)
    visit(store, NUR, LAST)
    for card in (ROSA, NUR):
        link = {"person_code": card, "person_id": "a", "possible_id": "a"}
        store.connection.execute(sa.insert(DERIVED_TABLES["person_link"]).values(link))
    [case] = found(store, PEOPLE)
    assert (sorted(case.cards), case.heard_at) == ([ROSA, NUR], LAST)

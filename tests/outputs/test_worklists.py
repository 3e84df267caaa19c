"""Worklists as people open them: what waits and for whom, with no names and nothing of what is sensitive."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc.database.metadata import CODES, DERIVED_TABLES
from kobo_crc.outputs import worklists
from kobo_crc.outputs.locked import unlocked
from kobo_crc.outputs.problem_list import questions_of
from kobo_crc.outputs.worklists.texts import TEXTS, text
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.xlsform.form import LANGUAGES
from kobo_crc.xlsform.read import read
from tests.outputs.conftest import NOW, Store
from tests.referrals.conftest import code_row

CALENDAR = calendar_of({"priority": [code_row("normal", acknowledge_within="2 days", decide_within="4 days")]})
LONG = calendar_of({"priority": [code_row("normal", acknowledge_within="5 days", decide_within="6 days")]})
QUESTIONS = {"intake": {"person/age": {"en": "Age in years", "ar": "العمر"}}}
PASSWORD, OTHER_PASSWORD = SecretStr("password of drc"), SecretStr("password of nrc")
TODAY = date(2026, 11, 23)
Book = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def full(store: Store) -> Store:
    """A store whose lists know two organisations and two services, one of them sensitive."""
    for codes, names in {
        "organization": ("drc", "nrc", "not_listed"),
        "service": ("health", "gbv"),
        "priority": ("normal",),
        "referral_state": ("sent", "accepted", "served"),
        "referral_event": ("accept",),
        "service_status": ("active", "defunct"),
        "staff": ("bai_01", "bai_02"),
    }.items():
        for name in names:
            store.code(codes, name, (f"{name}-ar", f"{name}-ckb", name.title()))
    store.connection.execute(sa.update(CODES["service"]).values(sensitive="no"))
    return store


def refer(store: Store, number: str, *, days_ago: int = 9, state: str = "sent", **values: object) -> None:
    sent_at = NOW - timedelta(days=days_ago)
    submission_id = store.submission(sent_at)
    share = values.pop("share", "yes")
    store.row("referral", submission_id, row_path="referral[1]", reference_code=number, consent_share_code=share)
    usual: dict[str, object] = {
        "reference_code": number,
        "submission_id": submission_id,
        "row_path": "referral[1]",
        "centre_code": "baiji",
        "service_code": "health",
        "sensitive_code": "no",
        "receiving_organization_code": "drc",
        "priority_code": "normal",
        "state_code": state,
        "state_on": sent_at.date(),
        "sent_at": sent_at,
    }
    store.connection.execute(sa.insert(DERIVED_TABLES["referral_state"]).values(usual | values))


def built(store: Store, folder: Path, language: str = "en", now: datetime = NOW) -> dict[str, Book]:
    """Every workbook by folder and name: each sheet's rows below its header."""
    maker = worklists.Maker(folder, language, now, {"drc": PASSWORD, "nrc": OTHER_PASSWORD}.get)
    paths = worklists.put(maker, worklists.build(store.connection, maker, CALENDAR, QUESTIONS))
    return {f"{path.parent.name}/{path.stem}": rows_of(path) for path in paths}


def rows_of(path: Path) -> Book:
    content = path.read_bytes()
    if path.parent.name == worklists.PARTNERS:
        content = unlocked(content, path.name, PASSWORD if path.stem.startswith("drc") else OTHER_PASSWORD)
    return {
        page.title: [row for row in page.iter_rows(min_row=2, values_only=True)]
        for page in openpyxl.load_workbook(BytesIO(content))
    }


def numbers(book: Book, sheet: str) -> list[Any]:
    return [row[0] for row in book[sheet] if row[0] != "Nothing today."]


def test_centre__each_list__holds_its_referrals(full: Store, tmp_path: Path) -> None:
    refer(full, "21", days_ago=9)
    refer(full, "22", days_ago=3)
    refer(full, "23", days_ago=1)
    refer(full, "24", state="accepted")
    refer(full, "25", centre_code="jalawla")
    refer(full, "26", state="served")
    book = built(full, tmp_path)["centres/baiji"]
    assert numbers(book, "Overdue") == ["21"]
    assert numbers(book, "Due within two days") == ["22", "23"]
    assert numbers(book, "No receipt confirmed") == ["21", "22"]
    assert numbers(book, "Accepted, not served yet") == ["24"]
    assert [row[:2] for row in book["Overview"][:4]] == [
        ("Overdue", 1),
        ("Due within two days", 2),
        ("No receipt confirmed", 2),
        ("Accepted, not served yet", 1),
    ]


def test_centre__row_of_a_referral__has_labels_and_days(full: Store, tmp_path: Path) -> None:
    refer(full, "21")
    [row] = built(full, tmp_path)["centres/baiji"]["Overdue"]
    sent, due = datetime(2026, 11, 14), datetime(2026, 11, 18)
    assert row == ("21", "Health", "Drc", "Normal", "Sent", sent, sent, "decision", due, 5, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sensitive__in_every_file__is_a_number_with_priority_days_and_state(
    full: Store, tmp_path: Path, language: str
) -> None:
    refer(full, "21", service_code="gbv", sensitive_code="yes")
    books = built(full, tmp_path, language)
    assert books.keys() == {"centres/baiji", "centres/jalawla"}  # its receiver gets no file for it
    [row] = books["centres/baiji"][text("overdue", language)]
    assert (row[0], row[1], row[2]) == ("21", text("sensitive", language), None)
    everything = str(books)
    assert not any(word in everything.lower() for word in ("gbv", "drc"))


def test_partner__holds_what_it_may_be_told_and_nothing_of_others(full: Store, tmp_path: Path) -> None:
    refer(full, "21")
    refer(full, "22", share="no")
    refer(full, "23", share=None)
    refer(full, "24", receiving_organization_code="nrc")
    refer(full, "25", service_code="gbv", sensitive_code="yes")
    books = built(full, tmp_path)
    assert numbers(books["partners/drc"], "Overdue") == ["21"]
    assert numbers(books["partners/nrc"], "Overdue") == ["24"]
    assert "Answers to check" not in books["partners/drc"]
    assert books["partners/drc"]["Overdue"][0][1:3] == ("Health", "Baiji centre")


def test_partner__without_a_password__gets_no_file(full: Store, tmp_path: Path) -> None:
    refer(full, "21")
    maker = worklists.Maker(tmp_path, "en", NOW, lambda _code: None)
    worklists.put(maker, worklists.build(full.connection, maker, CALENDAR, QUESTIONS))
    assert not (tmp_path / worklists.PARTNERS).exists()


def test_partner__each_file__says_which_referrals_it_tells_of(full: Store, tmp_path: Path) -> None:
    refer(full, "21", days_ago=9)
    refer(full, "22", days_ago=0)  # nothing is due of it yet
    refer(full, "23", days_ago=9, receiving_organization_code="nrc")
    maker = worklists.Maker(tmp_path, "en", NOW, {"drc": PASSWORD}.get)
    books = worklists.build(full.connection, maker, LONG, QUESTIONS)
    assert {book.name: book.told for book in books if book.told} == {"drc": ("21",)}


def test_put__what_was_made_with_names_since__is_removed(full: Store, tmp_path: Path) -> None:
    for room, name in ((worklists.CONTACTS, "drc 2026-11-22.xlsx"), (worklists.LETTERS, "21.html")):
        (tmp_path / room).mkdir()
        (tmp_path / room / name).touch()
    (tmp_path / "mine.xlsx").touch()
    for room in (worklists.CONTACTS, worklists.LETTERS):  # a run that was killed leaves what it was writing
        (tmp_path / room / ".left.part").touch()
    built(full, tmp_path)
    assert {path.name for path in tmp_path.rglob("*.*")} == {"mine.xlsx", "baiji.xlsx", "jalawla.xlsx"}


def test_partner__receiver_that_no_list_has__gets_no_file(full: Store, tmp_path: Path) -> None:
    refer(full, "21", receiving_organization_code="not_listed")
    books = built(full, tmp_path)
    assert books.keys() == {"centres/baiji", "centres/jalawla"}
    assert numbers(books["centres/baiji"], "Overdue") == ["21"]


def test_problems__by_enumerator__name_id_question_and_remedy(full: Store, tmp_path: Path) -> None:
    for staff in ("bai_02", "bai_01"):
        submission_id = full.submission()
        full.row("visit", submission_id, centre_code="baiji", staff_code=staff)
        full.problem("code_unknown", submission_id, "person/age")
    rows = built(full, tmp_path)["centres/baiji"]["Answers to check"]
    assert [row[:4] for row in rows] == [
        ("bai_01", "Intake", 1002, "Age in years"),
        ("bai_02", "Intake", 1001, "Age in years"),
    ]
    assert all(row[5].startswith("Please ") for row in rows)


def test_orphans__of_their_centre__name_number_and_id(full: Store, tmp_path: Path) -> None:
    submission_id = full.submission(form="referral_followup")
    told = {"reference_code": "29", "event_code": "accept", "event_on": date(2026, 11, 20), "staff_code": "bai_01"}
    full.row("referral_event", submission_id, row_path="event", centre_code="baiji", **told)
    full.row("referral_event", submission_id, row_path="other", centre_code="baiji", reference_code="31")
    full.problem("followup_orphan", submission_id, "event")
    full.row("referral_event", full.submission(form="referral_followup"), centre_code="baiji", reference_code="30")
    rows = built(full, tmp_path)["centres/baiji"]["Follow-ups without referral"]
    assert rows == [("29", "Accept", datetime(2026, 11, 20), datetime(2026, 11, 23), "bai_01", 1001)]


@pytest.mark.parametrize(
    ("days", "status", "listed"),
    [(90, "active", False), (91, "active", True), (None, "active", True), (91, "defunct", False), (91, None, True)],
)
def test_directory__not_assured_for_ninety_days__is_listed_while_on_offer(
    full: Store, tmp_path: Path, days: int | None, status: str | None, listed: bool
) -> None:
    submission_id = full.submission(form="directory")
    full.row("directory_entry", submission_id, centre_code="baiji")
    assured_on = TODAY - timedelta(days=days) if days else None
    values = {"service_at_location_id": "drc/health/baiji", "service_id": "drc/health", "submission_id": submission_id}
    codes = {"organization_code": "drc", "service_code": "health", "at_centre_code": "baiji", "status_code": status}
    offer = sa.insert(DERIVED_TABLES["service_at_location"])
    full.connection.execute(offer.values({"assured_on": assured_on} | values | codes))
    rows = built(full, tmp_path)["centres/baiji"]["Directory to assure again"]
    assert (rows[0][:3] == ("Drc", "Health", "Baiji centre")) == listed
    assert rows[0][5] == days if listed else rows[0][0] == "Nothing today."


def test_no_known_centre__has_a_file_of_its_own(full: Store, tmp_path: Path) -> None:
    full.problem("code_unknown", full.submission(), "person/age")
    books = built(full, tmp_path)
    assert len(books["centres/no_centre"]["Answers to check"]) == 1
    assert ("For", None, "No known centre") in books["centres/no_centre"]["Overview"]


@pytest.mark.parametrize(("valid_to", "listed"), [(TODAY, True), (TODAY - timedelta(days=1), False)])
def test_centre__closed_for_good__gets_no_file_from_then_on(
    full: Store, tmp_path: Path, valid_to: date, listed: bool
) -> None:
    centre = CODES["centre"]
    full.connection.execute(sa.update(centre).where(centre.c.code == "jalawla").values(valid_to=valid_to))
    assert ("centres/jalawla" in built(full, tmp_path)) == listed


def test_questions_of__group__keeps_its_label_though_its_end_has_none() -> None:
    root = Path(__file__).parents[2] / "forms"
    labels = questions_of([read(root / "intake.md", root / "codes")])
    assert labels["intake"]["person"]["en"] == "About the person"


def test_centre__retired_with_nothing_to_do__gets_no_file(full: Store, tmp_path: Path) -> None:
    centre = CODES["centre"]
    full.connection.execute(sa.update(centre).where(centre.c.code == "jalawla").values(retired_on=TODAY))
    assert built(full, tmp_path).keys() == {"centres/baiji"}


def test_build__list_of_yesterday_without_successor__is_removed(full: Store, tmp_path: Path) -> None:
    refer(full, "21")
    assert "partners/drc" in built(full, tmp_path)
    full.connection.execute(sa.update(DERIVED_TABLES["referral_state"]).values(state_code="served"))
    built(full, tmp_path, now=NOW + timedelta(days=1))
    assert [path.name for path in sorted(tmp_path.rglob("*.xlsx"))] == ["baiji.xlsx", "jalawla.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="Windows itself holds the file")
def test_build__workbook_open_elsewhere__is_written_under_a_dated_name(
    full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(full, tmp_path)
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if target.name == "baiji.xlsx":
            raise PermissionError
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    assert "centres/baiji 2026-11-23 200500" in built(full, tmp_path)


@pytest.mark.parametrize("key", TEXTS)
def test_text__each__is_there_in_three_languages(key: str) -> None:
    assert TEXTS[key].keys() == set(LANGUAGES)
    assert all(TEXTS[key].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_build__each_language__opens_with_its_tabs(full: Store, tmp_path: Path, language: str) -> None:
    book = built(full, tmp_path, language)["centres/baiji"]
    assert len(book) == 8
    assert all(len(name) <= 31 for name in book)

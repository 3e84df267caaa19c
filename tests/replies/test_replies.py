"""A receiver's workbook all the way: made, filled, brought in, and what it leaves behind."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import replies
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, REPLY, RUN, SUBMISSION
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.outputs.locked import locked
from kobo_crc.outputs.sheets import Sheet, workbook
from kobo_crc.replies import Brought, Made, bring, make
from kobo_crc.replies.judging import Refused
from kobo_crc.replies.texts import text
from kobo_crc.replies.workbook import LARGEST_UNPACKED
from kobo_crc.xlsform.form import LANGUAGES
from tests.referrals.conftest import ARRIVED_AT
from tests.replies.conftest import PASSWORD, Folder

NOW = ARRIVED_AT + timedelta(days=20)


def made(folder: Folder, receiver: str = "drc", language: str = "en") -> Made:
    return make(folder.settings, receiver, PASSWORD, language, NOW)


def brought(folder: Folder, path: Path, receiver: str = "drc", password: SecretStr = PASSWORD) -> Brought:
    return bring(folder.settings, path, receiver, password, NOW)


def test_make__workbook__holds_only_what_the_person_agreed_to_have_told(folder: Folder) -> None:
    workbook = made(folder)
    assert workbook == Made(folder.settings.replies / "drc 2026-11-21.xlsx", 2)
    page = folder.opened(workbook.path)["Replies"]
    rows = list(page.iter_rows(min_row=2, values_only=True))
    sent, due = datetime(2026, 11, 1), datetime(2026, 11, 15)
    assert rows == [
        ("2", "health", "normal", sent, "sent", due, None, None, None),
        ("3", "sensitive: number only", "normal", sent, "sent", due, None, None, None),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_make__in_no_sheet__is_a_sensitive_service(folder: Folder, language: str) -> None:
    book = folder.opened(made(folder, language=language).path)
    cells = " ".join(str(cell) for page in book for row in page.values for cell in row if cell)
    assert "gbv" not in cells
    assert text("sensitive", language) in cells


def test_make__on_the_disk__is_nothing_that_is_not_locked(folder: Folder, tmp_path: Path) -> None:
    made(folder)
    workbooks = [path for path in tmp_path.rglob("*") if path.is_file() and "forms" not in path.parts]
    assert [path.name for path in workbooks if path.read_bytes()[:4] == b"PK\x03\x04"] == []


def test_make__three_columns__can_be_filled_from_lists_and_nothing_else(folder: Folder) -> None:
    book = folder.opened(made(folder).path)
    page = book["Replies"]
    assert page.protection.sheet
    assert [cell.protection.locked for cell in page[2]] == [True] * 6 + [False] * 3
    rules = {str(rule.sqref): (rule.type, rule.formula1) for rule in page.data_validations.dataValidation}
    assert rules["G2:G3"] == ("list", "lists!$A$1:$A$5")
    assert rules["I2:I3"] == ("list", "lists!$B$1:$B$2")
    assert (rules["H2:H3"][0], page["H2"].number_format) == ("date", "yyyy-mm-dd")
    lists = [[cell.value for cell in column if cell.value] for column in book["lists"].columns]
    assert lists == [["acknowledge", "accept", "decline", "start", "serve"], ["no_capacity", "not_eligible"]]
    assert {page.title: page.sheet_state for page in book} == {
        "How to reply": "visible", "Replies": "visible", "lists": "veryHidden", "kobo_crc": "veryHidden",
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_make__each_language__has_its_direction_and_comes_back(folder: Folder, language: str) -> None:
    path = made(folder, language=language).path
    page = folder.opened(path)[text("replies", language)]
    assert bool(page.sheet_view.rightToLeft) == (language != "en")
    folder.fill(path, ("2", "accept", date(2026, 11, 5)))
    assert brought(folder, path) == Brought(1, 0, 0, ())


@pytest.mark.parametrize("receiver", ["not_listed", "nobody"])
def test_make__no_receiver__names_those_that_there_are(folder: Folder, receiver: str) -> None:
    with pytest.raises(ConfigError, match="drc, nrc"):
        made(folder, receiver)


def test_bring__filled_rows__move_their_referrals(folder: Folder) -> None:
    path = made(folder).path
    folder.fill(path, ("2", "تم قبول الإحالة", date(2026, 11, 5)), ("3", "decline", date(2026, 11, 6), "no_capacity"))
    assert brought(folder, path) == Brought(2, 0, 0, ())
    state = DERIVED_TABLES["referral_state"].c
    with folder.files.database.reading() as connection:
        query = sa.select(state.reference_code, state.state_code, state.decided_on, state.reason_code)
        rows = {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    assert rows["2"] == ("accepted", date(2026, 11, 5), None)
    assert rows["3"] == ("not_accepted", date(2026, 11, 6), "no_capacity")
    assert rows["5"][0] == "sent"


def test_bring__again__is_ignored(folder: Folder) -> None:
    path = made(folder).path
    folder.fill(path, ("2", "accept", date(2026, 11, 5)))
    assert brought(folder, path).landed == 1
    assert brought(folder, path) == Brought(0, 1, 0, ())


def test_bring__bad_rows__are_refused_one_by_one_and_the_good_one_lands(folder: Folder) -> None:
    path = made(folder).path
    day = date(2026, 11, 5)
    folder.fill(
        path,
        ("9", "accept", day),
        ("5", "accept", day),
        ("4", "accept", day),
        ("2", "accept", date(2026, 10, 5)),
        ("2", "accept", day),
    )
    refused = ("reference_unknown", "receiver_wrong", "not_shared", "day_before_sending")
    assert brought(folder, path) == Brought(1, 0, 0, tuple(Refused(line, why) for line, why in enumerate(refused, 2)))


def test_bring__reply_after_the_end__lands_and_is_counted_as_doubtful(folder: Folder) -> None:
    path = made(folder).path
    folder.files.event("2", "close", event_on=date(2026, 11, 3))
    folder.fill(path, ("2", "accept", date(2026, 11, 5)))
    assert brought(folder, path) == Brought(1, 0, 1, ())
    assert ("reply_doubtful", 1) in folder.files.problems()


def test_bring__workbook_of_another_receiver__is_refused_whole(folder: Folder) -> None:
    path = made(folder).path
    folder.fill(path, ("2", "accept", date(2026, 11, 5)))
    with pytest.raises(ConfigError, match="made for another receiver"):
        brought(folder, path, "nrc")
    with folder.files.database.reading() as connection:
        assert connection.execute(sa.select(REPLY)).all() == []


def test_bring__saved_without_password__is_refused(folder: Folder) -> None:
    path = made(folder).path
    folder.opened(path).save(path)
    with pytest.raises(ConfigError, match="is not protected by a password"):
        brought(folder, path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook([Sheet("Replies", ("Number",), [])], "en", made_at=NOW), "is no workbook of replies"),
        (b"PK\x03\x04 no archive", "cannot be read as a workbook|damaged"),
    ],
)
def test_bring__some_other_workbook__is_refused(folder: Folder, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "drc.xlsx"
    path.write_bytes(locked(content, PASSWORD) if content.startswith(b"PK") and b"xl/" in content else content)
    with pytest.raises(ConfigError, match=words):
        brought(folder, path)


def test_bring__header_changed__names_the_column(folder: Folder) -> None:
    path = made(folder).path
    book = folder.opened(path)
    book["Replies"]["G1"] = "Something else"
    folder.save(book, path)
    with pytest.raises(ConfigError, match="lacks the column Your answer"):
        brought(folder, path)


def test_bring__column_put_in_by_the_receiver__is_no_matter(folder: Folder) -> None:
    path = made(folder).path
    folder.fill(path, ("2", "accept", date(2026, 11, 5)))
    book = folder.opened(path)
    book["Replies"].insert_cols(2)
    folder.save(book, path)
    assert brought(folder, path).landed == 1


def test_bring__file_not_there__is_one_sentence(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read .* Please check its name"):
        brought(folder, tmp_path / "drc.xlsx")


def test_bring__vault_older_than_its_store__is_refused(folder: Folder) -> None:
    path = made(folder).path
    with folder.files.database.writing() as connection:
        connection.execute(sa.update(SUBMISSION).values(version_id=9))
    with pytest.raises(StoreError, match="is older than the store"):
        brought(folder, path)


def test_bring__vault_that_lost_replies__is_refused(folder: Folder) -> None:
    path = made(folder).path
    folder.fill(path, ("2", "accept", date(2026, 11, 5)))
    brought(folder, path)
    with folder.files.database.writing() as connection:
        connection.execute(sa.delete(REPLY))
    with pytest.raises(StoreError, match="is older than the store"):
        brought(folder, path)


def test_bring__file_far_too_large__is_not_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(folder).path
    monkeypatch.setattr(replies, "LARGEST_BYTES", path.stat().st_size - 1)
    with pytest.raises(ConfigError, match="far too large"):
        brought(folder, path)


def test_bring__few_bytes_that_swell_to_many__are_not_read(folder: Folder) -> None:
    bomb = BytesIO(workbook([Sheet("Replies", ("Number",), [])], "en", made_at=NOW))
    with ZipFile(bomb, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", bytes(LARGEST_UNPACKED))
    path = made(folder).path
    path.write_bytes(locked(bomb.getvalue(), PASSWORD))
    assert path.stat().st_size < replies.LARGEST_BYTES
    with pytest.raises(ConfigError, match="far larger than any workbook of replies"):
        brought(folder, path)


@pytest.mark.parametrize(("values", "offered"), [
    ({"valid_to": date(2026, 11, 20)}, False),
    ({"valid_to": date(2026, 11, 21)}, True),
    ({"retired_on": date(2026, 1, 1)}, False),
])  # fmt: skip
def test_reason_that_left_its_list__is_not_offered_and_still_read(
    folder: Folder, values: dict[str, date], offered: bool
) -> None:
    reasons = CODES["event_reason"]
    with folder.files.database.writing() as connection:
        connection.execute(sa.update(reasons).where(reasons.c.code == "no_capacity").values(values))
    path = made(folder).path
    lists = [cell.value for cell in folder.opened(path)["lists"]["B"]]
    assert ("no_capacity" in lists) == offered
    folder.fill(path, ("2", "decline", date(2026, 11, 5), "no_capacity"))
    assert brought(folder, path) == Brought(1, 0, 0, ())


def test_diary__of_both__tells_numbers_alone(folder: Folder) -> None:
    path = made(folder).path
    folder.fill(path, ("2", "accept", date(2026, 11, 5)), ("9", "accept", date(2026, 11, 5)))
    brought(folder, path)
    with folder.files.database.reading() as connection:
        runs = connection.execute(sa.select(RUN.c.pipeline, RUN.c.outcome, RUN.c.note).order_by(RUN.c.run_id)).all()
    assert [tuple(run) for run in runs] == [
        ("replies (drc, made)", "ok", "2 referrals told to drc."),
        ("replies (drc, imported)", "ok", "1 replies landed, 1 rows refused."),
    ]


def test_workbook__as_openpyxl_saves_it__is_still_one(folder: Folder) -> None:
    content = BytesIO()
    folder.opened(made(folder).path).save(content)
    assert openpyxl.load_workbook(content)["kobo_crc"]["A2"].value == "drc"

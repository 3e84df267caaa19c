"""Files as others open them: read back with other libraries than wrote them."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kobo_crc.outputs.exports.figures import FIVE_WS, five_ws, flat
from kobo_crc.outputs.exports.tables import LEVELS, Column, Export, Table, harmless
from kobo_crc.outputs.exports.writing import excel, parquet, tagged
from kobo_crc.outputs.indicators.tables import Line
from kobo_crc.outputs.indicators.words import Labels
from tests.outputs.indicators.conftest import OCTOBER, Centre
from tests.outputs.indicators.conftest import centre as centre

NOW = datetime(2026, 11, 3, 9)
MEANING = {"en": "what it is", "ar": "ما هو", "ckb": "چییە"}
COLUMNS = (
    Column("text", "text", MEANING, "#meta"),
    Column("count", "number", MEANING, "#value+num"),
    Column("day", "date", MEANING, "#date"),
)
ROWS = (("=1+1", 5, date(2026, 10, 1)), ("نص", None, None))
PUBLISHED = {
    OCTOBER: {
        "services": [
            Line("", "", 130, "130"),
            Line("service", "cash", 15, "15"),
            Line("service", "food", 0, "<5"),
            Line("centre", "jalawla", 20, "20"),
            Line("centre", "mosul_jadeda", 10, "10"),
        ],
        "people": [Line("", "", 145, "145 – 155"), Line("sex", "female", 80, "80"), Line("centre", "baiji", 5, "5")],
        "visits": [Line("", "", 200, "200")],
    }
}


def export(folder: Path, language: str = "en", receiver: str = "nrc") -> Export:
    tables = (Table("figures", "public", COLUMNS, ROWS), Table("referrals", "confidential", COLUMNS[:1], (("a",),)))
    return Export(folder / "نتائج", tables, language, receiver)


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
def test_excel__workbook__says_what_it_is_and_runs_nothing(tmp_path: Path, language: str) -> None:
    [path] = excel(export(tmp_path, language), NOW)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["about", "figures", "referrals", "dictionary"]
    assert book["about"]["A2"].value == LEVELS["confidential"][language].format(receiver="nrc")
    sheet = book["figures"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["text", "count", "day"],
        ["'=1+1", 5, datetime(2026, 10, 1)],
        ["نص", None, None],
    ]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert bool(sheet.sheet_view.rightToLeft) == (language != "en")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:C3")
    assert sheet.oddFooter.left.text == LEVELS["confidential"][language].format(receiver="nrc")
    assert [row[-1].value for row in book["dictionary"].iter_rows(min_row=2)] == [MEANING[language]] * 4


def test_tagged__csv__has_tags_below_the_header_and_a_dictionary(tmp_path: Path) -> None:
    paths = tagged(export(tmp_path), NOW)
    assert [path.name for path in paths] == ["figures.csv", "referrals.csv", "dictionary.csv"]
    assert paths[0].read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(paths[0].read_text(encoding="utf-8-sig").splitlines()))
    assert rows == [
        ["text", "count", "day"],
        ["#meta", "#value+num", "#date"],
        ["'=1+1", "5", "2026-10-01"],
        ["نص", "", ""],
    ]
    words = paths[2].read_text(encoding="utf-8-sig")
    assert "referrals,text,text,#meta,confidential,what it is" in words and "For nrc alone" in words


def test_parquet__types__survive(tmp_path: Path) -> None:
    path = parquet(export(tmp_path), NOW)[0]
    read = pd.read_parquet(path)
    assert list(read.columns) == ["text", "count", "day"]
    assert read["count"].dtype == "Int64" and read["count"].isna().tolist() == [False, True]
    assert (read["text"][0], read["day"][0]) == ("=1+1", date(2026, 10, 1))


@pytest.mark.skipif(os.name != "posix", reason="On Windows the folder's rights count.")
def test_tagged__rows_about_people__are_for_the_own_account_alone(tmp_path: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in tagged(export(tmp_path), NOW)} == {0}
    public = Export(tmp_path / "public", (Table("figures", "public", COLUMNS, ROWS),), "en")
    assert 0 not in {path.stat().st_mode & 0o044 for path in tagged(public, NOW)}


def test_face__public_alone__may_be_passed_on(tmp_path: Path) -> None:
    public = Export(tmp_path, (Table("figures", "public", COLUMNS, ROWS),), "en")
    assert public.face(public.level) == LEVELS["public"]["en"]


@pytest.mark.parametrize("text", ["=A1", "+964770", "-1", "@x", "\tx", "\rx"])
def test_harmless__what_a_spreadsheet_would_run__is_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert [harmless(value) for value in ("<5", "–", -3, None, "a=b")] == ["<5", "–", "-3", "", "a=b"]


def test_flat__every_published_number__is_a_row_and_small_ones_have_no_value(centre: Centre) -> None:
    rows = flat(PUBLISHED, Labels(centre.store.connection, "en"), "en").rows
    assert len(rows) == 9
    assert ("2026-10", "services", "Services delivered", "Service", "food", "Food", None, "<5") in rows


def test_five_ws__what_where_and_for_whom(centre: Centre) -> None:
    made = five_ws(centre.store.connection, PUBLISHED, Labels(centre.store.connection, "en"), "en")
    rows = [dict(zip((column.name for column in FIVE_WS), row, strict=True)) for row in made.rows]
    assert {(row["from"], row["to"]) for row in rows} == {(date(2026, 10, 1), date(2026, 10, 31))}
    told = [
        (row["what"], row["governorate"], row["district"], row["whom"], row["output"], row["reached"]) for row in rows
    ]
    assert told == [
        ("Services delivered: Cash assistance", None, None, None, 15, None),
        ("Services delivered", "IQG10", "IQG10Q05", None, 20, None),
        ("Services delivered", "IQG15", "IQG15Q05", None, 10, None),
        ("Unique people assisted", None, None, None, None, 145),
        ("Unique people assisted", None, None, "Female", None, 80),
        ("Unique people assisted", "IQG16", "IQG16Q03", None, None, 5),
    ]

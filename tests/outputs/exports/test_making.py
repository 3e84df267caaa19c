"""Exports by their commands: only what was published, rows only for a receiver, the vault's key never shown."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc import cli, disclosed
from kobo_crc.config import Settings
from kobo_crc.database.metadata import AUDIT
from kobo_crc.errors import ConfigError
from kobo_crc.opening import opened
from kobo_crc.outputs.exports import referrals
from kobo_crc.outputs.exports.making import Wish, make, make_directory
from kobo_crc.outputs.indicators.asking import publish
from kobo_crc.outputs.indicators.months import Month
from tests.outputs.exports.test_referrals import case
from tests.outputs.indicators.test_asking import NOW, OCTOBER, visits
from tests.outputs.indicators.test_asking import settings as settings

FOR_NRC = ("--for", "nrc", "--purpose", "a review")
FORMS = Path(__file__).parents[3] / "forms"


def test_make__nothing_published__says_how_to(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="indicators --from MONTH --publish"):
        make(settings, Wish("excel", OCTOBER, OCTOBER), settings.store.parent, NOW)


def test_make__what_came_after_the_publication__is_not_in_it(settings: Settings) -> None:
    publish(settings, OCTOBER, OCTOBER, NOW)
    before = make(settings, Wish("hxl", OCTOBER, Month(2027, 1)), settings.store.parent, NOW)
    visits(settings, 100, 30)
    assert make(settings, Wish("hxl", OCTOBER, Month(2027, 1)), settings.store.parent, NOW) == before
    assert before.level == "public" and [table.name for table in before.tables] == ["figures"]


@pytest.mark.parametrize("receiver", ["..", "NRC", "a/b", "x" * 41, "a", "public", "nul", "com1"])
def test_make__receiver_that_is_no_name__refused(settings: Settings, receiver: str) -> None:
    with pytest.raises(ConfigError, match="--for"):
        make(settings, Wish("hxl", OCTOBER, OCTOBER, receiver), settings.store.parent, NOW)


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (("excel",), ["public/figures.xlsx"]),
        (("5w",), ["public/5w.csv", "public/5w.dictionary.csv"]),
        (
            ("hxl", "--for", "nrc", "--purpose", "a review"),
            ["nrc/dictionary.csv", "nrc/figures.csv", "nrc/referrals.csv"],
        ),
        (
            ("parquet", "--for", "nrc", "--purpose", "a review"),
            ["nrc/dictionary.csv", "nrc/figures.parquet", "nrc/referrals.parquet"],
        ),
        (("hsds",), ["public/directory.dictionary.csv", "public/directory.hsds.json"]),
    ],
)
def test_export__command__writes_its_files(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    files: list[str],
) -> None:
    folder = settings.store.parent
    shutil.copy(FORMS / "intake.md", folder / "forms")
    publish(settings, OCTOBER, OCTOBER, datetime.now(UTC))
    months = () if words == ("hsds",) else ("--from", "2026-10")
    monkeypatch.setattr(sys, "argv", ["kobo-crc", "export", *words, *months, "--folder", str(folder)])
    with suppress(SystemExit):
        cli.main()
    said = capsys.readouterr()
    made = folder / "exports"
    assert said.err == ""
    assert sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()) == files
    assert "sensitivity" in said.out


def test_make__rows_for_a_receiver__are_noted_with_their_purpose(settings: Settings) -> None:
    publish(settings, OCTOBER, OCTOBER, NOW)
    with pytest.raises(ConfigError, match="--purpose"):
        make(settings, Wish("hxl", OCTOBER, OCTOBER, "nrc"), settings.store.parent, NOW)
    make(settings, Wish("hxl", OCTOBER, OCTOBER, "nrc", "a review"), settings.store.parent, NOW)
    with opened(settings) as database, database.reading() as connection:
        [noted] = connection.execute(sa.select(AUDIT)).all()
    assert (noted.action, noted.purpose, noted.row_count) == ("export hxl", "a review", 0)
    assert noted.scope == "referrals sent from 2026-10 to 2026-10, for nrc" and noted.who


def test_make__what_tells_of_nobody__is_noted_too(settings: Settings) -> None:
    publish(settings, OCTOBER, OCTOBER, NOW)
    made = make(settings, Wish("5w", OCTOBER, OCTOBER), settings.store.parent, NOW)
    make_directory(settings, settings.store.parent, NOW)
    with opened(settings) as database, database.reading() as connection:
        noted = connection.execute(sa.select(AUDIT.c.action, AUDIT.c.scope, AUDIT.c.row_count)).all()
    assert [tuple(row) for row in noted] == [
        ("export 5w", "published figures from 2026-10 to 2026-10", len(made.tables[0].rows)),
        ("export hsds", "the directory of services", 0),
    ]


@pytest.mark.parametrize(("count", "told"), [(9, True), (1, False)])
def test_make__each_row_for_a_receiver__is_remembered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, count: int, told: bool
) -> None:
    publish(settings, OCTOBER, OCTOBER, NOW)
    monkeypatch.setattr(referrals, "cases", lambda *_: [case(number) for number in range(count)])
    make(settings, Wish("hxl", OCTOBER, OCTOBER, "nrc", "a review"), settings.store.parent, NOW)
    with opened(settings) as database, database.reading() as connection:
        knows = disclosed.who_knows(connection, database.keys, "", [case(0).referral])
    assert [one[:3] for one in knows] == [("nrc", "export", "row without names")] * told


def test_make__key_of_a_receiver__stays_and_is_nobody_elses(settings: Settings) -> None:
    purposes = [f"pseudonyms for {receiver}" for receiver in ("nrc", "nrc", "drc")]
    with opened(settings) as database, database.writing() as connection:
        first, again, other = (database.keys.for_purpose(connection, purpose) for purpose in purposes)
    assert first == again != other

"""Published once, kept for good: what stands in the vault against what the store says now."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc import cli, pipeline
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import FACT_TABLES, PUBLISHED_FIGURE, SUBMISSION
from kobo_crc.errors import ConfigError
from kobo_crc.opening import opened
from kobo_crc.outputs.indicators.asking import Question, ask, publish
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.store import sync_codes
from kobo_crc.xlsform.lists import read_codes
from tests.commands import settings_file
from tests.e2e.centre import Centre as Deployed
from tests.e2e.centre import seal
from tests.e2e.conftest import centre as deployed  # noqa: F401
from tests.stores import Stores

CODE_FILES = Path(__file__).parents[3] / "forms" / "codes"
OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
VISITS = Question(OCTOBER, OCTOBER, by=("centre",), figures=("visits",))


def visits(settings: Settings, first: int, number: int, centre: str = "baiji", day: date = date(2026, 10, 7)) -> None:
    with Database.of(settings) as database, database.writing() as connection:
        for submission in range(first, first + number):
            connection.execute(
                sa.insert(SUBMISSION).values(
                    submission_id=submission,
                    form="intake",
                    project="main",
                    asset_uid="a",
                    server_id=submission,
                    root_uuid=str(submission),
                    version_id=0,
                    plan="",
                    form_version="",
                    validation_status="",
                    submitted_at=datetime(2026, 10, 7, 9),
                )
            )
            key = {"submission_id": submission, "row_path": "", "parent_path": ""}
            connection.execute(sa.insert(FACT_TABLES["visit"]).values(**key, centre_code=centre, visited_on=day))
            connection.execute(sa.insert(FACT_TABLES["consent"]).values(**key, report_code="yes"))


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Settings:
    shutil.copytree(CODE_FILES, tmp_path / "forms" / "codes")
    made = stores.settings(tmp_path, server_url="https://kf.kobotoolbox.org", language="en")
    settings_file(made, language="en")
    seal(made)
    with opened(made) as database, database.writing() as connection:
        sync_codes(connection, read_codes(CODE_FILES), [])
    visits(made, 1, 41)
    return made


def shown(settings: Settings, question: Question = VISITS) -> list[tuple[str | None, str]]:
    """The total and Baiji's number, each as published and as it is now."""
    [sheet] = ask(settings, question, NOW)
    [column] = sheet.columns
    places = (("", ""), ("centre", "baiji"))
    return [(None if column.reported is None else column.reported[place], column.now[place]) for place in places]


def test_publish__later_visits__stand_beside_what_was_published(settings: Settings) -> None:
    assert shown(settings) == [(None, "40"), (None, "40")]
    assert publish(settings, OCTOBER, OCTOBER, NOW) == [OCTOBER]
    visits(settings, 100, 20)
    assert shown(settings) == [("40", "60"), ("40", "60")]
    assert publish(settings, OCTOBER, OCTOBER, NOW + timedelta(days=1)) == []
    assert shown(settings) == [("40", "60"), ("40", "60")]


def test_publish__vault__holds_rounded_numbers_alone(settings: Settings) -> None:
    publish(settings, OCTOBER, OCTOBER, NOW)
    with Database.of(settings) as database, database.reading() as connection:
        rows = connection.execute(sa.select(PUBLISHED_FIGURE).where(PUBLISHED_FIGURE.c.figure == "visits")).all()
    assert rows and {row.value for row in rows if row.value} == {40}
    assert {row.shown for row in rows} <= {"40", "<5", "–"} and {row.published_at for row in rows} == {
        datetime(2026, 11, 3, 9)
    }


def test_publish__rebuild__leaves_it(deployed: Deployed) -> None:  # noqa: F811
    deployed.night()
    day = date.today().replace(day=1) - timedelta(days=1)
    month = Month(day.year, day.month)
    assert publish(deployed.settings, month, month, datetime.now(UTC)) == [month]
    pipeline.rebuild(deployed.settings, "nightly")
    assert publish(deployed.settings, month, month, datetime.now(UTC)) == []


def test_ask__month_not_over__refused_unless_exact_for_a_centre(settings: Settings) -> None:
    november = Month(2026, 11)
    with pytest.raises(ConfigError, match="2026-11 is not over"):
        ask(settings, Question(OCTOBER, november), NOW)
    with pytest.raises(ConfigError, match="2026-11 is not over"):
        publish(settings, november, november, NOW)
    assert ask(settings, Question(OCTOBER, november, centre="baiji"), NOW)


def test_ask__month_over_in_baghdad_before_it_is_in_greenwich__is_over(settings: Settings) -> None:
    assert ask(settings, VISITS, datetime(2026, 10, 31, 21, tzinfo=UTC))
    with pytest.raises(ConfigError, match="not over"):
        ask(settings, VISITS, datetime(2026, 10, 31, 20, 59, tzinfo=UTC))


def test_ask__exact__of_that_centre_alone_and_never_as_published(settings: Settings) -> None:
    publish(settings, OCTOBER, OCTOBER, NOW)
    visits(settings, 100, 3, "jalawla")
    [sheet] = ask(settings, Question(OCTOBER, OCTOBER, ("centre",), ("visits",), "jalawla"), NOW)
    assert sheet.columns[0].reported is None
    now = sheet.columns[0].now
    assert {place: now[place] for place in now if now[place] != "0" and place[0] != "share"} == {
        ("", ""): "3",
        ("centre", "jalawla"): "3",
    }


@pytest.mark.parametrize(
    ("question", "named"),
    [
        (Question(OCTOBER, OCTOBER, by=("shoe",)), "shoe"),
        (Question(OCTOBER, OCTOBER, figures=("shoes",)), "shoes"),
        (Question(OCTOBER, OCTOBER, centre="paris"), "paris"),
    ],
)
def test_ask__unknown__lists_what_there_is(settings: Settings, question: Question, named: str) -> None:
    with pytest.raises(ConfigError, match=rf"{named}\b.*Please choose from: \w+"):
        ask(settings, question, NOW)


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    monkeypatch.setattr(sys, "argv", ["kobo-crc", "indicators", *words])
    with suppress(SystemExit):
        cli.main()
    printed = capsys.readouterr()
    return printed.out, printed.err


def test_indicators__command__says_what_it_shows(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--folder", str(settings.store.parent), "--figure", "visits", "--from", "2026-10")
    out, _ = said(monkeypatch, capsys, *where, "--by", "centre")
    assert "2026-10*" in out and "Conversations on a day of the month" in out and "<5" in out and " 40" in out
    out, _ = said(monkeypatch, capsys, *where, "--publish", "--now")
    assert "Published: 2026-10." in out and "2026-10*" not in out and "40 | 40" in out
    out, _ = said(monkeypatch, capsys, *where, "--internal", "--centre", "baiji")
    assert out.startswith("INTERNAL: exact") and " 41" in out
    for words in (("--internal",), ("--centre", "baiji"), ("--internal", "--centre", "baiji", "--publish")):
        out, error = said(monkeypatch, capsys, *where, *words)
        assert not out and "Please give" in error

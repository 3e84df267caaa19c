"""Receivers' workbooks as the data officer handles them; passwords never stand on the command line."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from tests.commands import Command, settings_file
from tests.replies.conftest import PASSWORD, Folder

VARIABLE = "KOBO_CRC_REPLY_PASSWORD_DRC"


@pytest.fixture
def here(folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The folder as the working directory, with its settings file and no terminal to ask on."""
    settings_file(folder.settings, language="en")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    return folder


@pytest.fixture
def made(here: Folder, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workbook of drc, by the password of the environment."""
    monkeypatch.setenv(VARIABLE, PASSWORD.get_secret_value())
    said = kobo_crc("replies", "make", "drc")
    assert (said.code, said.error) == (0, "")
    assert "2 referrals, under the password" in said.out
    [path] = here.settings.replies.glob("drc *.xlsx")
    return path


def test_make_and_import__by_the_files_name__say_what_came_of_it(here: Folder, made: Path, kobo_crc: Command) -> None:
    here.fill(made, ("2", "accept", date(2026, 11, 5)), ("3", "decline", "secret-name"))
    said = kobo_crc("replies", "import", str(made))
    assert said.code == 1
    assert said.out == "1 replies are new; 0 were here already; 1 rows refused.\n"
    assert said.error == "Refused: row 3: the day is missing or is no day such as 2026-11-23\n"
    assert kobo_crc("replies", "import", str(made)).out.startswith("0 replies are new; 1 were here already")


def test_make__each_referral__is_remembered_as_told(here: Folder, made: Path, kobo_crc: Command) -> None:
    assert "Told to drc (replies)" in kobo_crc("referral", "told", "2", "--purpose", "x").out
    assert kobo_crc("referral", "told", "4", "--purpose", "x").out == "Nobody was told by way of a file from here.\n"


def test_import__under_another_name__needs_the_receiver(
    here: Folder, made: Path, kobo_crc: Command, tmp_path: Path
) -> None:
    other = here.fill(made, ("2", "accept", date(2026, 11, 5))).rename(tmp_path / "نسخة.xlsx")
    said = kobo_crc("replies", "import", str(other))
    assert said.code == 1
    assert "has no code نسخة" in said.error and "--receiver" in said.error
    assert kobo_crc("replies", "import", str(other), "--receiver", "drc").code == 0


def test_import__reply_that_does_not_fit__is_told(here: Folder, made: Path, kobo_crc: Command) -> None:
    here.files.event("2", "close", event_on=date(2026, 11, 3))
    here.fill(made, ("2", "accept", date(2026, 11, 5)))
    said = kobo_crc("replies", "import", str(made))
    assert (said.code, said.error) == (0, "")
    assert "1 do not fit their referral as it stands: kobo-crc problems --code reply_doubtful" in said.out


def test_password__in_the_secrets_folder__is_taken(here: Folder, kobo_crc: Command) -> None:
    (here.settings.secrets / VARIABLE.lower()).write_text(PASSWORD.get_secret_value(), encoding="utf-8")
    assert kobo_crc("replies", "make", "drc").code == 0


def test_password__nowhere_and_nobody_to_ask__says_where_it_belongs(here: Folder, kobo_crc: Command) -> None:
    said = kobo_crc("replies", "make", "drc")
    assert said.code == 1
    assert VARIABLE in said.error and "Please set" in said.error
    assert not here.settings.replies.exists()


def test_password__in_a_terminal__is_asked_for_unseen_and_twice_when_new(
    here: Folder, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))

    def prompt(_text: str, **how: object) -> str:
        asked.append(how)
        return PASSWORD.get_secret_value()

    monkeypatch.setattr(typer, "prompt", prompt)
    assert kobo_crc("replies", "make", "drc").code == 0
    [path] = here.settings.replies.glob("*.xlsx")
    assert kobo_crc("replies", "import", str(path)).code == 0
    assert asked == [
        {"hide_input": True, "confirmation_prompt": True},
        {"hide_input": True, "confirmation_prompt": False},
    ]


def test_password__too_short__makes_nothing(here: Folder, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "short")
    said = kobo_crc("replies", "make", "drc")
    assert said.code == 1
    assert "Please take a longer one" in said.error and "short" not in said.out
    assert not here.settings.replies.exists()


def test_make__unknown_language__is_one_sentence(here: Folder, kobo_crc: Command) -> None:
    said = kobo_crc("replies", "make", "drc", "--language", "fr")
    assert said.code == 1
    assert "Please give --language ar, ckb or en" in said.error


def test_make__no_store_yet__is_one_sentence(
    kobo_crc: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD.get_secret_value())
    new = tmp_path / "new"
    kobo_crc("init", str(new))
    (new / "kobo_crc.toml").write_text('server_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    said = kobo_crc("replies", "make", "drc", "--folder", str(new))
    assert said.code == 1
    assert "Please run: kobo-crc run nightly" in said.error
    assert not (new / "store.db").exists()

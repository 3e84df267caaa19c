"""A watched run: in its log, told when it fails or work waits, and as it would be without."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from kobo_crc import notices, watched
from kobo_crc.config import Settings
from kobo_crc.errors import ConfigError, SourceError, StoreError
from kobo_crc.logbook import KEPT, logbook
from kobo_crc.notices import Notice
from kobo_crc.notices.waiting import Waiting
from kobo_crc.progress import Silence
from kobo_crc.runs import Run
from tests.outputs.conftest import NOW

OVERDUE = [Waiting("Baiji", 2, 0, 0)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    text = {"server_url": "http://127.0.0.1:9", "language": "en"}
    return Settings.model_validate(text, context={"folder": tmp_path})


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    """The summaries that went out; each fails to arrive."""
    gone: list[Notice] = []

    def send(_settings: Settings, notice: Notice) -> list[str]:
        gone.append(notice)
        return ["The summary could not be mailed."]

    monkeypatch.setattr(notices, "send", send)
    monkeypatch.setattr(watched, "_waiting", lambda *_: OVERDUE)
    return gone


def ends(monkeypatch: pytest.MonkeyPatch, how: Run | BaseException) -> None:
    def run(*_: object, **__: object) -> Run:
        if isinstance(how, BaseException):
            raise how
        return how

    monkeypatch.setattr(watched, "run_pipeline", run)


def log_of(settings: Settings) -> list[str]:
    lines = (settings.logs / "nightly.log").read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ", line) for line in lines)
    return [line.partition("Z ")[2] for line in lines]


def test_run__good__is_logged_and_overdue_work_told(
    settings: Settings, sent: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, Run(1, "nightly", NOW, outcome="ok", new_count=4))
    told: list[str] = []
    assert watched.run(settings, "nightly", progress=Silence(), tell=told.append).new_count == 4
    assert [notice.subject for notice in sent] == ["kobo_crc: overdue - 2 (nightly)"]
    assert told == ["The summary could not be mailed."]
    assert log_of(settings) == [
        "INFO begun",
        "INFO ok: 4 new, 0 changed, 0 deleted. ",
        "WARNING The summary could not be mailed.",
    ]


def test_run__that_fails__fails_as_before_when_its_summary_does_too(
    settings: Settings, sent: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, SourceError("The server did not answer."))
    told: list[str] = []
    with pytest.raises(SourceError, match="did not answer"):
        watched.run(settings, "nightly", progress=Silence(), tell=told.append)
    assert "The server did not answer." in sent[0].body and len(told) == 1
    assert log_of(settings)[1] == "ERROR The server did not answer."


def test_run__stopped_by_hand__is_logged_and_told_to_nobody(
    settings: Settings, sent: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        watched.run(settings, "nightly", progress=Silence(), tell=print)
    assert log_of(settings) == ["INFO begun", "WARNING stopped by hand"] and sent == []


def test_run__broken_off_by_what_nobody_foresaw__tells_its_kind_alone(
    settings: Settings, sent: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, ValueError("Amal, 07701234567"))
    with pytest.raises(ValueError, match="Amal"):
        watched.run(settings, "nightly", progress=Silence(), tell=print)
    assert log_of(settings)[:2] == ["INFO begun", "ERROR An error of kobo-crc itself: ValueError"]
    assert "ValueError" in sent[0].body and "Amal" not in str(sent)


def test_waiting__that_cannot_be_counted__is_logged_and_no_fault(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed = settings.model_copy(update={"mail_server": "127.0.0.1"})
    monkeypatch.setattr(notices, "send", lambda *_: [])
    settings.store.write_bytes(b"no database")
    ends(monkeypatch, StoreError("The store is broken."))
    with pytest.raises(StoreError):
        watched.run(mailed, "nightly", progress=Silence(), tell=print)
    assert log_of(settings)[-1].startswith("WARNING What waits could not be counted: ")


def test_waiting__that_nobody_is_told_of__is_not_counted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.store.write_bytes(b"no database")
    ends(monkeypatch, Run(1, "nightly", NOW, outcome="ok"))
    watched.run(settings, "nightly", progress=Silence(), tell=print)
    assert len(log_of(settings)) == 2


def test_logbook__full__begins_anew_and_keeps_five(tmp_path: Path) -> None:
    with logbook(tmp_path, "nightly") as log:
        for _ in range(9):
            log.info("x" * 1_000_000)
    assert len(list(tmp_path.glob("nightly.log*"))) == 1 + KEPT
    assert log.handlers and logging.getLogger("nightly").handlers == []


def test_logbook__folder_that_cannot_be_made__says_which_setting(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError, match="`logs`"), logbook(tmp_path / "logs", "nightly"):
        pass

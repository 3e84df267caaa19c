"""A computer that is only written down: what was asked of its programs, and what they answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from kobo_crc.config import Settings
from kobo_crc.schedule.job import Job, job
from kobo_crc.schedule.machine import Done, Machine
from kobo_crc.templates import copy_into


class Computer:
    """Answers by the first words of a command: the longest ones given count. Keeps what it was asked and told."""

    def __init__(self, home: Path, *, windows: bool = False, programs: Sequence[str] = ()) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.given: list[str] = []
        self.answers: dict[str, Done] = {}
        self.machine = Machine(windows, home, Path("/opt/kobo/bin/python"), self._run, programs.__contains__)

    def _run(self, words: Sequence[str], given: str) -> Done:
        self.asked.append(tuple(words))
        self.given.append(given)
        known = [start for start in self.answers if " ".join(words).startswith(start)]
        return self.answers[max(known, key=len)] if known else Done(0, "")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A folder with Arabic letters, a blank, and signs that schedules take for something else."""
    folder = tmp_path / ("مركز 100% $HOME" + ("" if os.name == "nt" else ' "x"'))
    folder.mkdir()
    copy_into(folder)
    return Settings.model_validate({"server_url": "http://127.0.0.1:9"}, context={"folder": folder})


@pytest.fixture
def nightly(settings: Settings) -> Job:
    return job("nightly", settings.store.parent, "01:30", Path("/opt/kobo/bin/python"), settings.secrets)

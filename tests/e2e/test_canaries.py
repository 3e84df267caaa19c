"""Answers with a mark of their own in every question: no output, log, fault or file beside the vault quotes one."""

from __future__ import annotations

import logging
import re
import zipfile
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from kobo_crc import normalise
from kobo_crc.codes import PERSON_CARD, REFERRAL_SLIP, random_code
from kobo_crc.deploy import read_deployed
from kobo_crc.schema.facts import FACTS
from kobo_crc.simulator.server import Running
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.plan import Plan, plan
from kobo_crc.xlsform.read import read
from tests.commands import Command, Said, settings_file
from tests.stores import Stores

MARK = "canary"
DAY = "2026-11-23"
TABLES = {table.name: table for table in FACTS}
CASTABLE = {"date": DAY, "datetime": f"{DAY}T10:00:00.000+03:00", "time": "09:30:00.000+03:00", "integer": "7"}
COMMANDS = [
    *(["problems"], ["status"], ["verify"], ["doctor"], ["referral", "list"], ["publish", "--dry-run"]),
    *(
        ["indicators", "--from", "2026-11", "--internal", "--centre", "mosul_jadeda"],
        ["retention", "--dry-run"],
        ["people", "matches"],
        ["handover", "--to", "nrc", "--purpose", "to try"],
        ["offboard", "mjd_02"],
        ["rebuild", "nightly"],
    ),
]


class Marker:
    """Fills forms with marks: all different, so that a find names its question."""

    def __init__(self, form: Form, asset_uid: str) -> None:
        self._form, self._uid, self._random = form, asset_uid, Random(form.name)
        self._plan: Plan = plan(form, FACTS)

    def hostile(self) -> dict[str, Any]:
        """Every answer is a mark, of whatever type the question is."""
        return self._filled(lambda _path: None)

    def plausible(self) -> dict[str, Any]:
        """What has a place in the store is sound; all else, names and free texts among it, is a mark."""
        return self._filled(self._sound)

    def _filled(self, sound: Any) -> dict[str, Any]:
        uuid = UUID(int=self._random.getrandbits(128), version=4)
        head = {"_uuid": str(uuid), "meta/instanceID": f"uuid:{uuid}", "meta/rootUuid": f"uuid:{uuid}"}
        record: dict[str, Any] = {"_submission_time": f"{DAY}T10:00:00", "_validation_status": {}, "_attachments": []}
        record |= head
        repeats = sorted((s.path for s in self._plan.scopes.values() if s.repeat), key=len)
        for path in self._plan.labels:
            place = record
            for repeat in repeats:
                if path.startswith(f"{repeat}/"):
                    place = place.setdefault(repeat, [{}])[0]
            if path not in repeats:
                place[path] = sound(path) or self._kept(path) or f"{MARK}-{self._form.name}-{path}"
        return record | {"unheard_of": f"{MARK}-unheard", "visit/added": f"{MARK}-added"}

    def _kept(self, path: str) -> str | None:
        """The store keeps doubtful numbers of cards and slips as they are: they are codes, and no names."""
        cell = self._plan.cells.get(path)
        column = cell and TABLES[cell.table].column(cell.column)
        if cell and column and column.rule == "number" and not TABLES[cell.table].vault:
            return random_code(REFERRAL_SLIP if "reference" in column.name else PERSON_CARD, self._random)
        return None

    def _sound(self, path: str) -> str | None:
        cell = self._plan.cells.get(path)
        if cell is None or TABLES[cell.table].vault:
            return None
        if path in ("start", "end"):
            return CASTABLE["datetime"]
        column = TABLES[cell.table].column(cell.column)
        assert column is not None
        codes = [choice.name for choice in self._form.choices.get(cell.list_name, ())]
        return codes[0] if codes else CASTABLE.get(column.type)


@pytest.fixture
def folder(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kobo_crc: Command, server: Running) -> Path:
    """A data officer's folder with the shipped forms, and submissions that are full of marks."""
    folder = tmp_path / "مركز"
    assert kobo_crc("init", str(folder)).code == 0
    monkeypatch.chdir(folder)
    decided = {"keep_people_months": 1, "keep_decided_by": "Nobody, for a test"}
    settings_file(stores.settings(folder, server_url=server.url), language="en", **decided)
    assert kobo_crc("deploy").code == 0
    assert kobo_crc("vault", "init").code == 0
    for name, deployed in read_deployed(folder / "deployed.toml")["main"].items():
        project = server.world.projects[deployed.asset_uid]
        marker = Marker(read(folder / "forms" / f"{name}.md", folder / "forms" / "codes"), deployed.asset_uid)
        version = {"__version__": project.latest.uid}
        server.world.load(project, [marker.hostile() | version, marker.plausible() | version])
    return folder


def quotes(text: bytes) -> list[str]:
    return sorted({found.decode() for found in re.findall(rb"canary-[a-z_]+(?:-[\w/]+)?", text)})


def quoted_in_files(folder: Path) -> dict[str, list[str]]:
    """Every file below the folder that holds a mark, workbooks unpacked."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as book:
                    content = b"".join(map(book.read, book.namelist()))
            if quotes(content):
                found[path.name] = quotes(content)
    return found


def test_marks__every_command_after_a_night__quotes_none(
    folder: Path, kobo_crc: Command, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[Said] = [kobo_crc("run", "nightly")]
    assert "16 new" in said[0].out
    said += [kobo_crc(*words) for words in COMMANDS]
    assert "answer_unmapped" in said[1].out + (folder / "report" / "index.html").read_text(encoding="utf-8")
    assert [one.code for one in said] == [0] * len(said)
    for one in said:
        assert quotes((one.out + one.error).encode()) == []
    assert quotes(caplog.text.encode()) == []
    assert {path.suffix for path in folder.rglob("*")} >= {".html", ".xlsx"}
    assert quoted_in_files(folder) == {}


def test_marks__error_that_nobody_foresaw__is_told_without_its_words(
    folder: Path, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_self: object, path: str, value: str, *_more: object) -> None:
        try:
            int(value)
        except ValueError as error:
            raise KeyError(value) from error

    monkeypatch.setattr(normalise._Walk, "keep", look)
    said = kobo_crc("run", "nightly")
    assert said.code == 1
    assert quotes((said.out + said.error).encode()) == []
    assert "builtins.ValueError" in said.error
    assert re.search(r"test_canaries\.py:\d+ in look\nbuiltins\.KeyError\n", said.error)
    assert quoted_in_files(folder) == {}

"""Every page that people get, opened in a browser as they open it: whole without a network, and nothing too wide."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kobo_crc import demo
from kobo_crc.outputs import files, letters, recovery
from kobo_crc.outputs.cards import write_cards
from kobo_crc.outputs.paper import write_paper
from kobo_crc.progress import Silence
from kobo_crc.sealing import MasterKey
from kobo_crc.xlsform.form import LANGUAGES
from tests.activities.filling import SLIP, form_of
from tests.engines.engines import NODE, WEB

PHONE, TABLET, A4 = 360, 800, 794
NOW = datetime(2026, 11, 23, 20, 5)
DIRECTIONS = {"ar": "rtl", "ckb": "rtl", "en": "ltr"}

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True, slots=True)
class Seen:
    """One page at one width in one language, "" where it has but one."""

    file: str
    width: int
    language: str
    errors: list[str]
    asked: list[str]
    dir: str
    wide: int
    room: int
    words: int


def looked_at(pages: list[Path], widths: list[int], folder: Path) -> list[Seen]:
    """What a browser makes of these pages; their pictures are in the folder."""
    ask = {"pages": [str(page) for page in pages], "widths": widths, "folder": str(folder)}
    done = subprocess.run(
        [NODE, str(WEB / "pages.mjs")], input=json.dumps(ask).encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return [Seen(**one) for one in found]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    folder = tmp_path_factory.mktemp("pages")
    demo.play(folder / "demo", submissions=150, seed=7, progress=Silence(), say=lambda _: None)
    return looked_at([folder / "demo" / "report" / "index.html"], [PHONE, TABLET, A4], folder)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    folder = tmp_path_factory.mktemp("printed")
    pages = [write_paper(form_of(form), language, folder) for form in ("intake", "session") for language in LANGUAGES]
    pages += recovery.write_sheets(folder, MasterKey.make(), date(2026, 11, 23))
    write_cards(folder / "slips.html", "2", [SLIP] * 40)
    for language in LANGUAGES:
        about, person = (("service", "Health"),), (("name", "زينب أحمد"), ("phone", "+9647701234567"))
        letter = letters.Letter(SLIP, language, date(2026, 11, 23), about, ("do not call",), person, by_number=False)
        files.write(folder / f"letter-{language}.html", letters.page(letter), now=NOW)
    pages += [folder / "slips.html", *sorted(folder.glob("letter-*.html"))]
    return looked_at(pages, [A4], folder)


def test_report__in_each_language_at_each_width__reads_in_its_direction(report: list[Seen]) -> None:
    assert [(one.language, one.dir) for one in report] == 3 * list(DIRECTIONS.items())
    assert min(one.words for one in report) > 1000


def test_pages__opened__say_no_error_and_ask_for_nothing(report: list[Seen], printed: list[Seen]) -> None:
    assert {(one.file, *one.errors, *one.asked) for one in (*report, *printed) if one.errors or one.asked} == set()
    assert len(printed) >= 12


def test_pages__opened__fit_their_width(report: list[Seen], printed: list[Seen]) -> None:
    assert [(one.file, one.language, one.wide) for one in (*report, *printed) if one.wide > one.room] == []

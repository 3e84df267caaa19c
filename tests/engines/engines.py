"""The form engines as a test sees them: a shipped form, the acts of a person, and what the tablet would send."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kobo_crc.lookups import LOOKUPS, listed
from kobo_crc.simulator.instance import parse
from kobo_crc.xlsform.write import to_xform
from tests.activities.filling import Record, form_of
from tests.engines.commands import Command, as_data
from tests.translation_review import ROOT

WEB = ROOT / "tests" / "engines" / "web"
# Node comes in a wheel, beside Python.
NODE = str(Path(sys.executable).with_name("node"))
JAVAROSA, WEB_FORMS, ENKETO = "JavaRosa", "Web Forms", "Enketo"
ENGINES: Mapping[str, tuple[str, ...]] = {
    JAVAROSA: (sys.executable, "-m", "tests.engines.javarosa"),
    WEB_FORMS: (NODE, str(WEB / "web_forms.mjs")),
    ENKETO: (NODE, str(WEB / "enketo.mjs")),
}
PATIENCE_SECONDS = 50
Media = Mapping[str, str]
NONE: Media = {}
EMPTY_LISTS = {name: listed(name, ()).decode("utf-8") for name in LOOKUPS}


# Tablets are in Iraq, wherever the tests run: the day there is the day of a visit.
CLOCK_OF_IRAQ = {"TZ": "Asia/Baghdad"}


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What an engine made of a form: the instance, a word for each refused act (else None), and what was shown.

    `opened` and `shown` are the steps of a walk through the form before and after the acts (JavaRosa alone).
    """

    xml: str
    refusals: list[str | None]
    opened: list[dict[str, Any]]
    shown: list[dict[str, Any]]


def fill_in(engine: str, name: str, commands: list[Command], before: Sent | None = None, media: Media = NONE) -> Sent:
    """The shipped form of that name filled by these acts, in the engine of that name; filled once for all tests."""
    return _filled(engine, name, tuple(commands), before, tuple(media.items()))


@cache
def _filled(
    engine: str, name: str, commands: tuple[Command, ...], before: Sent | None, media: tuple[tuple[str, str], ...]
) -> Sent:
    return filled_by(engine, to_xform(form_of(name)), commands, before, dict(media))


def filled_by(
    engine: str, xform: str, commands: Sequence[Command], before: Sent | None = None, media: Media = NONE
) -> Sent:
    """The XForm filled by these acts; each that should be refused was, and no other. `before` was saved just before.

    `media` are lists of the form by file name, in place of those that deploying it brings along.
    """
    with TemporaryDirectory() as folder:
        form, last_saved, lists = Path(folder) / "form.xml", Path(folder) / "last-saved.xml", Path(folder) / "media"
        form.write_text(xform, encoding="utf-8")
        if before:
            last_saved.write_text(before.xml, encoding="utf-8")
        lists.mkdir()
        for filename, text in (EMPTY_LISTS | dict(media)).items():
            (lists / filename).write_text(text, encoding="utf-8")
        ask = {
            "form": str(form),
            "commands": as_data(commands),
            "last_saved": str(last_saved) if before else "",
            "media": str(lists),
        }
        said = _told(ENGINES[engine], json.dumps(ask).encode("utf-8"))
    wrong = [(c, word) for c, word in zip(commands, said["refusals"], strict=True) if bool(word) != c.refused]
    if wrong:
        raise AssertionError(f"refused otherwise than expected: {wrong}")
    return Sent(said["xml"], said["refusals"], said.get("opened", []), said.get("shown", []))


def _told(engine: tuple[str, ...], asked: bytes) -> Any:
    done = subprocess.run(
        engine,
        input=asked,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        cwd=ROOT,
        env=os.environ | CLOCK_OF_IRAQ,
    )
    complaint = done.stderr.decode("utf-8", "replace")[-2000:]
    assert done.returncode == 0, f"The engine failed. `make test` installs what it needs.\n{complaint}"
    return json.loads(done.stdout)


def record_of(name: str, sent: Sent) -> Record:
    """The answers as the server's JSON has them."""
    repeats = frozenset(row.path for row in form_of(name).rows if row.type == "begin_repeat")
    return parse(sent.xml.encode("utf-8"), repeats).answers

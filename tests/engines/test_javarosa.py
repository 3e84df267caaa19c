"""The forms filled in JavaRosa, the engine inside KoboCollect."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.write import to_xform
from tests.engines.commands import Command, answer, as_data, refuse
from tests.engines.scenarios.followup import DECLINED
from tests.translation_review import CODES, ROOT


def _fill(name: str, commands: list[Command], folder: Path) -> tuple[dict[str, str], list[str | None]]:
    """Answers by path (groups included, empty ones left out), and what was refused."""
    form = folder / f"{name}.xml"
    form.write_text(to_xform(read(ROOT / "forms" / f"{name}.md", CODES)), encoding="utf-8")
    asked = json.dumps({"form": str(form), "commands": as_data(commands)}).encode("utf-8")
    program = [sys.executable, "-m", "tests.engines.javarosa"]
    done = subprocess.run(program, input=asked, capture_output=True, timeout=50, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    said = json.loads(done.stdout)
    root = ElementTree.fromstring(said["xml"])
    answers = {f"{group.tag}/{item.tag}": item.text for group in root for item in group if item.text}
    return answers, said["refusals"]


def test_followup__declined_with_a_typed_number__codes_and_western_digits(tmp_path: Path) -> None:
    answers, refusals = _fill("referral_followup", DECLINED, tmp_path)
    assert [word for word in refusals if word] == ["not shown", "constraint", "constraint", "not shown"]
    assert [bool(word) for word in refusals] == [command.refused for command in DECLINED]
    assert answers["which/slip_typed"] == "٢٠٠٠ ٠٠٠٠ ٠٠٨٨"
    assert answers["which/reference_number"] == "200000000088"
    assert answers["event/event_type"] == "decline"
    assert answers["event/event_date"] == "2026-11-20"
    assert "event/service_date" not in answers


def test_followup__reason_of_another_event__is_not_offered(tmp_path: Path) -> None:
    commands = [answer("event/event_type", "decline"), refuse("event/event_reason", "unknown_word")]
    answers, refusals = _fill("referral_followup", commands, tmp_path)
    assert refusals == [None, "no such choice"]
    assert "event/event_reason" not in answers

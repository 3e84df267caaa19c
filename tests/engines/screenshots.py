"""Pictures of every form in every language: `python -m tests.engines.screenshots FOLDER` (`make screenshots`)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kobo_crc.lookups import AVAILABLE_SERVICES, OPEN_REFERRALS, listed
from kobo_crc.xlsform.form import LANGUAGES
from kobo_crc.xlsform.write import to_xform
from tests.activities.filling import SLIP, form_of
from tests.engines.commands import Command, as_data
from tests.engines.engines import NODE, WEB
from tests.engines.scenarios import activities, followup, intake, visits
from tests.engines.scenarios.registration import REGISTRATION

PICTURES: dict[str, tuple[str, list[Command]]] = {
    "intake": ("intake", REGISTRATION),
    "intake_child": ("intake", intake.CHILD),
    "visit_desk": ("visit", [*visits.AT_THE_DESK, *visits.INFORMATION_DESK]),
    "visit_lost": ("visit", [*visits.AT_THE_DESK, *visits.CARD_LOST]),
    "referral_followup": ("referral_followup", followup.REFUSED_BY_PHONE),
    "service": ("service", activities.SERVICE),
    "session": ("session", activities.SESSION),
    "feedback": ("feedback", activities.ANONYMOUS_AFTER_ALL),
    "directory": ("directory", activities.DIRECTORY),
    "centre_day": ("centre_day", activities.CENTRE_DAY),
    "handover_consent": ("handover_consent", activities.HANDOVER_CONSENT),
    "handover_refused": ("handover_consent", activities.HANDOVER_REFUSED),
}


# What tablets of a centre would look things up in: the slip's referral is known, and others give the service.
LISTS: dict[str, list[tuple[str, ...]]] = {
    OPEN_REFERRALS: [(SLIP, "health", "normal", "2026-12-06", "acknowledged")],
    AVAILABLE_SERVICES: [("civil_documentation", "drc"), ("civil_documentation", "nrc")],
}


def asked(folder: Path) -> dict[str, object]:
    """What the pictures' program reads: forms as XForms, with the acts that no engine refuses, in one language."""
    forms = [
        {"name": picture, "xform": to_xform(form_of(name)), "commands": as_data(_without_refusals(commands))}
        for picture, (name, commands) in PICTURES.items()
    ]
    lists = {filename: listed(filename, rows).decode("utf-8") for filename, rows in LISTS.items()}
    languages = [{"code": code, "name": name} for code, name in LANGUAGES.items()]
    return {"folder": str(folder.resolve()), "forms": forms, "languages": languages, "lists": lists}


def _without_refusals(commands: list[Command]) -> list[Command]:
    return [command for command in commands if command.act != "language" and not command.refused]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    program = [NODE, str(WEB / "screenshots.mjs")]
    subprocess.run(program, input=json.dumps(asked(target)), encoding="utf-8", check=True)

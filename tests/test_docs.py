"""The documents say what is: each claim that can be checked by a program is."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

import pytest
from typer import Typer

from kobo_crc.cli import app
from kobo_crc.codes import is_valid
from kobo_crc.config import Settings
from kobo_crc.database.metadata import STORE, VAULT
from kobo_crc.schema.derived import DERIVED
from kobo_crc.schema.facts import FACTS
from kobo_crc.schema.views import VIEWS
from kobo_crc.xlsform.dictionary import dictionary
from kobo_crc.xlsform.read import read
from tests.test_floors import FLOORS

ROOT = Path(__file__).parent.parent
ROOMS = ("people", "person", "referrals")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: Typer = app, words: str = "kobo-crc") -> set[str]:
    """Every command as it is typed: `kobo-crc run`, `kobo-crc forms check`."""
    own = [command.name or getattr(command.callback, "__name__", "") for command in group.registered_commands]
    # A part without a name only keeps its commands in a module of their own.
    parts = [
        (part.typer_instance, words + (f" {part.name}" if isinstance(part.name, str) else ""))
        for part in group.registered_groups
    ]
    inner = [commands(part, prefix) for part, prefix in parts if part is not None]
    return {f"{words} {name}" for name in own}.union(*inner)


def test_architecture__floors__are_those_held_by_test_floors() -> None:
    shown = re.search(r"## The floors.*?```\n(.*?)```", text_of("docs/architecture.md"), re.DOTALL)
    assert shown is not None
    assert [frozenset(line.split()) for line in shown[1].splitlines()] == list(FLOORS)


@pytest.mark.parametrize("table", [*STORE.tables.values(), *VAULT.tables.values()], ids=lambda table: table.fullname)
def test_architecture__each_table__is_named(table: object) -> None:
    name = getattr(table, "name", "")
    assert name.startswith("code_") or f"`{name}`" in text_of("docs/architecture.md").partition("## The tables")[2]


def test_decisions__each_dependency__has_its_reason() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = setup["options.extras_require"]
    lines = [setup["options"]["install_requires"], extras["simulator"], extras["test"]]
    wanted = {re.split(r"[<>=\[%]", line)[0] for line in "\n".join(lines).split("\n")} - {""}
    wanted |= set(json.loads(text_of("tests/engines/web/package.json"))["dependencies"])
    rows = re.findall(r"^\| ([\w, .@/-]+) \| \S", text_of("docs/DECISIONS.md"), re.MULTILINE)
    assert wanted == {name for row in rows for name in row.split(", ")} - {"package", "npm package"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document__each_command__exists(document: Path) -> None:
    known = commands()
    parts = "export|forms|people|person|referral|replies|schedule|store|vault"
    named = re.findall(rf"kobo-crc(?:\.exe)? ((?:(?:{parts}) )?[a-z0-9]+(?:-[a-z0-9]+)*)\b(?=[^.]*)", code_of(document))
    assert {f"kobo-crc {name}" for name in named} - known == set()


def code_of(document: Path) -> str:
    """What stands in code: indented lines, fences and backticks."""
    text = document.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^ {4,}\S.*$|`[^`\n]+`", text, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document__each_link__leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_dictionary__generated__is_what_stands_there() -> None:
    forms = [read(path, ROOT / "forms" / "codes") for path in sorted((ROOT / "forms").glob("*.md"))]
    assert text_of("docs/dictionary.md").rstrip() == dictionary(forms, FACTS, DERIVED, VIEWS).rstrip(), (
        "please run: make docs"
    )


def test_operations__settings_named__are_known() -> None:
    named = set(re.findall(r"`((?:server|page|read|connect|time)_\w+)`", text_of("docs/operations.md")))
    assert named and named <= Settings.model_fields.keys()


@pytest.mark.parametrize("place", ["README.md", "docs/operations.md", *(f"kobo_crc/cli/{room}.py" for room in ROOMS)])
def test_examples__numbers__are_of_the_right_shape_and_on_no_card(place: str) -> None:
    """Typed as they stand they are taken for numbers, and are nobody's: no card or tablet has a block under 1000."""
    numbers = re.findall(r"\b[1-4][0-9]{11}\b", text_of(place))
    assert numbers and all(is_valid(number) and number[1] == "0" for number in numbers)

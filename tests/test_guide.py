"""The guide beside the computer: the same chapters, steps, commands and files in English and in Arabic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
CHAPTERS = {
    "First day": "اليوم الأول",
    "Every morning": "كل صباح",
    "When it fails": "عند الفشل",
    "A lost tablet": "جهاز لوحي مفقود",
    "Somebody leaves": "موظف يغادر",
    "A lost key": "مفتاح مفقود",
}
# In Arabic beside the others, in English in its place among the operations.
LATER = {"Handing the centres over": "تسليم المراكز"}


def chapters(name: str) -> dict[str, str]:
    """The chapters of a document by their headings, in their order."""
    text = (DOCS / name).read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


ENGLISH, ARABIC = chapters("operations.md"), chapters("operations.ar.md")


def test_guide__chapters__are_the_same_and_stand_first() -> None:
    assert list(ENGLISH)[: len(CHAPTERS)] == list(CHAPTERS)
    assert list(ARABIC) == [*CHAPTERS.values(), *LATER.values()]


@pytest.mark.parametrize(("english", "arabic"), CHAPTERS.items())
def test_guide__each_chapter__has_the_same_commands_steps_and_files(english: str, arabic: str) -> None:
    first, second = ENGLISH[english], ARABIC[arabic]
    blocks = [re.findall(r"^    \S.*$", text, re.MULTILINE) for text in (first, second)]
    steps = [re.findall(r"^\d\.", text, re.MULTILINE) for text in (first, second)]
    named = [set(re.findall(r"`([^`]+)`", text)) for text in (first, second)]
    assert blocks[0] == blocks[1] != []
    assert steps[0] == steps[1] != []
    assert named[0] == named[1]


@pytest.mark.parametrize(("english", "arabic"), LATER.items())
def test_guide__later_chapter__has_the_same_commands_and_steps(english: str, arabic: str) -> None:
    for kind in (r"^    \S.*$", r"^\d\."):
        first, second = (re.findall(kind, text, re.MULTILINE) for text in (ENGLISH[english], ARABIC[arabic]))
        assert first == second != []


def test_guide__arabic__reads_from_the_right_in_arabic_letters() -> None:
    text = (DOCS / "operations.ar.md").read_text(encoding="utf-8")
    assert text.startswith('<div dir="rtl">\n\n') and text.endswith("\n\n</div>\n")
    prose = re.sub(r"`[^`]*`|^ {4}.*$|\([^)]*\)", "", text, flags=re.MULTILINE)
    arabic, latin = len(re.findall(r"[\u0621-\u064a]", prose)), len(re.findall(r"[A-Za-z]", prose))
    assert arabic > 15 * latin

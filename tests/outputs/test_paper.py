"""Forms on paper: every question that people answer, its skip in words, and nothing that only a tablet can do."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from kobo_crc.outputs.paper import paper, write_paper
from kobo_crc.outputs.paper.sheet import Line, Part, sheet_of
from kobo_crc.outputs.paper.texts import TEXTS
from kobo_crc.xlsform.form import LANGUAGES, Form
from kobo_crc.xlsform.mapping import is_answered
from kobo_crc.xlsform.question_types import EDGES
from kobo_crc.xlsform.read import from_sheets, read
from kobo_crc.xlsform.sheets import parse_markdown

ROOT = Path(__file__).parents[2]
FORMS = sorted(path.stem for path in (ROOT / "forms").glob("*.md"))
SAMPLE = """
| survey |
| | type | name | label::English (en) | label::العربية (ar) | hint::English (en) | relevant | required | appearance \
| constraint | calculation | choice_filter |
| | start | start | | | | | | | | | |
| | select_one yes_no | ok | OK? | موافق؟ | Ask. | | yes | | | | |
| | note | told | You said ${ok} | قلت ${ok} | | ${ok}='no' | | | | | |
| | note | made | Your number: ${number} | رقمك: ${number} | | | | | | | |
| | calculate | number | | | | | | | | once(random()) | |
| | begin_group | who | Who | من | | ${ok}='yes' | | | | | |
| | text | age | Age | العمر | | | | numbers | regex(., '^[0-9]{1,2}$') | | |
| | text | phone | Phone | هاتف | | ${age}>=18 | | numbers | regex(., '^07[0-9]{9}$') | | |
| | text | card | Card | بطاقة | | | | numbers | number(.) mod 97 = 1 | | |
| | date | born | Born | ميلاد | | ${age}='' | | | | | |
| | geopoint | where | Where | أين | | | | | | | |
| | end_group | | | | | | | | | | |
| | begin_repeat | need | Need | حاجة | | | | | | | |
| | select_multiple town | towns | Towns | مدن | | | | | | | open='yes' |
| | end_repeat | | | | | | | | | | |
| choices |
| | list_name | name | label::English (en) | label::العربية (ar) | open |
| | yes_no | yes | Yes | نعم | |
| | yes_no | no | No | لا | |
| | town | a | Ash | عش | yes |
| | town | b | Bay | خليج | no |
"""


@pytest.fixture
def sample() -> Form:
    return from_sheets("sample", parse_markdown(SAMPLE, "sample"), {})


def lines_of(form: Form, language: str = "en") -> dict[str, Line]:
    return {line.name: line for part in sheet_of(form, language).parts for line in part.lines}


def parts_of(form: Form) -> dict[str, Part]:
    return {part.title: part for part in sheet_of(form, "en").parts}


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def test_sheet__each_question__has_its_room(sample: Form) -> None:
    rooms = {name: (line.number, line.room) for name, line in lines_of(sample).items()}
    assert rooms == {
        "ok": (1, "one"),
        "told": (0, "note"),
        "age": (2, "number"),
        "phone": (3, "line"),
        "card": (4, "card"),
        "born": (5, "date"),
        "where": (6, "tablet"),
        "towns": (7, "many"),
    }
    assert lines_of(sample)["ok"].required and not lines_of(sample)["age"].required
    assert lines_of(sample)["ok"].hint == "Ask." and lines_of(sample, "ar")["ok"].hint == ""


@pytest.mark.parametrize(
    ("language", "title"), [("ar", "متابعة الإحالة"), ("ckb", "بەدواداچوونی ڕەوانەکردن"), ("en", "Referral follow-up")]
)
def test_sheet__title__is_in_the_language_of_the_paper(language: str, title: str) -> None:
    form = read(ROOT / "forms" / "referral_followup.md", ROOT / "forms" / "codes")
    assert sheet_of(form, language).title == title


def test_sheet__skips__are_told_in_words(sample: Form) -> None:
    lines = lines_of(sample)
    assert plain(lines["phone"].skip) == "Only if question 2 is 18 or more."
    assert plain(lines["born"].skip) == "Only if question 2 is empty."
    assert plain(parts_of(sample)["Who"].skip) == "This part only if question 1 is “Yes”."
    assert plain(lines_of(sample, "ar")["told"].skip) == "فقط إذا كان جواب السؤال 1 هو «لا»."
    assert lines["ok"].skip == ""


def test_sheet__what_a_tablet_would_fill_in__is_left_to_be_said(sample: Form) -> None:
    page = paper(sample, "en")
    assert "${" not in page and "made" not in lines_of(sample)


def test_sheet__choices_that_nobody_is_offered__are_left_out(sample: Form) -> None:
    assert lines_of(sample)["towns"].choices == ("Ash",)


def test_sheet__short_part_that_repeats__is_there_twice(sample: Form) -> None:
    assert (parts_of(sample)["Need"].copies, parts_of(sample)["Who"].copies) == (2, 1)
    page = paper(sample, "en")
    assert page.count("Ash") == 2 and page.count(TEXTS["again"]["en"]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
def test_paper__shipped_form__asks_all_that_people_answer(name: str, language: str, tmp_path: Path) -> None:
    form = read(ROOT / "forms" / f"{name}.md", ROOT / "forms" / "codes")
    text = write_paper(form, language, tmp_path).read_text(encoding="utf-8")
    asked = {row.name for row in form.rows if row.labels and is_answered(row) and row.type not in EDGES}
    lines = lines_of(form, language)
    assert asked == {line for line in lines if lines[line].number}
    for line in lines.values():
        assert html.escape(line.label, quote=False) in html.unescape(text).replace("&", "&amp;") or line.label in text
    assert f'dir="{"ltr" if language == "en" else "rtl"}"' in text
    assert not re.search(r"\$\{|undefined|None", text)
    assert "http" not in text


def test_paper__sensitive_referral__is_told_to_have_no_account_on_paper() -> None:
    form = read(ROOT / "forms" / "intake.md", ROOT / "forms" / "codes")
    skip = plain(lines_of(form)["referral_note"].skip)
    assert "is not “Response to gender-based violence” or “Child protection”" in skip
    long = lines_of(form)["current_district"]
    assert (long.room, long.choices) == ("list", ())

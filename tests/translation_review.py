"""Writes docs/translation-review.md, the Sorani texts to be checked: `python -m tests.translation_review`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kobo_crc.notices import texts as notices
from kobo_crc.outputs import recovery
from kobo_crc.outputs.cards import texts as cards
from kobo_crc.outputs.exports.directory_fields import OBJECTS
from kobo_crc.outputs.exports.figures import FIGURES, FIVE_WS
from kobo_crc.outputs.exports.referrals import columns
from kobo_crc.outputs.exports.tables import LEVELS
from kobo_crc.outputs.indicators.definitions import DEFINITIONS
from kobo_crc.outputs.indicators.printed import FACES
from kobo_crc.outputs.indicators.words import own_words
from kobo_crc.outputs.letters import texts as letters
from kobo_crc.outputs.paper import texts as paper
from kobo_crc.outputs.report import texts as report
from kobo_crc.outputs.tablet import texts as tablet
from kobo_crc.outputs.worklists import texts as worklists
from kobo_crc.replies import texts as replies
from kobo_crc.xlsform.form import LANGUAGES, Form
from kobo_crc.xlsform.languages import TRANSLATED, column
from kobo_crc.xlsform.lists import read_codes, read_same_as_arabic
from kobo_crc.xlsform.read import read

ROOT = Path(__file__).parent.parent
CODES = ROOT / "forms" / "codes"
REVIEW = ROOT / "docs" / "translation-review.md"
FORMS = tuple(sorted(path.stem for path in (ROOT / "forms").glob("*.md")))
_CASCADES = ("governorate", "district", "subdistrict")  # place.csv has them all, but for the choice `not_listed`
_INTRODUCTION = """\
# Sorani texts to be checked

No Sorani text of this project has been read by a native speaker yet. Before field use somebody who speaks it has to
check each row below against the Arabic and the English, and read the consent sentences aloud to a person who did not
write them. Most at risk are the consent sentences, the six questions on difficulties (the Washington Group publishes no
Sorani version: theirs should replace ours when there is one), and the names of services. Corrections belong in
`forms/*.md`, `forms/codes/*.csv` and `kobo_crc/outputs`; this file is made from them by
`python -m tests.translation_review`, and a test fails when it is stale.

Place names without a known Sorani form show the Arabic one (`forms/codes/ckb_same_as_ar.csv`); they are not listed.
"""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in three languages, by language code, and the first place that shows it."""

    place: str
    words: dict[str, str]


def review() -> str:
    """The whole file: a section for each form, then for each code list, then for what people get."""
    sections = [_INTRODUCTION]
    for name in FORMS:
        sections.append(_section(f"Form {name}", form_texts(read(ROOT / "forms" / f"{name}.md", CODES))))
    sections.extend(_section(f"List {name}", texts) for name, texts in list_texts().items() if texts)
    sections.append(_section("Figures", figure_texts()))
    sections.append(_section("Report", [Text(key, dict(words)) for key, words in report.TEXTS.items()]))
    sections.append(_section("Worklists", [Text(key, dict(words)) for key, words in worklists.TEXTS.items()]))
    sections.append(_section("Letters", [Text(key, dict(words)) for key, words in letters.TEXTS.items()]))
    sections.append(_section("Summaries", [Text(key, dict(words)) for key, words in notices.TEXTS.items()]))
    sections.append(_section("Replies", [Text(key, dict(words)) for key, words in replies.TEXTS.items()]))
    sections.append(_section("Cards and slips", [Text(key, dict(words)) for key, words in cards.TEXTS.items()]))
    sections.append(_section("Paper forms", [Text(key, dict(words)) for key, words in paper.TEXTS.items()]))
    sections.append(_section("Tablet's code", [Text(key, dict(words)) for key, words in tablet.TEXTS.items()]))
    sections.append(_section("Recovery sheets", [Text(key, dict(words)) for key, words in recovery.TEXTS.items()]))
    return "\n".join(sections)


def figure_texts() -> list[Text]:
    """The names and definitions of figures, of their ways and categories, and what a printed sheet is."""
    named = [
        *((f"{one.key}, name", one.name) for one in DEFINITIONS.values()),
        *((f"{one.key}, definition", one.meaning) for one in DEFINITIONS.values()),
        *own_words(),
        *((f"face {name}", words) for name, words in FACES.items()),
        *((f"sensitivity {name}", words) for name, words in LEVELS.items()),
        *((f"export, {column.name}", column.meaning) for column in (*FIGURES, *FIVE_WS, *columns({}))),
        *((f"directory, {one.name}, {column.name}", column.meaning) for one in OBJECTS for column in one.columns),
    ]
    return [Text(place, dict(words)) for place, words in named]


def form_texts(form: Form) -> list[Text]:
    """Every text of the survey sheet and of the form's own lists, repeated ones once."""
    first: dict[str, Text] = {}
    for text in (*_survey_texts(form), *_choice_texts(form)):
        first.setdefault(text.words["ckb"], text)
    return list(first.values())


def _survey_texts(form: Form) -> Iterator[Text]:
    for row in form.rows:
        for base in TRANSLATED:
            headers = {language: column(base, suffix) for language, suffix in LANGUAGES.items()}
            words = {language: row.cells.get(header, "") for language, header in headers.items()}
            if words["ckb"]:
                yield Text(row.name if base == "label" else f"{row.name}, {base.replace('_', ' ')}", words)


def _choice_texts(form: Form) -> Iterator[Text]:
    for name, choices in form.choices.items():
        if name not in form.shared_lists:
            yield from (Text(f"{name}: {choice.name}", dict(choice.labels)) for choice in choices)


def list_texts() -> dict[str, list[Text]]:
    """The labels of each code list that are not allowed to equal the Arabic."""
    same = read_same_as_arabic(CODES)
    return {
        name: [
            Text(row.name, dict(row.labels))
            for row in rows
            if (name, row.name) not in same and (name not in _CASCADES or row.name == "not_listed")
        ]
        for name, rows in read_codes(CODES).items()
    }


def _section(title: str, texts: list[Text]) -> str:
    rows = ["| where | English | العربية | کوردی |", "|---|---|---|---|"]
    for text in texts:
        cells = (text.place, *(text.words[language].replace("|", r"\|") for language in ("en", "ar", "ckb")))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([f"## {title}", "", *rows, ""])


if __name__ == "__main__":
    REVIEW.write_text(review(), encoding="utf-8", newline="\n")

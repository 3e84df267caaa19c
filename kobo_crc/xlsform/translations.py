"""Whether a form speaks every language everywhere: an empty cell shows `-` on the tablet, without a warning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kobo_crc.xlsform import languages
from kobo_crc.xlsform.findings import Finding, found
from kobo_crc.xlsform.form import LANGUAGES, Form, Row
from kobo_crc.xlsform.lists import CodeRow
from kobo_crc.xlsform.question_types import EDGES, UNANSWERED

_NAMES: Mapping[str, str] = {"ar": "Arabic", "ckb": "Sorani", "en": "English"}
_RIGHT_TO_LEFT = ("ar", "ckb")
_ISOLATED = re.compile("\u2066[^\u2069]*\u2069")
_PHONE = re.compile("(?<!\u200e)\\+[0-9]{3,}")
# A range turns around when its dash is spaced or long, or when Arabic letters stand before it (Unicode's rule W2).
_RANGE = re.compile("[0-9]+(?:\\s*–\\s*|\\s+-\\s*|-\\s+)[0-9]+")
_RANGE_AFTER_LETTERS = re.compile("[\u0620-\u064a\u066e-\u06d3].*?([0-9]+-[0-9]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Text:
    """One text in its languages. `list_name` and `name` are how ckb_same_as_ar.csv would list it."""

    sheet: str
    line: int
    column: str
    headers: Mapping[str, str]
    by_language: Mapping[str, str]
    list_name: str
    name: str


def translation_findings(form: Form, same_as_arabic: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Texts missing in a language, Sorani that is only Arabic copied, and digits that turn around."""
    for row in form.rows:
        if _shows(row) and not row.labels:
            yield found("survey", row.line, "label_missing", type=row.type)
    for text in (*_survey_texts(form), *_choice_texts(form)):
        yield from _text_findings(text, same_as_arabic)


def list_translation_findings(
    codes: Mapping[str, Sequence[CodeRow]], same_as_arabic: frozenset[tuple[str, str]]
) -> Iterator[Finding]:
    """The same for every shared list, whether a form uses it or not: reports show their labels."""
    for list_name, rows in codes.items():
        for row in rows:
            yield from _text_findings(_shared_text(list_name, row.line, row.name, row.labels), same_as_arabic)


def _text_findings(text: _Text, same_as_arabic: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    yield from _missing(text)
    yield from _same(text, same_as_arabic)
    yield from _digits(text)


def _shows(row: Row) -> bool:
    hidden = row.type in EDGES or row.type in UNANSWERED or "calculation" in row.cells
    return row.type == "note" or not hidden


def _survey_texts(form: Form) -> Iterator[_Text]:
    suffixes = _suffixes(form)
    plain = languages.unsuffixed(form.settings)
    for row in form.rows:
        for column in languages.TRANSLATED:
            texts = languages.texts(row.cells, column, suffixes, plain)
            if texts:
                headers = {code: languages.column(column, suffix) for code, suffix in suffixes.items()}
                yield _Text("survey", row.line, column, headers, texts, "survey", row.path)


def _choice_texts(form: Form) -> Iterator[_Text]:
    own = {code: languages.column("label", suffix) for code, suffix in _suffixes(form).items()}
    for list_name, choices in form.choices.items():
        for choice in choices:
            if list_name in form.shared_lists:
                yield _shared_text(list_name, choice.line, choice.name, choice.labels)
            else:
                column = f"{list_name} {choice.name}"
                yield _Text("choices", choice.line, column, own, choice.labels, list_name, choice.name)


def _shared_text(list_name: str, line: int, name: str, labels: Mapping[str, str]) -> _Text:
    headers = {code: f"label_{code}" for code in LANGUAGES}
    return _Text(f"codes/{list_name}.csv", line, f"{list_name} {name}", headers, labels, list_name, name)


def _suffixes(form: Form) -> dict[str, str]:
    return {**LANGUAGES, **languages.suffixes(form.headers, form.settings)}


def _missing(text: _Text) -> Iterator[Finding]:
    for code in LANGUAGES:
        if code not in text.by_language:
            words = {"column": text.column, "language": _NAMES[code], "header": text.headers[code]}
            yield found(text.sheet, text.line, "translation_missing", **words)


def _same(text: _Text, listed: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    arabic, sorani = text.by_language.get("ar", ""), text.by_language.get("ckb", "")
    has_letters = any(character.isalpha() for character in arabic)
    if has_letters and arabic == sorani and (text.list_name, text.name) not in listed:
        words = {"column": text.column, "list": text.list_name, "name": text.name}
        yield found(text.sheet, text.line, "same_as_arabic", **words)


def _digits(text: _Text) -> Iterator[Finding]:
    for code in _RIGHT_TO_LEFT:
        shown = _ISOLATED.sub(" ", text.by_language.get(code, ""))
        for digits in (*_PHONE.findall(shown), *_RANGE.findall(shown), *_RANGE_AFTER_LETTERS.findall(shown)):
            words = {"language": _NAMES[code], "column": text.column, "digits": digits}
            yield found(text.sheet, text.line, "digits_flip", **words)

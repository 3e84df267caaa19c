"""A form laid out for paper: parts, numbered questions, and the room that each answer takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kobo_crc.outputs.paper.words import Wording, by_name
from kobo_crc.outputs.report.texts import TEXTS
from kobo_crc.xlsform.conditions import ALWAYS, UNTOLD, Condition, condition_of
from kobo_crc.xlsform.expressions import REFERENCE, references
from kobo_crc.xlsform.form import Choice, Form, Row
from kobo_crc.xlsform.languages import suffixes, texts, unsuffixed
from kobo_crc.xlsform.question_types import BEGINS, SELECTS_MANY, SELECTS_ONE, UNANSWERED

# A longer list is written by hand: nobody finds a district among a hundred boxes.
CHOICES_MOST: Final = 24
# A part with as many questions is printed twice where it may be needed more than once.
SHORT_PART: Final = 6
_ROOMS: Final[Mapping[str, str]] = {
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "date": "date",
    "time": "time",
    "barcode": "card",
}
_SAME_FOR_ALL = re.compile(r"(\w+)\s*=\s*'([^']*)'")
_CARD = "mod 97"  # the sum that its check digits make
_FEW_DIGITS = re.compile(r"\[0-9\]\{1,[1-4]\}|\[0-9\]\[0-9\]\$")
_BLANK = "………………"
_REQUIRED = frozenset({"yes", "true", "true()"})


@dataclass(frozen=True, slots=True)
class Line:
    """A question, or a note that is read out (`number` 0). `room` is how the answer is written."""

    number: int
    name: str
    label: str
    hint: str
    skip: str
    required: bool
    room: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A group of questions on the paper; `copies` is above 1 for a short one that repeats."""

    title: str
    skip: str
    depth: int
    repeats: bool = False
    copies: int = 1
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole paper."""

    title: str
    version: str
    parts: tuple[Part, ...]


def sheet_of(form: Form, language: str) -> Sheet:
    """The form for paper: without what a tablet computes, measures or photographs for itself."""
    rows = by_name(form)
    asked = [row.name for row in form.rows if _is_asked(row)]
    wording = Wording(form, language, {name: number for number, name in enumerate(asked, 1)})
    parts = tuple(_with_copies(part) for part in _parts(form, rows, wording) if part.lines or part.title)
    return Sheet(_title(form, language), form.settings.get("version", ""), _filled(parts))


def _title(form: Form, language: str) -> str:
    """What the report calls the form in that language: an XLSForm has one title, ours are Arabic."""
    own = form.settings.get("form_title", form.name)
    return own if language == "ar" else TEXTS.get(f"form_{form.name}", {}).get(language, own)


def _is_asked(row: Row) -> bool:
    silent = row.type in UNANSWERED or row.type in BEGINS or row.type.startswith("end_") or row.type == "note"
    return bool(row.name and row.labels) and not silent and "calculation" not in row.cells


def _parts(form: Form, rows: Mapping[str, Row], wording: Wording) -> Iterator[Part]:
    """The parts in the form's order; questions after an inner group go on in a part without a title."""
    part = Part("", "", 0)
    depth = 0
    for row in form.rows:
        if row.type in BEGINS:
            yield part
            depth += 1
            skip = wording.skip(_condition(row, rows), "part_only_if")
            part = Part(row.labels.get(wording.language, ""), skip, depth, row.type == "begin_repeat")
        elif row.type.startswith("end_"):
            yield part
            depth -= 1
            part = Part("", "", depth)
        elif line := _line(row, rows, wording):
            part.lines.append(line)
    yield part


def _filled(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Without titles that nothing follows: groups of which only calculations are left."""
    return tuple(
        part
        for number, part in enumerate(parts)
        if part.lines or (number + 1 < len(parts) and parts[number + 1].depth > part.depth)
    )


def _with_copies(part: Part) -> Part:
    short = part.repeats and len(part.lines) <= SHORT_PART
    return Part(part.title, part.skip, part.depth, part.repeats, 2 if short else 1, part.lines)


def _condition(row: Row, rows: Mapping[str, Row]) -> Condition:
    relevant = row.cells.get("relevant", "")
    return condition_of(relevant, rows) if relevant else ALWAYS


def _line(row: Row, rows: Mapping[str, Row], wording: Wording) -> Line | None:
    label, condition = row.labels.get(wording.language, ""), _condition(row, rows)
    if row.type == "note":
        computed = any(rows[name].type == "calculate" for name in references(label) if name in rows)
        if computed or condition == UNTOLD or not label:
            return None
        return Line(0, row.name, _blanked(label), "", wording.skip(condition, "only_if"), False, "note")
    if not _is_asked(row):
        return None
    return Line(
        wording.numbers[row.name],
        row.name,
        _blanked(label),
        _blanked(_hint(row, wording.form, wording.language)),
        wording.skip(condition, "only_if"),
        row.cells.get("required", "").lower() in _REQUIRED,
        *_room(row, wording),
    )


def _blanked(text: str) -> str:
    """What a tablet would write into the text is left to be said."""
    return REFERENCE.sub(_BLANK, text)


def _hint(row: Row, form: Form, language: str) -> str:
    hints = texts(row.cells, "hint", suffixes(form.headers, form.settings), unsuffixed(form.settings))
    return hints.get(language, "")


def _room(row: Row, wording: Wording) -> tuple[str, tuple[str, ...]]:
    if row.type in SELECTS_ONE | SELECTS_MANY:
        choices = [choice for choice in wording.form.choices.get(row.list_name, ()) if _is_offered(choice, row)]
        if not choices or len(choices) > CHOICES_MOST:
            return "list", ()
        labels = tuple(choice.labels.get(wording.language, choice.name) for choice in choices)
        return ("many" if row.type in SELECTS_MANY else "one"), labels
    return (_written(row.cells) if row.type == "text" else _ROOMS.get(row.type, "tablet")), ()


def _written(cells: Mapping[str, str]) -> str:
    """Boxes for a text that is a number of a few digits or a card's; a line for any other."""
    constraint = cells.get("constraint", "")
    if _CARD in constraint:
        return "card"
    return "number" if "numbers" in cells.get("appearance", "") and _FEW_DIGITS.search(constraint) else "line"


def _is_offered(choice: Choice, row: Row) -> bool:
    """Whether the choice is offered whatever was answered before; filters by an answer are left to people."""
    fixed = _SAME_FOR_ALL.fullmatch(row.cells.get("choice_filter", "").strip())
    return fixed is None or choice.cells.get(fixed[1], "") == fixed[2]

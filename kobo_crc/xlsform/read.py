"""Read an XLSForm into records: from Markdown, or from the content that a KoboToolbox server gives."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kobo_crc.errors import FormError
from kobo_crc.xlsform import content, languages
from kobo_crc.xlsform.expressions import REFERENCE, without_strings
from kobo_crc.xlsform.form import LANGUAGES, Choice, Form, Row
from kobo_crc.xlsform.lists import RECODED, CodeRow, as_choices, read_annotations, read_codes
from kobo_crc.xlsform.sheets import Cells, Sheets, read_sheets

__all__ = [
    "CodeRow",
    "filter_words",
    "from_content",
    "from_sheets",
    "parse_type",
    "read",
    "read_codes",
    "read_with",
    "with_annotations",
]

_MAIN_SHEETS = ("survey", "choices", "settings")
_SELECT = re.compile(
    r"(select_one|select_multiple|select_one_from_file|select_multiple_from_file|select_one_external|rank)"
    r" (\S+)(?: or_other)?"
)
_SPACED = ("select one from file", "select multiple from file", "select one", "select multiple")
_EDGE = re.compile(r"(begin|end)[ _](group|repeat)")
_WORD = re.compile(r"[A-Za-z_][\w.-]*")


def read(path: Path, codes: Path) -> Form:
    """The form of an .md file, with the shared lists of the folder `codes` that it uses. FormError like `read_with`."""
    return read_with(path, read_codes(codes))


def read_with(path: Path, lists: Mapping[str, Sequence[CodeRow]]) -> Form:
    """The form of an .md file, with those of the shared lists that it uses.

    When NAME.store.csv lies beside it, the annotations come from there and the form is marked foreign.
    FormError when the file cannot be read; what is merely wrong in it is for `check`.
    """
    return with_annotations(from_sheets(path.stem, read_sheets(path), lists), path)


def from_content(name: str, content_json: Mapping[str, Any]) -> Form:
    """The form in a KoboToolbox asset's `content`, whether its labels are columns or lists by translation."""
    return from_sheets(name, content.to_sheets(content_json), {})


def from_sheets(name: str, sheets: Sheets, codes: Mapping[str, Sequence[CodeRow]]) -> Form:
    """The form of the cells, shared lists filled in from `codes`."""
    settings = next(iter(sheets.rows.get("settings", ())), {})
    suffixes = languages.suffixes(sheets.headers, settings)
    plain = languages.unsuffixed(settings)
    rows = tuple(_rows(sheets.rows.get("survey", ()), suffixes, plain))
    own = _own_choices(sheets.rows.get("choices", ()), suffixes, plain)
    shared = _shared_choices(rows, own, codes, suffixes)
    return Form(
        name=name,
        rows=rows,
        choices={**own, **shared},
        settings=dict(settings),
        shared_lists=frozenset(shared),
        code_lists={list_name: frozenset(row.name for row in listed) for list_name, listed in codes.items()},
        headers=sheets.headers,
        sheets={sheet: rows for sheet, rows in sheets.rows.items() if sheet not in _MAIN_SHEETS},
        sheet_names=sheets.names,
    )


def parse_type(cell: str) -> tuple[str, str]:
    """The bare type and the list name of a type cell, older spellings with spaces made modern."""
    text = " ".join(cell.split())
    edge = _EDGE.fullmatch(text)
    if edge:
        return f"{edge[1]}_{edge[2]}", ""
    spaced = next((words for words in _SPACED if text.startswith(f"{words} ")), "")
    if spaced:
        text = spaced.replace(" ", "_") + text[len(spaced) :]
    select = _SELECT.fullmatch(text)
    return (select[1], select[2]) if select else (text, "")


def filter_words(rows: Iterable[Row], list_name: str) -> frozenset[str]:
    """The words in the choice filters of a list's questions that may name a column of the list."""
    filters = (row.cells.get("choice_filter", "") for row in rows if row.list_name == list_name)
    return frozenset(word for text in filters for word in _WORD.findall(REFERENCE.sub("", without_strings(text))))


def _rows(sheet: Sequence[Cells], suffixes: Mapping[str, str], plain: str) -> Iterator[Row]:
    open_names: list[str] = []
    for line, cells in enumerate(sheet, 2):
        if not cells:
            continue
        type_, list_name = parse_type(cells.get("type", ""))
        name = cells.get("name", "")
        ends = type_ in ("end_group", "end_repeat")
        path = "/".join(open_names if ends or not name else [*open_names, name])
        if type_ in ("begin_group", "begin_repeat"):
            open_names.append(name)
        elif ends and open_names:
            open_names.pop()
        labels = languages.texts(cells, "label", suffixes, plain)
        marks = (cells.get("store", ""), cells.get("pii", ""), cells.get("hxl", ""))
        yield Row(line, type_, name, path, list_name, labels, *marks, cells)


def _own_choices(sheet: Sequence[Cells], suffixes: Mapping[str, str], plain: str) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for line, cells in enumerate(sheet, 2):
        if cells:
            labels = languages.texts(cells, "label", suffixes, plain)
            lists.setdefault(cells.get("list_name", ""), []).append(Choice(line, cells.get("name", ""), labels, cells))
    return {name: tuple(choices) for name, choices in lists.items()}


def _shared_choices(
    rows: Sequence[Row],
    own: Mapping[str, tuple[Choice, ...]],
    codes: Mapping[str, Sequence[CodeRow]],
    suffixes: Mapping[str, str],
) -> dict[str, tuple[Choice, ...]]:
    """The lists that come from the codes folder: not on the own sheet, or there as the copy that `write` makes."""
    shared = {}
    for list_name in dict.fromkeys(row.list_name for row in rows if row.list_name in codes):
        used = filter_words(rows, list_name)
        choices = as_choices(codes[list_name], {**LANGUAGES, **suffixes}, list_name, used)
        if list_name not in own or [choice.cells for choice in own[list_name]] == [choice.cells for choice in choices]:
            shared[list_name] = choices
    return shared


def with_annotations(form: Form, file: Path) -> Form:
    """The form of the file with the annotations of NAME.store.csv, when that lies beside it."""
    path = file.with_name(f"{file.stem}.store.csv")
    if not path.is_file():
        return form
    if any(row.store for row in form.rows):
        raise FormError(f"{path}: the form has store cells of its own. Please remove either those or this file.")
    annotations = read_annotations(path)
    known = [row.path for row in form.rows if row.name]
    for unknown in sorted(annotations.keys() - set(known)):
        near = difflib.get_close_matches(unknown, known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise FormError(f"{path}: the form has no question {unknown}.{hint} Please correct or remove that row.")
    rows = tuple(_with_annotation(row, annotations.get(row.path, {}) if row.name else {}) for row in form.rows)
    return replace(form, rows=rows, foreign=True)


def _with_annotation(row: Row, marks: Mapping[str, str]) -> Row:
    pairs = (pair.partition("=") for pair in marks.get(RECODED, "").split())
    recoded = {theirs: ours for theirs, _, ours in pairs}
    store, pii, hxl = (marks.get(name, "") for name in ("store", "pii", "hxl"))
    return replace(row, store=store, pii=pii, hxl=hxl, recoded=recoded)

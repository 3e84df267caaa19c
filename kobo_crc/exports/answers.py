"""A cell of an export as the server's JSON has it: a text, codes in place of labels, nothing for an empty one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from kobo_crc.exports.model import Notes
from kobo_crc.exports.naming import XML, Column
from kobo_crc.xlsform.form import Choice, Form, Row
from kobo_crc.xlsform.question_types import SELECTS_MANY, SELECTS_ONE

CHOSEN = frozenset({"1", "true"})


def text_of(value: Any, question_type: str = "text") -> str:
    """The text of a cell with its spaces, as the server has it; a day has no midnight where one asks for a day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if question_type in ("date", "today") else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class Answers:
    """Reads the answers of one form's export, whose labels are in `language` (XML: codes)."""

    def __init__(self, form: Form, language: str, notes: Notes) -> None:
        self._rows = {row.path: row for row in form.rows}
        self._lists = {name: _codes(choices, language) for name, choices in form.choices.items()}
        self._in_codes = language == XML
        self._notes = notes

    def read(self, columns: Sequence[Column], cells: Sequence[Any], prefix: str = "") -> dict[str, Any]:
        """The answers of one row by their keys; columns that no question has come under their header after `prefix`."""
        given = {column.key: cell for column, cell in zip(columns, cells, strict=False) if column.kind == "answer"}
        answers = {path: text for path, cell in given.items() if (text := self._answer(path, cell))}
        for path, codes in _split(columns, cells).items():
            # Split columns name each code; in codes, the joined column has the person's own order besides.
            if codes and not (self._in_codes and answers.get(path)):
                answers[path] = " ".join(codes)
        for column, cell in zip(columns, cells, strict=False):
            if column.kind == "unknown" and (text := text_of(cell)):
                answers[prefix + column.key] = text
        for path, text in answers.items():
            self._count_unknown(path, text)
        return answers

    def _answer(self, path: str, cell: Any) -> str:
        row = self._rows[path]
        text = text_of(cell, row.type)
        codes = self._lists.get(row.list_name)
        if not text or not codes:
            return text
        if row.type in SELECTS_ONE:
            return codes.get(text.strip(), text)
        if row.type in SELECTS_MANY:
            return " ".join(_parsed(text.split(), codes) or [text])
        return text

    def _count_unknown(self, path: str, text: str) -> None:
        row = self._rows.get(path)
        if row is not None and not _is_known(row, text, self._lists.get(row.list_name)):
            self._notes.unknown_labels[path] += 1


def _is_known(row: Row, text: str, codes: Mapping[str, str] | None) -> bool:
    if not codes or row.type not in SELECTS_ONE | SELECTS_MANY:
        return True
    return set(text.split() if row.type in SELECTS_MANY else [text]) <= set(codes.values())


def _codes(choices: Iterable[Choice], language: str) -> dict[str, str]:
    """Each code by itself and by its label. A label that two codes share says neither."""
    codes: dict[str, str] = {}
    shared: set[str] = set()
    for choice in choices:
        label = re.sub(r"\s+", " ", choice.labels.get(language, "")).strip()
        if codes.setdefault(label, choice.name) != choice.name:
            shared.add(label)
    kept = {label: code for label, code in codes.items() if label and label not in shared}
    return kept | {choice.name: choice.name for choice in choices}


def _parsed(words: Sequence[str], codes: Mapping[str, str]) -> list[str] | None:
    """The codes of labels joined by spaces, though labels hold spaces themselves; None when they cannot be parted."""
    if not words:
        return []
    for length in range(len(words), 0, -1):
        code = codes.get(" ".join(words[:length]))
        rest = _parsed(words[length:], codes) if code else None
        if code and rest is not None:
            return [code, *rest]
    return None


def _split(columns: Sequence[Column], cells: Sequence[Any]) -> dict[str, list[str]]:
    """The chosen codes of each select_multiple that has a column for each."""
    chosen: dict[str, list[str]] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column.kind == "chosen":
            codes = chosen.setdefault(column.key, [])
            if text_of(cell).strip().lower() in CHOSEN:
                codes.append(column.code)
    return chosen

"""KoboToolbox's own export made by hand from the server's JSON, in each layout that its page of downloads offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from kobo_crc.xlsform.form import Form, Row
from kobo_crc.xlsform.question_types import BEGINS, EDGES, SELECTS_MANY, SELECTS_ONE

META = (
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_notes",
    "_status",
    "_submitted_by",
    "__version__",
    "_tags",
    "meta/rootUuid",
)


@dataclass(frozen=True)
class Layout:
    """The choices on the page: language ("" for XML values and headers), groups in headers, select_multiple."""

    language: str = ""
    whole: bool = False
    separator: str = "/"
    many: str = "both"  # summary, details or both
    roots: bool = True  # exports of old servers lack meta/rootUuid


def write_export(path: Path, form: Form, records: Sequence[Mapping[str, Any]], layout: Layout) -> None:
    """Write the export of those records; each repeat gets its own sheet."""
    maker = _Maker(form, layout)
    maker.add("", [dict(record) for record in records], -1)
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for section, rows in maker.tables.items():
        sheet = book.create_sheet((maker.names[section] or form.settings["form_title"])[:31])
        sheet.append(maker.header(section))
        for row in rows:
            sheet.append(row)
    book.save(path)


class _Maker:
    def __init__(self, form: Form, layout: Layout) -> None:
        self._form, self._layout = form, layout
        self._groups = {row.path: row for row in form.rows if row.type in BEGINS}
        repeats = [row for row in form.rows if row.type == "begin_repeat"]
        self.names = {"": "", **{row.path: row.name for row in repeats}}
        self.tables: dict[str, list[list[Any]]] = {section: [] for section in self.names}

    def add(self, section: str, records: Sequence[Mapping[str, Any]], parent: int) -> None:
        for record in records:
            cells = [cell for row in self._rows(section) for cell in self._cells(row, str(record.get(row.path, "")))]
            index = len(self.tables[section]) + 1
            meta = [_meta(record, key) for key in self._meta()]
            self.tables[section].append(
                [*cells, *([*meta, index] if not section else [index, self._outer(section), parent])]
            )
            for inner in self.names:
                if inner and self._around(inner) == section:
                    self.add(inner, record.get(inner, ()), index)

    def header(self, section: str) -> list[str]:
        texts = [text for row in self._rows(section) for text in self._texts(row)]
        return [
            *texts,
            *([*self._meta(), "_index"] if not section else ["_index", "_parent_table_name", "_parent_index"]),
        ]

    def _meta(self) -> list[str]:
        return [key for key in META if self._layout.roots or key != "meta/rootUuid"]

    def _outer(self, section: str) -> str:
        return self.names[self._around(section)] or self._form.settings["form_title"]

    def _around(self, path: str) -> str:
        return max((one for one in self.names if one and path.startswith(one + "/")), key=len, default="")

    def _rows(self, section: str) -> list[Row]:
        return [row for row in self._form.rows if row.type not in EDGES and self._around(row.path) == section]

    def _label(self, labels: Mapping[str, str], name: str) -> str:
        return labels.get(self._layout.language) or name

    def _texts(self, row: Row) -> list[str]:
        parts = row.path.split("/")
        around = [self._groups["/".join(parts[:depth])] for depth in range(1, len(parts))]
        texts = [self._label(one.labels, one.name) for one in ([*around, row] if self._layout.whole else [row])]
        text = self._layout.separator.join(texts)
        if row.type not in SELECTS_MANY:
            return [text]
        choices = [self._label(one.labels, one.name) for one in self._form.choices[row.list_name]]
        split = [f"{text}{self._layout.separator}{choice}" for choice in choices]
        return [text, *split] if self._layout.many == "both" else [text] if self._layout.many == "summary" else split

    def _cells(self, row: Row, answer: str) -> list[Any]:
        if row.type not in SELECTS_ONE | SELECTS_MANY:
            return [answer]
        labels = {one.name: self._label(one.labels, one.name) for one in self._form.choices[row.list_name]}
        if row.type in SELECTS_ONE:
            return [labels.get(answer, answer)]
        summary = " ".join(labels.get(code, code) for code in answer.split())
        split: list[Any] = [("1" if code in answer.split() else "0") if answer else "" for code in labels]
        return {"both": [summary, *split], "summary": [summary], "details": split}[self._layout.many]


def _meta(record: Mapping[str, Any], key: str) -> Any:
    value = record.get(key, "")
    return value.get("uid", "") if isinstance(value, dict) else value

"""An export's workbook: the submissions' sheet and one for each repeat, joined by `_index` and `_parent_index`."""

from __future__ import annotations

import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from kobo_crc.errors import ConfigError
from kobo_crc.exports.answers import Answers, text_of
from kobo_crc.exports.meta import Unreadable, server_part
from kobo_crc.exports.model import Notes, Unread
from kobo_crc.exports.naming import Column, best_naming, columns_of, section_of
from kobo_crc.xlsform.form import Form

SHEET_NAME_MOST = 31


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its header; `rows` gives each further row with its number as Excel shows it."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[Any, ...]]]


# The items of a repeat by the `_index` of the row they belong to, each with its own row number and answers.
Items = dict[str, list[tuple[int, dict[str, Any]]]]


def rows_of_workbook(path: Path, form: Form, notes: Notes) -> Iterator[dict[str, Any]]:
    """The submissions of an .xlsx export as the server's JSON. What cannot be read is noted. Raises ConfigError."""
    sheets = _by_section(path, form, _sheets(path))
    naming = best_naming(form, {section: sheet.header for section, sheet in sheets.items()})
    columns = {section: columns_of(form, naming, section, sheet.header) for section, sheet in sheets.items()}
    notes.unknown_columns += [
        f"{sheets[section].name}: {column.key}"
        for section, listed in columns.items()
        for column in listed
        if column.kind == "unknown"
    ]
    answers = Answers(form, naming.language, notes)
    children: dict[str, dict[str, Items]] = defaultdict(dict)
    for section in sorted(sheets.keys() - {""}, key=len, reverse=True):  # inner repeats first
        items = _items(sheets[section], section, columns[section], answers, children[section])
        _note_orphans(sheets, children[section], notes)
        children[section_of(section, sheets)][section] = items
    yield from _submissions(sheets[""], columns[""], answers, children[""], notes)
    _note_orphans(sheets, children[""], notes)


def _submissions(
    sheet: Sheet, columns: Sequence[Column], answers: Answers, children: Mapping[str, Items], notes: Notes
) -> Iterator[dict[str, Any]]:
    for place, (number, cells) in enumerate(sheet.rows, start=1):
        meta = _meta(columns, cells)
        joined = _joined(meta.get("_index") or str(place), children)
        try:
            server = server_part(meta)
        except Unreadable as error:
            notes.unread.append(Unread(sheet.name, number, str(error)))
            continue
        yield {**answers.read(columns, cells), **joined, **server}


def _items(
    sheet: Sheet, section: str, columns: Sequence[Column], answers: Answers, children: Mapping[str, Items]
) -> Items:
    items: Items = defaultdict(list)
    for place, (number, cells) in enumerate(sheet.rows, start=1):
        meta = _meta(columns, cells)
        item = answers.read(columns, cells, f"{section}/")
        item |= _joined(meta.get("_index") or str(place), children)
        items[meta.get("_parent_index", "")].append((number, item))
    return items


def _joined(index: str, children: Mapping[str, Items]) -> dict[str, Any]:
    """The repeats of the row with that `_index`, which are then accounted for."""
    found = {section: [item for _, item in items.pop(index, ())] for section, items in children.items()}
    return {section: listed for section, listed in found.items() if listed}


def _note_orphans(sheets: Mapping[str, Sheet], children: Mapping[str, Items], notes: Notes) -> None:
    for section, items in children.items():
        for number in sorted(number for listed in items.values() for number, _ in listed):
            cause = "the row that `_parent_index` names is not in the file"
            notes.unread.append(Unread(sheets[section].name, number, cause))


def _meta(columns: Sequence[Column], cells: Sequence[Any]) -> dict[str, str]:
    pairs = zip(columns, cells, strict=False)
    return {column.key: text for column, cell in pairs if column.kind == "meta" and (text := text_of(cell).strip())}


def _sheets(path: Path) -> list[Sheet]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about styles, which are not read
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return [sheet for name in book.sheetnames if (sheet := _sheet(name, book[name].values)) is not None]
        finally:
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"{path}: this cannot be read as a workbook ({type(error).__name__}). Please export again as XLS from "
            "KoboToolbox (Data, Downloads), and give that file as it came."
        ) from error


def _sheet(name: str, rows: Iterator[tuple[Any, ...]]) -> Sheet | None:
    header = tuple(text_of(cell).strip() for cell in next(rows, ()))
    filled = [(number, row) for number, row in enumerate(rows, start=2) if any(cell not in (None, "") for cell in row)]
    return Sheet(name, header, filled) if any(header) else None


def _by_section(path: Path, form: Form, sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    """The sheet of the submissions ("") and of each repeat that has one."""
    main = next((sheet for sheet in sheets if "_parent_index" not in sheet.header), None)
    if main is None or "_id" not in main.header:
        raise ConfigError(
            f"{path}: no sheet has the column `_id`, so this is not KoboToolbox's own export of submissions. Please "
            "export again as XLS from KoboToolbox (Data, Downloads), with all fields."
        )
    found = {"": main}
    for sheet in sheets:
        if "_parent_index" in sheet.header:
            found[_repeat_of(path, form, sheet)] = sheet
    return found


def _repeat_of(path: Path, form: Form, sheet: Sheet) -> str:
    """The repeat that a sheet is named after, by name, by path or by label, cut to what Excel allows."""
    for row in form.rows:
        names = {row.name, row.path, row.path.replace("/", "_"), *row.labels.values()}
        if row.type == "begin_repeat" and sheet.name in {name[:SHEET_NAME_MOST] for name in names}:
            return row.path
    raise ConfigError(
        f"{path}: the sheet {sheet.name} is of a repeat that the form {form.name} does not have. Please check "
        "`--form`, or name the sheet after the repeat that it belongs to."
    )

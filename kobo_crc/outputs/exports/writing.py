"""Exports as files: a workbook for pivot tables, CSV with HXL tags, Parquet, and JSON. Each with its dictionary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pandas as pd  # type: ignore[import-untyped]
import xlsxwriter  # type: ignore[import-untyped]

from kobo_crc.outputs.exports.tables import DICTIONARY, Export, Table, Value, dictionary, harmless
from kobo_crc.outputs.files import write

DICTIONARY_FILE = "dictionary.csv"
RIGHT_TO_LEFT = ("ar", "ckb")
_DTYPES = {"text": "string", "number": "Int64", "date": "object"}


def excel(export: Export, now: datetime) -> list[Path]:
    """One workbook: a sheet that says what it is, one for each table with filters, and the dictionary."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        _sheet(book, "about", ("about",), [(export.face(export.level),)], export)
        for table in export.tables:
            _sheet(book, table.name, [column.name for column in table.columns], table.rows, export)
        _sheet(book, "dictionary", DICTIONARY, dictionary(export), export)
    return [write(export.folder / "figures.xlsx", content.getvalue(), now=now)]


def tagged(export: Export, now: datetime, named: str = DICTIONARY_FILE) -> list[Path]:
    """A CSV for each table whose second row is HXL tags, and the dictionary under that name."""
    files = [write(export.folder / f"{table.name}.csv", _csv(table), now=now) for table in export.tables]
    return [*files, _dictionary(export, now, named)]


def parquet(export: Export, now: datetime) -> list[Path]:
    """A Parquet file for each table, and the dictionary."""
    return [*(_parquet(export, table, now) for table in export.tables), _dictionary(export, now)]


def json(export: Export, content: Sequence[dict[str, Any]], now: datetime) -> list[Path]:
    """The directory as HSDS JSON, and the dictionary of its fields: the export's tables are its objects."""
    path = export.folder / "directory.hsds.json"
    made = write(path, orjson.dumps(content, option=orjson.OPT_INDENT_2), now=now)
    return [made, _dictionary(export, now, "directory.dictionary.csv")]


def _sheet(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[Value]], export: Export) -> None:
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    if export.language in RIGHT_TO_LEFT:
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(header) - 1), 22)
    sheet.write_row(0, 0, header, bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(last, column, value, day)
            elif isinstance(value, int):
                sheet.write_number(last, column, value)
            elif value is not None:
                sheet.write_string(last, column, harmless(value))
    sheet.autofilter(0, 0, max(1, last), len(header) - 1)
    sheet.set_footer(f"&L{export.face(export.level)}")


def _csv(table: Table) -> bytes:
    tags = [column.hxl for column in table.columns]
    return _lines([column.name for column in table.columns], [tags, *table.rows])


def _dictionary(export: Export, now: datetime, name: str = DICTIONARY_FILE) -> Path:
    rows = [*dictionary(export), ("", "", "", "", export.level, export.face(export.level))]
    return write(export.folder / name, _lines(DICTIONARY, rows), now=now)


def _lines(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Rows as CSV with the mark by which Excel knows UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _parquet(export: Export, table: Table, now: datetime) -> Path:
    columns = {
        column.name: pd.Series([row[place] for row in table.rows], dtype=_DTYPES[column.kind])
        for place, column in enumerate(table.columns)
    }
    content = io.BytesIO()
    pd.DataFrame(columns).to_parquet(content, engine="pyarrow", index=False)
    return write(export.folder / f"{table.name}.parquet", content.getvalue(), now=now)

"""Exports as files: a workbook for pivot tables, CSV with HXL tags, Parquet, and JSON. Each with its dictionary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pandas as pd  # type: ignore[import-untyped]

from kobo_crc.outputs.exports.tables import DICTIONARY, Export, Table, Value, dictionary, harmless
from kobo_crc.outputs.files import write
from kobo_crc.outputs.sheets import Sheet, workbook

DICTIONARY_FILE = "dictionary.csv"
_DTYPES = {"text": "string", "number": "Int64", "date": "object"}


def excel(export: Export, now: datetime) -> list[Path]:
    """One workbook: a sheet that says what it is, one for each table with filters, and the dictionary."""
    face = export.face(export.level)
    sheets = [
        Sheet("about", ("about",), [(face,)]),
        *(_sheet(table.name, [column.name for column in table.columns], table.rows) for table in export.tables),
        _sheet("dictionary", DICTIONARY, dictionary(export)),
    ]
    made = workbook(sheets, export.language, made_at=now, footer=face.replace("&", "&&"))
    return [_write(export, "figures.xlsx", made, now)]


def _sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Sheet:
    cells = [tuple(harmless(value) if isinstance(value, str) else value for value in row) for row in rows]
    return Sheet(name, tuple(header), cells)


def tagged(export: Export, now: datetime, named: str = DICTIONARY_FILE) -> list[Path]:
    """A CSV for each table whose second row is HXL tags, and the dictionary under that name."""
    files = [_write(export, f"{table.name}.csv", _csv(table), now) for table in export.tables]
    return [*files, _dictionary(export, now, named)]


def parquet(export: Export, now: datetime) -> list[Path]:
    """A Parquet file for each table, and the dictionary."""
    return [*(_parquet(export, table, now) for table in export.tables), _dictionary(export, now)]


def json(export: Export, content: Sequence[dict[str, Any]], now: datetime) -> list[Path]:
    """The directory as HSDS JSON, and the dictionary of its fields: the export's tables are its objects."""
    made = _write(export, "directory.hsds.json", orjson.dumps(content, option=orjson.OPT_INDENT_2), now)
    return [made, _dictionary(export, now, "directory.dictionary.csv")]


def _write(export: Export, name: str, content: bytes, now: datetime) -> Path:
    """What may not be passed on is for the own account alone."""
    return write(export.folder / name, content, now=now, private=export.level == "confidential")


def _csv(table: Table) -> bytes:
    tags = [column.hxl for column in table.columns]
    return _lines([column.name for column in table.columns], [tags, *table.rows])


def _dictionary(export: Export, now: datetime, name: str = DICTIONARY_FILE) -> Path:
    rows = [*dictionary(export), ("", "", "", "", export.level, export.face(export.level))]
    return _write(export, name, _lines(DICTIONARY, rows), now)


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
    return _write(export, f"{table.name}.parquet", content.getvalue(), now)

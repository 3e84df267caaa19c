"""The shared choice lists, `forms/codes/LIST.csv`: read once for the forms and for the store's code tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from kobo_crc.errors import ConfigError, FormError
from kobo_crc.textfile import read_utf8
from kobo_crc.xlsform.findings import near
from kobo_crc.xlsform.form import LANGUAGES, Choice
from kobo_crc.xlsform.languages import column

RECODED = "codes"  # the column of NAME.store.csv with pairs THEIRS=OURS
SAME_AS_ARABIC = "ckb_same_as_ar"  # not a choice list: names the choices whose Sorani may equal the Arabic
_LABELS = {language: f"label_{language}" for language in LANGUAGES}
_OWN = ("name", "valid_from", "valid_to", *_LABELS.values())


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a code list. `line` is its row in the CSV; `extra` holds the filter columns (all of the list's).

    `valid_from` and `valid_to` are ISO dates, "" for open.
    """

    line: int
    name: str
    labels: Mapping[str, str]
    valid_from: str
    valid_to: str
    extra: Mapping[str, str]


def read_codes(codes: Path) -> dict[str, list[CodeRow]]:
    """Every code list of the folder by name, in the order of the files' rows; FormError for a file out of shape."""
    if not codes.is_dir():
        raise FormError(f"{codes}: there is no such folder of code lists. Please check the forms folder.")
    paths = sorted(path for path in codes.glob("*.csv") if path.stem != SAME_AS_ARABIC)
    wanted = ("name", *_LABELS.values())
    return {path.stem: _code_rows(path, _read_csv(path, wanted)) for path in paths}


def code_row(lists: Mapping[str, Sequence[CodeRow]], name: str, code: str) -> CodeRow:
    """That code's row in the list of that name; ConfigError with the nearest code when the list has none."""
    rows = {row.name: row for row in lists.get(name, ())}
    if code not in rows:
        raise ConfigError(
            f"forms/codes/{name}.csv has no code {code}.{near(code, rows)} Please take it from that file."
        )
    return rows[code]


def read_same_as_arabic(codes: Path) -> frozenset[tuple[str, str]]:
    """The pairs (list, name) of `ckb_same_as_ar.csv` whose Sorani text may equal the Arabic one.

    A question is listed as (`survey`, its path). Without the file there are none.
    """
    path = codes / f"{SAME_AS_ARABIC}.csv"
    if not path.is_file():
        return frozenset()
    return frozenset((row["list"], row["name"]) for _, row in _read_csv(path, ("list", "name")))


def read_annotations(path: Path) -> dict[str, Mapping[str, str]]:
    """The annotations of someone else's form, NAME.store.csv: cells store, pii, hxl and codes by question path."""
    rows = _read_csv(path, ("path", "store", "pii", "hxl"))
    found: dict[str, Mapping[str, str]] = {}
    for line, row in rows:
        if row["path"] in found:
            raise FormError(f"{path}, row {line}: the path {row['path']} stands twice. Please remove one of the rows.")
        found[row["path"]] = row
    return found


def as_choices(
    rows: Sequence[CodeRow], suffixes: Mapping[str, str], list_name: str, used: frozenset[str]
) -> tuple[Choice, ...]:
    """A shared list as rows of the choices sheet; of the extra columns only those in `used` reach the tablet.

    `suffixes` are the language suffixes that the form's own columns use.
    """
    return tuple(_as_choice(row, suffixes, list_name, used) for row in rows)


def _as_choice(row: CodeRow, suffixes: Mapping[str, str], list_name: str, used: frozenset[str]) -> Choice:
    labels = {column("label", suffixes[language]): text for language, text in row.labels.items()}
    validity = {"valid_from": row.valid_from, "valid_to": row.valid_to}
    extra = {header: text for header, text in {**row.extra, **validity}.items() if text and header in used}
    return Choice(row.line, row.name, row.labels, {"list_name": list_name, "name": row.name, **labels, **extra})


def _code_rows(path: Path, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[CodeRow]:
    """The rows of a list; FormError for a code that is empty or there twice, and for a date that is none."""
    seen: set[str] = set()
    for line, row in rows:
        place = f"{path}, row {line}"
        if not row["name"] or row["name"] in seen:
            raise FormError(f"{place}: the code '{row['name']}' is empty or stands twice. Please give the row its own.")
        seen.add(row["name"])
        for header in ("valid_from", "valid_to"):
            if row.get(header) and not _is_date(row[header]):
                raise FormError(f"{place}: {header} is no date. Please write it like 2026-11-23, or leave it empty.")
    return [_code_row(line, row) for line, row in rows]


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2026-11-23") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _code_row(line: int, row: Mapping[str, str]) -> CodeRow:
    labels = {language: row[header] for language, header in _LABELS.items() if row[header]}
    extra = {header: text for header, text in row.items() if header not in _OWN}
    return CodeRow(line, row["name"], labels, row.get("valid_from", ""), row.get("valid_to", ""), extra)


def _read_csv(path: Path, wanted: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV with their line numbers, cells stripped."""
    reader = csv.DictReader(StringIO(read_utf8(path, FormError), newline=""), restkey="", restval="")
    missing = [column for column in wanted if column not in (reader.fieldnames or ())]
    if missing:
        raise FormError(f"{path}: the column {missing[0]} is missing. Please write the header {','.join(wanted)}.")
    rows = []
    for row in reader:
        if "" in row:
            place = f"{path}, row {reader.line_num}"
            raise FormError(f"{place}: more cells than columns. Please put texts that hold a comma in quotes.")
        rows.append((reader.line_num, {column: text.strip() for column, text in row.items()}))
    return rows

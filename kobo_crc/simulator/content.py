"""A form as KoboToolbox keeps it: read from an xlsx workbook, expanded with row ids, flattened again, summed up."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import orjson

from kobo_crc.simulator.ids import Ids

Row = dict[str, Any]
Sheets = dict[str, list[Row]]
Content = dict[str, Any]

SHEETS = ("survey", "choices", "settings")
TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
SELECTS = ("select_one_from_file", "select_multiple_from_file", "select_one", "select_multiple", "rank")
META_TYPES = frozenset({"start", "end", "today", "deviceid", "phonenumber", "simserial", "subscriberid", "audit"})
GEO_TYPES = frozenset({"geopoint", "geotrace", "geoshape"})
TRUE_WORDS = frozenset({"true", "yes", "true()"})
FALSE_WORDS = frozenset({"false", "no", "false()"})


class UnreadableForm(Exception):
    """The file cannot be a form; `kind` is the server's name for the error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read_xlsx(raw: bytes) -> Sheets:
    """Return the form's sheets, one dict a row, every cell a string; raises UnreadableForm for anything else."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except Exception as error:
        raise UnreadableForm("XlsFormatException", "Unsupported format, or corrupt file") from error
    sheets = {name: _sheet_rows(book[name].iter_rows(values_only=True)) for name in SHEETS if name in book.sheetnames}
    book.close()
    if "survey" not in sheets:
        raise UnreadableForm("ValueError", "survey sheet is missing")
    return sheets


def _sheet_rows(rows: Iterable[tuple[Any, ...]]) -> list[Row]:
    lines = iter(rows)
    header = [_text(cell) for cell in next(lines, ())]
    out = []
    for line in lines:
        row = {name: _text(cell) for name, cell in zip(header, line, strict=False) if name and _text(cell)}
        if row:
            out.append(row)
    return out


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def expand(sheets: Mapping[str, list[Row]], ids: Ids) -> Content:
    """Return the form as the server keeps it: labels as lists by language, row ids, paths; raises UnreadableForm.

    Node names must be unique in the whole form, as the server demands at import.
    """
    settings = dict(next(iter(sheets.get("settings", [])), {}))
    if "form_id" in settings:
        settings["id_string"] = settings.pop("form_id")
    languages = _languages(sheets, settings.get("default_language"))
    survey = [_expand_row(row, languages, ids) for row in sheets["survey"] if row.get("type")]
    _refuse_duplicates(survey)
    _add_paths(survey)
    choices = [_expand_choice(row, languages, ids) for row in sheets.get("choices", [])]
    return _assemble(survey, choices, settings, languages)


def _assemble(survey: list[Row], choices: list[Row], settings: Row, languages: list[str | None]) -> Content:
    used = dict.fromkeys(name for row in survey + choices for name, cell in row.items() if isinstance(cell, list))
    content: Content = {"schema": "1", "survey": survey}
    if choices:
        content["choices"] = choices
    content |= {"settings": settings, "translated": list(used), "translations": languages}
    return content


def _split(header: str) -> tuple[str, str | None] | None:
    """Return (column, language) when the column is a translated one; the language is None without `::`."""
    if header in TRANSLATED:
        return header, None
    name, mark, language = header.rpartition("::")
    if not mark or header.startswith(("bind::", "body::", "instance::", "control::")):
        return None
    if name == "media":
        return header, None
    return name.strip(), language.strip()


def _languages(sheets: Mapping[str, list[Row]], default: str | None) -> list[str | None]:
    headers = (header for name in ("survey", "choices") for row in sheets.get(name, []) for header in row)
    found = dict.fromkeys(split[1] for split in map(_split, headers) if split)
    if default in found:
        found = {default: None, **found}
    return list(found) or [None]


def _expand_row(row: Mapping[str, Any], languages: list[str | None], ids: Ids) -> Row:
    out = _translate(row, languages)
    out |= _split_type(str(out["type"]))
    if "required" in out:
        out["required"] = _required(str(out["required"]))
    out["$kuid"] = ids.kuid()
    return out


def _translate(row: Mapping[str, Any], languages: list[str | None]) -> Row:
    out: Row = {}
    for header, cell in row.items():
        split = _split(header)
        if split is None or isinstance(cell, list):
            out[header] = cell
            continue
        texts = out.setdefault(split[0], [None] * len(languages))
        texts[languages.index(split[1])] = cell
    return out


def _split_type(kind: str) -> Row:
    words = kind.split()
    if len(words) == 2 and words[0] in ("begin", "end"):
        return {"type": "_".join(words)}
    if words[0] not in SELECTS or len(words) < 2:
        return {"type": kind}
    key = "file" if words[0].endswith("_from_file") else "select_from_list_name"
    row: Row = {"type": words[0], key: words[1]}
    if words[2:] == ["or_other"]:
        row["_or_other"] = True
    return row


def _required(cell: str) -> bool | str:
    if cell.lower() in TRUE_WORDS:
        return True
    return False if cell.lower() in FALSE_WORDS else cell


def _expand_choice(row: Mapping[str, Any], languages: list[str | None], ids: Ids) -> Row:
    out = _translate(row, languages)
    if "list name" in out:
        out["list_name"] = out.pop("list name")
    return out | {"$kuid": ids.kuid(), "$autovalue": out.get("name", "")}


def _refuse_duplicates(survey: list[Row]) -> None:
    counts = Counter(row["name"] for row in survey if row.get("name") and not row["type"].startswith("end_"))
    again = sorted(name for name, count in counts.items() if count > 1)
    if again:
        raise UnreadableForm("ValueError", f"Duplicate names: {', '.join(again)}")


def _add_paths(survey: list[Row]) -> None:
    groups: list[str] = []
    for row in survey:
        if row["type"].startswith("end_"):
            groups = groups[:-1]
            continue
        if "name" not in row:
            continue
        row |= {"$xpath": "/".join([*groups, row["name"]]), "$autoname": row["name"]}
        if row["type"].startswith("begin_"):
            groups = [*groups, row["name"]]


def flatten(content: Content) -> Sheets:
    """Return the form as sheets again, the way `/content/` shows it: `label::LANGUAGE` columns, whole types."""
    languages = content["translations"]
    sheets = {"survey": [_flat_row(row, languages) for row in content["survey"]]}
    if content.get("choices"):
        sheets["choices"] = [_flat_row(row, languages) for row in content["choices"]]
    return sheets | {"settings": [dict(content["settings"])]}


def _flat_row(row: Row, languages: list[str | None]) -> Row:
    out: Row = {}
    for name, cell in row.items():
        if isinstance(cell, list):
            texts = zip(languages, cell, strict=True)
            out |= {f"{name}::{language}" if language else name: text for language, text in texts if text is not None}
        elif name not in ("select_from_list_name", "file", "_or_other"):
            out[name] = str(cell).lower() if isinstance(cell, bool) else cell
    target = row.get("select_from_list_name") or (row.get("file") if row.get("type") in SELECTS else None)
    if target:
        out["type"] = f"{row['type']} {target}" + (" or_other" if row.get("_or_other") else "")
    return out


def content_hash(content: Content) -> str:
    """Return the content's hash: it covers the row ids, so importing the same file again changes it."""
    return hashlib.sha1(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), usedforsecurity=False).hexdigest()


def summarise(content: Content) -> Row:
    """Return the summary that lists and details of projects carry."""
    rows = [row for row in content["survey"] if _is_question(row)]
    labels = [row["label"][0] for row in rows if row.get("label")]
    columns = dict.fromkeys(name for row in rows for name in row if not re.match(r"[$_]", name))
    languages = [language for language in content["translations"] if language]
    return {
        "geo": any(row["type"] in GEO_TYPES for row in rows),
        "labels": labels[:5],
        "columns": list(columns),
        "lock_all": False,
        "lock_any": False,
        "languages": languages,
        "row_count": len(rows),
        "name_quality": {"ok": 0, "bad": 0, "good": len(rows), "total": len(rows), "firsts": {}},
        "default_translation": languages[0] if languages else None,
    }


def _is_question(row: Row) -> bool:
    return row["type"] not in META_TYPES and not row["type"].startswith(("begin_", "end_"))

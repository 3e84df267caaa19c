"""The `content` of a KoboToolbox asset as sheets: the server keeps a form as JSON, in either of two shapes.

As imported, translations are columns (`label::Arabic (ar)`); once saved, they are lists in the order of `translations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kobo_crc.xlsform.languages import column
from kobo_crc.xlsform.sheets import Cells, Sheets

_LIST_KEYS = ("select_from_list_name", "file")  # where the server puts what follows `select_one` in a type cell
_NOT_CELLS = (*_LIST_KEYS, "tags", "_or_other")


def to_sheets(content: Mapping[str, Any]) -> Sheets:
    """The cells of the asset's form, without the server's own keys (`$kuid`, `$xpath`)."""
    translations = [name or "" for name in content.get("translations", ())]
    settings = content.get("settings") or {}
    settings_rows = settings if isinstance(settings, list) else [settings]
    rows = {
        "survey": tuple(_survey_cells(row, translations) for row in content.get("survey", ())),
        "choices": tuple(_choice_cells(row, translations) for row in content.get("choices", ())),
        "settings": tuple(_cells(row, []) for row in settings_rows if row),
    }
    headers = {sheet: tuple(dict.fromkeys(key for cells in found for key in cells)) for sheet, found in rows.items()}
    return Sheets(tuple(rows), rows, headers)


def _survey_cells(row: Mapping[str, Any], translations: Sequence[str]) -> Cells:
    cells = dict(_cells({key: value for key, value in row.items() if key not in _NOT_CELLS}, translations))
    if "name" not in cells and row.get("$autoname"):
        cells["name"] = str(row["$autoname"])
    list_name = next((str(row[key]) for key in _LIST_KEYS if row.get(key)), "")
    if list_name:
        cells["type"] = f"{cells['type']} {list_name}" + (" or_other" if row.get("_or_other") else "")
    hxl = "".join(tag.removeprefix("hxl:") for tag in row.get("tags", ()) if tag.startswith("hxl:"))
    return {**cells, "hxl": hxl} if hxl else cells


def _choice_cells(row: Mapping[str, Any], translations: Sequence[str]) -> Cells:
    """The form builder leaves the name out of a choice that it named itself."""
    named = {"name": row["$autovalue"]} if row.get("$autovalue") and not row.get("name") else {}
    return _cells({**row, **named}, translations)


def _cells(row: Mapping[str, Any], translations: Sequence[str]) -> Cells:
    cells: dict[str, str] = {}
    for key, value in row.items():
        if key.startswith("$"):
            continue
        if isinstance(value, list):
            named = {column(key, name): text for name, text in zip(translations, value, strict=False)}
            cells |= {header: str(text) for header, text in named.items() if text}
        elif value is not None and value != "":
            cells[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return cells

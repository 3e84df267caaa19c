"""The XForm that tablets load, made of a form's cells by pyxform, the reference implementation."""

from __future__ import annotations

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]
from pyxform.xls2xform import convert  # type: ignore[import-untyped]

from kobo_crc.xlsform.sheets import Sheets


class Refused(Exception):
    """pyxform does not convert the form; the text is pyxform's own. `check` makes a finding of it."""


def to_xml(sheets: Sheets, name: str) -> tuple[str, list[str]]:
    """The XForm of the sheets and pyxform's warnings; `name` is the form id unless the settings sheet gives one."""
    book: dict[str, object] = {sheet: [dict(row) for row in rows] for sheet, rows in sheets.rows.items()}
    book |= {f"{sheet}_header": [dict.fromkeys(header)] for sheet, header in sheets.headers.items()}
    book |= {"sheet_names": list(sheets.names), "fallback_form_name": name}
    warnings: list[str] = []
    try:
        return convert(book, warnings=warnings, validate=False).xform, warnings
    except PyXFormError as error:
        raise Refused(str(error)) from error

"""Check a form: the rules of the store cells, of the languages, of the sheets and of the form engines, in one list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from kobo_crc.schema.tables import Table
from kobo_crc.xlsform.engines import construct_findings
from kobo_crc.xlsform.findings import Finding, found
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.gates import gate_findings
from kobo_crc.xlsform.lists import read_codes, read_same_as_arabic
from kobo_crc.xlsform.mapping import map_form
from kobo_crc.xlsform.moves import move_findings
from kobo_crc.xlsform.structure import structure_findings, version_findings
from kobo_crc.xlsform.translations import list_translation_findings, translation_findings
from kobo_crc.xlsform.write import late_columns, to_sheets
from kobo_crc.xlsform.xform import Refused, to_xml

__all__ = ["Finding", "check", "check_lists"]

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet")


def check(
    form: Form,
    facts: Sequence[Table],
    *,
    previous: Form | None = None,
    same_as_arabic: frozenset[tuple[str, str]] = frozenset(),
) -> list[Finding]:
    """Everything wrong with the form, by sheet and row; an empty list means that it may be deployed.

    `previous` is the version in use, whose paths must keep their types. `same_as_arabic` comes from
    `lists.read_same_as_arabic`. Of a foreign form only the mapping is checked, and that pyxform converts it.
    """
    findings = [*map_form(form, facts).findings, *move_findings(form)]
    if not form.foreign:
        findings += structure_findings(form)
        findings += construct_findings(form)
        findings += gate_findings(form)
        findings += translation_findings(form, same_as_arabic)
    if previous is not None:
        findings += version_findings(form, previous)
    if not form.foreign:
        late = late_columns(to_sheets(form))
        findings += [found(sheet, line, "column_late", header=header) for sheet, line, header in late]
    if not any(finding.code == "list_missing" for finding in findings):
        findings += _refusals(form)
    return sorted(findings, key=lambda finding: (finding.sheet != "survey", finding.sheet, finding.row))


def check_lists(codes: Path) -> list[Finding]:
    """What is wrong with the texts of the shared lists in the folder, whether a form uses them or not."""
    return list(list_translation_findings(read_codes(codes), read_same_as_arabic(codes)))


def _refusals(form: Form) -> Iterator[Finding]:
    """pyxform's own finding; it stops at the first, and names row and sheet where it knows them."""
    try:
        to_xml(to_sheets(form), form.name)
    except Refused as refused:
        reason = str(refused)
        row, sheet = _ROW.search(reason), _SHEET.search(reason)
        place = (sheet[1] if sheet else "survey", int(row[1]) if row else 0)
        yield found(*place, "pyxform_refuses", reason=_ROW.sub("", reason).strip())

"""Sheets, columns, names and choice lists of a form: what pyxform passes silently and people get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kobo_crc.xlsform import headers, languages
from kobo_crc.xlsform.findings import Finding, found, near
from kobo_crc.xlsform.form import Choice, Form, Row
from kobo_crc.xlsform.moves import moves_of
from kobo_crc.xlsform.question_types import FROM_FILE

_CLOSE = 0.8  # of difflib's ratio: nearer than this, an unknown column is taken for a misspelt one


def structure_findings(form: Form) -> Iterator[Finding]:
    """Misspelt sheets and columns, names used twice, lists that are missing or malformed."""
    for name in form.sheet_names:
        if name.lower() not in headers.SHEETS and (hint := near(name.lower(), headers.SHEETS, _CLOSE)):
            yield found(name, 0, "sheet_unknown", name=name, near=hint)
    yield from _header_findings(form)
    yield from _language_findings(form)
    yield from _name_findings(form)
    yield from list_findings(form)


def list_findings(form: Form) -> Iterator[Finding]:
    """Lists that no sheet and no file has, and choices that cannot be told apart."""
    for row in form.rows:
        on_the_tablet = row.type not in FROM_FILE and "$" not in row.list_name
        if row.list_name and on_the_tablet and row.list_name not in form.choices:
            known = {*form.choices, *form.code_lists}
            yield found("survey", row.line, "list_missing", list=row.list_name, near=near(row.list_name, known))
    for list_name, choices in form.choices.items():
        sheet = f"codes/{list_name}.csv" if list_name in form.shared_lists else "choices"
        seen: set[str] = set()
        for choice in choices:
            yield from _choice_findings(sheet, list_name, choice, seen)
            seen.add(choice.name)


def _choice_findings(sheet: str, list_name: str, choice: Choice, seen: set[str]) -> Iterator[Finding]:
    if not choice.name:
        yield found(sheet, choice.line, "choice_code_missing", list=list_name)
    elif choice.name in seen:
        yield found(sheet, choice.line, "choice_twice", code=choice.name, list=list_name)
    if any(character.isspace() for character in choice.name):
        yield found(sheet, choice.line, "choice_space", code=choice.name, list=list_name)


def _header_findings(form: Form) -> Iterator[Finding]:
    """Columns of one's own are allowed on the survey sheet, and on the choices sheet when an expression uses them."""
    expressions = " ".join(cell for row in form.rows for cell in row.cells.values())
    words = set(re.findall(r"[A-Za-z_][\w.-]*", expressions))
    for sheet, known in headers.KNOWN.items():
        for header in form.headers.get(sheet, ()):
            base, colons, _ = header.partition("::")
            hint = near(base.lower(), known, _CLOSE)
            if base in known or (sheet == "choices" and header in words):
                continue
            if hint or colons or sheet == "settings":
                yield found(sheet, 1, "header_unknown", header=header, near=hint)
            elif sheet == "choices":
                yield found(sheet, 1, "choices_column", header=header)


def _language_findings(form: Form) -> Iterator[Finding]:
    spelled: dict[str, str] = {}
    for sheet in ("survey", "choices"):
        for header in form.headers.get(sheet, ()):
            base, colons, suffix = header.partition("::")
            if colons and base in headers.KNOWN[sheet] and base not in ("bind", "body", "control", "instance"):
                first = spelled.setdefault(languages.language_code(suffix), suffix)
                if first != suffix:
                    yield found(sheet, 1, "language_twice", header=header, first=first)
    default = form.settings.get("default_language", "")
    if default and default not in spelled.values():
        example = next(iter(spelled.values()), "English (en)")
        words = {"language": default, "near": near(default, spelled.values()), "example": example}
        yield found("settings", 2, "default_language", **words)


def _name_findings(form: Form) -> Iterator[Finding]:
    lines: dict[str, int] = {}
    for row in form.rows:
        if row.name and not row.type.startswith("end_"):
            line = lines.setdefault(row.name, row.line)
            if line != row.line:
                yield found("survey", row.line, "name_twice", name=row.name, line=line)


def version_findings(form: Form, previous: Form) -> Iterator[Finding]:
    """Paths whose type is not the one of the version before, under the path of then where the question has moved."""
    before, today = _types(previous.rows), _rows(form.rows)
    once = {path: path for path in today} | {old: path for old, path in moves_of(form).items() if path in today}
    for old, path in once.items():
        row = today[path]
        if before.get(old, row.type) != row.type:
            yield found("survey", row.line, "path_changed", path=old, before=before[old])


def _rows(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.path: row for row in rows if row.name and not row.type.startswith("end_")}


def _types(rows: tuple[Row, ...]) -> dict[str, str]:
    return {path: row.type for path, row in _rows(rows).items()}

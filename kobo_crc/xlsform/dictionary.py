"""The data dictionary: every table and column of the facts with its class, and the question that fills it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kobo_crc.schema.derived import DerivedTable
from kobo_crc.schema.tables import Column, Table
from kobo_crc.schema.views import BEGINNING, View, columns_of
from kobo_crc.xlsform.form import Form, Row
from kobo_crc.xlsform.mapping import map_form
from kobo_crc.xlsform.question_types import EDGES, SILENT

_HEADER = ("column", "type", "class", "description", "filled by")
_INTRODUCTION = """\
# Data dictionary

Made from the forms and the table descriptions by `kobo-crc forms dictionary`: change those, not this file.

Every table that a form fills also has the columns `submission_id`, `row_path` (which group or repeat item the row
comes from, such as `referral[2]`) and `parent_path` (the enclosing row). A code column holds a code of the list it
names, in `forms/codes/LIST.csv`.
The classes say how dangerous a value is to the person it is about: `none`, `quasi` (identifies together with others),
`sensitive`, `direct` (names the person; only in the vault).
"""


def dictionary(
    forms: Sequence[Form],
    facts: Sequence[Table],
    derived: Sequence[DerivedTable] = (),
    views: Sequence[View] = (),
) -> str:
    """The dictionary as Markdown: `facts`, what is `derived` from them, the `views` of both, and what each form keeps
    in the vault alone."""
    fills = _fills(forms, facts)
    tables = [_table(table, fills) for table in facts]
    computed = [_derived(table) for table in derived]
    seen = [_view(view) for view in views]
    kept = [_kept(form) for form in forms]
    return "\n".join([_INTRODUCTION, *tables, *computed, *seen, *(text for text in kept if text)])


def _fills(forms: Iterable[Form], facts: Sequence[Table]) -> Mapping[tuple[str, str], list[str]]:
    fills: dict[tuple[str, str], list[str]] = {}
    for form in forms:
        for target in map_form(form, facts).targets:
            fills.setdefault((target.table.name, target.column.name), []).append(_question(form, target.row))
    return fills


def _question(form: Form, row: Row) -> str:
    label = row.labels.get("en", "")
    return f"{form.name}: `{row.path}`" + (f" {label}" if label else f" ({row.type})")


def _table(table: Table, fills: Mapping[tuple[str, str], list[str]]) -> str:
    kind = ["in the vault"] * table.vault + ["one row for each choice"] * table.link
    title = f"## {table.name}" + (f" ({', '.join(kind)})" if kind else "")
    rows = [_cells(column, fills.get((table.name, column.name), [])) for column in table.columns]
    return "\n".join([title, "", table.description, "", *_lines([_HEADER, ["---"] * len(_HEADER), *rows]), ""])


def _derived(table: DerivedTable) -> str:
    header = _HEADER[:-1]
    rows = [_described(column) for column in table.columns]
    title = f"## {table.name} (derived from the tables above; its key is {', '.join(table.key)})"
    return "\n".join([title, "", table.description, "", *_lines([header, ["---"] * len(header), *rows]), ""])


def _view(view: View) -> str:
    """The view's columns; the class of what is shown of a table's column is that column's."""
    start = [(f"`{name}`", "text" if name != "submission_id" else "integer", "none", text) for name, text in BEGINNING]
    rows = [row for _, column in columns_of(view) for row in _shown(column)]
    header = _HEADER[:-1]
    title = f"## out_{view.name}_ar, out_{view.name}_ckb, out_{view.name}_en (view)"
    return "\n".join([title, "", view.description, "", *_lines([header, ["---"] * len(header), *start, *rows]), ""])


def _shown(column: Column) -> Iterator[tuple[str, ...]]:
    yield _described(column)
    if column.codes:
        yield f"`{column.name.removesuffix('_code')}`", "text", column.pii, "the same in the view's language"


def _cells(column: Column, questions: Sequence[str]) -> tuple[str, ...]:
    return *_described(column), "; ".join(questions) or "no form"


def _described(column: Column) -> tuple[str, ...]:
    type_ = f"code of {column.codes}" if column.codes else column.type
    return f"`{column.name}`", type_, column.pii, column.description


def _kept(form: Form) -> str:
    """The questions that have no place in a table, of which the vault's `answer` keeps what was said."""
    rows = [row for row in form.rows if not row.store and row.type not in EDGES | SILENT]
    questions = [(f"`{row.path}`", row.labels.get("en", "")) for row in rows]
    lines = _lines([("question", "label"), ("---", "---"), *questions])
    return "\n".join([f"## Kept in the vault only: {form.name}", "", *lines, ""]) if rows else ""


def _lines(rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows]


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")

"""The scope rules: from the store cells to the column each answer fills, and what stands against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kobo_crc.schema.tables import PII_CLASSES, Column, Table
from kobo_crc.xlsform.findings import Finding, found, near
from kobo_crc.xlsform.form import Form, Row
from kobo_crc.xlsform.question_types import ACCEPTED, BEGINS, EDGES, FROM_FILE, SELECTS_MANY, UNANSWERED

IGNORE = "-"
_TARGET = re.compile(r"(\w+)\.(\w+)")
_CONSTANT = re.compile(r"""'([^']*)'|"([^"]*)\"""")


@dataclass(frozen=True, slots=True)
class Place:
    """A group with a table, or any repeat, around a question. `table` is "" for a repeat without one."""

    path: str
    table: str
    repeat: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A stored question and the column it fills, in the row of the place `scope`.

    `around` are the places around it, outermost first.
    """

    row: Row
    table: Table
    column: Column
    scope: str
    around: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """All places and targets of a form, and the findings of the mapping rules. Broken cells are in `findings` only."""

    places: tuple[tuple[Place, tuple[Place, ...]], ...]
    targets: tuple[Target, ...]
    findings: tuple[Finding, ...]


def map_form(form: Form, facts: Sequence[Table]) -> Mapped:
    """Follow the store cells of the form through its groups and repeats."""
    tables = {table.name: table for table in facts}
    places: list[tuple[Place, tuple[Place, ...]]] = []
    targets: list[Target] = []
    findings: list[Finding] = []
    for row, around in walk(form):
        if row.pii and row.pii not in PII_CLASSES:
            findings.append(found("survey", row.line, "pii_unknown", pii=row.pii))
        if row.type in BEGINS:
            findings += _scope_findings(row, around, tables)
            if row.type == "begin_repeat" or row.store:
                places.append((_place(row), around))
        elif row.store and row.store != IGNORE:
            result = _target(row, around, tables)
            if isinstance(result, Finding):
                findings.append(result)
            else:
                targets.append(result)
                findings += _target_findings(result, form)
    return Mapped(tuple(places), tuple(targets), (*findings, *_twice(targets), *_unsealed(targets)))


def walk(form: Form) -> Iterator[tuple[Row, tuple[Place, ...]]]:
    """Every question and begin row with the places around it, from the outermost in."""
    opened: list[Place | None] = []
    for row in form.rows:
        if row.type in ("end_group", "end_repeat"):
            if opened:
                opened.pop()
        elif row.type not in EDGES or row.type in BEGINS:
            yield row, tuple(place for place in opened if place)
            if row.type in BEGINS:
                opened.append(_place(row) if row.type == "begin_repeat" or row.store else None)


def _place(row: Row) -> Place:
    return Place(row.path, row.store if row.store.isidentifier() else "", row.type == "begin_repeat")


def is_answered(row: Row) -> bool:
    """Whether a person gives the answer; what the form computes never makes a row exist."""
    return row.type not in UNANSWERED and "calculation" not in row.cells


def _scope_findings(row: Row, around: tuple[Place, ...], tables: Mapping[str, Table]) -> Iterator[Finding]:
    if not row.store:
        return
    if not row.store.isidentifier():
        yield found("survey", row.line, "scope_syntax", store=row.store, type=row.type)
        return
    table = tables.get(row.store)
    if table is None:
        yield found("survey", row.line, "table_unknown", table=row.store, near=near(row.store, tables))
    elif table.link:
        yield found("survey", row.line, "link_scope", table=table.name, type=row.type)
    for place in around:
        if place.table == row.store:
            yield found("survey", row.line, "scope_nested", table=row.store, other=place.path)


def _target(row: Row, around: tuple[Place, ...], tables: Mapping[str, Table]) -> Target | Finding:
    cell = _TARGET.fullmatch(row.store)
    if cell is None:
        return found("survey", row.line, "store_syntax", store=row.store)
    table = tables.get(cell[1])
    if table is None:
        return found("survey", row.line, "table_unknown", table=cell[1], near=near(cell[1], tables))
    column = table.column(cell[2])
    if column is None:
        names = [column.name for column in table.columns]
        return found("survey", row.line, "column_unknown", table=cell[1], column=cell[2], near=near(cell[2], names))
    return Target(row, table, column, _scope(table, around), around)


def _scope(table: Table, around: tuple[Place, ...]) -> str:
    """The nearest place that opens the table; a link table's rows hang on the nearest place of any kind."""
    return next((place.path for place in reversed(around) if table.link or place.table == table.name), "")


def _target_findings(target: Target, form: Form) -> Iterator[Finding]:
    words = {"table": target.table.name, "column": target.column.name}
    for code, more in (*_type_findings(target), *_code_findings(target, form), *_pii_findings(target)):
        yield found("survey", target.row.line, code, **words, **more)
    repeats = [place.path for place in target.around if place.repeat]
    if repeats and not f"{target.scope}/".startswith(f"{repeats[-1]}/"):
        yield found("survey", target.row.line, "outside_repeat", repeat=repeats[-1], **words)


Words = Mapping[str, object]


def _type_findings(target: Target) -> Iterator[tuple[str, Words]]:
    row, table, column = target.row, target.table, target.column
    if row.type == "note":
        yield "note_stored", {}
    elif row.type in SELECTS_MANY and not table.link:
        yield "many_not_link", {"type": row.type}
    elif table.link and row.type not in SELECTS_MANY:
        yield "link_not_many", {}
    elif column.type != "text" and row.type not in ACCEPTED[column.type]:
        yield "type_clash", {"type": row.type, "holds": f"{column.type} values"}


def _code_findings(target: Target, form: Form) -> Iterator[tuple[str, Words]]:
    row, column = target.row, target.column
    if column.type == "integer" and row.type == "select_one":
        if not all(re.fullmatch(r"-?\d+", choice.name) for choice in form.choices.get(row.list_name, ())):
            yield "type_clash", {"type": row.type, "holds": "integer values, but not every code is a number"}
        return
    if not column.codes:
        return
    codes = codes_of(form, column.codes)
    if not codes:
        yield "code_list_missing", {"codes": column.codes}
    elif row.type not in FROM_FILE and row.list_name and not _fits(form, row, column.codes):
        strangers = sorted(_choices(form, row) - codes) or [""]
        clash = "code_foreign" if form.foreign else "list_clash"
        yield clash, {"list": row.list_name, "codes": column.codes, "others": ", ".join(strangers), "one": strangers[0]}
    theirs = {choice.name for choice in form.choices.get(row.list_name, ())}
    for stray in sorted(row.recoded.keys() - theirs):
        yield "recoded_unknown", {"code": stray, "list": row.list_name, "near": near(stray, theirs)}
    constant = _CONSTANT.fullmatch(row.cells.get("calculation", "").strip()) if row.type == "calculate" else None
    code = (constant[1] or constant[2] or "") if constant else ""
    if code and codes and code not in codes:
        yield "constant_unknown", {"code": code, "codes": column.codes, "near": near(code, codes)}


def _fits(form: Form, row: Row, wanted: str) -> bool:
    """Whether every choice is a code of the wanted list: the list itself, or a part of it such as the districts."""
    choices = _choices(form, row)
    return choices <= codes_of(form, wanted) and (bool(choices) or row.list_name == wanted)


def _choices(form: Form, row: Row) -> frozenset[str]:
    """The codes of the question's choices, ours in place of theirs."""
    return frozenset(row.recoded.get(choice.name, choice.name) for choice in form.choices.get(row.list_name, ()))


def codes_of(form: Form, list_name: str) -> frozenset[str]:
    """The codes of a list: the shared list where there is one, else the form's own."""
    own = frozenset(choice.name for choice in form.choices.get(list_name, ()))
    return form.code_lists.get(list_name, own)


def _pii_findings(target: Target) -> Iterator[tuple[str, Words]]:
    pii, wanted = target.row.pii, target.column.pii
    if not pii:
        yield "pii_missing", {"wanted": wanted}
    elif pii not in PII_CLASSES:
        return  # named already, as in rows that are not stored
    elif pii == "direct" and not target.table.vault:
        yield "direct_outside_vault", {}
    elif pii != wanted:
        yield "pii_clash", {"pii": pii, "wanted": wanted}


def _unsealed(targets: Sequence[Target]) -> Iterator[Finding]:
    """Answers to a table whose seal could not be seen before they are read."""
    sealing = {t.table.name for t in targets if t.table.seal and t.column.name == t.table.seal.column and not t.scope}
    for target in targets:
        if target.table.seal and target.table.name not in sealing:
            words = {"table": target.table.name, "column": target.table.seal.column}
            yield found("survey", target.row.line, "seal_missing", **words)


def _twice(targets: Sequence[Target]) -> Iterator[Finding]:
    first: dict[tuple[str, str, str], Row] = {}
    for target in targets:
        table, column = target.table.name, target.column.name
        other = first.setdefault((target.scope, table, column), target.row)
        if other is not target.row:
            words = {"table": table, "column": column, "other": other.path, "line": other.line}
            yield found("survey", target.row.line, "column_twice", **words)

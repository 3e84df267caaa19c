"""Where each answer of a form goes: the annotation columns turned into a plan that `normalise` follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from kobo_crc.errors import FormError
from kobo_crc.schema.tables import Table
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.mapping import IGNORE, Place, Target, codes_of, is_answered, map_form
from kobo_crc.xlsform.moves import move_findings, moves_of
from kobo_crc.xlsform.question_types import EDGES, SILENT


@dataclass(frozen=True, slots=True)
class Scope:
    """A place where rows are born: the submission itself (path ""), a group, or each item of a repeat.

    `table` is the table it opens ("" for none); `parent` is the path of the nearest enclosing scope that opens a table
    (its row is the parent row) or "". Every repeat is a scope, with or without a table; groups only with one.
    """

    path: str
    table: str
    repeat: bool
    parent: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one question's answer goes: a column of the row of `table` in the scope `scope`.

    `answered` is False for calculates and the like: they never make a row exist. `many` marks a select_multiple:
    each chosen code makes its own row, keyed by the scope's row path plus the code. `recoded` has our code by each of
    theirs, in someone else's form.
    """

    path: str
    scope: str
    table: str
    column: str
    question_type: str
    list_name: str
    answered: bool
    many: bool
    recoded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole mapping of a form. `cells` is keyed by question path; `ignored` are the paths marked `-` (and notes).

    `answered` are the paths of all questions that a person answers, stored or not: they make the row of their scope
    exist (calculates, notes and metadata never do). `labels` has every question of the form.

    `moves` has the path of today by each path of the past, for questions and repeats (the column `was`).

    `codes` maps each code list used by a cell's column to its codes. `digest` (12 hex digits) changes with anything
    that could change a row: cells, scopes, column types, codes. A path in neither `cells` nor `ignored` goes to the
    vault's `answer`.
    """

    form: str
    scopes: Mapping[str, Scope]
    cells: Mapping[str, Cell]
    ignored: frozenset[str]
    answered: frozenset[str]
    labels: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, frozenset[str]]
    moves: Mapping[str, str]
    digest: str


def plan(form: Form, facts: Sequence[Table]) -> Plan:
    """The plan of the form; FormError listing every finding when the store cells break the mapping rules."""
    mapped = map_form(form, facts)
    findings = [*mapped.findings, *move_findings(form)]
    if findings:
        lines = "\n".join(finding.message for finding in findings)
        raise FormError(f"{form.name}: the store cells do not check.\n{lines}")
    scopes = {"": Scope("", "", False, ""), **{place.path: _scope(place, around) for place, around in mapped.places}}
    cells = {target.row.path: _cell(target) for target in mapped.targets}
    questions = [row for row in form.rows if row.type not in EDGES]
    ignored = frozenset(row.path for row in questions if row.store == IGNORE or row.type in SILENT)
    answered = frozenset(row.path for row in questions if is_answered(row))
    lists = {target.column.codes for target in mapped.targets if target.column.codes}
    codes = {name: codes_of(form, name) for name in sorted(lists)}
    moves = moves_of(form)
    types = {f"{target.table.name}.{target.column.name}": _column(target) for target in mapped.targets}
    return Plan(
        form=form.name,
        scopes=scopes,
        cells=cells,
        ignored=ignored,
        answered=answered,
        labels={row.path: row.labels for row in questions},
        codes=codes,
        moves=moves,
        digest=_digest([scopes, cells, ignored, answered, types, codes, *([moves] if moves else [])]),
    )


def _scope(place: Place, around: Sequence[Place]) -> Scope:
    parent = next((outer.path for outer in reversed(around) if outer.table), "")
    return Scope(place.path, place.table, place.repeat, parent)


def _cell(target: Target) -> Cell:
    row = target.row
    return Cell(
        path=row.path,
        scope=target.scope,
        table=target.table.name,
        column=target.column.name,
        question_type=row.type,
        list_name=row.list_name,
        answered=is_answered(row),
        many=target.table.link,
        recoded=row.recoded,
    )


def _column(target: Target) -> list[object]:
    column = target.column
    return [column.type, column.codes, column.rule, column.pii, target.table.vault, target.table.link]


def _digest(parts: object) -> str:
    """12 hex digits, the same in every process: sets are sorted, records become lists of their fields."""
    text = json.dumps(parts, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(part: object) -> object:
    if isinstance(part, Scope | Cell):
        return {name: value for name, value in asdict(part).items() if name != "recoded" or value}
    if isinstance(part, frozenset):
        return sorted(part)
    raise TypeError(type(part).__name__)

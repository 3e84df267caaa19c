"""A landed submission and its form's plan become rows and problems. Pure: no network, database, clock or environment.

The plan is compiled once into dictionaries keyed by question path; a submission is then read in one walk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from kobo_crc.casts import CASTS, CastError, Value, arrived_at
from kobo_crc.model import Landed, Problem, Submission
from kobo_crc.rules import KEPT, RULES, SOUND, Arrival, clock_is_wrong, is_short
from kobo_crc.schema.tables import Column, Table
from kobo_crc.seals import guards_of
from kobo_crc.xlsform.plan import Cell, Plan

STEP: Final = "normalise"
# Raise it when this module, the casts or the rules read an answer differently: every submission is then read again.
READER: Final = 3
# A stranger's path is cut there: no index of PostgreSQL takes more than 2,700 bytes. The answer stays in the landing.
LONGEST_STRANGE: Final = 400
# What the server adds to the answers. Anything else that no form knows is kept in the vault and named in a problem.
SYSTEM_KEYS: Final = frozenset(
    {"_id", "_uuid", "__version__", "_xform_id_string", "_attachments", "_status", "_geolocation", "_submission_time"}
    | {"_validation_status", "_submitted_by", "_tags", "_notes", "_date_modified", "formhub/uuid"}
    | {"start", "end", "today"}
)

Tuples = list[tuple[Value | None, ...]]


@dataclass(slots=True)
class Rows:
    """What a batch of submissions gives: whole rows by table in column order, vault answers, and problems."""

    tables: dict[str, Tuples] = field(default_factory=dict)
    answers: list[tuple[int, str, str, int, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that the form can make: of which table, in which scope under which, and which of the cells it has.

    `bit` marks it among the rows that exist.
    """

    bit: int
    table: str
    scope: str
    parent: str
    cells: slice
    vault: bool


@dataclass(frozen=True, slots=True)
class _Question:
    """What a path of the form is for: `read` takes its answers up, unless the answer itself exists for nothing else
    than the rows that `life` has the bits of.

    `sound` has the values of the texts that need no look at all: most answers are codes and small numbers. The others
    are cast; `rule` says what makes a value doubtful, `keeps` whether a doubtful text is kept. `index` is the place
    among the cells of the form.
    """

    read: Callable[[_Walk, str, Any, _Question, _Place], None] | None
    life: int = 0
    sound: Mapping[str, Value] = field(default_factory=dict)
    index: int = 0
    cast: Callable[[str], Value] = CASTS["text"]
    rule: Callable[[Value, Arrival], tuple[str, str] | None] | None = None
    keeps: Callable[[str], bool] = is_short
    codes: frozenset[str] | None = None
    cell: Cell | None = None


class _Place:
    """The submission itself, or one item of a repeat: the cells that are being filled in it, and which rows exist."""

    __slots__ = ("alive", "cells", "outer", "path", "prefix")

    def __init__(self, path: str, prefix: str, outer: _Place | None, width: int) -> None:
        self.path = path  # of the repeat, "" for the submission
        self.prefix = prefix  # the same with indexes: `member[2]`
        self.outer = outer
        self.cells: list[Value | None] = [None] * width
        self.alive = 0

    def row_path(self, path: str) -> str:
        if not self.path or path.startswith(self.path):
            return self.prefix + path[len(self.path) :]
        return f"{self.prefix}/{path}"  # a key that does not belong here

    def scope_path(self, scope: str) -> str:
        """The row path of a scope inside the place or around it."""
        if self.outer is None:
            return scope
        return self.row_path(scope) if _is_inside(scope, self.path) else self.outer.scope_path(scope)


class Normaliser:
    """Reads the submissions of one form in one project by its plan.

    `tables` are the fact tables by name; `codes` the codes that each list holds, retired ones included; `centres` the
    codes of the centres that send to the project, none meaning any. `digest` (12 hex digits) marks the rows made: it
    differs when form, tables, centres or this reader would make other rows.
    """

    def __init__(
        self,
        plan: Plan,
        tables: Mapping[str, Table],
        codes: Mapping[str, frozenset[str]],
        centres: frozenset[str] = frozenset(),
    ) -> None:
        self.plan = plan
        self._tables = tables
        self._codes = codes
        self._rows = self._all_rows()
        self._inside = {s.path: self._rows_inside(s.path) for s in plan.scopes.values()}
        self._width = max((row.cells.stop for row in self._rows.values()), default=0)
        self._questions = self._all_questions()
        self._guards = tuple(guards_of(plan, tables, codes))
        described = [repr(tables[name]) for name in sorted({cell.table for cell in plan.cells.values()})]
        self.foreign = codes.get("centre", frozenset()) - centres if centres else frozenset()
        self.centre_paths = [path for path, cell in plan.cells.items() if self._column(cell).codes == "centre"]
        whole = "\n".join([str(READER), plan.digest, *described, *sorted(centres)])
        self.digest = hashlib.blake2b(whole.encode(), digest_size=6).hexdigest()

    def _all_rows(self) -> dict[tuple[str, str], _Row]:
        """By table and scope: the scopes' own rows, and those of the submission."""
        opened = [(s.table, s.path) for s in self.plan.scopes.values() if s.table]
        filled = [(cell.table, cell.scope) for cell in self.plan.cells.values() if not cell.many]
        rows: dict[tuple[str, str], _Row] = {}
        start = 0
        for number, (table, scope) in enumerate(dict.fromkeys(opened + filled)):
            cells = slice(start, start := start + len(self._tables[table].columns))
            parent = self.plan.scopes[scope].parent
            rows[table, scope] = _Row(1 << number, table, scope, parent, cells, self._tables[table].vault)
        return rows

    def _rows_inside(self, path: str) -> tuple[_Row, ...]:
        return tuple(row for row in self._rows.values() if _is_inside(row.scope, path))

    def _all_questions(self) -> dict[str, _Question | None]:
        repeats = {s.path: _Question(_Walk.repeat) for s in self.plan.scopes.values() if s.repeat}
        return repeats | {path: self._question(path) for path in (*SYSTEM_KEYS, *self.plan.labels)}

    def _question(self, path: str) -> _Question | None:
        if path in self.plan.cells:
            return self._stored(self.plan.cells[path])
        if _is_of_the_server(path):
            return None
        life = self._life(path)
        if path in self.plan.ignored:
            return _Question(None, life) if life else None
        return _Question(_Walk.keep, life)

    def _stored(self, cell: Cell) -> _Question:
        column = self._column(cell)
        codes = self._codes[column.codes] if column.codes else None
        life = self._life(cell.path)
        if cell.many:
            return _Question(_Walk.choices, life, codes=codes, cell=cell)
        row = self._rows[cell.table, cell.scope]
        index = row.cells.start + self._tables[cell.table].columns.index(column)
        if cell.answered and not cell.scope:
            life |= row.bit
        sound, rule = _sound(column, codes or ()) | dict(cell.recoded), RULES.get(column.rule)
        keeps = KEPT.get(column.rule, is_short)
        return _Question(_Walk.look, life, sound, index, CASTS[column.type], rule, keeps, codes)

    def _column(self, cell: Cell) -> Column:
        column = self._tables[cell.table].column(cell.column)
        assert column is not None
        return column

    def _life(self, path: str) -> int:
        """The bits of the scopes' own rows that an answer at `path` brings to life."""
        if path not in self.plan.answered:
            return 0
        around = [s for s in self.plan.scopes.values() if s.table and _is_inside(path, s.path)]
        return sum(self._rows[s.table, s.path].bit for s in around)

    def add(self, landed: Landed, rows: Rows) -> None:
        """Add to `rows` what one landed version gives; a deletion gives nothing."""
        if landed.submission is not None:
            _Walk(self, landed, landed.submission, rows).run()


class _Walk:
    """One submission on its way into rows."""

    __slots__ = ("_arrival", "_landed", "_n", "_rows", "_submission", "_tag")

    def __init__(self, normaliser: Normaliser, landed: Landed, submission: Submission, rows: Rows) -> None:
        self._n = normaliser
        self._landed = landed
        self._submission = submission
        self._rows = rows
        self._tag = (landed.version_id, normaliser.digest)
        self._arrival = Arrival(arrived_at(submission.submitted_at, landed.seen_at))

    def run(self) -> None:
        payload = self._submission.payload
        answers = self._guarded(payload) if self._n._guards else payload
        self._item(answers, _Place("", "", None, self._n._width))
        if self._n.foreign:
            self._centres(answers)
        place = clock_is_wrong(payload.get("start"), payload.get("end"), self._arrival)
        if place is not None:
            self._problem("clock_wrong", place, "a tablet time within the days before arrival")

    def _guarded(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """What may be read of the submission; a problem says so when that is not all."""
        answers = self._moved(payload)
        for guard in self._n._guards:
            passed = guard.let_through(answers)
            held = answers.keys() - passed.keys()
            if any(answers[path] not in (None, "") and not _is_of_the_server(path) for path in held):
                self._problem("answers_sealed", guard.path, "this answer alone")
            answers = passed
        return answers

    def _centres(self, payload: Mapping[str, Any]) -> None:
        """Name a centre that sends to another project than this one."""
        for path in self._n.centre_paths:
            if payload.get(path) in self._n.foreign:
                self._problem("centre_elsewhere", path, "a centre of this project")

    def _item(self, answers: Mapping[str, Any], place: _Place) -> None:
        if self._n.plan.moves:
            answers = self._moved(answers)
        questions, cells, alive = self._n._questions, place.cells, 0
        for path, value in answers.items():
            question = questions.get(path, UNKNOWN)
            if question is None:
                continue
            if type(value) is str and (sound := question.sound.get(value)) is not None:
                cells[question.index] = sound
            elif value is None or value == "":  # clearing may leave either behind
                continue
            elif question.read is not None:
                question.read(self, path, value, question, place)
            alive |= question.life
        place.alive |= alive
        self._emit(place)

    def _moved(self, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answers under the paths of today. Where one stands there already, the old one is left as it is."""
        moves = self._n.plan.moves
        if moves.keys().isdisjoint(answers):
            return answers
        return {path if (today := moves.get(path, path)) in answers else today: answers[path] for path in answers}

    def repeat(self, path: str, items: Any, _question: _Question, place: _Place) -> None:
        """Read the items of a repeat."""
        if not isinstance(items, list):
            self.unknown(path, items, _question, place)
            return
        prefix = place.row_path(path)
        for number, item in enumerate(items, start=1):
            inner = _Place(path, f"{prefix}[{number}]", place, self._n._width)
            if isinstance(item, dict):
                self._item(item, inner)
            else:
                self._problem("repeat_expected", inner.prefix, "a group of answers")

    def unknown(self, path: str, value: Any, question: _Question, place: _Place) -> None:
        """Keep and name what the form does not know."""
        if len(path) > LONGEST_STRANGE:
            path = f"{path[:LONGEST_STRANGE]}…{hashlib.sha256(path.encode()).hexdigest()[:16]}"
        if not path.startswith("meta/"):
            self.keep(path, value, question, place)
            self._problem("answer_unmapped", place.row_path(path), "a question of the form")

    def keep(self, path: str, value: Any, _question: _Question, place: _Place) -> None:
        """Keep an answer without a cell in the vault."""
        text = value if type(value) is str else orjson.dumps(value).decode()
        self._rows.answers.append((self._landed.submission_id, place.row_path(path), text, *self._tag))

    def look(self, path: str, value: Any, question: _Question, place: _Place) -> None:
        """Fill the cell of an answer that is not plainly sound; doubts and refusals are problems."""
        text = value if type(value) is str else self._text(path, value, place)
        if text is None:
            return
        try:
            cast = question.cast(text)
        except CastError as error:
            self._problem(error.code, place.row_path(path), error.expected)
            return
        if question.codes is not None and cast not in question.codes:
            self._problem("code_unknown", place.row_path(path), "a code of the list")
            return
        if question.rule is not None and (doubt := question.rule(cast, self._arrival)):
            self._problem(doubt[0], place.row_path(path), doubt[1])
            if isinstance(cast, str) and not question.keeps(cast):
                return
        place.cells[question.index] = cast

    def _text(self, path: str, value: Any, place: _Place) -> str | None:
        if isinstance(value, list | dict) or value is None:
            self._problem("text_expected", place.row_path(path), "a single answer")
            return None
        return str(value)

    def choices(self, path: str, value: Any, question: _Question, place: _Place) -> None:
        """Make a row of each code of a select_multiple."""
        cell = question.cell
        assert cell is not None
        text = value if type(value) is str else self._text(path, value, place)
        parent = place.scope_path(cell.scope)
        rows = self._rows.tables.setdefault(cell.table, [])
        for code in dict.fromkeys(cell.recoded.get(one, one) for one in (text or "").split()):
            if question.codes is not None and code not in question.codes:
                self._problem("code_unknown", place.row_path(path), "codes of the list")
                continue
            rows.append((self._landed.submission_id, f"{parent}/{code}" if parent else code, parent, code))

    def _emit(self, place: _Place) -> None:
        """Hand over the rows that exist in the place; those around it are left to the outer one."""
        alive, cells, tables, submission_id = place.alive, place.cells, self._rows.tables, self._landed.submission_id
        for row in self._n._inside[place.path]:
            if alive & row.bit:
                alive ^= row.bit
                path, parent = row.scope, row.parent
                if place.outer is not None:
                    path, parent = place.scope_path(path), place.scope_path(parent)
                tag = self._tag if row.vault else ()
                tables.setdefault(row.table, []).append((submission_id, path, parent, *cells[row.cells], *tag))
        if place.outer is not None:
            place.outer.alive |= alive

    def _problem(self, code: str, path: str, expected: str) -> None:
        self._rows.problems.append(Problem(code, STEP, self._landed.submission_id, path, expected))


UNKNOWN: Final = _Question(_Walk.unknown)


def _sound(column: Column, codes: Iterable[str]) -> dict[str, Value]:
    numbers = SOUND.get(column.rule, ()) if column.type == "integer" else ()
    return {code: code for code in codes} | {str(number): number for number in numbers}


def _is_of_the_server(path: str) -> bool:
    return path in SYSTEM_KEYS or path.startswith("meta/")


def _is_inside(path: str, scope: str) -> bool:
    return not scope or f"{path}/".startswith(f"{scope}/")

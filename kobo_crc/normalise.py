"""A landed submission and its form's plan become rows and problems. Pure: no network, database, clock or environment.

The plan is compiled once into dictionaries keyed by question path; a submission is then read in one walk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from kobo_crc.casts import CASTS, CastError, Value, to_datetime_or
from kobo_crc.model import Landed, Problem, Submission
from kobo_crc.rules import RULES, SOUND, Arrival, clock_is_wrong
from kobo_crc.schema.tables import Column, Table
from kobo_crc.xlsform.plan import Cell, Plan

STEP: Final = "normalise"
# Raise it when this module, the casts or the rules read an answer differently: every submission is then read again.
READER: Final = 1
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
class _Target:
    """A cell made ready: where in the row it goes, how it is cast and what makes it doubtful.

    `sound` has the values of the texts that need no look at all: most answers are codes and small numbers.
    """

    scope: str
    home: str
    table: str
    position: int
    cast: Callable[[str], Value]
    rule: Callable[[Value, Arrival], tuple[str, str] | None] | None
    codes: frozenset[str] | None
    sound: Mapping[str, Value]
    many: bool
    answered: bool
    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Question:
    """What a path of the form is for: a cell, the vault (`kept`) or nothing; and which rows it makes exist."""

    target: _Target | None
    kept: bool
    chain: tuple[tuple[str, str], ...]


class _Place:
    """The submission itself, or one item of a repeat: the rows that are being filled in it."""

    __slots__ = ("alive", "outer", "path", "prefix", "rows")

    def __init__(self, path: str, prefix: str, outer: _Place | None) -> None:
        self.path = path  # of the repeat, "" for the submission
        self.prefix = prefix  # the same with indexes: `member[2]`
        self.outer = outer
        self.rows: dict[tuple[str, str], list[Value | None]] = {}
        self.alive: dict[tuple[str, str], bool] = {}

    def row_path(self, path: str) -> str:
        return self.prefix + path[len(self.path) :]


class Normaliser:
    """Reads the submissions of one form by its plan.

    `tables` are the fact tables by name; `codes` the codes that each list holds, retired ones included. `digest`
    (12 hex digits) marks the rows made: it differs when form, tables or this reader would make other rows.
    """

    def __init__(self, plan: Plan, tables: Mapping[str, Table], codes: Mapping[str, frozenset[str]]) -> None:
        self.plan = plan
        self._tables = tables
        self._width = {name: len(table.columns) for name, table in tables.items()}
        self._targets = {path: self._target(cell, codes) for path, cell in plan.cells.items()}
        self._questions = {path: self._question(path) for path in (*SYSTEM_KEYS, *plan.labels)}
        described = [repr(tables[name]) for name in sorted({cell.table for cell in plan.cells.values()})]
        whole = "\n".join([str(READER), plan.digest, *described])
        self.digest = hashlib.blake2b(whole.encode(), digest_size=6).hexdigest()

    def _target(self, cell: Cell, codes: Mapping[str, frozenset[str]]) -> _Target:
        table = self._tables[cell.table]
        names = [column.name for column in table.columns]
        column = table.columns[names.index(cell.column)]
        known = codes[column.codes] if column.codes else None
        repeats = [s.path for s in self.plan.scopes.values() if s.repeat and f"{cell.scope}/".startswith(f"{s.path}/")]
        return _Target(
            scope=cell.scope,
            home=max(repeats, key=len, default=""),
            table=cell.table,
            position=3 + names.index(cell.column),
            cast=CASTS[column.type],
            rule=RULES.get(column.rule),
            codes=known,
            sound=_sound(column, known or ()),
            many=cell.many,
            answered=cell.answered,
            key=(cell.table, cell.scope),
        )

    def _question(self, path: str) -> _Question:
        if path in self._targets:
            return _Question(self._targets[path], False, self._chain(path))
        if path in SYSTEM_KEYS or path.startswith("meta/"):
            return _Question(None, False, ())
        return _Question(None, path not in self.plan.ignored, self._chain(path))

    def _chain(self, path: str) -> tuple[tuple[str, str], ...]:
        """The scopes' own rows that an answer at `path` brings to life, innermost first."""
        if path not in self.plan.answered:
            return ()
        scopes = [s for s in self.plan.scopes.values() if s.table and s.path and path.startswith(s.path + "/")]
        return tuple((s.table, s.path) for s in sorted(scopes, key=lambda s: -len(s.path)))

    def add(self, landed: Landed, rows: Rows) -> None:
        """Add to `rows` what one landed version gives; a deletion gives nothing."""
        if landed.submission is not None:
            _Walk(self, landed, landed.submission, rows).run()


class _Walk:
    """One submission on its way into rows."""

    __slots__ = ("_arrival", "_landed", "_n", "_rows", "_submission")

    def __init__(self, normaliser: Normaliser, landed: Landed, submission: Submission, rows: Rows) -> None:
        self._n = normaliser
        self._landed = landed
        self._submission = submission
        self._rows = rows
        self._arrival = Arrival(to_datetime_or(submission.submitted_at, landed.seen_at))

    def run(self) -> None:
        payload = self._submission.payload
        self._item(payload, _Place("", "", None))
        place = clock_is_wrong(payload.get("start"), payload.get("end"), self._arrival)
        if place is not None:
            self._problem("clock_wrong", place, "a tablet time within the days before arrival")

    def _item(self, answers: Mapping[str, Any], place: _Place) -> None:
        questions, alive = self._n._questions, place.alive
        for path, value in answers.items():
            question = questions.get(path)
            if question is None:
                self._elsewhere(path, value, place)
                continue
            target, chain = question.target, question.chain
            if target is not None:
                self._answer(path, value, target, place)
            elif question.kept:
                self._keep(path, value, place)
            if chain and chain[0] not in alive:
                _bring_to_life(chain, place)
        self._emit(place)

    def _elsewhere(self, path: str, value: Any, place: _Place) -> None:
        """A repeat, or what the form does not know."""
        if type(value) is list and path in self._n.plan.scopes:
            self._repeat(path, value, place)
        elif not path.startswith("meta/"):
            self._keep(path, value, place)
            self._problem("answer_unmapped", place.row_path(path), "a question of the form")

    def _repeat(self, path: str, items: Sequence[Any], place: _Place) -> None:
        prefix = place.row_path(path)
        for number, item in enumerate(items, start=1):
            inner = _Place(path, f"{prefix}[{number}]", place)
            if isinstance(item, dict):
                self._item(item, inner)
            else:
                self._problem("repeat_expected", inner.prefix, "a group of answers")

    def _keep(self, path: str, value: Any, place: _Place) -> None:
        """Keep an answer without a cell in the vault."""
        landed, text = self._landed, value if type(value) is str else orjson.dumps(value).decode()
        self._rows.answers.append(
            (landed.submission_id, place.row_path(path), text, landed.version_id, self._n.digest)
        )

    def _answer(self, path: str, value: Any, target: _Target, place: _Place) -> None:
        if target.many:
            self._choices(path, value, target, place)
            return
        owner = place if target.home == place.path else _owner(place, target.scope)
        if target.answered and not target.scope:
            owner.alive[target.key] = True
        cast = target.sound.get(value) if type(value) is str else None
        if cast is None:
            cast = self._looked_at(path, value, target, place)
            if cast is None:
                return
        row = owner.rows.get(target.key)
        if row is None:
            row = owner.rows[target.key] = [None] * (3 + self._n._width[target.table])
        row[target.position] = cast

    def _looked_at(self, path: str, value: Any, target: _Target, place: _Place) -> Value | None:
        """The value of an answer, None for one that is refused; doubts and refusals are problems."""
        text = value if type(value) is str else self._text(path, value, place)
        if text is None:
            return None
        try:
            cast = target.cast(text)
        except CastError as error:
            self._problem(error.code, place.row_path(path), error.expected)
            return None
        if target.codes is not None and cast not in target.codes:
            self._problem("code_unknown", place.row_path(path), "a code of the list")
            return None
        if target.rule is not None and (doubt := target.rule(cast, self._arrival)):
            self._problem(doubt[0], place.row_path(path), doubt[1])
        return cast

    def _text(self, path: str, value: Any, place: _Place) -> str | None:
        if isinstance(value, list | dict) or value is None:
            self._problem("text_expected", place.row_path(path), "a single answer")
            return None
        return str(value)

    def _choices(self, path: str, value: Any, target: _Target, place: _Place) -> None:
        text = self._text(path, value, place)
        parent = _owner(place, target.scope).row_path(target.scope) if target.scope else ""
        rows = self._rows.tables.setdefault(target.table, [])
        for code in dict.fromkeys((text or "").split()):
            if target.codes is not None and code not in target.codes:
                self._problem("code_unknown", place.row_path(path), "codes of the list")
                continue
            rows.append(self._whole([None, f"{parent}/{code}" if parent else code, parent, code], target.table))

    def _emit(self, place: _Place) -> None:
        for key in place.alive:
            table, scope = key
            row = place.rows.get(key) or [None] * (3 + self._n._width[table])
            row[1] = place.row_path(scope) if scope else ""
            row[2] = self._parent_path(scope, place) if scope else ""
            self._rows.tables.setdefault(table, []).append(self._whole(row, table))

    def _parent_path(self, scope: str, place: _Place) -> str:
        parent = self._n.plan.scopes[scope].parent
        return _owner(place, parent).row_path(parent) if parent else ""

    def _whole(self, row: list[Value | None], table: str) -> tuple[Value | None, ...]:
        landed = self._landed
        row[0] = landed.submission_id
        if self._n._tables[table].vault:
            return (*row, landed.version_id, self._n.digest)
        return tuple(row)

    def _problem(self, code: str, path: str, expected: str) -> None:
        self._rows.problems.append(Problem(code, STEP, self._landed.submission_id, path, expected))


def _sound(column: Column, codes: Iterable[str]) -> dict[str, Value]:
    numbers = SOUND.get(column.rule, ()) if column.type == "integer" else ()
    return {code: code for code in codes} | {str(number): number for number in numbers}


def _owner(place: _Place, scope: str) -> _Place:
    """The enclosing place whose rows the scope's belong to."""
    while place.outer is not None and not (scope == place.path or scope.startswith(place.path + "/")):
        place = place.outer
    return place


def _bring_to_life(chain: Sequence[tuple[str, str]], place: _Place) -> None:
    for key in chain:
        owner = _owner(place, key[1])
        if key in owner.alive:
            return
        owner.alive[key] = True

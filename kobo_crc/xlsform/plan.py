"""Where each answer of a form goes: the annotation columns turned into a plan that `normalise` follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
    each chosen code makes its own row, keyed by the scope's row path plus the code.
    """

    path: str
    scope: str
    table: str
    column: str
    question_type: str
    list_name: str
    answered: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole mapping of a form. `cells` is keyed by question path; `ignored` are the paths marked `-` (and notes).

    `answered` are the paths of all questions that a person answers, stored or not: they make the row of their scope exist
    (calculates, notes and metadata never do). `labels` has every question of the form.

    `codes` maps each code list used by a cell's column to its codes. `digest` (12 hex digits) changes with anything that
    could change a row: cells, scopes, column types, codes. A path in neither `cells` nor `ignored` goes to the vault's
    `answer`.
    """

    form: str
    scopes: Mapping[str, Scope]
    cells: Mapping[str, Cell]
    ignored: frozenset[str]
    answered: frozenset[str]
    labels: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, frozenset[str]]
    digest: str

"""The records of a form that is ready to be filled: questions, groups, repeats, choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kobo_crc.simulator.population.expressions import Expression
from kobo_crc.simulator.population.grammar import NodePath

_MOST_KNOWN = 5000


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice as the form offers it: code and label in the form's default language."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class QuestionInfo:
    """What an answerer may know of a question.

    `type` is the bind's (`string`, `int`, `date`, ...), `control` the body's element (`input`, `select1`, ...),
    `list_name` the choice list or "", `constraint` the source of its constraint or "", `label` in the default language.
    """

    name: str
    path: NodePath
    type: str
    control: str
    list_name: str
    constraint: str
    required: bool
    label: str


@dataclass(frozen=True, slots=True)
class RepeatInfo:
    """A repeat, by name and path; `counted` where the form itself sets the number."""

    name: str
    path: NodePath
    counted: bool


@dataclass(slots=True)
class Item:
    """One node of a scope as the filling meets it; `offset` is its place in the scope's document order.

    `parent` is the index of the enclosing group's item in the same scope, or -1; `place` the path inside the scope.
    """

    path: NodePath
    place: str
    offset: int
    parent: int
    relevant: Expression | None = None
    calculate: Expression | None = None
    initial: Expression | None = None
    constraint: Expression | None = None
    required: Expression | None = None
    itemset: Itemset | None = None
    question: QuestionInfo | None = None
    preload: str = ""
    repeat: RepeatInfo | None = None
    count: Expression | None = None
    scope: Scope | None = None


@dataclass(slots=True)
class Scope:
    """A repeat's inside (or the whole instance): its template, and its items in an order that can be filled."""

    template: Any
    items: tuple[Item, ...]


@dataclass(slots=True)
class Itemset:
    """Where a question's choices come from: an expression over a secondary instance, or a fixed list."""

    nodes: Expression | None
    value: str
    label: str
    fixed: tuple[Choice, ...]
    texts: Mapping[str, str]
    known: dict[int, tuple[list[Any], tuple[Choice, ...]]] = field(default_factory=dict)

    def choices(self, node: Any) -> tuple[Choice, ...]:
        """The choices on offer at a node, by the choice filter."""
        if self.nodes is None:
            return self.fixed
        found = self.nodes.value(node)
        known = self.known.get(id(found))
        if known is not None and known[0] is found:
            return known[1]
        choices = tuple(Choice(child_text(item, self.value), self.label_of(item)) for item in found)
        if len(self.known) < _MOST_KNOWN:
            self.known[id(found)] = (found, choices)
        return choices

    def label_of(self, item: Any) -> str:
        if self.label.startswith("jr:itext("):
            return self.texts.get(child_text(item, self.label[9:-1].strip()), "")
        return child_text(item, self.label)


def child_text(node: Any, name: str) -> str:
    """The text of a node's child, "" without one."""
    return node.findtext(name) or ""

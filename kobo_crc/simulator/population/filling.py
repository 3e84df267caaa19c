"""Fills one instance of a form in one pass: relevance, defaults, calculations, choices, constraints, repeats.

What is not relevant is left out, as tablets leave it out. Chance, clock and answers come from arguments.
"""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.simulator.population.functions import number_of, stamp
from kobo_crc.simulator.population.grammar import NodePath
from kobo_crc.simulator.population.items import Choice, Item, QuestionInfo, RepeatInfo, Scope
from kobo_crc.simulator.population.xform import XForm

_ATTEMPTS = 24
_MOST_INSTANCES = 200


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, by what chance and about whom a form is filled.

    `started` and `ended` carry a zone; `properties` are the device's (`username`, `deviceid`); `subject` is what the
    answerer knows of the person. At the indexed paths in `unchecked` the constraint is not asked, as in an old version
    of a form.
    """

    rng: random.Random
    started: datetime
    ended: datetime
    properties: Mapping[str, str] = field(default_factory=dict)
    subject: Any = None
    unchecked: frozenset[str] = frozenset()


@dataclass(slots=True)
class Context:
    """What an answerer may see while it answers: the choices on offer, the default, the attempt (0 is the first).

    `place` is the indexed path, such as `referral[2]/service`; `answers` holds the latest answer to each question name.
    """

    occasion: Occasion
    rng: random.Random
    answers: dict[str, str]
    place: str = ""
    initial: str = ""
    choices: tuple[Choice, ...] = ()
    attempt: int = 0


class Answerer(Protocol):
    """Chooses answers; the filling checks them by the form's own constraint and asks again."""

    def answer(self, question: QuestionInfo, context: Context) -> str | None:
        """The answer as the form stores it; None leaves the question empty."""

    def repeats(self, repeat: RepeatInfo, context: Context) -> int:
        """How many instances of a repeat that the form does not count itself."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A filled instance: `answers` by indexed path, calculations included; `unanswered` are required but empty."""

    xml: bytes
    instance_id: str
    answers: Mapping[str, str]
    unanswered: tuple[str, ...]


def fill(form: XForm, answerer: Answerer, occasion: Occasion, kept: Mapping[str, str] | None = None) -> Instance:
    """Fill a new instance; `kept` are earlier values of a saved instance, which `once()` does not compute again."""
    return _Filling(form, answerer, occasion, kept or {}).run()


def saved_count(saved: Mapping[str, str], place: str) -> int:
    """How many instances of the repeat at an indexed path a saved instance has."""
    start = place + "["
    return max((int(key[len(start) :].partition("]")[0]) for key in saved if key.startswith(start)), default=0)


def saved_answers(form: XForm, xml: bytes) -> dict[str, str]:
    """The answers of an instance by indexed path, read from its XML."""
    repeats = {item.path for item in form.items() if item.repeat is not None}
    root = etree.fromstring(xml)
    answers: dict[str, str] = {}
    _collect(root, (root.tag,), "", repeats, answers)
    return answers


def _collect(element: Any, path: NodePath, prefix: str, repeats: set[NodePath], answers: dict[str, str]) -> None:
    counts: dict[str, int] = {}
    for child in element:
        where = (*path, child.tag)
        place = prefix + child.tag
        if where in repeats:
            counts[child.tag] = counts.get(child.tag, 0) + 1
            place += f"[{counts[child.tag]}]"
        if child.text and not len(child):
            answers[place] = child.text
        _collect(child, where, place + "/", repeats, answers)


class _Filling:
    def __init__(self, form: XForm, answerer: Answerer, occasion: Occasion, kept: Mapping[str, str]) -> None:
        self.form, self.answerer, self.occasion, self.kept = form, answerer, occasion, kept
        self.context = Context(occasion, occasion.rng, {})
        self.answers: dict[str, str] = {}
        self.unanswered: list[str] = []
        self.instance_id = ""

    def run(self) -> Instance:
        self.form.runtime.begin(self.occasion.rng, self.occasion.started)
        root = copy.deepcopy(self.form.scope.template)
        self.form.root.insert(0, root)
        try:
            self._scope(self.form.scope, root, "")
            xml: bytes = etree.tostring(root, encoding="utf-8")
        finally:
            self.form.root.remove(root)
        return Instance(xml, self.instance_id, self.answers, tuple(self.unanswered))

    def _scope(self, scope: Scope, element: Any, prefix: str) -> None:
        nodes = list(element.iter())
        gone = bytearray(len(scope.items))
        for index, item in enumerate(scope.items):
            node = nodes[item.offset]
            if item.parent >= 0 and gone[item.parent]:
                gone[index] = True
            elif item.relevant is not None and not item.relevant.truth(node):
                gone[index] = True
                node.getparent().remove(node)
            else:
                self._item(item, node, prefix + item.place)

    def _item(self, item: Item, node: Any, place: str) -> None:
        if item.repeat is not None:
            self._repeat(item, node, place)
            return
        if item.preload:
            node.text = self._preloaded(item.preload, place)
        elif item.calculate is not None:
            if item.calculate.uses_once:
                node.text = self.kept.get(place)
            node.text = item.calculate.text(node) or None
        elif item.question is not None:
            self._ask(item, item.question, node, place)
        elif item.initial is not None:
            node.text = item.initial.text(node) or None
        if node.text:
            self.answers[place] = self.context.answers[item.path[-1]] = node.text

    def _repeat(self, item: Item, anchor: Any, place: str) -> None:
        assert item.repeat is not None and item.scope is not None
        parent = anchor.getparent()
        self.context.place = place
        if item.count is not None:
            number = number_of(item.count.value(parent))
            count = int(number) if 0 < number <= _MOST_INSTANCES else 0
            count = max(count, saved_count(self.kept, place))  # lowering the number removes no instance
        else:
            count = self.answerer.repeats(item.repeat, self.context)
        for position in range(1, count + 1):
            instance = copy.deepcopy(item.scope.template)
            anchor.addprevious(instance)
            self._scope(item.scope, instance, f"{place}[{position}]/")
        parent.remove(anchor)

    def _ask(self, item: Item, question: QuestionInfo, node: Any, place: str) -> None:
        context = self.context
        context.place = place
        context.initial = item.initial.text(node) if item.initial is not None else node.text or ""
        context.choices = item.itemset.choices(node) if item.itemset is not None else ()
        constraint = None if place in self.occasion.unchecked else item.constraint
        for context.attempt in range(_ATTEMPTS):
            node.text = self.answerer.answer(question, context) or None
            if node.text is None or constraint is None or constraint.truth(node):
                break
            node.text = None
        if node.text is None:
            context.answers.pop(question.name, None)
            if item.required is not None and item.required.truth(node):
                self.unanswered.append(place)

    def _preloaded(self, preload: str, place: str) -> str:
        kind, _, parameter = preload.partition(":")
        if kind == "timestamp":
            return stamp(self.occasion.ended if parameter == "end" else self.occasion.started)
        if kind == "date":
            return self.occasion.started.date().isoformat()
        if kind == "uid":
            self.instance_id = f"uuid:{uuid.UUID(int=self.occasion.rng.getrandbits(128), version=4)}"
            return self.instance_id
        return self.occasion.properties.get(parameter, "")

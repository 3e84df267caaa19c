"""Compiled expressions: an ODK expression rewritten once, then evaluated on nodes of the filling document."""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.errors import FormError
from kobo_crc.simulator.population.functions import ALIASES, FUNCTION_NAMES, Runtime, Value, text_of, truth_of
from kobo_crc.simulator.population.grammar import NodePath
from kobo_crc.simulator.population.xpath import Schema, rewrite

_NAMESPACE = "urn:odk-functions"


class Expression:
    """One expression of a form on one place of it; `references` are the absolute paths that it reads.

    Look-ups in secondary instances that depend on nothing but answers are remembered by those answers.
    """

    __slots__ = ("_current", "_memory", "_reads", "_remembers", "_xpath", "references", "source", "uses_once")

    def __init__(self, source: str, context: NodePath, schema: Schema, runtime: Runtime) -> None:
        self.source = source
        rewritten = rewrite(source, context, schema)
        self.references = rewritten.references
        self.uses_once = "once" in rewritten.functions
        self._current = rewritten.uses_current
        self._xpath = _compiled(rewritten.text, _extensions(rewritten.functions, runtime, source), source)
        self._remembers = rewritten.reads is not None
        self._reads = [_compiled(f"string({read})", {}, source) for read in rewritten.reads or ()]
        self._memory: dict[tuple[str, ...], Value] = {}

    def value(self, node: Any) -> Value:
        """The raw value on a node: float, bool, str or list of elements."""
        if not self._remembers:
            return self._xpath(node, cur=node) if self._current else self._xpath(node)
        key = tuple(read(node) for read in self._reads)
        if key not in self._memory:
            self._memory[key] = self._xpath(node, cur=node) if self._current else self._xpath(node)
        return self._memory[key]

    def text(self, node: Any) -> str:
        return text_of(self.value(node))

    def truth(self, node: Any) -> bool:
        return truth_of(self.value(node))


def _extensions(names: frozenset[str], runtime: Runtime, source: str) -> dict[tuple[str, str], Any]:
    functions = runtime.functions()
    unknown = sorted(name for name in names if ALIASES.get(name, name) not in FUNCTION_NAMES)
    if unknown:
        raise FormError(f"The simulator does not know the function {unknown[0]}() in {source!r}. Please add it to it.")
    return {(_NAMESPACE, name): functions[ALIASES.get(name, name)] for name in names}


def _compiled(text: str, extensions: dict[tuple[str, str], Any], source: str) -> etree.XPath:
    try:
        return etree.XPath(text, namespaces={"o": _NAMESPACE}, extensions=extensions, regexp=False, smart_strings=False)
    except etree.XPathSyntaxError as error:
        raise FormError(f"lxml refuses the expression {source!r}: {error}. Please correct it in the form.") from error

"""Rewrites an ODK expression into XPath 1.0 for lxml: dates as numbers, repeats, `current()`, `instance()`, functions.

The text runs in one document: `<fill>` holds the instance and, as `<i0>`, `<i1>` ..., the secondary instances.
ODK functions come out with the prefix `o:`; their meaning is in `functions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kobo_crc.errors import FormError
from kobo_crc.simulator.population.grammar import (
    BOOLEANS,
    CHANGING,
    CORE,
    NODE_TESTS,
    NUMBERS,
    RENAMED,
    TEXT_ARGUMENTS,
    NodePath,
    Step,
    Term,
    tokens_of,
)


@dataclass(frozen=True, slots=True)
class Schema:
    """What the rewriting needs to know of a form: its repeats, its numeric questions, its secondary instances by id."""

    repeats: frozenset[NodePath]
    numeric: frozenset[NodePath]
    instances: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An expression ready for lxml.

    `references` are the absolute paths it reads (a last step `*` means all below), `reads` the XPath text of each when
    the value is decided by them alone and looking it up is slow, else None. `functions` are the ODK functions used.
    """

    text: str
    references: frozenset[NodePath]
    reads: tuple[str, ...] | None
    functions: frozenset[str]
    uses_current: bool


def rewrite(source: str, context: NodePath, schema: Schema) -> Rewritten:
    """Rewrite one expression that stands on the node `context`; raises FormError where it is not an expression."""
    return _Rewriter(source, context, schema).run()


class _Rewriter:
    """A recursive-descent parser of XPath 1.0 that writes while it reads."""

    def __init__(self, source: str, context: NodePath, schema: Schema) -> None:
        self.source, self.context, self.schema = source, context, schema
        self.tokens = tokens_of(source)
        self.at = 0
        self.base: NodePath | None = context  # where relative paths start
        self.nested = False  # inside a predicate `.` is no longer the context
        self.anchored = False  # inside a moved expression relative paths start at $cur
        self.references: dict[NodePath, str] = {}
        self.functions: set[str] = set()
        self.simple = True

    def run(self) -> Rewritten:
        term = self._or()
        if self.at != len(self.tokens):
            raise self._fault()
        slow = "/*/i" in term.text
        pure = self.simple and not self.functions & CHANGING
        return Rewritten(
            text=term.text,
            references=frozenset(self.references),
            reads=tuple(self.references.values()) if slow and pure else None,
            functions=frozenset(self.functions),
            uses_current="$cur" in term.text,
        )

    # -- tokens

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else ("end", "")

    def _take(self, text: str) -> bool:
        if self._peek() in (("sign", text), ("name", text)):
            self.at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._fault()

    def _fault(self) -> FormError:
        found = self._peek()[1] or "the end"
        place = "/".join(self.context)
        return FormError(f"{place}: cannot read the expression {self.source!r} at {found!r}. Please correct it there.")

    # -- operators, weakest first

    def _or(self) -> Term:
        return self._chain(("or",), self._and, self._plain)

    def _and(self) -> Term:
        return self._chain(("and",), self._equality, self._plain)

    def _equality(self) -> Term:
        return self._chain(("=", "!="), self._relation, self._plain)

    def _relation(self) -> Term:
        return self._chain(("<", "<=", ">", ">="), self._addition, self._number)

    def _addition(self) -> Term:
        return self._chain(("+", "-"), self._product, self._number, "number")

    def _product(self) -> Term:
        return self._chain(("*", "div", "mod"), self._negation, self._number, "number")

    def _chain(
        self, signs: tuple[str, ...], lower: Callable[[], Term], dress: Callable[[Term], str], kind: str = "boolean"
    ) -> Term:
        left = lower()
        while self._peek()[0] in ("sign", "name") and self._peek()[1] in signs:
            sign = self._peek()[1]
            self.at += 1
            left = Term(f"{dress(left)} {sign} {dress(lower())}", kind)
        return left

    def _negation(self) -> Term:
        if self._take("-"):
            return Term(f"-{self._number(self._negation())}", "number")
        left = self._path()
        while self._take("|"):
            left = Term(f"{left.text} | {self._path().text}", "nodes")
            self.simple = False
        return left

    @staticmethod
    def _plain(term: Term) -> str:
        return term.text

    def _number(self, term: Term) -> str:
        if term.kind in ("number", "boolean") or term.path in self.schema.numeric:
            return term.text
        self.functions.add("num")
        return f"o:num({term.text})"

    # -- paths

    def _path(self) -> Term:
        kind, text = self._peek()
        if text in ("/", "//") and kind == "sign":
            return self._absolute()
        if kind == "literal":
            self.at += 1
            return Term(text, "string")
        if kind == "number":
            self.at += 1
            return Term(text, "number")
        call = kind == "name" and self._peek(1) == ("sign", "(") and text not in NODE_TESTS
        if call or text == "(":
            return self._filter(self._call() if call else self._parenthesis())
        if kind == "end" or text == "$":
            raise self._fault()
        return self._relative()

    def _parenthesis(self) -> Term:
        self._expect("(")
        inner = self._or()
        self._expect(")")
        return Term(f"({inner.text})", inner.kind, inner.path)

    def _filter(self, head: Term) -> Term:
        """A function call or parenthesis, with what may follow: predicates and further steps."""
        start = head.path
        if not (self._peek() == ("sign", "[") or self._peek()[1] in ("/", "//")):
            return head
        first = Step(head.text)
        self._predicates(first, start)
        steps = [first]
        path = self._steps(steps, start) if self._peek()[1] in ("/", "//") else start
        text = "/".join(map(str, steps))
        if path is not None:
            self._refer(path, text if not self.nested else None)
        return Term(text, "nodes", path)

    def _absolute(self) -> Term:
        if self._peek()[1] == "//":
            self.simple = False
            steps: list[Step] = [Step("/*")]
            self._steps(steps, None)
            return Term("/".join(map(str, steps)), "nodes")
        steps = []
        path = self._steps(steps, ())
        if path is None:
            self.simple = False
            return Term("/*/" + "/".join(map(str, steps)), "nodes")
        text = self._reach(path, steps, "$cur/" if self.nested or self.anchored else "")
        self._refer(path, self._reach(path, steps, ""))
        return Term(text, "nodes", path)

    def _reach(self, path: NodePath, steps: list[Step], prefix: str) -> str:
        """The way to an absolute path: through the repeat that it shares with the context, as ODK means it."""
        shared = max((len(r) for r in self.schema.repeats if _within(r, path) and _shares(r, self.context)), default=0)
        if not shared or any(step.predicates for step in steps[:shared]):
            return "/*/" + "/".join(map(str, steps))
        up = [".."] * (len(self.context) - shared) or ["."]
        return prefix + "/".join([*up, *map(str, steps[shared:])])

    def _relative(self) -> Term:
        prefix = "$cur/" if self.anchored and not self.nested else ""
        steps: list[Step] = []
        path = self._steps(steps, self.base)
        text = prefix + "/".join(map(str, steps))
        if path is not None:
            self._refer(path, None if self.nested else "/".join(map(str, steps)))
        elif not self.nested:
            self.simple = False
        return Term(text, "nodes", path)

    def _steps(self, steps: list[Step], path: NodePath | None) -> NodePath | None:
        """Read steps into `steps`; returns where they lead, None where that is not known."""
        first = not steps and self._peek()[1] not in ("/", "//")
        while first or self._peek() in (("sign", "/"), ("sign", "//")):
            if not first and self._take("//"):
                steps.append(Step(""))
                path = _widened(path)
            elif not first:
                self._expect("/")
            first = False
            step, path = self._step(path)
            steps.append(step)
            self._predicates(step, path)
        return path

    def _step(self, path: NodePath | None) -> tuple[Step, NodePath | None]:
        kind, text = self._peek()
        self.at += 1
        if text == "..":
            return Step(text), path[:-1] if path else path
        if text == ".":
            return Step(text), path
        if text == "*":
            return Step(text), _widened(path)
        if text == "@":
            self.at += 1
            return Step("@" + self.tokens[self.at - 1][1]), _widened(path)
        if kind != "name":
            self.at -= 1
            raise self._fault()
        if self._take("::"):
            axis = text
            step, _ = self._step(None)
            self.simple = False
            return Step(f"{axis}::{step.text}"), _widened(path[:-1] if path else path)
        if text in NODE_TESTS and self._take("("):
            self._expect(")")
            return Step(text + "()"), path
        if path is None or path[-1:] == ("*",):
            return Step(text), path
        return Step(text), (*path, text)

    def _predicates(self, step: Step, path: NodePath | None) -> None:
        while self._take("["):
            outer = self.base, self.nested
            self.base, self.nested = path, True
            step.predicates.append(self._or().text)
            self._expect("]")
            self.base, self.nested = outer
            self.simple = self.simple and path is None

    def _refer(self, path: NodePath, text: str | None) -> None:
        if text is None:
            self.simple = False
        if path:
            self.references.setdefault(path, text or "")

    # -- functions

    def _call(self) -> Term:
        name = self._peek()[1]
        self.at += 2
        if name == "current":
            self._expect(")")
            return Term("$cur" if self.nested or self.anchored else ".", "nodes", self.context)
        if name == "instance":
            return self._instance()
        if name == "indexed-repeat":
            return self._indexed_repeat()
        if name == "pulldata":
            return self._pulldata()
        arguments = self._arguments()
        if name in CORE and not (name == "concat" and len(arguments) < 2):
            texts = [self._text(a) if name in TEXT_ARGUMENTS else a.text for a in arguments]
            return Term(f"{name}({', '.join(texts)})", CORE[name])
        if name == "position" and not arguments:
            return Term("position()", "number")
        return self._odk_call(RENAMED.get(name, name), [argument.text for argument in arguments])

    def _odk_call(self, name: str, arguments: list[str]) -> Term:
        if ":" in name:
            raise self._fault()
        self.functions.add(name)
        kind = "number" if name in NUMBERS else "boolean" if name in BOOLEANS else "any"
        return Term(f"o:{name}({', '.join(arguments)})", kind)

    def _arguments(self) -> list[Term]:
        arguments: list[Term] = []
        while not self._take(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._or())
        return arguments

    def _text(self, term: Term) -> str:
        # libxml2 writes numbers above 1e9 with an exponent: reference codes would be lost.
        if term.kind not in ("number", "any"):
            return term.text
        self.functions.add("str")
        return f"o:str({term.text})"

    def _instance(self) -> Term:
        identity = self._peek()[1].strip("'\"")
        self.at += 1
        self._expect(")")
        return Term(f"/*/i{self.schema.instances.get(identity, 'none')}", "nodes")

    def _pulldata(self) -> Term:
        names = []
        for _ in range(3):
            names.append(self._peek()[1].strip("'\""))
            self.at += 1
            self._expect(",")
        identity, wanted, key = names
        value = self._moved()
        self._expect(")")
        index = self.schema.instances.get(identity, "none")
        return Term(f"string(/*/i{index}/root/item[{key} = {value}]/{wanted})", "string")

    def _indexed_repeat(self) -> Term:
        """`indexed-repeat(path, repeat, n, ...)` becomes the path with `[position() = n]` on each repeat."""
        path = self._bare_path()
        places: dict[int, str] = {}
        while self._take(","):
            repeat = self._bare_path()
            self._expect(",")
            places[len(repeat)] = self._moved()
        self._expect(")")
        steps = [Step(name) for name in path]
        for length, number in places.items():
            steps[length - 1].predicates.append(f"position() = {number}")
        self._refer(path, None)
        return Term("/*/" + "/".join(map(str, steps)), "nodes", path)

    def _bare_path(self) -> NodePath:
        path = self._steps([], () if self._peek()[1] == "/" else self.base)
        if path is None:
            raise self._fault()
        return path

    def _moved(self) -> str:
        """An argument that the rewriting moves into a predicate: its relative paths start at the context."""
        outer, self.anchored = self.anchored, True
        text = self._number(self._or()) if self._peek()[0] == "number" else self._or().text
        self.anchored = outer
        return text


def _within(repeat: NodePath, path: NodePath) -> bool:
    return len(repeat) < len(path) and path[: len(repeat)] == repeat


def _shares(repeat: NodePath, context: NodePath) -> bool:
    return context[: len(repeat)] == repeat


def _widened(path: NodePath | None) -> NodePath | None:
    return None if path is None else path if path[-1:] == ("*",) else (*path, "*")

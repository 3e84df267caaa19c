"""A condition in words: `Only if question 12 is “Yes”`. Questions are named by their numbers on the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kobo_crc.outputs.paper.texts import TEXTS
from kobo_crc.xlsform.conditions import ALWAYS, NEVER, UNTOLD, Compared, Condition
from kobo_crc.xlsform.form import Form, Row

_SIGNS = {"=": "is", "!=": "is_not", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
# Keeps a number or a label of its own direction in one piece.
_ISOLATED = "\u2068{}\u2069"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a condition needs to be told: the form, the language, and the numbers of the questions on the paper."""

    form: Form
    language: str
    numbers: Mapping[str, int]

    def skip(self, condition: Condition, key: str) -> str:
        """The sentence that stands at a question or a part (`key` of the texts); "" where it is always asked."""
        said = "" if condition == ALWAYS else self._said(condition)
        return self._text(key, condition=said) if said else ""

    def _said(self, condition: Condition, *, inner: bool = False) -> str:
        if condition in (UNTOLD, NEVER):
            return self._text("applies")
        if isinstance(condition, Compared):
            return self._compared(condition)
        parts = dict.fromkeys(self._said(part, inner=True) for part in condition.parts)
        told = self._text("and" if condition.every else "or").join(parts)
        return f"({told})" if inner and len(parts) > 1 else told

    def _compared(self, condition: Compared) -> str:
        number = self.numbers.get(condition.name)
        if number is None:
            return self._text("applies")
        question = self._text("question", number=_ISOLATED.format(number))
        if condition.values == ("",):
            return self._text("empty", question=question)
        values = [self._value(condition.name, value) for value in condition.values]
        return self._text(_SIGNS[condition.sign], question=question, values=self._text("or").join(values))

    def _value(self, name: str, value: str) -> str:
        row = next(row for row in self.form.rows if row.name == name)
        for choice in self.form.choices.get(row.list_name, ()):
            if choice.name == value:
                return self._text("quoted", text=_ISOLATED.format(choice.labels.get(self.language, value)))
        return _ISOLATED.format(value)

    def _text(self, key: str, **words: object) -> str:
        return TEXTS[key][self.language].format(**words)


def by_name(form: Form) -> Mapping[str, Row]:
    """The rows of the form that have a name, end rows left out."""
    return {row.name: row for row in form.rows if row.name and not row.type.startswith("end_")}

"""Constructs that one of the form engines gets wrong, as far as they can be seen in the text of a cell.

Tried in JavaRosa 5.1 (ODK Collect, KoboCollect), Enketo 9 and ODK Web Forms 0.22.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from kobo_crc.xlsform.expressions import calls, last_string, outside, references, without_strings
from kobo_crc.xlsform.findings import Finding, found
from kobo_crc.xlsform.form import Form, Row
from kobo_crc.xlsform.headers import EXPRESSIONS
from kobo_crc.xlsform.mapping import IGNORE, walk
from kobo_crc.xlsform.question_types import IDENTIFYING_METADATA, UNANSWERED

Rule = Callable[[Row], Iterator[tuple[str, Mapping[str, object]]]]

_DATE_FORMATS = ("format-date", "format-date-time")
_DATE_NUMBERS = ("decimal-date-time", "decimal-time", "number", "int")
_COMPARED_TODAY = re.compile(r"[<>=]\s*today\(\)|today\(\)\s*[<>!=]")
_COUNT_FILTER = re.compile(r"(?<![\w-])count\(\s*\$\{[^}]+\}\s*\[")
_DYNAMIC = re.compile(r"\$\{|[A-Za-z][\w-]*\(")


def construct_findings(form: Form) -> Iterator[Finding]:
    """What no engine, or not every engine, or no privacy rule accepts."""
    for row, around in walk(form):
        for rule in _RULES:
            for code, words in rule(row):
                yield found("survey", row.line, code, **words)
        if any(place.repeat for place in around):
            yield from _in_repeat(row)
    yield from _instance_name(form)
    if len(form.sheets.get("entities", ())) > 1:
        yield found("entities", 3, "entities_many")


def _expressions(row: Row) -> Iterator[str]:
    return (row.cells[column] for column in EXPRESSIONS if column in row.cells)


def _calculation(row: Row) -> str:
    return row.cells.get("calculation", "")


def _recomputed(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    if "trigger" in row.cells:  # then it is computed only when the trigger changes
        return
    text = outside(_calculation(row), ("once",))
    for call in ("uuid", "now", "random"):
        if any(calls(text, call)):
            yield "uuid_recomputed", {"call": call}


def _digest(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    for text in _expressions(row):
        for _, _, arguments in calls(text, "digest"):
            if not re.match(r"\s*(string\(|'|\")", arguments):
                yield "digest_raw", {}


def _today(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    text = _COMPARED_TODAY.sub("", without_strings(outside(_calculation(row), _DATE_FORMATS + _DATE_NUMBERS)))
    if any(calls(text, "today")):
        yield "today_raw", {}


def _month_name(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    for text in (*_expressions(row), *row.labels.values()):
        for function in _DATE_FORMATS:
            for _, _, arguments in calls(text, function):
                for code in re.findall(r"%[ab]", arguments):
                    yield "month_name", {"code": code}


def _count(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    if any(_COUNT_FILTER.search(without_strings(text)) for text in _expressions(row)):
        yield "count_filter", {}


def _regex(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    for text in _expressions(row):
        for _, _, arguments in calls(text, "regex"):
            pattern = last_string(arguments)
            if pattern is None:
                continue
            if not (pattern.startswith("^") and pattern.endswith("$")):
                yield "regex_loose", {"pattern": pattern}
            if re.search(r"\\[pP]\{", pattern):
                yield "regex_class", {}
            if "ء-ي" in pattern:
                yield "regex_arabic", {}


def _language_of_choice(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    if row.store != IGNORE and any(calls(_calculation(row), "jr:choice-name")):
        yield "choice_name_stored", {}


def _position(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    if row.store != IGNORE and any(calls(outside(_calculation(row), ("indexed-repeat",)), "position")):
        yield "position_stored", {}


def _kind(row: Row) -> Iterator[tuple[str, Mapping[str, object]]]:
    if row.type in IDENTIFYING_METADATA:
        yield "identifying_metadata", {"type": row.type}
    if re.search(r"\b(or_other|or other|or specify other)$", row.cells.get("type", "")):
        yield "or_other", {}
    if row.cells.get("disabled", "").lower() in ("yes", "true", "true()"):
        yield "row_disabled", {}


_RULES: tuple[Rule, ...] = (
    _recomputed, _digest, _today, _month_name, _count, _regex, _language_of_choice, _position, _kind,
)  # fmt: skip


def _in_repeat(row: Row) -> Iterator[Finding]:
    if _DYNAMIC.search(row.cells.get("default", "")):
        yield found("survey", row.line, "default_in_repeat")
    if "save_to" in row.cells:
        yield found("survey", row.line, "entity_in_repeat")


def _instance_name(form: Form) -> Iterator[Finding]:
    rows = {row.name: row for row in form.rows if row.name}
    for name in references(form.settings.get("instance_name", "")):
        if _names_a_person(name, rows, frozenset()):
            yield found("settings", 2, "instance_name_direct", name=name)


def _names_a_person(name: str, rows: Mapping[str, Row], seen: frozenset[str]) -> bool:
    """Whether the question is direct, or unannotated, or a helper computed from one that is."""
    row = rows.get(name)
    if row is None or name in seen:
        return False
    if row.pii:
        return row.pii == "direct"
    if row.type not in UNANSWERED:
        return True
    return any(_names_a_person(other, rows, seen | {name}) for other in references(_calculation(row)))

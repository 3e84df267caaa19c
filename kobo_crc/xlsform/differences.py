"""Two versions of a form side by side, question by question, and what each change does to what is stored.

Pure. What a server adds of its own (row ids, `required` as a truth value, its own form id) is no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kobo_crc.schema.tables import Table
from kobo_crc.xlsform.form import Choice, Form, Row
from kobo_crc.xlsform.headers import EXPRESSIONS
from kobo_crc.xlsform.languages import TRANSLATED
from kobo_crc.xlsform.mapping import IGNORE
from kobo_crc.xlsform.moves import moves_of
from kobo_crc.xlsform.question_types import EDGES, SILENT

EFFECTS: Final[Mapping[str, str]] = {
    "added_stored": "new answers fill {store}; earlier submissions have none",
    "added_kept": "new answers are kept in the vault",
    "added_silent": "nothing is stored of it",
    "gone_stored": "earlier answers leave {store}, and stay in the vault",
    "gone_kept": "earlier answers stay in the vault",
    "gone_silent": "nothing was stored of it",
    "moved": "earlier answers follow, by the column was",
    "moved_lost": "earlier answers do not follow. Please write {old} into its column was",
    "type": "it will not be deployed: a path never changes type. Please restore the type, or rename the question",
    "store": "all submissions are read again: answers go to {after}, no longer to {before}",
    "pii": "stored answers stay; which files are fetched goes by the new class",
    "was": "all submissions are read again, answers under the old path too",
    "logic": "stored answers stay; new submissions are asked, checked or computed otherwise",
    "words": "nothing changes in the store",
    "choice_added": "new answers may hold it",
    "choice_gone": "answers that hold it keep it",
    "choice_retired": "answers that hold it keep it; the code counts as retired",
}
_ANNOTATIONS = ("store", "pii", "was", "hxl")
_NOT_THE_FORM = frozenset({"form_id", "id_string", "form_title", "title", "version"})
_TRUE, _FALSE = frozenset({"yes", "true", "true()"}), frozenset({"no", "false", "false()"})
_PLACES = "the vault", "nowhere"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the question's path or `list: code`, what is otherwise, and what that does to stored data."""

    place: str
    what: str
    effect: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} ({self.effect})"


def differences(before: Form, after: Form, facts: Sequence[Table]) -> list[Change]:
    """Every difference from one version to the next, in the order of the survey; none when tablets would show the same.

    Annotations are left out where `after` is someone else's form, whose own lie in a file of ours.
    """
    return [
        *_question_changes(before, after),
        *_choice_changes(before, after, _coded_lists(after, facts)),
        *_setting_changes(before, after),
    ]


def _question_changes(before: Form, after: Form) -> Iterator[Change]:
    old, new = _questions(before), _questions(after)
    came_from = {today: path for path, today in moves_of(after).items() if path in old and today not in old}
    strays = {row.name: path for path, row in old.items() if path not in new and path not in came_from.values()}
    for path, row in new.items():
        if path in old:
            yield from _row_changes(old[path], row, after.foreign)
        elif path in came_from:
            yield _change(path, f"moved from {came_from[path]}", "moved")
            yield from _row_changes(old[came_from[path]], row, after.foreign)
        else:
            yield _added(row, strays.get(row.name, ""))
    for path, row in old.items():
        if path not in new and path not in came_from.values():
            yield _fate(row, "gone")
    common = [came_from.get(path, path) for path in new]
    if [path for path in common if path in old] != [path for path in old if path in common]:
        yield _change("survey", "questions stand in another order", "words")


def _questions(form: Form) -> dict[str, Row]:
    return {row.path: row for row in form.rows if row.name and not row.type.startswith("end_")}


def _added(row: Row, elsewhere: str) -> Change:
    if elsewhere and _kept(row) != "silent":
        return _change(row.path, f"added, while {elsewhere} is gone", "moved_lost", old=elsewhere)
    return _fate(row, "added")


def _fate(row: Row, kind: str) -> Change:
    return _change(row.path, f"{kind} ({row.type})", f"{kind}_{_kept(row)}", store=row.store)


def _kept(row: Row) -> str:
    if row.type in EDGES | SILENT or row.store == IGNORE:
        return "silent"
    return "stored" if row.store else "kept"


def _row_changes(old: Row, new: Row, foreign: bool) -> Iterator[Change]:
    if old.type != new.type:
        yield _change(new.path, f"the type {old.type} became {new.type}", "type")
    elif old.list_name != new.list_name:
        yield _change(new.path, f"it chooses from {new.list_name}, no longer from {old.list_name}", "logic")
    before, after = _cells(old), _cells(new)
    columns = [name for name in dict.fromkeys([*before, *after]) if before.get(name, "") != after.get(name, "")]
    if not foreign:
        yield from _annotation_changes(old, new, columns)
    for name in (name for name in columns if name not in _ANNOTATIONS):
        yield _change(new.path, f"another {name}", "logic" if name in (*EXPRESSIONS, "trigger") else "words")


def _annotation_changes(old: Row, new: Row, columns: Sequence[str]) -> Iterator[Change]:
    if old.store != new.store:
        yield _change(new.path, "another store cell", "store", before=_goal(old.store), after=_goal(new.store))
    for name in ("pii", "was", "hxl"):
        if name in columns:
            yield _change(new.path, f"another {name}", "words" if name == "hxl" else name)


def _goal(store: str) -> str:
    return {"": _PLACES[0], IGNORE: _PLACES[1]}.get(store, store)


def _cells(row: Row) -> dict[str, str]:
    """The cells that can differ: type and name are compared apart."""
    cells = {name: text for name, text in row.cells.items() if name not in ("type", "name")}
    required = cells.get("required", "").lower()
    if required in _FALSE:
        del cells["required"]
    elif required in _TRUE:
        cells["required"] = "true"
    return cells


def _choice_changes(before: Form, after: Form, coded: frozenset[str]) -> Iterator[Change]:
    for name in dict.fromkeys([*after.choices, *before.choices]):
        old = {choice.name: choice for choice in before.choices.get(name, ())}
        new = {choice.name: choice for choice in after.choices.get(name, ())}
        for code in (code for code in new if code not in old):
            yield _change(f"{name}: {code}", "choice added", "choice_added")
        for code in (code for code in old if code not in new):
            yield _change(f"{name}: {code}", "choice gone", "choice_retired" if name in coded else "choice_gone")
        for code in (code for code in new if code in old):
            yield from _wordings(name, old[code], new[code])
        if [code for code in new if code in old] != [code for code in old if code in new]:
            yield _change(name, "choices stand in another order", "words")


def _wordings(name: str, old: Choice, new: Choice) -> Iterator[Change]:
    columns = dict.fromkeys([*old.cells, *new.cells])
    for column in (one for one in columns if old.cells.get(one, "") != new.cells.get(one, "")):
        words = column.partition("::")[0] in TRANSLATED
        yield _change(f"{name}: {new.name}", f"another {column}", "words" if words else "logic")


def _coded_lists(form: Form, facts: Sequence[Table]) -> frozenset[str]:
    """The lists whose codes stand in code columns, where a code that has gone is kept as retired."""
    codes = {f"{table.name}.{column.name}" for table in facts for column in table.columns if column.codes}
    return frozenset(row.list_name for row in form.rows if row.list_name and row.store in codes)


def _setting_changes(before: Form, after: Form) -> Iterator[Change]:
    for name in dict.fromkeys([*before.settings, *after.settings]):
        if name not in _NOT_THE_FORM and before.settings.get(name, "") != after.settings.get(name, ""):
            yield _change("settings", f"another {name}", "words")


def _change(place: str, what: str, effect: str, **words: str) -> Change:
    return Change(place, what, EFFECTS[effect].format(**words))

"""Shared lists in a workbook are copies of `forms/codes/LIST.csv`: taken out again, or their edits named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kobo_crc.xlsform import languages
from kobo_crc.xlsform.form import LANGUAGES, Choice, Form
from kobo_crc.xlsform.lists import CodeRow, as_choices


def without_copies(form: Form, lists: Mapping[str, Sequence[CodeRow]], own: frozenset[str]) -> Form:
    """The form without the copies of shared lists on its choices sheet; those in `own` are its own.

    Only for a form in which `edited_copies` finds nothing: an edit of a copy would be lost.
    """
    copies = frozenset(name for name in form.choices if name in lists and name not in own)
    return replace(form, shared_lists=form.shared_lists | copies)


def edited_copies(form: Form, lists: Mapping[str, Sequence[CodeRow]], own: frozenset[str]) -> Iterator[str]:
    """What the workbook says otherwise than the shared lists, which serve other forms too: one sentence each."""
    suffixes = {**LANGUAGES, **languages.suffixes(form.headers, form.settings)}
    for name, choices in form.choices.items():
        if name not in lists or name in own or name in form.shared_lists:
            continue
        everything = frozenset(column for row in lists[name] for column in (*row.extra, "valid_from", "valid_to"))
        yield from _differences(name, choices, as_choices(lists[name], suffixes, name, everything))


def _differences(name: str, here: Sequence[Choice], shared: Sequence[Choice]) -> Iterator[str]:
    """Choices added, removed or reworded; a column that the copy left out is no difference."""
    there = {choice.name: choice for choice in shared}
    codes = [choice.name for choice in here]
    for choice in here:
        place = f"sheet choices, row {choice.line}"
        if choice.name not in there:
            yield f"{place}: {choice.name} is not in the shared list {name}."
            continue
        for column, text in choice.cells.items():
            wanted = there[choice.name].cells.get(column, "")
            if text != wanted:
                yield f"{place}: {column} of {choice.name} is '{text}', in the shared list {name} '{wanted}'."
        emptied = [column for column in there[choice.name].labels if column not in choice.labels]
        if emptied:
            yield f"{place}: {choice.name} has no label in {', '.join(emptied)}, unlike the shared list {name}."
    for missing in (code for code in there if code not in codes):
        yield f"sheet choices: {missing} of the shared list {name} is missing."
    known = [code for code in there if code in codes]
    if [code for code in codes if code in there] != known:
        yield f"sheet choices: the shared list {name} stands in another order."

"""How the headers of an export name questions: by XML names or labels of a language, with groups or without.

An export has one naming throughout, so the one that explains most headers is taken.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from kobo_crc.xlsform.form import Form, Row
from kobo_crc.xlsform.question_types import BEGINS, EDGES, SELECTS_MANY

XML: Final = ""  # in place of a language
SEPARATORS: Final = ("/", " / ", ".", " > ", ">", " - ", "-", ":", "|")
GEO_PARTS: Final = ("latitude", "longitude", "altitude", "precision")
# What the server adds to each row: taken over under its own name, or left out.
KEPT_META: Final = frozenset(
    {
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_status",
        "_submitted_by",
        "__version__",
        "meta/rootUuid",
        "meta/instanceID",
        "meta/deprecatedID",
        "_index",
        "_parent_index",
    }
)
LEFT_META: Final = frozenset({"_notes", "_tags", "_parent_table_name", "_attachments", "_geolocation"})

Kind = Literal["answer", "chosen", "meta", "left", "unknown"]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: a question's answer, whether one code of a select_multiple was chosen, or the server's own.

    `key` is the question's path, the meta key, or the header where nothing is known of it.
    """

    kind: Kind
    key: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """One way of naming: in which language (XML for names), with the groups around (`whole`), parted by `separator`."""

    language: str
    whole: bool
    separator: str


def sections_of(form: Form) -> dict[str, list[Row]]:
    """The questions by the repeat around them, "" for none; each repeat is there, outer ones first."""
    sections: dict[str, list[Row]] = {"": []}
    for row in form.rows:
        if row.type == "begin_repeat":
            sections[row.path] = []
        elif row.type not in EDGES:
            sections[section_of(row.path, sections)].append(row)
    return sections


def section_of(path: str, sections: Iterable[str]) -> str:
    """The innermost repeat around a path, itself not counted; "" for none."""
    around = [section for section in sections if section and path.startswith(f"{section}/")]
    return max(around, key=len, default="")


def best_naming(form: Form, headers: Mapping[str, Sequence[str]]) -> Naming:
    """The naming that explains most of the headers, given by section."""
    languages = [XML, *sorted({language for row in form.rows for language in row.labels})]
    namings = [Naming(*parts) for parts in product(languages, (False, True), SEPARATORS)]

    def explained(naming: Naming) -> int:
        kinds = [column.kind for section in headers for column in columns_of(form, naming, section, headers[section])]
        return sum(kind in ("answer", "chosen") for kind in kinds)

    return max(namings, key=explained)


def columns_of(form: Form, naming: Naming, section: str, header: Sequence[str]) -> list[Column]:
    """What each column of a sheet holds. A header that several questions share names them in the form's order."""
    known: dict[str, deque[Column]] = defaultdict(deque)
    for text, column in _named(form, naming, section):
        known[text].append(column)
    return [_column(text, known) for text in header]


def _column(text: str, known: Mapping[str, deque[Column]]) -> Column:
    if text in KEPT_META:
        return Column("meta", text)
    if text in LEFT_META or text.startswith("_submission_") or not text:
        return Column("left", text)
    if known.get(text):
        return known[text].popleft()
    return Column("unknown", text)


def _named(form: Form, naming: Naming, section: str) -> Iterator[tuple[str, Column]]:
    """Every header that the section's questions can have, in the form's order."""
    groups = {row.path: row for row in form.rows if row.type in BEGINS}
    for row in sections_of(form)[section]:
        text = _text(row, groups, naming)
        yield text, Column("answer", row.path)
        if row.type in SELECTS_MANY:
            for choice in form.choices.get(row.list_name, ()):
                label = _label(choice.labels, choice.name, naming.language)
                yield f"{text}{naming.separator}{label}", Column("chosen", row.path, choice.name)
        for part in GEO_PARTS:
            yield f"_{text}_{part}", Column("left", row.path)
        yield f"{text}_URL", Column("left", row.path)


def _text(row: Row, groups: Mapping[str, Row], naming: Naming) -> str:
    own = _label(row.labels, row.name, naming.language)
    if not naming.whole:
        return own
    parts = row.path.split("/")
    around = [groups["/".join(parts[:depth])] for depth in range(1, len(parts))]
    return naming.separator.join([*(_label(group.labels, group.name, naming.language) for group in around), own])


def _label(labels: Mapping[str, str], name: str, language: str) -> str:
    return labels.get(language) or name

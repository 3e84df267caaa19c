"""The words that describe a table: Column, Seal and Table. No database here; `database/` turns them into SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What a column holds. `code` is a text that names a row of the code table `code_<codes>`.
# A `time` is that of the clock on the wall, without a zone.
Type = Literal["text", "integer", "decimal", "date", "time", "datetime", "code"]
# How dangerous a value is to the person it is about, from harmless to naming them.
Pii = Literal["none", "quasi", "sensitive", "direct"]
# What makes a castable value doubtful; it is kept and a problem says so.
#   past: a date or time not after the submission's arrival     year: a year from 1900 to the arrival's
#   number: a card or slip number with right check digits       age: 0 to 120 years
#   phone: an Iraqi or international phone number               count: 0 to 99 people       crowd: 0 to 999 people
Rule = Literal["", "past", "year", "number", "age", "phone", "count", "crowd"]
PII_CLASSES: tuple[Pii, ...] = ("none", "quasi", "sensitive", "direct")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, in which unit, and how dangerous it is.

    `codes` names the code list (a file `forms/codes/<codes>.csv`) of a `code` column. `rule` says what is doubtful.
    """

    name: str
    type: Type
    pii: Pii
    description: str
    codes: str = ""
    rule: Rule = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """What is too sensitive to be kept.

    A submission whose `column` holds one of `codes` is read as saying `kept` there, and nothing else. One that says no
    known code there is read as saying nothing else either.
    """

    column: str
    # Ordered: a set is spelled otherwise in each process, and the rows are marked by how this is spelled.
    codes: tuple[str, ...]
    kept: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table that forms fill. Its key is (`submission_id`, `row_path`); `parent_path` names the enclosing row.

    `link` marks a table fed by select_multiple questions: one row per chosen code, and exactly one column.
    `vault` marks a table of the vault: only there may a column be `direct`. `seal` names what is not to be kept.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    link: bool = False
    vault: bool = False
    seal: Seal | None = None

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def code(name: str, codes: str, pii: Pii, description: str) -> Column:
    """A column that holds a code of the list `codes`."""
    return Column(name, "code", pii, description, codes=codes)


def day(name: str, description: str, rule: Rule = "past") -> Column:
    """A column that holds a day; by default one that is not after the submission's arrival."""
    return Column(name, "date", "none", description, rule=rule)


def link(name: str, description: str, column: Column) -> Table:
    """A table of one row for each chosen code."""
    return Table(name, description, (column,), link=True)

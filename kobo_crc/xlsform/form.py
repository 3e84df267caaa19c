"""A form as records: what every other room sees of an XLSForm, whatever file it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# ISO 639 codes of the project's languages and the XLSForm column suffix of each.
LANGUAGES: Mapping[str, str] = {"ar": "العربية (ar)", "ckb": "کوردی (ckb)", "en": "English (en)"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the survey sheet, begin and end rows included.

    `line` is the row's number in the sheet as Excel shows it (the header is 1). `type` is the bare type (`select_one`,
    `begin_repeat`, `text`), `list_name` its choice list or "". `path` is the group path, the key of the answer in the
    server's JSON (`client/contact/phone`); end rows have the path of what they end. `cells` holds every non-empty cell
    by its column header, including those named here. `recoded` has our code by each of theirs, in someone else's form.
    """

    line: int
    type: str
    name: str
    path: str
    list_name: str
    labels: Mapping[str, str]
    store: str
    pii: str
    hxl: str
    cells: Mapping[str, str]
    recoded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list: its code, its labels by language, and its other cells (filters of cascades).

    `line` is the row in the choices sheet, or in `forms/codes/LIST.csv` for a shared list.
    """

    line: int
    name: str
    labels: Mapping[str, str]
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A whole XLSForm. `name` is the file's stem; `choices` maps a list's name to its choices in order.

    Lists taken from `forms/codes/LIST.csv` are already in `choices`; `shared_lists` names them. `code_lists` holds the
    codes of every shared list, used by the form or not. `headers` keeps each sheet's columns in order, `sheets` the
    rows of sheets other than survey, choices and settings, `sheet_names` all names as written. `foreign` marks
    someone else's form: its annotations lie beside it in NAME.store.csv.
    """

    name: str
    rows: tuple[Row, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    settings: Mapping[str, str]
    shared_lists: frozenset[str] = frozenset()
    code_lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheets: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    sheet_names: tuple[str, ...] = ()
    foreign: bool = False

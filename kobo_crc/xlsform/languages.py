"""Which columns of a form speak which language: `label::العربية (ar)` is the label in `ar`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kobo_crc.xlsform.form import LANGUAGES

UNNAMED = "default"  # pyxform's own word for the language of columns without a suffix
TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
_CODE = re.compile(r"\(([A-Za-z-]+)\)\s*$")
_BY_SUFFIX = {suffix: code for code, suffix in LANGUAGES.items()}


def language_code(suffix: str) -> str:
    """The ISO code in a column suffix such as `Arabic (ar)`; the suffix itself when it names none."""
    in_brackets = _CODE.search(suffix)
    return _BY_SUFFIX.get(suffix) or (in_brackets[1].lower() if in_brackets else suffix)


def suffixes(headers: Mapping[str, Iterable[str]], settings: Mapping[str, str]) -> dict[str, str]:
    """The column suffix of each language of the form by its code; of two suffixes for one language, the first.

    Columns without a suffix speak the default language: its suffix is then "" unless other columns name it.
    """
    columns = [column for sheet in ("survey", "choices") for column in headers.get(sheet, ())]
    found: dict[str, str] = {}
    for column in columns:
        base, _, suffix = column.partition("::")
        if suffix and base.strip() in TRANSLATED:
            found.setdefault(language_code(suffix.strip()), suffix.strip())
    if any(column in TRANSLATED for column in columns):
        found.setdefault(unsuffixed(settings), "")
    return found


def unsuffixed(settings: Mapping[str, str]) -> str:
    """The language code of columns without a suffix."""
    suffix = settings.get("default_language", "")
    return language_code(suffix) if suffix else UNNAMED


def column(base: str, suffix: str) -> str:
    """The header of a translated column."""
    return f"{base}::{suffix}" if suffix else base


def texts(cells: Mapping[str, str], base: str, by_code: Mapping[str, str], plain: str) -> dict[str, str]:
    """The texts of one translated column by language code, empty ones left out; `plain` is the code without suffix."""
    found = {code: cells[header] for code, suffix in by_code.items() if (header := column(base, suffix)) in cells}
    if base in cells:
        found.setdefault(plain, cells[base])
    return found

"""What an export is: flat tables with described columns, a level of sensitivity, and what stands on its face."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

Words = Mapping[str, str]
Value = str | int | date | None
Row = Sequence[Value]
Level = Literal["open", "public", "confidential"]

# The levels of OCHA's data responsibility guidelines that exports have.
LEVELS: Final[Mapping[str, Words]] = {
    "open": {
        "en": "Low sensitivity: services on offer as their providers assured them, none whose mere name endangers. May "
        "be passed on.",
        "ar": "حساسية منخفضة: خدمات متاحة كما أكدتها جهاتها، ليس بينها ما يعرّض مجرد اسمه للخطر. يمكن مشاركتها.",
        "ckb": "هەستیاریی کەم: خزمەتگوزارییەکان وەک لایەنەکان پشتڕاستیان کردوونەتەوە، بێ ئەوانەی تەنها ناویان "
        "مەترسیدارە. دەتوانرێت هاوبەش بکرێت.",
    },
    "public": {
        "en": "Low sensitivity: published figures, rounded and examined. May be passed on.",
        "ar": "حساسية منخفضة: أرقام منشورة، مقرّبة ومفحوصة. يمكن مشاركتها.",
        "ckb": "هەستیاریی کەم: ژمارەی بڵاوکراوە، خڕکراو و پشکنراو. دەتوانرێت هاوبەش بکرێت.",
    },
    "confidential": {
        "en": "High sensitivity: rows about single people, without names. For {receiver} alone; not to be "
        "passed on, nor joined "
        "with other data.",
        "ar": "حساسية عالية: صفوف عن أشخاص أفراد دون أسماء. لـ {receiver} وحده؛ لا تُمرَّر ولا تُربط ببيانات أخرى.",
        "ckb": "هەستیاریی بەرز: ڕیزی تاکە کەسان بەبێ ناو. تەنها بۆ {receiver}؛ نابێت بدرێتە کەسی دیکە یان "
        "لەگەڵ داتای دیکە ببەسترێتەوە.",
    },
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: `hxl` is its tag, `kind` how spreadsheets and Parquet hold it."""

    name: str
    kind: Literal["text", "number", "date"]
    meaning: Words
    hxl: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One flat table. Rows have the columns' order."""

    name: str
    level: Level
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """All that goes into one folder, in one language. `receiver` is "" for what anybody may have."""

    folder: Path
    tables: tuple[Table, ...]
    language: str
    receiver: str = ""

    @property
    def level(self) -> Level:
        """That of its most sensitive table."""
        return max((table.level for table in self.tables), key=[*LEVELS].index)

    def face(self, level: Level) -> str:
        """What a level means, in words."""
        return LEVELS[level][self.language].format(receiver=self.receiver)


DICTIONARY: Final = ("table", "column", "kind", "hxl", "sensitivity", "meaning")


def dictionary(export: Export) -> Iterator[tuple[str, ...]]:
    """A row for each column of each table, under DICTIONARY."""
    for table in export.tables:
        for column in table.columns:
            meaning = column.meaning[export.language]
            yield table.name, column.name, column.kind, column.hxl, table.level, meaning


def harmless(value: Value) -> str:
    """The value as a text that no spreadsheet program takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and isinstance(value, str) else text

"""The files that a submission's JSON names: which question each answers, and where the server has it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kobo_crc.schema.tables import Pii
from kobo_crc.xlsform.form import Row


@dataclass(frozen=True, slots=True)
class Attached:
    """One file of a submission. `question` is its path with repeat indexes, `address` has path and query, no host."""

    uid: str
    question: str
    name: str
    mimetype: str
    address: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which questions' files are wanted: those whose privacy class is among `classes`. Unknown ones are direct."""

    classes: frozenset[str]
    class_of: Mapping[str, str]

    def wants(self, question: str) -> bool:
        """Whether the file of that question, named with repeat indexes, is wanted."""
        return self.class_of.get(re.sub(r"\[\d+\]", "", question), "direct") in self.classes

    def digest(self) -> str:
        """12 hex digits that differ when other files may be wanted."""
        parts = [sorted(self.classes), sorted(self.class_of.items())]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def choice_of(rows: Iterable[Row], classes: Iterable[Pii]) -> Choice:
    """The choice of those classes on a form's rows; a row without a class is direct."""
    return Choice(frozenset(classes), {row.path: row.pii or "direct" for row in rows})


def attached(payload: Mapping[str, Any]) -> list[Attached]:
    """The files of the server's JSON, each once; those left out that were deleted there or cannot be told apart."""
    entries = payload.get("_attachments") or ()
    return list({_uid(entry): _one(entry) for entry in entries if not entry.get("is_deleted") and _uid(entry)}.values())


def _one(entry: Mapping[str, Any]) -> Attached:
    stored = str(entry.get("filename") or "")
    url = urlsplit(str(entry.get("download_url") or ""))
    return Attached(
        uid=_uid(entry),
        question=str(entry.get("question_xpath") or ""),
        name=str(entry.get("media_file_basename") or stored.rpartition("/")[2]),
        mimetype=str(entry.get("mimetype") or ""),
        address=f"{url.path}?{url.query}" if url.query else url.path,
    )


def _uid(entry: Mapping[str, Any]) -> str:
    return str(entry.get("uid") or entry.get("id") or "")

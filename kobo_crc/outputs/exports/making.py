"""Exports made: what was published, and rows for one receiver. Of the vault only its keys and published figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import sqlalchemy as sa

from kobo_crc import disclosed, ledger
from kobo_crc.config import Settings
from kobo_crc.database.keys import Keys
from kobo_crc.disclosed import ROW, Telling
from kobo_crc.errors import ConfigError
from kobo_crc.filenames import safe_name
from kobo_crc.ledger import Opening
from kobo_crc.opening import opened
from kobo_crc.outputs.exports import figures, referrals
from kobo_crc.outputs.exports.directory import directory
from kobo_crc.outputs.exports.directory_fields import OBJECTS
from kobo_crc.outputs.exports.tables import Export, Table
from kobo_crc.outputs.indicators.asking import last_month, rule_of
from kobo_crc.outputs.indicators.months import Month, months
from kobo_crc.outputs.indicators.publication import published
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.words import Labels
from kobo_crc.xlsform.read import read

Kind = Literal["excel", "5w", "hxl", "parquet"]
PUBLIC: Final = "public"  # the folder of what anybody may have


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export: of which months, and rows for whom and why; `receiver` "" for published figures alone."""

    kind: Kind
    first: Month
    last: Month
    receiver: str = ""
    purpose: str = ""


def make(settings: Settings, wish: Wish, folder: Path, now: datetime) -> Export:
    """The export's tables. ConfigError when no month was published, and for a receiver whose name is no name.

    The rows for a receiver are of the months asked for that are over.
    """
    asked = list(months(wish.first, min(wish.last, last_month(now)))) if wish.first <= last_month(now) else []
    if wish.receiver and not _names_a_folder(wish.receiver):
        raise ConfigError(
            f"A receiver is named by small letters, digits, _ or -, such as nrc, and not {PUBLIC}, whose files "
            "anybody may have. Please correct --for."
        )
    if wish.receiver and not wish.purpose.strip():
        raise ConfigError("Rows about single people are given for a reason, and it is kept. Please give --purpose.")
    tags = _tags(settings) if wish.receiver else {}
    with opened(settings) as database:
        with database.reading() as connection:
            tables = [_published(connection, wish.kind, asked, settings.language)]
            cases = list(referrals.cases(connection, Reader(connection), asked)) if wish.receiver else []
        with database.writing() as connection:
            if wish.receiver:
                key = database.keys.for_purpose(connection, f"pseudonyms for {wish.receiver}")
                tables.append(referrals.table(cases, key, rule_of(settings).threshold, tags))
                told = [case.referral for case in cases] if tables[-1].rows else []
                _note(connection, database.keys, wish, told, now)
            else:
                scope = f"published figures from {wish.first} to {wish.last}"
                _note_public(connection, f"export {wish.kind}", wish.purpose, scope, len(tables[0].rows), now)
    return Export(folder / (wish.receiver or PUBLIC), tuple(tables), settings.language, wish.receiver)


def _names_a_folder(receiver: str) -> bool:
    """Whether the name can be that of a folder of its own, on Windows too."""
    fit = re.fullmatch(r"[a-z0-9_-]{2,40}", receiver) and safe_name(receiver) == receiver
    return bool(fit) and receiver != PUBLIC


def make_directory(settings: Settings, folder: Path, now: datetime) -> tuple[Export, list[dict[str, Any]]]:
    """The directory of services as HSDS objects, and the export whose tables say what their fields mean."""
    with opened(settings) as database:
        with database.reading() as connection:
            content = directory(connection, settings.language)
        with database.writing() as connection:
            _note_public(connection, "export hsds", "", "the directory of services", len(content), now)
    return Export(folder / PUBLIC, OBJECTS, settings.language), content


def _note(connection: sa.Connection, keys: Keys, wish: Wish, told: Sequence[str], now: datetime) -> None:
    """Rows about single people leave: who took them, for whom and why, and of which referrals, is kept for good."""
    at = now.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    scope = f"referrals sent from {wish.first} to {wish.last}, for {wish.receiver}"
    ledger.note(connection, Opening(f"export {wish.kind}", wish.purpose, scope, len(told)), at)
    disclosed.remember(connection, keys, Telling(wish.receiver, "export", (ROW,)), told, at)


def _note_public(
    connection: sa.Connection, action: str, purpose: str, scope: str, row_count: int, now: datetime
) -> None:
    """What tells of nobody leaves too: who made it, and when."""
    at = now.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    ledger.note(connection, Opening(action, purpose or "for the public", scope, row_count), at)


def _published(connection: sa.Connection, kind: Kind, asked: Sequence[Month], language: str) -> Table:
    found = {month: lines for month in asked if (lines := published(connection, month))}
    if not found:
        raise ConfigError(
            "None of these months was published, and exports hold what was. Please run: kobo-crc indicators "
            "--from MONTH "
            "--publish"
        )
    labels = Labels(connection, language)
    if kind == "5w":
        return figures.five_ws(connection, found, labels, language)
    return figures.flat(found, labels, language)


def _tags(settings: Settings) -> dict[str, str]:
    """The HXL tags of the forms, by table and column of the store."""
    return dict(_tagged(settings))


def _tagged(settings: Settings) -> Iterator[tuple[str, str]]:
    for path in sorted(settings.forms.glob("*.md")):
        for row in read(path, settings.forms / "codes").rows:
            if row.hxl and "." in row.store:
                yield row.store, row.hxl

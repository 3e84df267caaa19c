"""Printed numbers, from the vault's ranges to a sheet to cut. The range is kept before the sheet is written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Final

from kobo_crc import ledger, numbering
from kobo_crc.codes import PERSON_CARD, Kind
from kobo_crc.config import Settings
from kobo_crc.errors import ConfigError
from kobo_crc.ledger import Opening
from kobo_crc.opening import opened
from kobo_crc.outputs.cards import write_cards

AT_ONCE: Final = 2_000


def print_numbers(settings: Settings, kind: Kind, count: int, folder: Path, now: datetime) -> Path:
    """Write a page of so many new cards or slips; returns it. ConfigError for more than a page can hold well."""
    if not 1 <= count <= AT_ONCE:
        raise ConfigError(f"{count} cannot be printed at once. Please give a number from 1 to {AT_ONCE}.")
    what = "cards" if kind == PERSON_CARD else "slips"
    with opened(settings) as database, database.writing() as connection:
        numbers = numbering.take(connection, database.keys, kind, count, now, SystemRandom())
        ledger.note(connection, Opening("cards", "printed", f"new {what}", count), now)
    path = folder / f"{what}-{now:%Y-%m-%d-%H%M%S}.html"
    write_cards(path, kind, numbers)
    return path

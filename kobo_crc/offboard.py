"""Somebody of the staff leaves: the code is closed, the vault's key changed, and what only people change is named."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Final

from kobo_crc import custody, ledger
from kobo_crc.config import Settings, load_pipeline, password_name, reply_password
from kobo_crc.custody import Found
from kobo_crc.database.database import Database
from kobo_crc.errors import ConfigError
from kobo_crc.ledger import Opening
from kobo_crc.xlsform.lists import code_row, read_codes

STAFF: Final = "staff"
_LAST_DAY: Final = "valid_to"


@dataclass(frozen=True, slots=True)
class Offboarded:
    """The last day on which the code may be used, and the vault's new key; None where it was kept."""

    last_on: date
    key: Found | None


def close(settings: Settings, code: str, last_on: date) -> date:
    """Write the last day into the code's row of `forms/codes/staff.csv`; an earlier one that stands there stays.

    No other line is touched. ConfigError for a code that the list does not have.
    """
    row = code_row(read_codes(settings.forms / "codes"), STAFF, code)
    if row.valid_to and date.fromisoformat(row.valid_to) <= last_on:
        return date.fromisoformat(row.valid_to)
    path = settings.forms / "codes" / f"{STAFF}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    header = _cells(lines[0].removeprefix("\ufeff"))
    if _LAST_DAY not in header or len(_cells(lines[row.line - 1])) != len(header):
        raise ConfigError(f"{path}: the code's row has no cell {_LAST_DAY}. Please write {last_on} into it by hand.")
    lines[row.line - 1] = _with_cell(lines[row.line - 1], header.index(_LAST_DAY), last_on.isoformat())
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    return last_on


def offboard(
    database: Database, settings: Settings, code: str, last_on: date, now: datetime, *, rekey: bool
) -> Offboarded:
    """Close the code, seal the vault under a new key where `rekey`, and write it into the audit. ConfigError.

    Cut in between, it is finished by giving it again.
    """
    last_on = close(settings, code, last_on)
    found = custody.rotate(database, settings, now)[0] if rekey else None
    done = "left; the vault's key was changed" if rekey else "left; never had the vault's key"
    with database.writing() as connection:
        ledger.note(connection, Opening("offboard", done, f"{STAFF} {code}", 0), now)
    return Offboarded(last_on, found)


def by_hand(settings: Settings) -> Iterator[str]:
    """What the leaver may have known and no program can change: one sentence each."""
    for path in sorted(settings.pipelines.glob("*.toml")):
        for project in load_pipeline(settings, path.stem).projects:
            server = project.server_url or settings.server_url
            yield (
                f"KoboToolbox, project {project.name} ({server}): remove the person's account there. Whoever "
                f"could read the token {project.token} needs a new one made there (Account settings, Security)."
            )
    yield (
        "Tablets: take back the person's, change the account that KoboCollect sends with, its admin password and the "
        "screen lock, on every tablet that the person could open."
    )
    for row in read_codes(settings.forms / "codes").get("organization", []):
        if reply_password(row.name, settings.secrets) is not None:
            yield f"Workbooks of {row.name}: agree on another password, and keep it as {password_name(row.name)}."
    yield (
        "This computer and its copies: close the person's account and shared folders. Backups open with the key that "
        "was there when they were made, until they expire."
    )
    yield "Recovery sheets: if the person held one, the new ones go to two others."


def _cells(line: str) -> list[str]:
    [cells] = csv.reader([line])
    return [cell.strip() for cell in cells]


def _with_cell(line: str, index: int, text: str) -> str:
    [cells] = csv.reader([line])
    cells[index] = text
    out = StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue() + line[len(line.rstrip("\r\n")) :]

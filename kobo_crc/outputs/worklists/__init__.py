"""The lists that people work through in the morning: a workbook for each centre and each partner. No names.

A partner's holds only what the person agreed to have told to it, and nothing of sensitive referrals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES
from kobo_crc.filenames import safe_name
from kobo_crc.outputs.files import write
from kobo_crc.outputs.problem_list import Labels
from kobo_crc.outputs.sheets import Sheet, workbook
from kobo_crc.outputs.worklists.contents import Everything, Words, everything, of_centre, of_partner
from kobo_crc.referrals.calendar import Calendar

CENTRES: Final = "centres"
PARTNERS: Final = "partners"
NO_CENTRE: Final = "no_centre"
# The code of a receiver that no list has: its referrals go to many, and belong into nobody's file.
NOT_LISTED: Final = "not_listed"


def build(
    connection: sa.Connection, folder: Path, calendar: Calendar, questions: Labels, *, now: datetime, language: str
) -> list[Path]:
    """Write the workbooks into `folder`/centres and `folder`/partners and return where they are.

    `now` is UTC, without zone. One that another program holds open is written under a dated name. Those of another
    day that have no successor are removed. ConfigError when the folder is unwritable.
    """
    found = everything(connection, calendar, questions, now, language)
    words = Words(connection, language, now)
    written = [
        _put(folder / CENTRES, code or NO_CENTRE, of_centre(found, words, code), language, now)
        for code in _centres(connection, found)
    ]
    for code in _partners(connection):
        sheets = of_partner(connection, calendar, words, code, now)
        if sheets:
            written.append(_put(folder / PARTNERS, code, sheets, language, now))
    _sweep(folder, written)
    return written


def _put(folder: Path, name: str, sheets: list[Sheet], language: str, now: datetime) -> Path:
    return write(folder / f"{safe_name(name)}.xlsx", workbook(sheets, language, made_at=now), now=now)


def _centres(connection: sa.Connection, found: Everything) -> Iterator[str]:
    """The centres at work, those that have something to do, and "" when something has no centre."""
    c = CODES["centre"].c
    at_work = connection.execute(sa.select(c.code).where(c.retired_on.is_(None), c.valid_to.is_(None))).scalars()
    return iter(sorted({*at_work, *found.centres}))


def _partners(connection: sa.Connection) -> Iterable[str]:
    c = CODES["organization"].c
    return connection.execute(sa.select(c.code).where(c.code != NOT_LISTED).order_by(c.code)).scalars().all()


def _sweep(folder: Path, written: list[Path]) -> None:
    """Remove what an earlier night wrote and this one did not: a list that is no longer true misleads."""
    for old in [*(folder / CENTRES).glob("*.xlsx"), *(folder / PARTNERS).glob("*.xlsx")]:
        if old not in written:
            with suppress(PermissionError):  # Windows: still open; the next night removes it
                old.unlink()

"""The lists that people work through in the morning: a workbook for each centre and each partner. No names.

A partner's holds only what the person agreed to have told to it, nothing of sensitive referrals, and is under the
partner's password: without one it is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc.database.metadata import CODES
from kobo_crc.filenames import safe_name
from kobo_crc.outputs.files import write
from kobo_crc.outputs.locked import locked
from kobo_crc.outputs.problem_list import Labels
from kobo_crc.outputs.sheets import Sheet, workbook
from kobo_crc.outputs.worklists.contents import Everything, Words, everything, of_centre, of_partner
from kobo_crc.referrals.calendar import Calendar

CENTRES: Final = "centres"
PARTNERS: Final = "partners"
NO_CENTRE: Final = "no_centre"
# The password of an organisation's workbooks, None when it has none.
Passwords = Callable[[str], SecretStr | None]
# The code of a receiver that no list has: its referrals go to many, and belong into nobody's file.
NOT_LISTED: Final = "not_listed"


@dataclass(frozen=True, slots=True)
class Maker:
    """How workbooks are made on a day: where, for which language, and under which passwords.

    `now` is UTC, without zone.
    """

    folder: Path
    language: str
    now: datetime
    passwords: Passwords

    def put(self, room: str, name: str, sheets: Sequence[Sheet]) -> Path:
        """Write a workbook of a centre."""
        return self._write(room, name, workbook(sheets, self.language, made_at=self.now))

    def lock(self, room: str, name: str, sheets: Sequence[Sheet], password: SecretStr) -> Path:
        """Write a workbook of a partner, which leaves the house."""
        return self._write(room, name, locked(workbook(sheets, self.language, made_at=self.now), password))

    def _write(self, room: str, name: str, content: bytes) -> Path:
        return write(self.folder / room / f"{safe_name(name)}.xlsx", content, now=self.now)


def build(connection: sa.Connection, maker: Maker, calendar: Calendar, questions: Labels) -> list[Path]:
    """Write the workbooks into the folders `centres` and `partners` and return where they are.

    One that another program holds open is written under a dated name. Those of another day that have no successor are
    removed. ConfigError when the folder is unwritable or a password too short.
    """
    found = everything(connection, calendar, questions, maker.now, maker.language)
    words = Words(connection, maker.language, maker.now)
    written = [
        maker.put(CENTRES, code or NO_CENTRE, of_centre(found, words, code))
        for code in _centres(connection, found, words.today)
    ]
    for code in _partners(connection):
        password = maker.passwords(code)
        sheets = of_partner(connection, calendar, words, code, maker.now) if password else []
        if password and sheets:
            written.append(maker.lock(PARTNERS, code, sheets, password))
    _sweep(maker.folder, written)
    return written


def _centres(connection: sa.Connection, found: Everything, today: date) -> Iterator[str]:
    """The centres at work, those that have something to do, and "" when something has no centre."""
    c = CODES["centre"].c
    open_still = sa.or_(c.valid_to.is_(None), c.valid_to >= today)
    at_work = connection.execute(sa.select(c.code).where(c.retired_on.is_(None), open_still)).scalars()
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

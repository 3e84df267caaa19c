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

from kobo_crc import disclosed
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import CODES
from kobo_crc.disclosed import NUMBER, Telling
from kobo_crc.filenames import safe_name
from kobo_crc.outputs.files import PARTS, write
from kobo_crc.outputs.locked import locked
from kobo_crc.outputs.problem_list import Labels
from kobo_crc.outputs.sheets import Sheet, workbook
from kobo_crc.outputs.worklists.contents import (
    Everything,
    Words,
    everything,
    may_be_listed,
    of_centre,
    of_partner,
)
from kobo_crc.referrals.calendar import Calendar
from kobo_crc.referrals.worklist import on_any_list

CENTRES: Final = "centres"
PARTNERS: Final = "partners"
# With names, made when somebody asks for them: the next night removes them.
CONTACTS: Final = "contacts"
LETTERS: Final = "letters"
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

    def plain(self, name: str, sheets: Sequence[Sheet]) -> Book:
        """A workbook of a centre."""
        return Book(CENTRES, name, workbook(sheets, self.language, made_at=self.now))

    def locked(self, room: str, name: str, sheets: Sequence[Sheet], password: SecretStr, told: Sequence[str]) -> Book:
        """A workbook under a password. ConfigError for one that is too short."""
        content = locked(workbook(sheets, self.language, made_at=self.now), password)
        return Book(room, name, content, tuple(told))

    def put(self, book: Book) -> Path:
        """Write the workbook and return where it is."""
        path = self.folder / book.room / f"{safe_name(book.name)}.xlsx"
        return write(path, book.content, now=self.now, private=book.room == CONTACTS)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that is made and not written yet; `told` are the referrals that it tells somebody outside of."""

    room: str
    name: str
    content: bytes
    told: tuple[str, ...] = ()


def build(connection: sa.Connection, maker: Maker, calendar: Calendar, questions: Labels) -> list[Book]:
    """The night's workbooks of centres and partners. ConfigError when a password is too short."""
    found = everything(connection, calendar, questions, maker.now, maker.language)
    words = Words(connection, maker.language, maker.now)
    centres = _centres(connection, found, words.today)
    made = [maker.plain(code or NO_CENTRE, of_centre(found, words, code)) for code in centres]
    for code in _partners(connection):
        password = maker.passwords(code)
        referrals = may_be_listed(connection, calendar, code, maker.now) if password else []
        if password and referrals:
            told = [one.reference_code for one in on_any_list(referrals, words.today)]
            made.append(maker.locked(PARTNERS, code, of_partner(words, code, referrals), password, told))
    return made


def remember(connection: sa.Connection, keys: Keys, books: Sequence[Book], now: datetime) -> None:
    """Write down which partner is told of which referrals, before the workbooks are there."""
    for book in books:
        if book.told:
            disclosed.remember(connection, keys, Telling(book.name, "worklist", (NUMBER,)), book.told, now)


def put(maker: Maker, books: Sequence[Book]) -> list[Path]:
    """Write the workbooks into the folders `centres` and `partners` and return where they are.

    One that another program holds open is written under a dated name. Those of another day that have no successor are
    removed, and so is what was made with names since. ConfigError when the folder is unwritable.
    """
    written = [maker.put(book) for book in books]
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
    workbooks = (path for room in (CENTRES, PARTNERS, CONTACTS) for path in (folder / room).glob("*.xlsx"))
    parts = (path for room in (CENTRES, PARTNERS, CONTACTS, LETTERS) for path in (folder / room).glob(PARTS))
    for old in [*workbooks, *(folder / LETTERS).glob("*.html"), *parts]:
        if old not in written:
            with suppress(PermissionError):  # Windows: still open; the next night removes it
                old.unlink()

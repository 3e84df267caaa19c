"""A folder with a store of referrals to two receivers, and hands that fill a receiver's workbook."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import CODES
from kobo_crc.outputs.locked import locked, unlocked
from kobo_crc.templates import copy_into
from tests.e2e.centre import seal
from tests.referrals.conftest import Files
from tests.stores import Stores

PASSWORD = SecretStr("كلمة سر طويلة 42")


class Folder:
    """The settings of a folder, its store, and what a receiver does to its workbook."""

    def __init__(self, settings: Settings, files: Files) -> None:
        self.settings, self.files = settings, files

    def opened(self, path: Path) -> Any:
        """The workbook within a locked one."""
        return openpyxl.load_workbook(BytesIO(unlocked(path.read_bytes(), path.name, PASSWORD)))

    def fill(self, path: Path, *answers: tuple[Any, ...], password: SecretStr = PASSWORD) -> Path:
        """Write number, answer, day and reason over the rows from the second on, and save under the password."""
        book = self.opened(path)
        page = book.worksheets[1]
        for line, (number, answer, day, *reason) in enumerate(answers, start=2):
            for place, value in ((1, number), (7, answer), (8, day), (9, reason[0] if reason else None)):
                page.cell(line, place).value = value
        self.save(book, path, password)
        return path

    def save(self, book: Any, path: Path, password: SecretStr = PASSWORD) -> None:
        """Save under the password, as the receiver's own program does."""
        content = BytesIO()
        book.save(content)
        path.write_bytes(locked(content.getvalue(), password))


@pytest.fixture
def folder(stores: Stores, tmp_path: Path) -> Iterator[Folder]:
    copy_into(tmp_path)
    settings = stores.settings(tmp_path)
    seal(settings)
    with Database.of(settings) as database:
        files = Files(database)
        with database.writing() as connection:
            reasons = CODES["event_reason"]
            connection.execute(sa.update(reasons).where(reasons.c.code == "no_capacity").values(event="both"))
            connection.execute(sa.update(reasons).where(reasons.c.code == "not_eligible").values(event="decline"))
            events = CODES["referral_event"]
            connection.execute(sa.update(events).where(events.c.code == "accept").values(label_ar="تم قبول الإحالة"))
        files.referral("2")
        files.referral("3", service_code="gbv", sensitive_code="yes")
        files.referral("4", consent_share_code="no")
        files.referral("5", receiving_organization_code="nrc")
        files.states()
        yield Folder(settings, files)

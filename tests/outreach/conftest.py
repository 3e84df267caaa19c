"""A centre's folder with open referrals in the store, and who the people are in its sealed vault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import vault
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import AUDIT, CODES
from kobo_crc.model import Landed, Origin
from kobo_crc.normalise import Rows
from kobo_crc.schema.facts import IDENTITY
from kobo_crc.templates import copy_into
from tests.commands import settings_file
from tests.e2e.centre import seal, unsealed
from tests.referrals.conftest import Files
from tests.stores import Stores

AT = datetime(2026, 11, 23, 9, 0)
NAMED = {
    "role_code": "client",
    "given_name": "أمل",
    "father_name": "كريم",
    "family_name": "الجبوري",
    "phone": "07701234567",
    "phone_owner_code": "spouse",
    "safe_to_call_code": "yes",
    "call_time_code": "morning",
}
CODES_USED = {
    "contact_limit": {"no_call": "لا تتصل", "no_home_visit": "لا تزر المنزل", "not_with_authorities": "لا سلطات"},
    "phone_owner": {"spouse": "هاتف الزوج"},
    "call_time": {"morning": "صباحاً"},
    "shared_information": {"name": "", "phone": "", "need": ""},
    "caregiver_informed": {"yes": "", "no": ""},
    "visit_type": {"repeat": ""},
}


class Office:
    """Referrals with people, each added the short way."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database, self.files = settings, database, Files(database)
        with database.writing() as connection:
            for codes, labels in CODES_USED.items():
                rows = [{"code": c, "label_ar": a, "label_ckb": "", "label_en": c} for c, a in labels.items()]
                connection.execute(sa.insert(CODES[codes]), rows)
            organization = CODES["organization"]
            connection.execute(sa.update(organization).values(kind="ngo"))

    def refer(
        self, number: str, *people: dict[str, str], agreed: str = "name phone", contact: str | None = "yes", **how: Any
    ) -> int:
        """A referral that was sent, with what its person agreed to have told, and the people of its submission."""
        limits = how.pop("limits", "")
        submission_id = self.files.referral(number, **how)
        self.files.row("consent", submission_id, contact_code=contact, record_code="yes")
        for code in agreed.split():
            self.files.row(
                "referral_info_shared",
                submission_id,
                row_path=f"referral[1]/{code}",
                parent_path="referral[1]",
                information_code=code,
            )
        for code in limits.split():
            self.files.row("contact_restriction", submission_id, row_path=code, contact_limit_code=code)
        self.seal(submission_id, *people)
        return submission_id

    def seal(self, submission_id: int, *people: dict[str, str], version: int = 0) -> None:
        """Put these people into the vault as those of that submission."""
        rows = Rows()
        columns = [column.name for column in IDENTITY.columns]
        rows.tables[IDENTITY.name] = [
            (submission_id, f"person[{place}]", "", *map(one.get, columns), version, "plan")
            for place, one in enumerate(people)
        ]
        landed = Landed(submission_id, version, Origin("intake", "crc", "a"), 1, "", "", None)
        with self.database.writing() as connection:
            if not self.database.keys.of(connection, [submission_id]):
                self.database.keys.make(connection, [submission_id])
            vault.replace(connection, self.database.keys, [landed], rows)

    def audit(self) -> list[tuple[str, str, str, int]]:
        """What was written down: action, purpose, scope and rows."""
        c = AUDIT.c
        with self.database.reading() as connection:
            query = sa.select(c.action, c.purpose, c.scope, c.row_count).order_by(c.audit_id)
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def office(stores: Stores, tmp_path: Path) -> Iterator[Office]:
    copy_into(tmp_path)
    settings = stores.settings(tmp_path)
    settings_file(settings)
    seal(settings)
    with unsealed(settings) as database:
        yield Office(settings, database)

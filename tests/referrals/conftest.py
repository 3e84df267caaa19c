"""A store and a vault with few codes, filled with plain inserts: what is derived from them is real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc import store
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.referrals.recompute import recompute
from kobo_crc.xlsform.lists import CodeRow
from tests.stores import Stores

ARRIVED_AT = datetime(2026, 11, 1, 14, 0)
CODES_USED = {
    "centre": ("baiji",),
    "organization": ("drc", "nrc"),
    "priority": ("normal",),
    "referral_event": ("acknowledge", "accept", "decline", "start", "serve", "close"),
    "event_reason": ("no_capacity", "not_eligible"),
    "referral_state": (
        "draft",
        "sent",
        "acknowledged",
        "accepted",
        "in_progress",
        "served",
        "not_accepted",
        "closed",
        "withdrawn",
    ),
    "referral_status": ("sent", "draft"),
    "service": ("health", "gbv"),
    "yes_no": ("yes", "no"),
}


class Files:
    """Adds rows the short way; every submission gets the next number."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._last = 0
        with database.writing() as connection:
            for codes, names in CODES_USED.items():
                rows = [{"code": name, "label_ar": "", "label_ckb": "", "label_en": name} for name in names]
                connection.execute(sa.insert(CODES[codes]), rows)

    def submission(self, form: str = "intake", at: datetime = ARRIVED_AT, **changes: object) -> int:
        self._last += 1
        values: dict[str, object] = {
            "submission_id": self._last,
            "form": form,
            "project": "crc",
            "asset_uid": "a" + form,
            "server_id": 1000 + self._last,
            "root_uuid": f"uuid-{self._last}",
            "version_id": 0,  # the vault has landed nothing
            "plan": "plan",
            "form_version": "",
            "submitted_at": at,
            "validation_status": "",
        }
        with self.database.writing() as connection:
            connection.execute(sa.insert(SUBMISSION).values(values | changes))
            store.count_write(connection)
        return self._last

    def row(self, table: str, submission_id: int, **values: object) -> None:
        key = {"submission_id": submission_id, "row_path": "", "parent_path": ""}
        with self.database.writing() as connection:
            connection.execute(sa.insert(FACT_TABLES[table]).values(key | values))

    def referral(self, code: str, **values: object) -> int:
        submission_id = self.submission()
        self.row("visit", submission_id, centre_code="baiji")
        usual: dict[str, object] = {
            "row_path": "referral[1]",
            "reference_code": code,
            "service_code": "health",
            "sensitive_code": "no",
            "receiving_organization_code": "drc",
            "priority_code": "normal",
            "status_code": "sent",
            "sent_at": ARRIVED_AT,
            "consent_share_code": "yes",
        }
        self.row("referral", submission_id, **usual | values)
        return submission_id

    def event(self, code: str, event_code: str, **values: object) -> int:
        submission_id = self.submission("referral_followup", ARRIVED_AT + timedelta(days=30))
        self.row("referral_event", submission_id, reference_code=code, event_code=event_code, **values)
        return submission_id

    def states(self) -> dict[str, dict[str, object]]:
        """The derived states by number, after making them anew if anything has changed."""
        with self.database.writing() as connection:
            recompute(connection)
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(DERIVED_TABLES["referral_state"])).mappings()
            return {row["reference_code"]: dict(row) for row in rows}

    def problems(self) -> list[tuple[str, int]]:
        with self.database.reading() as connection:
            query = sa.select(PROBLEM.c.code, PROBLEM.c.submission_id).order_by(PROBLEM.c.submission_id, PROBLEM.c.code)
            return [(code, submission_id) for code, submission_id in connection.execute(query)]


def code_row(name: str, **extra: str) -> CodeRow:
    return CodeRow(2, name, {"ar": f"{name} (ar)", "ckb": f"{name} (ckb)", "en": f"{name} (en)"}, "", "", extra)


@pytest.fixture
def files(stores: Stores, tmp_path: Path) -> Iterator[Files]:
    with stores.database(tmp_path) as database:
        yield Files(database)

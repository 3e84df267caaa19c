"""A small store that nobody keeps, filled with plain inserts: what the outputs read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, PROBLEM, SUBMISSION
from kobo_crc.runs import OK, Run
from tests.stores import Stores

NOW = datetime(2026, 11, 23, 20, 5)  # a Monday evening, five past eleven in Baghdad
CENTRES = {
    "baiji": ("مركز بيجي", "ناوەندی بەیجی", "Baiji centre"),
    "jalawla": ("مركز جلولاء", "ناوەندی جەلەولا", "Jalawla centre"),
}


class Store:
    """Adds rows the short way; every submission gets the next number."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._last = 0
        for code, labels in CENTRES.items():
            self.code("centre", code, labels)
        for code in ("yes", "no"):
            self.code("yes_no", code, ("", "", ""))

    def code(self, codes: str, code: str, labels: tuple[str, str, str]) -> None:
        names = dict(zip(("label_ar", "label_ckb", "label_en"), labels, strict=True))
        self.connection.execute(sa.insert(CODES[codes]).values(code=code, **names))

    def submission(self, at: datetime = NOW, form: str = "intake", **changes: object) -> int:
        self._last += 1
        values: dict[str, object] = {
            "submission_id": self._last,
            "form": form,
            "project": "crc",
            "asset_uid": "a" + form,
            "server_id": 1000 + self._last,
            "root_uuid": f"uuid-{self._last}",
            "version_id": self._last,
            "plan": "plan",
            "form_version": "1",
            "submitted_at": at,
            "validation_status": "",
        }
        self.connection.execute(sa.insert(SUBMISSION).values(values | changes))
        return self._last

    def row(self, table: str, submission_id: int, **values: object) -> None:
        key = {"submission_id": submission_id, "row_path": "", "parent_path": ""}
        self.connection.execute(sa.insert(FACT_TABLES[table]).values(key | values))

    def visits(self, number: int, centre: str | None, at: datetime = NOW, **changes: Any) -> None:
        for _ in range(number):
            self.row("visit", self.submission(at, **changes), centre_code=centre)

    def followups(self, number: int, centre: str, at: datetime = NOW) -> None:
        for _ in range(number):
            submission_id = self.submission(at, "referral_followup")
            self.row("referral_event", submission_id, reference_code=f"3{submission_id}", centre_code=centre)

    def referrals(
        self, number: int, state: str, outcome: str | None = None, *, agreed: str | None = "yes", **changes: object
    ) -> None:
        for _ in range(number):
            submission_id = self.submission(**{"at": NOW - timedelta(days=1)} | changes)  # type: ignore[arg-type]
            self.row("consent", submission_id, report_code=agreed)
            values = {
                "reference_code": f"2{submission_id}",
                "submission_id": submission_id,
                "row_path": "referral[1]",
                "centre_code": "baiji",
                "state_code": state,
                "outcome_code": outcome,
            }
            self.connection.execute(sa.insert(DERIVED_TABLES["referral_state"]).values(values))

    def problem(self, code: str, submission_id: int, path: str = "a") -> None:
        values = {"submission_id": submission_id, "step": "normalise", "path": path, "code": code, "detail": ""}
        self.connection.execute(sa.insert(PROBLEM).values(values))


@pytest.fixture
def store(stores: Stores) -> Iterator[Store]:
    with stores.passing() as connection:
        yield Store(connection)


@pytest.fixture
def run() -> Run:
    return Run(
        run_id=7,
        pipeline="nightly",
        started_at=NOW,
        finished_at=NOW + timedelta(minutes=3),
        outcome=OK,
        new_count=1234,
        changed_count=5,
        deleted_count=1,
        server_count=3210,
        store_count=3210,
    )

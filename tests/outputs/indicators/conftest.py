"""A store with the real code lists, and people who come to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.tables import Line, lines
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.referrals.timeliness import Deadlines
from kobo_crc.store import sync_codes
from kobo_crc.xlsform.lists import read_codes
from tests.outputs.conftest import Store

CODES = Path(__file__).parents[3] / "forms" / "codes"
OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 3, 9)


class Centre:
    """Adds visits and what belongs to them the short way."""

    def __init__(self, store: Store) -> None:
        self.store = store
        sync_codes(store.connection, read_codes(CODES), [])

    @property
    def reader(self) -> Reader:
        return Reader(self.store.connection, Deadlines(calendar_of(read_codes(CODES)), NOW))

    def visit(
        self,
        person: str | None,
        day: int = 5,
        *,
        report: str | None = "yes",
        month: int = 10,
        centre: str = "baiji",
        sex: str = "female",
        born: int | None = 1990,
        **changes: object,
    ) -> int:
        """A first visit with a registration; without a person, of somebody who stays unknown."""
        on = date(2026, month, day)
        submission = self.store.submission(datetime(2026, month, day, 9), **changes)  # type: ignore[arg-type]
        self.store.row("visit", submission, centre_code=centre, visited_on=on, person_code=person)
        self.store.row("consent", submission, report_code=report)
        if person is None:
            self.store.row("anonymous_visit", submission, sex_code=sex)
        else:
            self.store.row("registration", submission, person_code=person, sex_code=sex, birth_year=born)
        return submission

    def referral(self, person: str, state: str = "sent", *, days: int | None = None, **values: object) -> int:
        """A referral sent on 5 October, and served some days later where they are given."""
        submission = self.visit(person)
        sent = datetime(2026, 10, 5, 9)
        key = {"submission_id": submission, "row_path": "referral[1]"}
        number = {"reference_code": f"2{submission}", "person_code": person}
        self.store.row("referral", submission, **{**number, "row_path": "referral[1]"})
        row: dict[str, object] = {**key, "reference_code": number["reference_code"], "centre_code": "baiji"}
        served = {} if days is None else {"served_on": sent.date() + timedelta(days=days)}
        row |= {"state_code": state, "sent_at": sent, **served, **values}
        self.store.connection.execute(sa.insert(DERIVED_TABLES["referral_state"]).values(row))
        return submission


@pytest.fixture
def centre(store: Store) -> Centre:
    return Centre(store)


def exact(found: list[Line], by: str) -> dict[str, str]:
    """The categories of a way that are not nothing."""
    return {line.category: line.text for line in found if line.by == by and line.text != "0"}


__all__ = ["OCTOBER", "Centre", "exact", "lines"]

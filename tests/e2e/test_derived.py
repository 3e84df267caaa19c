"""What spans submissions follows the facts: states of referrals, numbers used twice, staff outside their time."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_crc.database.database import Database
from kobo_crc.referrals.recompute import recompute
from tests.e2e.centre import Centre


def problems(centre: Centre) -> list[tuple[str, str]]:
    return [(row[3], row[2]) for row in centre.rows()["problem"]]


def test_state__referral_edited__follows(centre: Centre) -> None:
    server_id = centre.submit(referrals=2)
    centre.night()
    before = centre.rows()["referral_state"]
    assert len(before) == 2
    centre.change(server_id, lambda record: record["referral"].pop())
    centre.night()
    assert centre.rows()["referral_state"] == [row for row in before if row[2] == "referral[1]"]


def test_state__nothing_changed__is_not_written_again(centre: Centre) -> None:
    centre.submit()
    centre.night()
    with Database.of(centre.settings) as database, database.writing() as connection:
        assert not recompute(connection)


def test_number__on_two_referrals__is_named_at_both_until_one_is_corrected(centre: Centre) -> None:
    first, second = centre.submit(), centre.submit()
    number = centre.record(first)["referral"][0]["referral/number"]
    kept = centre.record(second)["referral"][0]["referral/number"]
    centre.change(second, lambda record: record["referral"][0].update({"referral/number": number}))
    centre.night()
    assert problems(centre) == [("reference_code_repeated", "referral[1]")] * 2
    centre.change(second, lambda record: record["referral"][0].update({"referral/number": kept}))
    centre.night()
    assert problems(centre) == []


def test_number__earlier_referral_refused_by_a_reviewer__later_one_takes_its_place(centre: Centre) -> None:
    first, second = centre.submit(), centre.submit()
    number = centre.record(first)["referral"][0]["referral/number"]
    centre.change(second, lambda record: record["referral"][0].update({"referral/number": number}))
    centre.night()
    [before] = centre.rows()["referral_state"]
    centre.validate(first, "validation_status_not_approved")
    centre.night()
    [after] = centre.rows()["referral_state"]
    assert after[1] != before[1]
    assert problems(centre) == []
    centre.rebuild()
    assert centre.rows()["referral_state"] == [after]


@pytest.mark.parametrize(("day", "named"), [("2024-12-31", True), ("2025-06-01", False), ("2025-07-01", True)])
def test_staff__outside_their_time__is_named(centre: Centre, day: str, named: bool) -> None:
    staff: Path = centre.settings.forms / "codes" / "staff.csv"
    with staff.open("a", encoding="utf-8") as file:
        file.write("tst_99,موظف,کارمەند,Staff,jalawla,2025-01-01,2025-06-30\n")
    answers: dict[str, object] = {"visit/staff": "tst_99", "visit/day": day}
    centre.submit(0, **answers)
    centre.night()
    assert problems(centre) == ([("staff_not_active", "visit")] if named else [])

"""Nights against a simulated server: what people do there is what the store holds afterwards."""

from __future__ import annotations

from typing import Any

from kobo_crc.runs import OK
from tests.e2e.centre import Centre


def test_night__first__loads_every_submission_and_says_so(centre: Centre) -> None:
    for _ in range(12):
        centre.submit(referrals=2)
    run = centre.night()
    assert (run.outcome, run.new_count, run.server_count, run.store_count) == (OK, 12, 12, 12)
    rows = centre.rows()
    assert len(rows["submission"]) == 12
    assert len(rows["referral"]) == 24
    assert len(rows["need"]) == 24
    assert len(rows["identity"]) == 12


def test_night__unchanged_server__writes_nothing(centre: Centre) -> None:
    for _ in range(7):
        centre.submit(remark="x")
    centre.night()
    before = centre.rows()
    vault = centre.settings.vault.read_bytes()
    run = centre.night()
    assert (run.new_count, run.changed_count, run.deleted_count, run.reloaded_count) == (0, 0, 0, 0)
    assert centre.rows() == before
    assert centre.settings.vault.read_bytes() == vault


def test_edit__cleared_answer_and_shrunk_repeat__leave_nothing_behind(centre: Centre) -> None:
    server_id = centre.submit(referrals=3, remark="x")
    centre.night()

    def clear(record: dict[str, Any]) -> None:
        del record["given"], record["remark"], record["referral"][-1]

    centre.change(server_id, clear)
    run = centre.night()
    rows = centre.rows()
    assert run.changed_count == 1
    assert len(rows["referral"]) == 2
    assert rows["identity"] == rows["answer"] == []


def test_deletion__on_the_server__empties_the_facts_and_marks_the_day(centre: Centre) -> None:
    gone, kept = centre.submit(), centre.submit()
    centre.night()
    centre.delete(gone)
    run = centre.night()
    rows = centre.rows()
    assert run.deleted_count == 1
    assert {row[4]: str(row[11]) for row in rows["submission"]} == {gone: "2026-11-23", kept: "None"}
    assert len(rows["referral"]) == len(rows["identity"]) == 1


def test_validation_status__set_and_cleared__reaches_the_store(centre: Centre) -> None:
    server_id = centre.submit()
    centre.night()
    centre.validate(server_id, "validation_status_not_approved")
    centre.night()
    assert [row[10] for row in centre.rows()["submission"]] == ["validation_status_not_approved"]
    centre.validate(server_id, "")
    centre.night()
    assert [row[10] for row in centre.rows()["submission"]] == [""]

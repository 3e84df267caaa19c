"""Nights against a simulated server: what people do there is what the store holds afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline
from kobo_crc.database.metadata import CODES
from kobo_crc.errors import SourceError
from kobo_crc.model import Submission
from kobo_crc.opening import opened
from kobo_crc.runs import INCOMPLETE, OK
from kobo_crc.schema.facts import FACTS
from kobo_crc.sources.kobo import Asset, Glimpse
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
    vault = centre.vault_untouched()
    run = centre.night()
    assert (run.new_count, run.changed_count, run.deleted_count, run.reloaded_count) == (0, 0, 0, 0)
    assert centre.rows() == before
    assert centre.vault_untouched() == vault


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
    assert centre.night().deleted_count == 0


def test_validation_status__set_and_cleared__reaches_the_store(centre: Centre) -> None:
    server_id = centre.submit()
    centre.night()
    centre.validate(server_id, "validation_status_not_approved")
    centre.night()
    assert [row[10] for row in centre.rows()["submission"]] == ["validation_status_not_approved"]
    centre.validate(server_id, "")
    centre.night()
    assert [row[10] for row in centre.rows()["submission"]] == [""]


def test_night__after_an_edit_and_a_status__fetches_nothing_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_id = centre.submit()
    centre.night()
    centre.change(server_id, lambda record: record.update({"visit/day": "2026-11-01"}))
    centre.validate(server_id, "validation_status_approved")
    fetched: list[int] = []
    fetch = Asset.fetch

    def watched(asset: Asset, ids: Iterable[int]) -> Iterator[list[Submission]]:
        fetched.extend(ids)
        return fetch(asset, fetched)

    monkeypatch.setattr(Asset, "fetch", watched)
    centre.night()
    assert fetched == [server_id]
    centre.night()
    assert fetched == [server_id]


def test_submission__gone_and_there_again__comes_back(centre: Centre) -> None:
    server_id = centre.submit()
    record = centre.record(server_id)
    centre.submit()
    centre.night()
    before = centre.facts_by_root()
    centre.delete(server_id)
    centre.night()
    assert centre.facts_by_root() != before
    centre.put_back(record)
    run = centre.night()
    assert (run.new_count, run.changed_count) == (0, 1)
    assert centre.facts_by_root() == before


def test_submission__visible_late_below_the_cursor__is_found(centre: Centre) -> None:
    slow = centre.submit()
    record = centre.record(slow)
    centre.delete(slow)
    centre.submit()
    centre.night()
    centre.put_back(record)
    run = centre.night()
    assert (run.changed_count, run.store_count) == (1, 2)


def test_submissions__sharing_a_root_id__are_both_kept(centre: Centre) -> None:
    first = centre.submit()
    record = centre.record(first)
    centre.put_back(record | {"_id": first + 7})
    for _ in range(2):
        run = centre.night()
        assert (run.store_count, run.server_count) == (2, 2)
    assert (run.new_count, run.changed_count) == (0, 0)
    centre.delete(first)
    centre.night()
    assert [row[4] for row in centre.rows()["submission"] if row[11] is None] == [first + 7]


def test_form__mapped_otherwise__reads_every_submission_again(centre: Centre) -> None:
    for _ in range(7):
        centre.submit(remark="x")
    centre.night()
    path = centre.settings.forms / "small.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("visit.visited_on ", "visit.next_visit_on"), encoding="utf-8")
    run = centre.night()
    assert (run.reloaded_count, run.new_count, run.changed_count) == (7, 0, 0)
    [table] = [table for table in FACTS if table.name == "visit"]
    position = 3 + [column.name for column in table.columns].index("next_visit_on")
    assert {str(row[position]) for row in centre.rows()["visit"]} == {"2026-11-23"}


def without_jalawla(centre: Centre) -> Callable[[], int]:
    """Take a centre off its list; returns what puts it back."""
    path = centre.settings.forms / "codes" / "centre.csv"
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith("jalawla,")]
    path.write_text("".join(kept), encoding="utf-8")
    return lambda: path.write_text(text, encoding="utf-8")


def test_code__taken_off_its_list__retires_and_stays_valid(centre: Centre) -> None:
    centre.submit()
    centre.night()
    without_jalawla(centre)
    centre.night()
    rows = centre.rows()
    assert rows["problem"] == []
    assert rows["visit"][0][3] == "jalawla"
    [jalawla] = [row for row in rows["code_centre"] if row[0] == "jalawla"]
    assert str(jalawla[-1]) == "2026-11-23"


def test_code__retired__is_known_to_a_store_made_anew(centre: Centre) -> None:
    centre.submit()
    centre.night()
    listed = without_jalawla(centre)
    centre.night()
    rows = centre.rows()
    centre.lose_store()
    centre.rebuild()
    assert centre.rows() == rows
    listed()
    centre.night()
    [jalawla] = [row for row in centre.rows()["code_centre"] if row[0] == "jalawla"]
    assert jalawla[-1] is None


def test_project__called_otherwise__is_so_in_every_row(centre: Centre) -> None:
    centre.submit()
    centre.night()
    path = centre.settings.pipelines / "nightly.toml"
    project = f'[[projects]]\nname = "diyala"\nassets = {{ small = "{centre.asset_uid}" }}\n'
    path.write_text(path.read_text(encoding="utf-8") + project, encoding="utf-8")
    centre.night()
    rows = centre.rows()
    assert [row[2] for row in rows["submission"]] == ["diyala"]
    centre.rebuild()
    assert centre.rows() == rows


def test_rebuild__of_one_pipeline__leaves_the_forms_of_another(centre: Centre) -> None:
    centre.submit()
    centre.night()
    rows = centre.rows()
    nightly = centre.settings.pipelines / "nightly.toml"
    other = nightly.with_name("other.toml")
    other.write_text(
        nightly.read_text(encoding="utf-8") + '[[projects]]\nname = "other"\nassets = { small = "aOther" }\n',
        encoding="utf-8",
    )
    pipeline.rebuild(centre.settings, "other")
    assert centre.rows() == rows


def test_faults__of_one_project__do_not_keep_the_others_out(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_OF_BAIJI", "expired" * 5)
    nightly = centre.settings.pipelines / "nightly.toml"
    baiji = '[[projects]]\nname = "baiji"\ntoken = "TOKEN_OF_BAIJI"\nassets = { small = "aBaiji" }\n'
    missing = '[[projects]]\nname = "mosul"\ntoken = "TOKEN_OF_MOSUL"\nassets = { small = "aMosul" }\n'
    main = f'[[projects]]\nname = "main"\nassets = {{ small = "{centre.asset_uid}" }}\n'
    nightly.write_text(nightly.read_text(encoding="utf-8") + baiji + missing + main, encoding="utf-8")
    centre.submit()
    with pytest.raises(SourceError, match=r"the token \(401\)(.|\n)*TOKEN_OF_MOSUL is not set"):
        centre.night()
    assert len(centre.rows()["referral_state"]) == 1
    assert centre.outcomes() == ["failed"]


def test_codes__in_line_with_their_lists__are_looked_at_again_after_a_rebuild(centre: Centre) -> None:
    centre.night()
    listed = centre.rows()["code_centre"]
    with opened(centre.settings) as database, database.writing() as connection:
        connection.execute(sa.update(CODES["centre"]).values(label_en="by hand"))
    centre.night()
    assert {row[3] for row in centre.rows()["code_centre"]} == {"by hand"}  # nobody asks each night
    centre.rebuild()
    centre.night()
    assert centre.rows()["code_centre"] == listed


def test_code__new_on_its_list__clears_the_problem(centre: Centre) -> None:
    answers: dict[str, Any] = {"visit/centre": "sinjar"}
    centre.submit(**answers)
    centre.night()
    assert [row[3] for row in centre.rows()["problem"]] == ["code_unknown"]
    path = centre.settings.forms / "codes" / "centre.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("sinjar,سنجار,شنگال,Sinjar,\n")
    centre.night()
    rows = centre.rows()
    assert rows["problem"] == []
    assert rows["visit"][0][3] == "sinjar"


def test_deletion__while_the_sweep_goes_on__is_believed_a_night_later(centre: Centre) -> None:
    ids = [centre.submit() for _ in range(12)]
    centre.night()
    centre.delete(ids[8])
    sweep = Asset.sweep

    def disturbed(asset: Asset, up_to: int) -> Iterator[list[Glimpse]]:
        for number, page in enumerate(sweep(asset, up_to)):
            if number == 0:
                centre.delete(ids[0])
            yield page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Asset, "sweep", disturbed)
        run = centre.night()
    assert (run.outcome, run.deleted_count) == (INCOMPLETE, 0)
    run = centre.night()
    assert (run.outcome, run.deleted_count) == (OK, 2)


def test_submissions__of_strange_shapes__cost_only_their_strange_answers(centre: Centre) -> None:
    noise = "".join(Random(7).choices("abcdefghijklmnop", k=9000))  # longer than any index takes, however packed
    row = {"_uuid": "a", "meta/rootUuid": "uuid:a", "_submission_time": "2026-11-23T10:00:00"}
    strange: dict[str, Any] = {
        "_uuid": "b",
        "meta/rootUuid": "uuid:b",
        "_submission_time": "9999-12-31T23:59:59",
        "_attachments": None,
        "visit/day": None,
        "given": {"x": 1},
        "referral": "no list",
        "needs": ["health"],
        "remark": "z" * 2_000_000,
        "deep": [{"deep/a": [{"deep/a/b": "1"}]}],
        "visit/centre": "jalawla",
        "visit/staff": "",
        "referral[1]/n": "1",
        noise: "x",
    }
    strange_item = {"referral": [{"zz1": "a", "zz2": "b", "referral/n": "c", "referral/number": noise}]}
    centre.put_back({"_id": 9, "_uuid": "c", "meta/rootUuid": "uuid:c", "_submission_time": 5} | strange_item)
    for record in (row, strange):
        centre.put_back({"_id": len(centre.live_ids()) + 10} | record)
    run = centre.night()
    rows = centre.rows()
    assert (run.store_count, run.server_count) == (3, 3)
    assert [row[3] for row in rows["visit"]] == ["jalawla"]
    kept = ["deep", "referral", "referral[1]/n", "referral[1]/n", "referral[1]/zz1", "referral[1]/zz2", "remark"]
    assert [path for path in sorted(row[1] for row in rows["answer"]) if noise[:9] not in path] == kept
    assert [len(row[1]) for row in rows["answer"] if noise[:9] in row[1]] == [417]
    named = {(row[2], row[3]) for row in rows["problem"]}
    assert {("given", "text_expected"), ("needs", "text_expected")} < named
    assert "visit/day" not in {path for path, _ in named}
    assert {("deep", "answer_unmapped"), ("referral", "answer_unmapped")} < named
    centre.rebuild()
    assert centre.rows() == rows


def test_steps__pull_alone__lands_and_a_later_night_loads(centre: Centre) -> None:
    path = centre.settings.pipelines / "nightly.toml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('"pull", "load", "derive"', '"pull"'), encoding="utf-8")
    centre.submit()
    assert centre.night().new_count == 1
    assert centre.rows()["submission"] == []
    path.write_text(whole, encoding="utf-8")
    assert centre.night().reloaded_count == 1
    assert len(centre.rows()["referral"]) == len(centre.rows()["referral_state"]) == 1

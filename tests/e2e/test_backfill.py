"""Earlier exports and the API together: one copy of each submission, and the server's own word goes first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc.backfill import Backfill, Brought, bring
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import LANDED, PROBLEM, SOURCE, SUBMISSION
from kobo_crc.errors import ConfigError
from kobo_crc.progress import Silence
from kobo_crc.runs import OK
from kobo_crc.xlsform.read import read
from tests.e2e.centre import Centre
from tests.exports.maker import Layout, write_export


def exported(centre: Centre, path: Path, layout: Layout | None = None) -> Path:
    """What is on the server now, as its page of downloads gives it: JSON, or a workbook of that layout."""
    records = [centre.record(server_id) for server_id in centre.live_ids()]
    if path.suffix == ".json":
        path.write_text(json.dumps(records), encoding="utf-8")
        return path
    form = read(centre.settings.forms / "small.md", centre.settings.forms / "codes")
    write_export(path, form, records, layout or Layout())
    return path


def brought(centre: Centre, path: Path) -> Brought:
    return bring(centre.settings, Backfill(path, "small", "main"), Silence())


def query(centre: Centre, select: sa.Select[Any]) -> list[Any]:
    with Database.of(centre.settings) as database, database.reading() as connection:
        return [tuple(row) for row in connection.execute(select)]


LAYOUTS = [
    ("all.json", Layout()),
    ("codes.xlsx", Layout()),
    ("labels.xlsx", Layout("ar", True)),
    ("old.xlsx", Layout("en", False, "/", "details", roots=False)),
]


@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
def test_import__then_the_night__makes_the_store_of_the_api_alone(
    centre: Centre, tmp_path: Path, name: str, layout: Layout
) -> None:
    edited, deleted = centre.submit(referrals=2), centre.submit()
    centre.submit(referrals=0)
    centre.change(edited, lambda record: record.update(given="before"))
    path = exported(centre, tmp_path / name, layout)
    done = brought(centre, path)
    assert (done.landed, done.known, done.notes.unread) == (3, 0, [])
    imported = centre.facts_by_root()
    assert query(centre, sa.select(SOURCE.c.highest_id)) == [(0,)]
    entry = centre.night()
    assert entry.server_count == entry.store_count == 3
    by_api = centre.facts_by_root()
    assert sorted(map(repr, imported.values())) == sorted(map(repr, by_api.values()))
    assert query(centre, sa.select(sa.func.count()).select_from(LANDED)) == [(6,)]
    assert set(by_api) == {centre.record(one)["meta/rootUuid"].removeprefix("uuid:") for one in centre.live_ids()}
    centre.delete(deleted)
    entry = centre.night()
    assert (entry.deleted_count, entry.store_count) == (1, 2)


@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
def test_import__of_what_the_night_has__changes_nothing(
    centre: Centre, tmp_path: Path, name: str, layout: Layout
) -> None:
    first, gone = centre.submit(), centre.submit()
    path = exported(centre, tmp_path / name, layout)
    centre.change(first, lambda record: record.update(given="newer"))
    centre.night()
    centre.delete(gone)
    centre.night()
    before = centre.rows()
    done = brought(centre, path)
    assert (done.landed, done.known) == (0, 2)
    assert centre.rows() == before


def test_import__twice__lands_once(centre: Centre, tmp_path: Path) -> None:
    centre.submit()
    path = exported(centre, tmp_path / "x.xlsx")
    assert (brought(centre, path).landed, brought(centre, path).landed) == (1, 0)


def test_night__submission_that_only_an_export_had__stays(centre: Centre, tmp_path: Path) -> None:
    for _ in range(3):
        centre.submit()
    path = exported(centre, tmp_path / "x.json")
    centre.delete(centre.live_ids()[0])
    centre.night()
    assert brought(centre, path).landed == 1
    entry = centre.night()
    assert (entry.deleted_count, entry.outcome) == (0, "ok")
    assert query(centre, sa.select(sa.func.count()).where(SUBMISSION.c.deleted_on.is_(None))) == [(3,)]
    assert centre.night().changed_count == 0


def test_import__edit_seen_below_the_cursor__takes_the_export_s_place(centre: Centre, tmp_path: Path) -> None:
    low = centre.submit()
    record = centre.record(low)
    centre.submit()
    path = exported(centre, tmp_path / "x.json")
    centre.delete(low)
    centre.night()
    brought(centre, path)
    centre.put_back(record | {"given": "from the server"})
    assert centre.night().changed_count == 1
    [facts] = [rows for root, rows in centre.facts_by_root().items() if root == record["_uuid"]]
    assert "from the server" in repr(facts["identity"])


def test_import__label_that_no_list_has__is_a_problem_without_the_label(centre: Centre, tmp_path: Path) -> None:
    closed = centre.submit()
    centre.change(closed, lambda record: record.update({"visit/centre": "closed long ago"}))
    done = brought(centre, exported(centre, tmp_path / "x.xlsx", Layout("en")))
    assert done.notes.unknown_labels == {"visit/centre": 1}
    problems = query(centre, sa.select(PROBLEM.c.code, PROBLEM.c.path, PROBLEM.c.detail))
    assert ("code_unknown", "visit/centre") in [row[:2] for row in problems]
    assert "closed long ago" not in repr(problems)


@pytest.mark.parametrize(
    ("file", "form", "project", "words"),
    [
        ("none.xlsx", "small", "main", "There is no file"),
        ("x.csv", "small", "main", "only .xlsx and .json"),
        ("x.csv", "large", "main", "no form large"),
        ("x.csv", "small", "other", "project other"),
    ],
)
def test_import__wrong_words__is_one_fault(
    centre: Centre, tmp_path: Path, file: str, form: str, project: str, words: str
) -> None:
    (tmp_path / "x.csv").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        bring(centre.settings, Backfill(tmp_path / file, form, project), Silence())


def test_night__submission_of_an_export_that_came_again_under_another_id__is_one(
    centre: Centre, tmp_path: Path
) -> None:
    """Deleted on the server since the export, and sent once more by its tablet."""
    first = centre.submit()
    path = exported(centre, tmp_path / "all.json")
    record = dict(centre.record(first))
    centre.delete(first)
    brought(centre, path)
    centre.put_back({key: value for key, value in record.items() if key != "_id"} | {"given": "again"})
    for _ in range(2):
        entry = centre.night()
        assert (entry.outcome, entry.server_count, entry.store_count) == (OK, 1, 1), entry.note
    assert [row[4] for row in centre.rows()["identity"]] == ["again"]
    centre.delete(centre.live_ids()[0])
    assert centre.night().deleted_count == 1

"""The copy held against the server: what is equal is called equal, and each way of differing is found and named."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import holdings
from kobo_crc.audit import DIFFERENT, EQUAL, UNDECIDED, Finding, Sample, content_digest, sentences
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import LANDED, SUBMISSION
from kobo_crc.progress import Silence
from kobo_crc.simulator.world import TOKENS
from kobo_crc.sources.http import Client
from kobo_crc.standing import last_runs, standings
from kobo_crc.verify import verify
from tests.e2e.centre import NOW, Centre, unsealed

ALL = Sample(None, 0)


def found(centre: Centre, sample: Sample = ALL) -> Finding:
    [finding] = verify(centre.settings, "nightly", sample, Silence())
    return finding


@pytest.fixture
def night(centre: Centre) -> Centre:
    for _ in range(12):
        centre.submit()
    centre.night()
    return centre


def test_verify__after_a_night__is_equal_in_all(night: Centre) -> None:
    finding = found(night)
    assert finding.result == EQUAL
    assert (finding.server_count, finding.here_count, finding.compared) == (12, 12, 12)
    assert list(sentences(finding)) == [
        "The server has 12 submissions, the store 12.",
        "Whole content and all rows compared: 12, of which 0 differ.",
    ]


def test_verify__empty_on_both_sides__is_equal(centre: Centre) -> None:
    centre.night()
    assert found(centre).result == EQUAL


Difference = Callable[[Centre, int], Any]
DIFFERENCES: dict[str, Difference] = {
    "only_server": lambda centre, _: centre.submit(),
    "only_here": lambda centre, first: centre.delete(first),
    "changed": lambda centre, first: centre.change(first, lambda record: record.update(given="x")),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_verify__server_that_changed__is_different_until_the_next_night(night: Centre, name: str) -> None:
    first = night.live_ids()[0]
    made = DIFFERENCES[name](night, first)
    finding = found(night)
    assert finding.result == DIFFERENT and getattr(finding, name) == [made or first]
    assert f"_id {made or first}" in " ".join(sentences(finding))
    night.night()
    assert found(night).result == EQUAL


def test_verify__status_set__is_another_version(night: Centre) -> None:
    first = night.live_ids()[0]
    night.validate(first, "validation_status_approved")
    assert found(night).changed == [first]


def test_verify__content_changed_without_a_new_version__is_found(night: Centre) -> None:
    last = night.live_ids()[-1]
    row = night.world.projects[night.asset_uid].store.by_id[last]
    row.write(row.record | {"given": "tampered"})
    assert found(night).other_content == [last]
    assert "tampered" not in " ".join(sentences(found(night)))
    assert found(night, Sample(0, 1)).result == EQUAL
    picked = [found(night, Sample(6, seed)) for seed in range(8)]
    assert {finding.compared for finding in picked} == {6}
    assert {finding.result for finding in picked} == {EQUAL, DIFFERENT}


def test_verify__vault_that_was_tampered_with__is_found(night: Centre) -> None:
    first = night.live_ids()[0]
    with unsealed(night.settings) as database, database.writing() as connection:
        [payload] = connection.execute(sa.select(LANDED.c.payload).where(LANDED.c.version_id == 1)).scalars()
        key = database.keys.of(connection, [1])[1]
        other = key.seal(orjson.dumps(orjson.loads(key.unseal(payload, "landed/1")) | {"given": "x"}), "landed/1")
        connection.execute(sa.update(LANDED).where(LANDED.c.version_id == 1).values(payload=other))
    assert found(night).other_content == [first]


def test_verify__sealed_version_put_in_place_of_another__does_not_open(night: Centre) -> None:
    with unsealed(night.settings) as database, database.writing() as connection:
        other = sa.select(LANDED.c.payload).where(LANDED.c.version_id == 2).scalar_subquery()
        connection.execute(sa.update(LANDED).where(LANDED.c.version_id == 1).values(payload=other))
    finding = found(night)
    assert finding.result == UNDECIDED and "landed/1 does not open" in finding.fault


def test_verify__row_missing_from_the_store__is_found(night: Centre) -> None:
    with Database.of(night.settings) as database, database.writing() as connection:
        connection.execute(sa.delete(SUBMISSION).where(SUBMISSION.c.submission_id == 1))
    finding = found(night)
    assert finding.result == DIFFERENT and finding.not_loaded == [night.live_ids()[0]]


@pytest.mark.parametrize("table", ["visit", "need", "referral", "vault.identity"])
def test_verify__row_tampered_with__is_found(night: Centre, table: str) -> None:
    with unsealed(night.settings) as database, database.writing() as connection:
        text = f"UPDATE {table} SET row_path = 'other' WHERE submission_id = 3"  # one row of each in these submissions
        if table in {"need", "vault.identity"}:
            text = f"DELETE FROM {table} WHERE submission_id = 3"
        connection.execute(sa.text(text))
    finding = found(night)
    assert finding.result == DIFFERENT and finding.other_rows == [night.live_ids()[2]]
    assert finding.other_content == []


def test_verify__form_changed_since_the_last_night__is_told_until_the_next(night: Centre) -> None:
    path = night.settings.forms / "small.md"
    path.write_text(path.read_text(encoding="utf-8").replace("visit.staff_code", "-"), encoding="utf-8")
    assert len(found(night).other_rows) == 12
    night.night()
    assert found(night).result == EQUAL


def test_verify__server_that_changes_meanwhile__is_undecided(night: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    known = holdings.known_between

    def arriving(*args: Any) -> Any:
        night.submit()
        return known(*args)

    monkeypatch.setattr(holdings, "known_between", arriving)
    assert found(night).result == UNDECIDED


def test_verify__token_that_sees_a_part__is_undecided(night: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    url = night.settings.server_url
    view = {"url": f"{url}/api/v2/permissions/view_submissions/", "filters": [{"visit/centre": "jalawla"}]}
    grant = {
        "user": f"{url}/api/v2/users/bob/",
        "permission": f"{url}/api/v2/permissions/partial_submissions/",
        "partial_permissions": [view],
    }
    owner = Client(url, SecretStr(os.environ["KOBO_CRC_TOKEN"]))
    owner.post(f"assets/{night.asset_uid}/permission-assignments/", grant)
    owner.close()
    monkeypatch.setenv("KOBO_CRC_TOKEN", TOKENS["bob"])
    finding = found(night)
    assert finding.server_count == 12 and finding.result == UNDECIDED
    assert "may not see every submission" in " ".join(sentences(finding))


def test_verify__server_that_fails__is_undecided_with_the_reason(night: Centre) -> None:
    night.world.faults.order([{"path": "*/data/*", "status": 401, "times": 0}])
    finding = found(night)
    assert finding.result == UNDECIDED and "token" in " ".join(sentences(finding))


def test_content_digest__addresses_and_order__do_not_count() -> None:
    file = {"uid": "a", "media_file_basename": "a.jpg", "download_url": "https://one.example.org/a"}
    first = {"_id": 1, "name": "x", "_attachments": [file]}
    moved = {"_attachments": [file | {"download_url": "https://two.example.org/a"}], "name": "x", "_id": 1}
    assert content_digest(first) == content_digest(moved)
    assert content_digest(first) != content_digest(first | {"name": "y"})
    assert content_digest(first) != content_digest(first | {"_attachments": []})


def test_night__store_that_does_not_count_as_the_server__says_so(
    night: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kobo_crc.store.live_count", lambda *_: 11)
    entry = night.night()
    assert entry.outcome == "incomplete" and "12 submissions, the store 11" in entry.note


def test_status__after_a_night__shows_both_sides(night: Centre) -> None:
    night.submit()
    [standing] = standings(night.settings, "nightly")
    assert (standing.here_count, standing.server_count, standing.fault) == (12, 13, "")
    assert standing.newest_at == datetime(2026, 11, 23, 10)
    runs = last_runs(night.settings, "nightly")
    assert runs.last is not None and runs.last.outcome == "ok"
    assert runs.last_ok_at == NOW.replace(tzinfo=None)
    due = NOW.replace(tzinfo=None) + timedelta(days=1)
    assert runs.expected_at == due
    assert not runs.overdue(due) and runs.overdue(due + timedelta(hours=3))


def test_status__server_away__shows_this_side_and_why(night: Centre) -> None:
    night.settings = night.settings.model_copy(update={"server_url": "http://127.0.0.1:9", "retries": 0})
    [standing] = standings(night.settings, "nightly")
    assert (standing.here_count, standing.server_count) == (12, None) and "cannot be reached" in standing.fault
    [standing] = standings(night.settings, "nightly", ask=False)
    assert standing.fault == "not asked"


def test_status__failed_run_last__keeps_the_last_good_one(night: Centre) -> None:
    night.world.faults.order([{"path": "*/data/*", "status": 401, "times": 0}])
    with pytest.raises(Exception, match="token"):
        night.night()
    runs = last_runs(night.settings, "nightly")
    assert runs.last is not None and (runs.last.run_id, runs.last.outcome) == (2, "failed")
    assert runs.last_ok_at is not None and datetime.now(UTC) > NOW

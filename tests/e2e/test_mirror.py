"""The mirror of a project: everything that can change on the server is seen, and nothing is believed too early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kobo_crc import pipeline
from kobo_crc.errors import Retriable, SourceError
from kobo_crc.rollout import roll_out
from kobo_crc.runs import INCOMPLETE, OK, Run
from kobo_crc.simulator.history import Entry
from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.world import TOKENS
from kobo_crc.sources.http import Client
from kobo_crc.sources.kobo import Asset
from tests.e2e.centre import NOW, Centre

CANARY = "canary-7f3a"


def project_of(centre: Centre) -> Project:
    return centre.world.projects[centre.asset_uid]


def pipeline_key(centre: Centre, text: str) -> None:
    """Put a key into the pipeline file, above its projects."""
    path = centre.settings.pipelines / "nightly.toml"
    path.write_text(text + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")


def problems(centre: Centre) -> list[tuple[str, str]]:
    return sorted((row[3], row[2]) for row in centre.rows()["problem"])


def deploy_again(project: Project) -> None:
    assert project.deployment is not None
    version = replace(project.latest, uid="vRedeployed", number=len(project.versions) + 1)
    project.versions.append(version)
    project.deployment.version_uid = version.uid


def rename(project: Project) -> None:
    project.name = "Small, Diyala"


def set_active(active: bool) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        assert project.deployment is not None
        project.deployment.active = active

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (deploy_again, "small (main): the form was deployed anew, version vRedeployed."),
        (rename, "small (main): the project is now called Small, Diyala."),
        (set_active(False), "small (main): the project was archived, so tablets can send nothing more to it."),
    ],
)
def test_project__changed_on_the_server__is_said_once(
    centre: Centre, change: Callable[[Project], None], sentence: str
) -> None:
    centre.submit()
    assert centre.night().note == ""
    change(project_of(centre))
    run = centre.night()
    assert (run.outcome, run.note) == (OK, sentence)
    assert centre.night().note == ""


def test_project__unarchived__is_said(centre: Centre) -> None:
    set_active(False)(project_of(centre))
    centre.night()
    set_active(True)(project_of(centre))
    assert centre.night().note == "small (main): the project is no longer archived."


def test_permissions__narrowed__are_named_and_nothing_is_deleted(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_of(centre)
    project.grant("bob", "view_submissions", None)
    monkeypatch.setenv("KOBO_CRC_TOKEN", TOKENS["bob"])
    for _ in range(3):
        centre.submit()
    assert centre.night().outcome == OK
    for grant in [grant for grant in project.grants if grant.username == "bob"]:
        project.revoke(grant)
    project.grant("bob", "view_asset", None)
    project.grant("bob", "partial_submissions", {"view_submissions": [{"visit/day": "1999-01-01"}]})
    run = centre.night()
    assert (run.outcome, run.deleted_count, run.store_count) == (INCOMPLETE, 0, 3)
    assert "may not see every submission of the project: it has lost view_submissions." in run.note


def test_files__late_and_removed__make_new_versions(centre: Centre) -> None:
    server_id = centre.submit()
    centre.night()
    photo = {"uid": "att1", "filename": "alice/p.jpg", "mimetype": "image/jpeg", "is_deleted": False}
    for files in ([photo], [photo | {"is_deleted": True}], []):
        row = project_of(centre).store.by_id[server_id]
        project_of(centre).store.replace(row, row.record | {"_attachments": files})
        assert centre.night().changed_count == 1
    assert centre.night().changed_count == 0


def test_edit__seen_by_date_modified_alone__arrives(centre: Centre) -> None:
    """A server that serves `_date_modified` is taken at its word, even when `_uuid` stays."""
    server_id = centre.submit()
    centre.night()
    row = project_of(centre).store.by_id[server_id]
    edited = {"given": "edited", "_date_modified": "2026-11-24T08:00:00Z"}
    project_of(centre).store.replace(row, row.record | edited)
    assert centre.night().changed_count == 1
    assert [row[3:5] for row in centre.rows()["identity"]] == [(None, "edited")]
    assert centre.night().changed_count == 0


def test_centre__that_sends_elsewhere__is_named_until_it_is_listed(centre: Centre) -> None:
    path = centre.settings.pipelines / "nightly.toml"
    text = path.read_text(encoding="utf-8")
    project = f'[[projects]]\nname = "main"\nassets = {{ small = "{centre.asset_uid}" }}\ncentres = '
    path.write_text(f'{text}{project}["baiji"]\n', encoding="utf-8")
    centre.submit()
    baiji: dict[str, Any] = {"visit/centre": "baiji"}
    centre.submit(**baiji)
    centre.night()
    assert problems(centre) == [("centre_elsewhere", "visit/centre")]
    assert sorted(row[3] for row in centre.rows()["visit"]) == ["baiji", "jalawla"]
    path.write_text(f'{text}{project}["baiji", "jalawla"]\n', encoding="utf-8")
    assert centre.night().reloaded_count == 2
    assert problems(centre) == []


def test_version__never_deployed__is_named_until_the_server_tells_of_it(centre: Centre) -> None:
    centre.submit()
    centre.submit(__version__="vRedeployed")
    centre.night()
    assert problems(centre) == [("version_unknown", "__version__")]
    deploy_again(project_of(centre))
    centre.night()
    assert problems(centre) == []


def test_question__added_on_the_server__stays_in_the_vault(
    centre: Centre, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A centre's own free-text question, and a bulk edit's field that no form has: kept, named, and never let out."""
    pipeline_key(centre, "")
    path = centre.settings.pipelines / "nightly.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"derive"', '"derive", "report"'), encoding="utf-8")
    added: dict[str, Any] = {"visit/what_happened": CANARY, "bulk": CANARY}
    centre.submit(**added)
    centre.submit(referrals=0, **{"referral": [{"referral/told": CANARY}]})
    centre.night()
    kept = sorted(row[1] for row in centre.rows()["answer"] if row[2] == CANARY)
    assert kept == ["bulk", "referral[1]/told", "visit/what_happened"]
    named = [path for code, path in problems(centre) if code == "answer_unmapped"]
    assert named == ["bulk", "referral[1]/told", "visit/what_happened"]
    printed = capfd.readouterr()
    assert CANARY not in printed.out + printed.err + caplog.text
    folder = centre.settings.store.parent
    others = [file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("vault.db")]
    assert folder / "report" / "index.html" in others
    assert [file.name for file in others if CANARY.encode() in file.read_bytes()] == []


def test_question__renamed__is_followed_through_was(centre: Centre) -> None:
    centre.submit()
    centre.night()
    before = centre.rows()
    path = centre.settings.forms / "small.md"
    lines = path.read_text(encoding="utf-8").splitlines()
    was = {1: "was", 4: "", 6: "date_of_visit"}
    lines = [
        f"{line} {was.get(number, '')} |" if 0 < number < len(lines) - 3 else line for number, line in enumerate(lines)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    old = project_of(centre).store.by_id[centre.live_ids()[0]]
    moved = {key: value for key, value in old.record.items() if key != "visit/day"}
    project_of(centre).store.replace(old, moved | {"date_of_visit": "2026-11-23", "_uuid": "moved"})
    centre.night()
    assert centre.rows()["visit"] == before["visit"]
    assert problems(centre) == []


def test_form__in_two_projects_with_tokens_of_their_own__rows_know_theirs(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same root id and number in both: two submissions."""
    monkeypatch.setenv("TOKEN_OF_BAIJI", TOKENS["bob"])
    path = centre.settings.pipelines / "nightly.toml"
    projects = f'[[projects]]\nname = "main"\nassets = {{ small = "{centre.asset_uid}" }}\n'
    baiji = '[[projects]]\nname = "baiji"\ntoken = "TOKEN_OF_BAIJI"\n'
    path.write_text(path.read_text(encoding="utf-8") + projects + baiji, encoding="utf-8")
    [_, (_, _, deployed)] = roll_out(centre.settings, "nightly", another=True)
    other = centre.world.projects[deployed.asset_uid]
    assert other.owner.name == "bob"
    server_id = centre.submit()
    centre.world.load(other, [centre.record(server_id) | {"given": "other", "__version__": other.latest.uid}])
    run = centre.night()
    assert (run.new_count, run.store_count, run.server_count) == (2, 2, 2)
    rows = centre.rows()
    assert [(row[2], row[3]) for row in rows["submission"]] == [("main", centre.asset_uid), ("baiji", other.uid)]
    assert len({row[5] for row in rows["submission"]}) == 1
    other.store.remove(other.store.by_id[server_id])
    centre.night()
    assert [row[2] for row in centre.rows()["submission"] if row[11] is None] == ["main"]
    assert [row[4] for row in centre.rows()["identity"]] != ["other"]


class Asked:
    """Which kinds of pages the runs asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sweeps = self.histories = 0
        sweep, history = Asset.sweep, Asset.get_changed

        def swept(asset: Asset, *args: Any) -> Any:
            self.sweeps += 1
            return sweep(asset, *args)

        def looked(asset: Asset, *args: Any) -> Any:
            self.histories += 1
            return history(asset, *args)

        monkeypatch.setattr(Asset, "sweep", swept)
        monkeypatch.setattr(Asset, "get_changed", looked)


def log(centre: Centre, action: str, root: str) -> None:
    """A line of the server's history, as an edit or deletion by hand writes it."""
    metadata = {"asset_uid": centre.asset_uid, "submission": {"root_uuid": root.removeprefix("uuid:")}}
    at = centre.world.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    project_of(centre).history.append(Entry(action, "alice", at, metadata))


def later(centre: Centre, days: float) -> Run:
    return pipeline.run(centre.settings, "nightly", now=NOW + timedelta(days=days))


@pytest.fixture
def asked(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Six submissions, swept once; from then on the history may stand in for seven days."""
    pipeline_key(centre, "full_sweep_days = 7")
    for _ in range(6):
        centre.submit()
    centre.night()
    asked = Asked(monkeypatch)
    centre.night()
    assert (asked.sweeps, asked.histories) == (1, 0)
    return asked


def test_history__edit_and_deletion__arrive_without_a_sweep(centre: Centre, asked: Asked) -> None:
    first, second, *_ = centre.live_ids()
    log(centre, "modify-submission", centre.record(first)["meta/rootUuid"])
    centre.change(first, lambda record: record.update({"given": "edited"}))
    log(centre, "delete-submission", centre.record(second)["meta/rootUuid"])
    centre.delete(second)
    centre.submit()
    run = later(centre, 1)
    assert (run.changed_count, run.deleted_count, run.new_count, run.store_count) == (1, 1, 1, 6)
    assert (asked.sweeps, asked.histories) == (1, 1)
    rows = centre.rows()
    centre.rebuild()
    assert centre.rows() == rows


def test_history__our_clock_was_ahead_for_a_night__edit_still_arrives(centre: Centre, asked: Asked) -> None:
    assert later(centre, 3).changed_count == 0
    first = centre.live_ids()[0]
    log(centre, "modify-submission", centre.record(first)["meta/rootUuid"])
    centre.change(first, lambda record: record.update({"given": "edited"}))
    assert later(centre, 3.01).changed_count == 1
    assert (asked.sweeps, asked.histories) == (1, 2)


def test_history__what_stands_in_no_line__is_found_by_the_next_sweep(centre: Centre, asked: Asked) -> None:
    centre.validate(centre.live_ids()[0], "validation_status_not_approved")
    assert later(centre, 1).changed_count == 0
    assert later(centre, 8).changed_count == 1
    assert (asked.sweeps, asked.histories) == (2, 1)


def test_history__counts_that_disagree__are_swept(centre: Centre, asked: Asked) -> None:
    """A submission that became visible late lies below the cursor, and a deletion may be missing in the history."""
    late = centre.record(centre.live_ids()[2])
    centre.delete(late["_id"])
    assert later(centre, 1).deleted_count == 1
    centre.put_back(late)
    assert later(centre, 2).changed_count == 1
    assert (asked.sweeps, asked.histories) == (3, 2)


def test_history__account_that_may_not_read_it__sweeps(
    centre: Centre, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_of(centre).grant("bob", "view_submissions", None)
    monkeypatch.setenv("KOBO_CRC_TOKEN", TOKENS["bob"])
    later(centre, 1)
    assert (asked.sweeps, asked.histories) == (2, 0)


def test_history__clock_set_back__sweeps(centre: Centre, asked: Asked) -> None:
    later(centre, -30)
    assert (asked.sweeps, asked.histories) == (2, 0)


def test_answers__old_ones_from_somewhere_between__are_not_called_a_whole_night(centre: Centre) -> None:
    """All that is known is gone, two are new, and every answer after the sweep's first count is that count again."""
    known = [centre.submit() for _ in range(2)]
    centre.night()
    for server_id in known:
        centre.delete(server_id)
        centre.submit()
    repeat = {"kind": "repeat", "path": "*/data/*", "nth": 3, "times": 0}
    centre.world.faults.order([repeat])
    run = centre.night()
    assert (run.outcome, run.new_count) == (INCOMPLETE, 0)
    assert "the server says one thing and then another of what is missing" in run.note
    centre.world.faults.clear()
    assert centre.night().new_count == 2


def test_answers__without_what_was_counted_at_first__are_not_called_a_whole_night(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.submit()
    with monkeypatch.context() as patch:
        patch.setattr(Asset, "pages", lambda *_: iter(()))
        run = centre.night()
    assert (run.outcome, run.new_count) == (INCOMPLETE, 0)
    assert "the server said at first that it has 1 submissions, and gave 0" in run.note
    assert centre.night().new_count == 1


def test_answer__to_one_question_given_to_every_later_one__buries_nobody(centre: Centre, asked: Asked) -> None:
    """Found by the schedules of faults: a fetch of five, as the count, the sweep and the count after it."""
    for server_id in centre.live_ids()[:5]:
        log(centre, "modify-submission", centre.record(server_id)["meta/rootUuid"])
        centre.change(server_id, lambda record: record.update({"given": "edited"}))
    centre.world.faults.order([{"kind": "repeat", "path": "*/data/*", "nth": 3, "times": 0}])
    with pytest.raises(SourceError, match="the submissions that were asked for"):
        later(centre, 1)
    assert asked.sweeps == 2
    assert [row for row in centre.rows()["submission"] if row[11] is not None] == []
    centre.world.faults.clear()
    assert later(centre, 1).deleted_count == 0


def test_time__used_up__keeps_what_came_and_says_how_to_go_on(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(12):
        centre.submit()
    asked = 0
    get = Client.get

    def slowly(client: Client, *args: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 4:
            client._limits = replace(client._limits, until_s=0.0)
        return get(client, *args)

    monkeypatch.setattr(Client, "get", slowly)
    with pytest.raises(Retriable, match=r"as long as it may.*at_most_minutes"):
        centre.night()
    monkeypatch.undo()
    assert len(centre.rows()["submission"]) == 5


def test_time__of_a_run__ends_with_the_pipelines_minutes(centre: Centre) -> None:
    pipeline_key(centre, "at_most_minutes = 0.000001")
    with pytest.raises(Retriable, match="as long as it may"):
        centre.night()


def test_history__edit_of_a_double__arrives(centre: Centre, asked: Asked) -> None:
    """Two rows of the server under one root id, of which the history says no more than that."""
    first = centre.live_ids()[0]
    record = dict(centre.record(first))
    centre.put_back({key: value for key, value in record.items() if key != "_id"})
    assert later(centre, 1).new_count == 1
    log(centre, "modify-submission", record["meta/rootUuid"])
    centre.change(centre.live_ids()[-1], lambda record: record.update({"given": "edited"}))
    assert later(centre, 1.5).changed_count == 1
    assert asked.sweeps == 1

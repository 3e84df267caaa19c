"""The command line as a data officer meets it: one clear sentence and an exit code, whatever goes wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.config import SETTINGS_FILE, load_settings
from kobo_crc.database import files as files_module
from kobo_crc.database.database import Database
from kobo_crc.database.lock import only_run
from kobo_crc.sealing import MasterKey
from kobo_crc.simulator.server import Running
from kobo_crc.simulator.world import TOKENS
from tests.commands import Command, Said, settings_file
from tests.stores import Stores, on_files

SMALL = Path(__file__).parent / "e2e" / "small.md"


@pytest.fixture
def folder(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kobo_crc: Command, server: Running) -> Path:
    """A folder made by `init`, with one small form deployed to an empty server."""
    folder = tmp_path / "مركز"
    assert kobo_crc("init", str(folder)).code == 0
    monkeypatch.chdir(folder)
    shutil.copy(SMALL, folder / "forms" / "small.md")
    pipeline = 'title = "Test"\nforms = ["small"]\n'
    (folder / "pipelines" / "nightly.toml").write_text(pipeline, encoding="utf-8")
    settings = stores.settings(folder, server_url=server.url)
    settings_file(settings, retries=0, language="en", connect_timeout_s=1)
    assert kobo_crc("deploy").code == 0
    assert kobo_crc("vault", "init").code == 0
    return folder


def set_key(folder: Path, line: str) -> None:
    """Add or replace a line of the settings file."""
    path = folder / "kobo_crc.toml"
    key = line.partition(" =")[0]
    kept = [old for old in path.read_text(encoding="utf-8").splitlines() if not old.startswith(f"{key} =")]
    path.write_text("\n".join([*kept, line]) + "\n", encoding="utf-8")


def asked(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    with Database.of(load_settings(folder / SETTINGS_FILE)) as database, database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def submit(server: Running, **answers: str) -> int:
    """A submission on the server; returns its `_id`."""
    [project] = server.world.projects.values()
    row = {"_uuid": "5a0f", "meta/rootUuid": "uuid:5a0f", "_submission_time": "2026-11-23T10:00:00"}
    server.world.load(project, [row | {"visit/day": "2026-11-22"} | answers])
    return project.store.ids[-1]


def test_run__in_order__says_what_came_and_leaves_the_report(kobo_crc: Command, folder: Path, server: Running) -> None:
    submit(server)
    said = kobo_crc("run", "nightly")
    assert said.code == 0
    assert said.out.startswith("OK: 1 new, 0 changed, 0 deleted, 0 read again; 1 submissions here, 1 on the server")
    assert (folder / "report" / "index.html").stat().st_size > 1000


def test_problems__bad_answer__names_place_and_remedy_and_never_the_value(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    server_id = submit(server, **{"visit/centre": "secret-place", "given": "secret-name"})
    kobo_crc("run", "nightly")
    said = kobo_crc("problems")
    assert said.code == 0
    assert f"small _id {server_id} · Centre (visit/centre)" in said.out
    assert "[code_unknown]" in said.out
    assert "Please" in said.out
    assert "secret" not in said.out


@on_files  # on a server such a reader has another login: tests/e2e/test_access.py
def test_problems__reader_without_the_vault__are_listed_all_the_same(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    server_id = submit(server, **{"visit/centre": "nowhere"})
    kobo_crc("run", "nightly")
    for path in folder.glob("vault.db*"):
        path.unlink()
    assert "[code_unknown]" in kobo_crc("problems").out
    assert str(server_id) in kobo_crc("open", str(server_id), "--show").out
    assert not (folder / "vault.db").exists()


def test_problems__of_one_kind__are_listed_alone_with_their_labels_inside_repeats(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    [project] = server.world.projects.values()
    row = {"_uuid": "r", "meta/rootUuid": "uuid:r", "_submission_time": "2026-11-23T10:00:00", "visit/day": "soon"}
    server.world.load(project, [row | {"referral": [{"referral/service": "none such"}]}])
    kobo_crc("run", "nightly")
    said = kobo_crc("problems", "--code", "code_unknown")
    assert "Service (referral[1]/service)" in said.out
    assert "visit/day" not in said.out
    assert "In all: " in said.out


def test_problems__corrected_on_the_server__are_gone_after_the_next_run(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    server_id = submit(server, **{"visit/centre": "nowhere"})
    kobo_crc("run", "nightly")
    [project] = server.world.projects.values()
    row = project.store.by_id[server_id]
    project.store.replace(row, row.record | {"visit/centre": "jalawla", "_uuid": "6b"})
    assert kobo_crc("run", "nightly").out.startswith("OK: 0 new, 1 changed")
    assert kobo_crc("problems").out == "No problems.\n"


def test_open__known_submission__gives_its_address(kobo_crc: Command, folder: Path, server: Running) -> None:
    server_id = submit(server)
    kobo_crc("run", "nightly")
    said = kobo_crc("open", str(server_id), "--show")
    [uid] = server.world.projects
    assert said.out.startswith(f"{server.url}/api/v2/assets/{uid}/data/{server_id}/enketo/redirect/edit/")


def test_open__unknown_submission__says_where_ids_are(kobo_crc: Command, folder: Path, server: Running) -> None:
    kobo_crc("run", "nightly")
    said = kobo_crc("open", "4711", "--show")
    assert said.code == 1
    assert "4711" in said.error
    assert "Please" in said.error


def one_sentence(said: Said) -> None:
    """A fault: non-zero, a remedy, no traceback."""
    assert said.code == 1
    assert "Please" in said.error
    assert "Traceback" not in said.error + said.out


def test_fault__wrong_token__is_one_sentence_and_nothing_is_lost(
    kobo_crc: Command, folder: Path, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(server)
    kobo_crc("run", "nightly")
    monkeypatch.setenv("KOBO_CRC_TOKEN", "wrong" * 8)
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "wrong" * 8 not in said.error + said.out
    assert asked(folder, "SELECT count(*) FROM submission WHERE deleted_on IS NULL") == [(1,)]
    assert asked(folder, "SELECT outcome FROM run ORDER BY run_id") == [("ok",), ("failed",)]


def test_fault__no_token__names_the_variable(kobo_crc: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOBO_CRC_TOKEN")
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "KOBO_CRC_TOKEN" in said.error


def test_fault__unreachable_server__is_one_sentence(kobo_crc: Command, folder: Path) -> None:
    set_key(folder, 'server_url = "http://127.0.0.1:9"')
    one_sentence(kobo_crc("run", "nightly"))


def test_fault__missing_asset__is_one_sentence_and_nothing_is_deleted(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    submit(server)
    kobo_crc("run", "nightly")
    server.world.projects.clear()
    one_sentence(kobo_crc("run", "nightly"))
    assert asked(folder, "SELECT count(*) FROM submission WHERE deleted_on IS NULL") == [(1,)]


def test_fault__form_that_does_not_check__names_sheet_and_row(kobo_crc: Command, folder: Path) -> None:
    path = folder / "forms" / "small.md"
    path.write_text(path.read_text(encoding="utf-8").replace("visit.visited_on", "visit.visited"), encoding="utf-8")
    for words in (("deploy",), ("forms", "check"), ("run", "nightly")):
        said = kobo_crc(*words)
        one_sentence(said)
        assert "row 6: the table visit has no column visited. Did you mean visited_on?" in said.error


def test_fault__unknown_key__is_named_with_the_likely_one(kobo_crc: Command, folder: Path) -> None:
    set_key(folder, 'langauge = "ar"')
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "langauge" in said.error
    assert "`language`" in said.error


@pytest.mark.parametrize(
    "name", ["forms/small.md", "forms/codes/centre.csv", "pipelines/nightly.toml", "kobo_crc.toml"]
)
def test_fault__file_saved_in_a_windows_encoding__names_file_and_remedy(
    kobo_crc: Command, folder: Path, name: str
) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes() + "# مركز\n".encode("cp1256"))
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert f"{path.name}, line " in said.error
    assert "UTF-8" in said.error


@on_files  # readers and writers of a server do not wait for each other
def test_fault__store_locked_by_another_program__is_one_sentence_and_the_next_run_goes_on(
    kobo_crc: Command, folder: Path, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(server)
    kobo_crc("run", "nightly")
    submit(server)
    monkeypatch.setattr(files_module, "LOCK_WAIT_SECONDS", 0.1)
    other = sqlite3.connect(folder / "store.db")
    other.execute("BEGIN IMMEDIATE")
    said = kobo_crc("run", "nightly")
    other.close()
    one_sentence(said)
    assert "in use by another program" in said.error
    assert kobo_crc("run", "nightly").code == 0


def test_fault__vault_lost__empties_nothing_until_the_store_is_moved_away(
    kobo_crc: Command, folder: Path, server: Running, stores: Stores
) -> None:
    server_id = submit(server, given="نور")
    kobo_crc("run", "nightly")
    settings = load_settings(folder / SETTINGS_FILE)
    stores.lose(settings, "vault")
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert ("has no key yet" if settings.store_url else "put the vault back") in said.error
    assert kobo_crc("vault", "init").code == 0
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "older than the store" in said.error
    emptying = kobo_crc("rebuild", "nightly")
    one_sentence(emptying)
    assert "is empty" in emptying.error
    assert asked(folder, "SELECT count(*) FROM visit") == [(1,)]
    stores.lose(load_settings(folder / SETTINGS_FILE), "store")
    assert kobo_crc("run", "nightly").out.startswith("OK: 1 new")
    assert str(server_id) in kobo_crc("open", str(server_id), "--show").out


def test_fault__two_runs_at_once__the_second_says_so(kobo_crc: Command, folder: Path) -> None:
    with only_run(folder / "store.db"):
        said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "Another run" in said.error


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C cannot be sent to one process there")
def test_ctrl_c__server_that_never_answers__is_one_sentence_at_once(kobo_crc: Command, folder: Path) -> None:
    kobo_crc("run", "nightly")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        set_key(folder, f'server_url = "http://127.0.0.1:{silent.getsockname()[1]}"')
        words = [sys.executable, "-m", "kobo_crc", "run", "nightly"]
        with (
            subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8") as run,
            silent.accept()[0],
        ):
            run.send_signal(signal.SIGINT)
            out, error = run.communicate(timeout=10)
    assert (run.returncode, out) == (130, "")
    assert error.splitlines()[-1].startswith("Stopped by hand. Nothing is half written; please")
    assert "Traceback" not in error
    assert asked(folder, "SELECT outcome FROM run ORDER BY run_id") == [("ok",), ("cut",)]


def test_fault__no_such_pipeline__names_those_there_are(kobo_crc: Command, folder: Path) -> None:
    said = kobo_crc("run", "weekly")
    one_sentence(said)
    assert "nightly" in said.error


def test_fault__folder_without_settings__says_init(
    kobo_crc: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "kobo-crc init" in said.error


def test_fault__many_vanish__stops_until_they_are_accepted(kobo_crc: Command, folder: Path, server: Running) -> None:
    [project] = server.world.projects.values()
    rows = [{"_uuid": str(n), "meta/rootUuid": f"uuid:{n}"} for n in range(40)]
    server.world.load(project, [row | {"_submission_time": "2026-11-23T10:00:00"} for row in rows])
    kobo_crc("run", "nightly")
    for server_id in list(project.store.ids)[:30]:
        project.store.remove(project.store.by_id[server_id])
    said = kobo_crc("run", "nightly")
    one_sentence(said)
    assert "--accept-deletions" in said.error
    assert kobo_crc("run", "nightly", "--accept-deletions").out.startswith("OK: 0 new, 0 changed, 30 deleted")


def test_partial_permission__loads_and_deletes_nothing_and_says_why(
    kobo_crc: Command, folder: Path, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(server)
    kobo_crc("run", "nightly")
    [project] = server.world.projects.values()
    project.grant("bob", "view_asset", None)
    project.grant("bob", "partial_submissions", {"view_submissions": [{"visit/day": "1999-01-01"}]})
    monkeypatch.setenv("KOBO_CRC_TOKEN", TOKENS["bob"])
    said = kobo_crc("run", "nightly")
    assert said.out.startswith("Incomplete: 0 new, 0 changed, 0 deleted, ")
    assert "1 submissions here, 0 on the server" in said.out
    assert "the token may not see every submission" in said.out


def test_fault__answer_cut_in_the_sweep__deletes_nothing_until_a_whole_one(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    submit(server)
    kobo_crc("run", "nightly")
    [project] = server.world.projects.values()
    project.store.remove(project.store.by_id[project.store.ids[0]])
    server.world.faults.order([{"kind": "truncate", "path": "*/data/*", "times": 0}])
    one_sentence(kobo_crc("run", "nightly"))
    server.world.faults.clear()
    assert kobo_crc("run", "nightly").out.startswith("OK: 0 new, 0 changed, 1 deleted")


def submitted(server: Running, *names: str) -> None:
    """One submission on the server for each name."""
    [project] = server.world.projects.values()
    rows = [
        {
            "_uuid": f"u-{name}",
            "meta/instanceID": f"uuid:u-{name}",
            "meta/rootUuid": f"uuid:u-{name}",
            "_submission_time": "2026-11-23T10:00:00",
            "_validation_status": {},
            "_attachments": [],
            "given": name,
        }
        for name in names
    ]
    server.world.load(project, rows)


def test_verify__equal_then_not__ends_0_then_1_with_a_verdict(folder: Path, server: Running, kobo_crc: Command) -> None:
    submitted(server, "زينب", "علي")
    assert kobo_crc("run", "nightly").code == 0
    equal = kobo_crc("verify", "--all")
    assert equal.code == 0 and "small in main: EQUAL" in equal.out and equal.out.rstrip().endswith("UTC: EQUAL")
    assert (
        "whole content of all" in equal.out
        and "Whole content and all rows compared: 2, of which 0 differ." in equal.out
    )
    submitted(server, "نور")
    other = kobo_crc("verify", "--sample", "1", "--seed", "5")
    assert other.code == 1 and "small in main: DIFFERENT" in other.out and other.out.rstrip().endswith("UTC: DIFFERENT")
    assert "1 are on the server and not in the store" in other.out and "(seed 5)" in other.out
    assert "نور" not in other.out + other.error


def test_status__before_and_after_a_night__says_what_is_there(folder: Path, server: Running, kobo_crc: Command) -> None:
    before = kobo_crc("status")
    assert before.code == 0 and before.out.startswith("Never run. Please run: kobo-crc run nightly")
    submitted(server, "زينب")
    kobo_crc("run", "nightly")
    said = kobo_crc("status")
    assert said.code == 0 and "UTC, ok" in said.out and "Next run expected" in said.out
    assert "small in main: 1 here, 1 on the server" in said.out
    assert "unknown on the server" in kobo_crc("status", "--offline").out


def test_doctor__sound_and_broken__ends_0_and_1(
    folder: Path, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    kobo_crc("run", "nightly")
    sound = kobo_crc("doctor")
    assert sound.code == 0 and "fault" not in sound.out and sound.error == ""
    monkeypatch.delenv("KOBO_CRC_TOKEN")
    broken = kobo_crc("doctor")
    assert broken.code == 1 and "fault   project main: There is no token" in broken.out
    elsewhere = kobo_crc("doctor", "--folder", str(folder.parent))
    assert elsewhere.code == 1 and elsewhere.out.startswith("fault   settings: ")


def test_import__export_with_a_bad_row__names_it_and_brings_the_rest(
    folder: Path, server: Running, kobo_crc: Command
) -> None:
    row = {"_id": 7, "_uuid": "u-7", "_submission_time": "2024-01-02T10:00:00", "given": "زينب"}
    export = folder / "2024.json"
    export.write_text(json.dumps([row, {"_id": "x", "given": "علي"}]), encoding="utf-8")
    said = kobo_crc("import", "2024.json", "--form", "small")
    assert said.code == 1 and "1 submissions are new here; 0 were here already" in said.out
    assert "2024.json, row 2: `_id` is not a submission's number" in said.error
    assert "علي" not in said.out + said.error
    again = kobo_crc("import", "2024.json", "--form", "small")
    assert "0 submissions are new here; 1 were here already" in again.out


def test_vault__init_status_rotate_recover__keep_the_key_and_never_show_it(
    kobo_crc: Command, folder: Path, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = folder / "secrets" / "kobo_crc_vault_key"
    submit(server, given="نور")
    kobo_crc("run", "nightly")
    first = kept.read_text(encoding="utf-8").strip()
    status = kobo_crc("vault", "status")
    assert status.code == 0 and "1 submissions are sealed" in status.out
    said = kobo_crc("vault", "rotate")
    second = kept.read_text(encoding="utf-8").strip()
    assert said.code == 0 and first != second
    assert first not in said.out and second not in said.out
    assert "1 keys were retired" in kobo_crc("vault", "status").out
    sheets = sorted(folder.glob(f"vault-key-{MasterKey.read(second).key_id}-sheet-*-of-2.html"))
    halves = ["-".join(re.findall(r"<span>([A-Z2-7]{4})</span>", path.read_text(encoding="utf-8"))) for path in sheets]
    kept.unlink()
    one_sentence(kobo_crc("run", "nightly"))
    typed = iter(halves)
    monkeypatch.setattr("typer.prompt", lambda _question: next(typed))
    assert kobo_crc("vault", "recover").code == 0
    assert kept.read_text(encoding="utf-8").strip() == second
    assert kobo_crc("run", "nightly").code == 0


def test_person__show_export_erase__say_what_was_done_and_never_a_name(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    card = random_code(PERSON_CARD, Random(5))
    server_id = submit(server, given="نور", remark=card)
    kobo_crc("run", "nightly")
    shown = kobo_crc("person", "show", card, "--purpose", "to try")
    assert shown.out.splitlines() == [
        f"small in main, _id {server_id}: names this person alone",
        "1 submissions name this card.",
        "Nobody was told by way of a file from here.",
    ]
    copy = folder / "copy.json"
    assert kobo_crc("person", "export", card, "--purpose", "to try", "--into", str(copy)).code == 0
    assert os.name == "nt" or copy.stat().st_mode & 0o077 == 0  # names in the clear
    assert json.loads(copy.read_text(encoding="utf-8"))[0]["answers"]["given"] == "نور"
    said = kobo_crc("person", "erase", card, "--purpose", "to try", "--on-server", "--yes")
    assert said.code == 0 and "نور" not in said.out
    assert said.out.startswith("Erased: 1 submissions whole")
    assert f"small _id {server_id} on the server: deleted" in said.out
    assert kobo_crc("person", "show", card, "--purpose", "to try").out.startswith("No submission names this card.\n")
    assert kobo_crc("run", "nightly").code == 0
    wrong = kobo_crc("person", "show", "123", "--purpose", "to try")
    one_sentence(wrong)


def test_backup__made_and_restored__says_where_and_the_next_run_goes_on(
    kobo_crc: Command, folder: Path, server: Running, stores: Stores, tmp_path: Path
) -> None:
    submit(server, given="نور")
    kobo_crc("run", "nightly")
    said = kobo_crc("backup", str(tmp_path / "copies"))
    assert said.code == 0 and "0 older copies were removed" in said.out
    [copy] = (tmp_path / "copies").iterdir()
    stores.lose(load_settings(folder / SETTINGS_FILE), "vault")
    done = kobo_crc("restore", str(copy))
    assert done.code == 0 and "The store is made again" in done.out
    assert kobo_crc("run", "nightly").out.startswith("OK: 0 new")
    one_sentence(kobo_crc("restore", str(tmp_path / "none.db")))


def test_deploy__dry_run__says_what_would_change_and_sends_nothing(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    [project] = server.world.projects.values()
    form = folder / "forms" / "small.md"
    form.write_text(form.read_text(encoding="utf-8").replace("| Remark ", "| Comment"), encoding="utf-8")
    said = kobo_crc("deploy", "--dry-run")
    assert "main: small will change\n  remark: another label::English (en) (nothing changes in the store)" in said.out
    assert said.out.endswith("Nothing was sent.\n")
    assert len(project.versions) == 1
    assert "main: small deployed" in kobo_crc("forms", "deploy").out
    assert "main: small has not changed" in kobo_crc("forms", "deploy", "--dry-run").out
    assert len(project.versions) == 2


def test_forms_diff__here_deployed_and_before__question_by_question(
    kobo_crc: Command, folder: Path, server: Running
) -> None:
    form = folder / "forms" / "small.md"
    text = form.read_text(encoding="utf-8")
    assert kobo_crc("forms", "diff", "small").out.endswith("to here: nothing changed\n")
    form.write_text(text.replace("identity.given_name", "-                  "), encoding="utf-8")
    kobo_crc("deploy")
    form.write_text("\n".join(line for line in text.split("\n") if " remark " not in line), encoding="utf-8")
    said = kobo_crc("forms", "diff", "small")
    lines = said.out.splitlines()
    assert [line.strip().partition(" (")[0] for line in lines if line.startswith(("main", "  remark", "  given"))] == [
        lines[0],
        "given: another store cell",
        "remark: gone",
        lines[3],
        "given: another store cell",
    ]
    assert re.fullmatch(r"main: small, from version 2 of [\d-]{10} to here:", lines[0])
    assert re.fullmatch(r"main: small, from version 1 of [\d-]{10} to version 2 of [\d-]{10}:", lines[3])
    assert lines[1].endswith(
        "(all submissions are read again: answers go to identity.given_name, no longer to nowhere)"
    )
    one_sentence(kobo_crc("forms", "diff", "small", "--back", "2"))
    one_sentence(kobo_crc("forms", "diff", "visit"))


def test_forms_print__named_form__is_written_in_three_languages(kobo_crc: Command, folder: Path) -> None:
    said = kobo_crc("forms", "print", "small", "--into", "pile")
    names = sorted(path.name for path in (folder / "pile").iterdir())
    assert names == ["small-ar.html", "small-ckb.html", "small-en.html"]
    assert said.out.count("wrote") == 3
    one_sentence(kobo_crc("forms", "print", "no_such_form"))


def test_cards__of_both_kinds__are_written_and_counted(kobo_crc: Command, folder: Path) -> None:
    said = kobo_crc("cards", "--people", "3", "--slips", "2")
    assert "3 new numbers" in said.out and "2 new numbers" in said.out
    assert sorted(path.name[:5] for path in (folder / "cards").iterdir()) == ["cards", "slips"]
    assert kobo_crc("cards").code == 2

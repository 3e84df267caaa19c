"""The setup examined: a sound one has no fault, and each broken part is one line with what to do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.config import SETTINGS_FILE
from kobo_crc.database.database import Database
from kobo_crc.doctor import FAULT, OK, WARNING, Check, examine
from kobo_crc.sources.http import Client
from tests.commands import settings_file
from tests.e2e.centre import Centre
from tests.stores import on_files, on_postgresql

START = "|        | start                  | start    |"
LOGIN = "store's login"
LIST = "|        | csv-external | open_referrals | | | | | | |"


def examined(centre: Centre, **settings: Any) -> list[Check]:
    return list(examine(settings_file(centre.settings, **{"page_size": 5} | settings) / SETTINGS_FILE, "nightly"))


def bad(checks: list[Check]) -> list[tuple[str, str]]:
    """What is not as it should be, but for the login: these tests have the server's own."""
    return [(check.level, check.subject) for check in checks if check.level != OK and check.subject != LOGIN]


@pytest.fixture
def night(centre: Centre) -> Centre:
    for _ in range(7):
        centre.submit()
    centre.night()
    return centre


def test_doctor__sound_setup__has_no_fault(night: Centre) -> None:
    checks = examined(night)
    assert bad(checks) == []
    said = {check.subject: check.said for check in checks}
    assert "version simulator" in said["project main"] and "differ by" in said["clock"]
    assert said["small in main"] == "the form here is the one on the tablets"
    assert {"settings", "pipeline", "forms", "disk", "store", "vault", "project main, quota"} <= said.keys()


@on_postgresql
def test_doctor__store_on_a_server__is_examined_there(night: Centre) -> None:
    checks = examined(night)
    assert bad(checks) == [] and [check.level for check in checks if check.subject == LOGIN] == [WARNING]
    said = {check.subject: check.said for check in checks}
    assert said["store's server"] == "PostgreSQL 18" and said["store's line"] == "it does not leave this computer"
    assert "the newest" in said["vault"] and "kept in" in said["vault key"]
    lost = examined(night, store_url="postgresql:///crc?host=/nowhere")
    assert bad(lost) == [(FAULT, "database"), (FAULT, "vault key")]


def test_doctor__before_the_first_night__says_to_run(centre: Centre) -> None:
    centre.lose_store()
    centre.lose_vault()
    level = WARNING if centre.postgresql is None else FAULT  # there, other commands would fail
    assert sorted(bad(examined(centre))) == sorted([(level, "store"), (level, "vault"), (WARNING, "vault key")])


def test_doctor__key_lost_and_found_by_others__says_so(centre: Centre) -> None:
    path = centre.settings.secrets / "kobo_crc_vault_key"
    assert bad(examined(centre)) == []
    if os.name != "nt":
        path.chmod(0o644)
        assert bad(examined(centre)) == [(WARNING, "vault key")]
    path.unlink()
    [check] = [check for check in examined(centre) if check.subject == "vault key"]
    assert check.level == FAULT and "kobo-crc vault recover" in check.said


def test_doctor__no_settings__is_one_line(tmp_path: Path) -> None:
    [check] = examine(tmp_path / "kobo_crc.toml", "nightly")
    assert (check.level, check.subject) == (FAULT, "settings") and "kobo-crc init" in check.said


def no_token(_: Centre, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("KOBO_CRC_TOKEN")


def wrong_token(_: Centre, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("KOBO_CRC_TOKEN", "wrong")


def broken_form(centre: Centre, _: pytest.MonkeyPatch) -> None:
    (centre.settings.forms / "small.md").write_text("nothing", encoding="utf-8")


def other_form(centre: Centre, _: pytest.MonkeyPatch) -> None:
    path = centre.settings.forms / "small.md"
    path.write_text(path.read_text(encoding="utf-8").replace("Remark", "Other words"), encoding="utf-8")


def no_pipeline(centre: Centre, _: pytest.MonkeyPatch) -> None:
    (centre.settings.pipelines / "nightly.toml").unlink()


def damaged_store(centre: Centre, _: pytest.MonkeyPatch) -> None:
    centre.settings.store.write_bytes(b"no database" * 500)


def empty_vault(centre: Centre, _: pytest.MonkeyPatch) -> None:
    centre.settings.vault.write_bytes(b"")


def changed_store(centre: Centre, _: pytest.MonkeyPatch) -> None:
    with Database.of(centre.settings) as database, database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE visit ADD COLUMN name TEXT")


def lost_vault(centre: Centre, _: pytest.MonkeyPatch) -> None:
    centre.lose_vault()


def undeployed(centre: Centre, _: pytest.MonkeyPatch) -> None:
    centre.settings.deployed.unlink()


def archived(centre: Centre, _: pytest.MonkeyPatch) -> None:
    deployment = centre.world.projects[centre.asset_uid].deployment
    assert deployment is not None
    deployment.active = False


def away(centre: Centre, patch: pytest.MonkeyPatch) -> None:
    centre.settings = centre.settings.model_copy(update={"server_url": "http://127.0.0.1:9"})


def failing(centre: Centre, _: pytest.MonkeyPatch) -> None:
    centre.world.faults.order([{"path": "*/data/*", "status": 500, "times": 0}])


def wrong_clock(_: Centre, patch: pytest.MonkeyPatch) -> None:
    off = f"{datetime.now(UTC) - timedelta(hours=3):%a, %d %b %Y %H:%M:%S} GMT"
    patch.setattr(Client, "ask_version", lambda _: (off, None))


def nearly_full_account(_: Centre, patch: pytest.MonkeyPatch) -> None:
    get = Client.get
    usage = {"balances": {"submission": {"balance_percent": 97, "exceeded": False}, "storage_bytes": None}}
    patch.setattr(Client, "get", lambda self, path, *a: usage if path == "service_usage/" else get(self, path, *a))


Broken = tuple[Callable[[Centre, pytest.MonkeyPatch], None], str, str, str]
BROKEN: list[Broken] = [
    (no_token, FAULT, "project main", "There is no token"),
    (wrong_token, FAULT, "small in main", "does not accept the token"),
    (broken_form, FAULT, "forms", "survey"),
    (other_form, WARNING, "small in main", "kobo-crc deploy"),
    (no_pipeline, FAULT, "pipeline", "There is no pipeline nightly"),
    (damaged_store, FAULT, "store", "cannot be examined"),
    (empty_vault, FAULT, "vault", "cannot be examined"),
    (undeployed, FAULT, "project main", "has not been deployed"),
    (archived, WARNING, "small in main", "archived"),
    (away, FAULT, "project main", "cannot be reached"),
    (failing, FAULT, "small in main", "the server failed (500)"),
    (wrong_clock, WARNING, "clock", "differ by 180 minutes"),
    (nearly_full_account, WARNING, "project main, quota", "97 % of the limit of submission"),
]
BROKEN_ON_A_SERVER: list[Broken] = [
    (changed_store, FAULT, "store's tables", "drop column visit.name"),
    (lost_vault, FAULT, "vault", "no tables yet"),
]


def is_told(centre: Centre, patch: pytest.MonkeyPatch, broken: Broken) -> bool:
    """Whether what is broken is a line of its own, and the rest is examined all the same."""
    break_it, level, subject, words = broken
    break_it(centre, patch)
    checks = examined(centre)
    found = [check for check in checks if (check.level, check.subject) == (level, subject)]
    return any(words in check.said for check in found) and len([one for one in checks if one.level == OK]) >= 3


@on_files  # two of them damage the files themselves, the others are broken elsewhere than in the store
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken[0].__name__)
def test_doctor__one_broken_part__is_a_line_and_the_rest_is_examined(
    night: Centre, monkeypatch: pytest.MonkeyPatch, broken: Broken
) -> None:
    assert is_told(night, monkeypatch, broken)


@on_postgresql
@pytest.mark.parametrize("broken", BROKEN_ON_A_SERVER, ids=lambda broken: broken[0].__name__)
def test_doctor__broken_part_of_a_server__is_a_line_and_the_rest_is_examined(
    night: Centre, monkeypatch: pytest.MonkeyPatch, broken: Broken
) -> None:
    assert is_told(night, monkeypatch, broken)


def test_doctor__page_cap__is_told(night: Centre) -> None:
    checks = examined(night, page_size=500)
    assert [check.said for check in checks if (check.level, check.subject) in bad(checks)] == [
        "the server gives 5 submissions at a time, not 500. Please set `page_size` to 5."
    ]


@on_files
@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_doctor__vault_that_others_may_read__is_told(night: Centre) -> None:
    night.settings.vault.chmod(0o644)
    assert bad(examined(night)) == [(WARNING, "vault")]


def test_doctor__account_that_may_not_do_what_the_pipeline_asks__says_which_permission(
    night: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = night.settings.forms / "small.md"
    text = form.read_text(encoding="utf-8")
    form.write_text(text.replace(START, f"{LIST}\n{START}"), encoding="utf-8")
    pipeline = night.settings.pipelines / "nightly.toml"
    asked = pipeline.read_text(encoding="utf-8").replace('"derive"]', '"derive", "publish"]\nhold_doubtful = true')
    pipeline.write_text(asked, encoding="utf-8")
    night.world.projects[night.asset_uid].grant("bob", "view_submissions", None)
    monkeypatch.setenv("KOBO_CRC_TOKEN", "b0" * 20)
    said = " ".join(check.said for check in examined(night) if check.level == WARNING)
    assert re.search(r"may not bring lists to the tablets\. .*permission change_asset", said), said
    assert re.search(r"may not put submissions on hold\. .*permission validate_submissions", said)

"""The vault's key through its life: made, lost, found by its id, changed, brought back from its halves."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc import custody, ledger
from kobo_crc.custody import Found
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.database.metadata import AUDIT, DATA_KEY, LANDED, OPENED, SOURCE, SUBMISSION, SUBMISSION_KEY, VAULT_KEY
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.ledger import Opening
from kobo_crc.opening import locked, opened
from kobo_crc.runs import OK
from kobo_crc.sealing import MasterKey
from tests.database.test_upgrades import taken_to
from tests.e2e.centre import Centre, seal
from tests.stores import on_files

AT = datetime(2026, 11, 24, 8, 0)


def key_file(centre: Centre) -> Path:
    return centre.settings.secrets / "kobo_crc_vault_key"


def rotated(centre: Centre) -> Found:
    with opened(centre.settings) as database:
        return custody.rotate(database, centre.settings, AT)[0]


@pytest.fixture
def night(centre: Centre) -> Centre:
    """Three submissions in the vault."""
    for number in range(3):
        centre.submit(given=f"زينب-{number}")
    centre.night()
    return centre


def test_vault__after_a_night__holds_no_answer_bare(night: Centre) -> None:
    kept = night.vault_bytes()
    assert "زينب".encode() not in kept and b"jalawla" not in kept and b"\\u0632" not in kept
    assert [row[4] for row in night.rows()["identity"]] == ["زينب-0", "زينب-1", "زينب-2"]


def test_rotate__new_key__is_on_the_disk_before_anything_is_sealed_under_it(
    night: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut takes away what only the system's memory had."""
    on_disk: list[tuple[int, int]] = []
    fsync, rewrap = os.fsync, Keys.rewrap

    def noted(number: int) -> None:
        fsync(number)
        on_disk.append((os.fstat(number).st_ino, os.fstat(number).st_size))

    def checked(self: Keys, connection: sa.Connection, master: MasterKey, made_at: datetime) -> int:
        waiting = key_file(night).with_name("kobo_crc_vault_key.next")
        assert (waiting.stat().st_ino, len(master.text) + 1) in on_disk
        return rewrap(self, connection, master, made_at)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Keys, "rewrap", checked)
    assert rotated(night).key.text in key_file(night).read_text(encoding="utf-8")


def test_key__lost__stops_the_night_before_anything_is_written(night: Centre) -> None:
    key_file(night).unlink()
    night.submit()
    before = night.vault_untouched()
    with pytest.raises(ConfigError, match=r"No key was found.*vault recover"):
        night.night()
    assert night.vault_untouched() == before


def test_key__of_another_vault__is_named_by_its_id_and_nothing_is_written(night: Centre) -> None:
    other = MasterKey.make()
    key_file(night).write_text(other.text, encoding="utf-8")
    before = night.vault_untouched()
    with pytest.raises(ConfigError, match=other.key_id) as fault:
        night.night()
    assert other.text not in str(fault.value)
    assert night.vault_untouched() == before


def test_key__mistyped_in_its_file__is_named_by_the_place(night: Centre) -> None:
    key_file(night).write_text("abcd", encoding="utf-8")
    with pytest.raises(ConfigError, match="kobo_crc_vault_key: This is not a vault key"):
        night.night()


def test_key__in_the_environment__serves_without_a_file(night: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBO_CRC_VAULT_KEY", key_file(night).read_text(encoding="utf-8"))
    key_file(night).unlink()
    night.submit()
    assert night.night().new_count == 1


def test_vault__without_a_key__is_refused_with_what_to_do(centre: Centre) -> None:
    centre.lose_vault()
    with pytest.raises(ConfigError, match="kobo-crc vault init"):
        centre.night()


def test_set_up__a_second_time__is_refused(night: Centre) -> None:
    with pytest.raises(ConfigError, match="sealed already"):
        seal(night.settings)


def test_set_up__key_kept_already__is_taken(centre: Centre) -> None:
    text = key_file(centre).read_text(encoding="utf-8")
    centre.begin_anew()
    assert key_file(centre).read_text(encoding="utf-8") == text


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_key_file__made__is_for_its_own_account_alone(centre: Centre) -> None:
    assert key_file(centre).stat().st_mode & 0o077 == 0


def test_demo_key__against_a_real_server__is_refused(centre: Centre) -> None:
    centre.lose_vault()
    key_file(centre).unlink()
    with locked(centre.settings) as database:
        custody.set_up(database, centre.settings, AT, demo=True)
    centre.night()
    real = centre.settings.model_copy(update={"server_url": "https://kobo.example.org"})
    with pytest.raises(ConfigError, match="made by the demo"), opened(real):
        pass


def test_rotate__all_is_read_under_the_new_key_and_nothing_under_the_old(night: Centre) -> None:
    old, rows = key_file(night).read_text(encoding="utf-8"), night.rows()
    found = rotated(night)
    assert key_file(night).read_text(encoding="utf-8").strip() == found.key.text
    assert night.rows() == rows
    night.change(night.live_ids()[0], lambda record: record.update({"given": "new"}))
    assert night.night().changed_count == 1
    key_file(night).write_text(old, encoding="utf-8")
    with pytest.raises(ConfigError, match=found.key.key_id):
        night.night()
    with Database.of(night.settings) as database, database.reading() as connection:
        assert {row.key_id for row in connection.execute(sa.select(DATA_KEY))} == {found.key.key_id}
        assert len(connection.execute(sa.select(VAULT_KEY)).all()) == 2


def test_rotate__key_in_a_file_that_a_variable_names__the_next_night_finds_the_new_one(
    night: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = (night.settings.secrets / "kobo_crc_vault_key").replace(tmp_path / "credential")
    monkeypatch.setenv("KOBO_CRC_VAULT_KEY_FILE", str(named))
    with opened(night.settings) as database:
        custody.rotate(database, night.settings, AT)
    assert night.night().outcome == OK


@pytest.mark.parametrize("step", range(1, 8))
def test_rotate__killed_at_any_commit__the_next_night_finds_the_key_that_fits(night: Centre, step: int) -> None:
    rows = night.rows()
    night.cut(lambda: rotated(night), step)
    night.night()
    assert night.rows() == rows
    rotated(night)
    assert night.rows() == rows


def test_recover__from_the_halves__brings_the_key_back(night: Centre) -> None:
    key = MasterKey.read(key_file(night).read_text(encoding="utf-8"))
    key_file(night).unlink()
    one, other = key.split()
    with locked(night.settings) as database:
        assert custody.recover(database, night.settings, (other, one.lower())).key == key
    night.submit()
    assert night.night().new_count == 1


def test_recover__halves_of_another_key__are_refused(night: Centre) -> None:
    text = key_file(night).read_text(encoding="utf-8")
    with locked(night.settings) as database, pytest.raises(ConfigError, match="look for the sheets of that key"):
        custody.recover(database, night.settings, MasterKey.make().split())
    assert key_file(night).read_text(encoding="utf-8") == text


@on_files
def test_audit__line_in_anothers_place__is_refused(night: Centre) -> None:
    with opened(night.settings) as database, database.writing() as connection:
        ledger.note(connection, Opening("test", "to try", "none", 0), AT)
    with closing(sqlite3.connect(night.settings.vault)) as vault, pytest.raises(sqlite3.DatabaseError, match="append"):
        vault.execute(
            "REPLACE INTO audit SELECT audit_id, at, 'other', action, purpose, scope, row_count, NULL, NULL FROM audit"
        )


def test_audit__is_append_only(night: Centre) -> None:
    with opened(night.settings) as database:
        with database.writing() as connection:
            ledger.note(connection, Opening("test", "to try", "none", 0), AT, [7, 7, 8])
        with database.reading() as connection:
            assert connection.execute(sa.select(OPENED)).all() == [(1, 7), (1, 8)]
        for change in (sa.delete(AUDIT), sa.update(AUDIT).values(who="other"), sa.delete(OPENED)):
            with pytest.raises(StoreError, match="append-only"), database.writing() as connection:
                connection.execute(change)


def test_vault__of_the_version_that_kept_answers_bare__is_sealed_by_init(night: Centre) -> None:
    rows = night.rows()
    bare = _as_it_was(night)
    assert "زينب".encode() in night.vault_bytes()
    with pytest.raises(ConfigError, match="vault init"):
        night.night()
    seal(night.settings)
    kept = night.vault_bytes()
    assert len(bare) == 3 and not [payload for payload in bare if payload in kept]
    assert "زينب".encode() not in kept
    assert night.night().reloaded_count == 3
    assert night.rows() == rows


def _as_it_was(centre: Centre) -> list[bytes]:
    """Store and vault of the revisions 0002 and 0004, with the submissions as they lay there, bare."""
    settings = centre.settings
    with opened(settings) as database, database.reading() as connection:
        keys = database.keys.of(connection, [1, 2, 3])
        kept = {
            table: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in (SOURCE, SUBMISSION_KEY, LANDED, SUBMISSION)
        }
    for row in kept[LANDED]:
        row["payload"] = keys[row["submission_id"]].unseal(row["payload"], f"landed/{row['version_id']}")
    for row in kept[SUBMISSION]:
        del row["centre_code"]  # came later
    centre.lose_store()
    centre.lose_vault()
    with Database.of(settings) as database:
        for home, revision in (("vault", "0004"), ("store", "0002")):
            taken_to(database, home, revision)
        for table, rows in kept.items():
            with database.writing() as connection:
                connection.execute(sa.insert(table), rows)
    return [row["payload"] for row in kept[LANDED]]


def test_purposes__keyed_hashes__differ_from_each_other_and_outlive_a_rotation(night: Centre) -> None:
    def hashes() -> list[bytes]:
        with opened(night.settings) as database, database.reading() as connection:
            return [database.keys.for_purpose(connection, purpose) for purpose in ("erased", "audit")]

    before = hashes()
    rotated(night)
    assert hashes() == before and before[0] != before[1]

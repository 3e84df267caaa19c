"""Somebody leaves: one cell of the staff list changes, the key changes, and the rest is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from kobo_crc.database.metadata import AUDIT
from kobo_crc.errors import ConfigError
from kobo_crc.offboard import by_hand, close
from kobo_crc.xlsform.lists import read_codes
from tests.commands import Command, settings_file
from tests.e2e.centre import Centre, unsealed

DAY = date(2026, 11, 30)


def staff(centre: Centre) -> Path:
    return centre.settings.forms / "codes" / "staff.csv"


def told(centre: Centre) -> list[tuple[str, ...]]:
    with unsealed(centre.settings) as database, database.reading() as connection:
        query = sa.select(AUDIT.c.action, AUDIT.c.purpose, AUDIT.c.scope)
        return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def folder(centre: Centre) -> list[str]:
    """The option that names the centre's folder, with its settings."""
    return ["--folder", str(settings_file(centre.settings))]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_close__writes_one_cell_and_leaves_every_other_line(centre: Centre, line_end: str) -> None:
    before = staff(centre).read_bytes().replace(b"\n", line_end.encode())
    staff(centre).write_bytes(b"\xef\xbb\xbf" + before)
    assert close(centre.settings, "mjd_02", DAY) == DAY
    changed = b"\xef\xbb\xbf" + before
    [line] = [line for line in before.split(line_end.encode()) if line.startswith(b"mjd_02,")]
    assert staff(centre).read_bytes() == changed.replace(line, line + b"2026-11-30")
    [row] = [row for row in read_codes(centre.settings.forms / "codes")["staff"] if row.name == "mjd_02"]
    assert row.valid_to == "2026-11-30"


def test_close__already_closed_earlier__keeps_that_day(centre: Centre) -> None:
    before = staff(centre).read_bytes()
    assert close(centre.settings, "mjd_05", DAY) == date(2026, 6, 30)
    assert staff(centre).read_bytes() == before
    assert close(centre.settings, "mjd_05", date(2026, 5, 1)) == date(2026, 5, 1)


def test_close__unknown_code__is_refused_and_the_nearest_named(centre: Centre) -> None:
    with pytest.raises(ConfigError, match="Did you mean mjd_02"):
        close(centre.settings, "mjd-02", DAY)


def test_offboard__changes_the_key_and_tells_the_audit(centre: Centre, kobo_crc: Command, folder: list[str]) -> None:
    centre.submit()
    centre.night()
    rows = centre.rows()
    with unsealed(centre.settings) as database:
        before = database.keys.master.key_id
    said = kobo_crc("offboard", "mjd_02", "--last-day", "2026-11-30", *folder)
    assert said.code == 0 and "The code mjd_02 ends on 2026-11-30." in said.out and "print" in said.out
    with unsealed(centre.settings) as database:
        assert database.keys.master.key_id != before
    assert [row for row in centre.rows()["identity"]] == rows["identity"]
    assert told(centre) == [("offboard", "left; the vault's key was changed", "staff mjd_02")]


def test_offboard__who_never_had_the_key__keeps_it(centre: Centre, kobo_crc: Command, folder: list[str]) -> None:
    with unsealed(centre.settings) as database:
        before = database.keys.master.key_id
    assert kobo_crc("offboard", "mjd_02", "--keep-key", *folder).code == 0
    with unsealed(centre.settings) as database:
        assert database.keys.master.key_id == before
    assert told(centre) == [("offboard", "left; never had the vault's key", "staff mjd_02")]
    assert "no day" in kobo_crc("offboard", "mjd_02", "--last-day", "soon", *folder).error


def test_by_hand__names_each_project_and_each_kept_password(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBO_CRC_REPLY_PASSWORD_DRC", "correct horse")
    lines = "\n".join(by_hand(centre.settings))
    assert "project main" in lines and "KOBO_CRC_TOKEN" in lines and "KOBO_CRC_REPLY_PASSWORD_DRC" in lines
    assert "correct horse" not in lines and "REPLY_PASSWORD_NRC" not in lines

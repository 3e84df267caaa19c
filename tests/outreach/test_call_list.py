"""The night's lists with names and phones: under a password always, for one reader, and written down."""

from __future__ import annotations

import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import outreach
from kobo_crc.database.metadata import CODES
from kobo_crc.errors import ConfigError
from kobo_crc.outputs.locked import unlocked
from kobo_crc.outreach import Calls, Listed
from tests.commands import Command
from tests.outreach.conftest import AT, NAMED, Office
from tests.referrals.conftest import ARRIVED_AT

PASSWORD = SecretStr("a long password")
FOR_DRC = Calls("organization", "drc", "calls")
FOR_BAIJI = Calls("centre", "baiji", "calls")


@pytest.fixture
def three(office: Office) -> Office:
    """Open referrals: one that may be told, one not, a sensitive one, and one to another receiver."""
    office.refer("21", NAMED, limits="no_home_visit")
    office.refer("22", NAMED | {"given_name": "هدى"}, consent_share_code=None)
    office.refer("23", NAMED | {"given_name": "ليلى"}, service_code="gbv", sensitive_code="yes")
    office.refer("24", NAMED | {"given_name": "سناء"}, receiving_organization_code="nrc")
    office.files.states()
    return office


def rows(made: Listed) -> dict[str, tuple[Any, ...]]:
    """The rows of every sheet by the referral's number."""
    book = openpyxl.load_workbook(BytesIO(unlocked(made.path.read_bytes(), made.path.name, PASSWORD)))
    pages = book.worksheets[1:]
    assert all(page.sheet_view.rightToLeft for page in pages)
    found = (row for page in pages for row in page.iter_rows(min_row=2, values_only=True))
    return {row[0]: row for row in found if str(row[0]).isdigit()}


def called(office: Office, calls: Calls) -> Listed:
    return outreach.call_list(office.settings, calls, PASSWORD, AT)


def test_receiver__has_whom_it_may_be_told_of_and_nobody_else(three: Office) -> None:
    made = called(three, FOR_DRC)
    [row] = rows(made).values()
    assert row[0] == "21"
    assert row[3:8] == ("لا تزر المنزل", "أمل كريم الجبوري", NAMED["phone"], "هاتف الزوج", "صباحاً")
    assert (made.count, made.named) == (1, 1)


def test_centre__has_its_own_people_and_of_sensitive_ones_the_number(three: Office) -> None:
    made = called(three, FOR_BAIJI)
    found = rows(made)
    assert {"21", "22", "24"} <= found.keys() and (made.count, made.named) == (4, 3)
    assert found["22"][4] == "هدى كريم الجبوري"
    assert "ليلى" not in str(found) and found["23"][2:10] == (None,) * 8


def test_call_list__is_never_bare(three: Office) -> None:
    made = called(three, FOR_DRC)
    assert not made.path.read_bytes().startswith(b"PK")
    with pytest.raises(ConfigError, match="longer"):
        outreach.call_list(three.settings, FOR_DRC, SecretStr("short"), AT)


def test_call_list__each_one__is_in_the_audit_and_remembered_by_what_it_tells(three: Office) -> None:
    called(three, FOR_DRC)
    outreach.call_list(three.settings, FOR_BAIJI, PASSWORD, AT + timedelta(days=2))
    assert three.audit() == [
        ("worklist --contacts", "calls", "open referrals, for drc", 1),
        ("worklist --contacts", "calls", "open referrals, for centre baiji", 4),
    ]
    assert [one[:3] for one in outreach.told(three.settings, "21", "x", AT)] == [
        ("centre baiji", "contacts", "number, limits, name, phone"),
        ("drc", "contacts", "number, limits, name, phone"),
    ]
    assert [one[:3] for one in outreach.told(three.settings, "23", "x", AT)] == [("centre baiji", "contacts", "number")]
    assert [one.receiver for one in outreach.told(three.settings, "22", "x", AT)] == ["centre baiji"]


def test_call_list__made_again__is_remembered_once_with_its_first_and_last_time(three: Office) -> None:
    called(three, FOR_DRC)
    outreach.call_list(three.settings, FOR_DRC, PASSWORD, AT + timedelta(days=2))
    [knows] = outreach.told(three.settings, "21", "x", AT)
    assert (knows.first_at, knows.last_at) == (AT, AT + timedelta(days=2))


def test_call_list__referral_that_nobody_has_to_act_on__is_not_opened(three: Office) -> None:
    made = outreach.call_list(three.settings, FOR_DRC, PASSWORD, ARRIVED_AT + timedelta(minutes=1))
    assert (made.count, made.named) == (0, 0)
    assert outreach.told(three.settings, "21", "x", AT) == []


@pytest.mark.parametrize("calls", [Calls("centre", "drc", "x"), Calls("organization", "baiji", "x")])
def test_call_list__unknown_code__is_refused_before_the_vault_is_opened(three: Office, calls: Calls) -> None:
    with pytest.raises(ConfigError, match="with this code"):
        called(three, calls)
    assert three.audit() == []


def test_call_list__receiver_that_no_list_has__is_refused(three: Office) -> None:
    with three.database.writing() as connection:
        code = {"code": "not_listed", "label_ar": "", "label_ckb": "", "label_en": ""}
        connection.execute(sa.insert(CODES["organization"]).values(code))
    with pytest.raises(ConfigError, match="with this code"):
        called(three, Calls("organization", "not_listed", "x"))


@pytest.fixture
def here(three: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    return three


def test_cli__passwords_of_centres_and_receivers__are_told_apart(
    here: Office, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("worklist", "--contacts", "--purpose", "calls")
    said = kobo_crc(*words, "--centre", "baiji")
    assert said.code == 1 and "KOBO_CRC_CENTRE_PASSWORD_BAIJI" in said.error
    monkeypatch.setenv("KOBO_CRC_CENTRE_PASSWORD_BAIJI", PASSWORD.get_secret_value())
    said = kobo_crc(*words, "--centre", "baiji")
    assert (said.code, said.error) == (0, "")
    assert "4 referrals, 3 with name or phone, under the password" in said.out
    said = kobo_crc(*words, "--receiver", "drc")
    assert said.code == 1 and "KOBO_CRC_REPLY_PASSWORD_DRC" in said.error
    assert [path.name.partition(" ")[0] for path in here.settings.worklists.rglob("*.xlsx")] == ["baiji"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--centre", "baiji"), "please add --contacts"),
        (("--contacts",), "either --centre or --receiver"),
        (("--contacts", "--centre", "baiji", "--receiver", "drc"), "either --centre or --receiver"),
    ],
)
def test_cli__half_a_command__is_one_sentence(
    here: Office, kobo_crc: Command, words: tuple[str, ...], why: str
) -> None:
    said = kobo_crc("worklist", "--purpose", "x", *words)
    assert said.code == 1 and why in said.error


def test_cli__purpose_of_no_words__is_refused(here: Office, kobo_crc: Command) -> None:
    said = kobo_crc("worklist", "--contacts", "--centre", "baiji", "--purpose", " ")
    assert said.code == 1 and "--purpose" in said.error

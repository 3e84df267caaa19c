"""The letter that a receiver gets: what the person agreed to, what must be read first, and who asked for it and why."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import outreach
from kobo_crc.database.metadata import CODES, SUBMISSION
from kobo_crc.errors import ConfigError
from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs.letters import DIRECTIONS, Letter, page
from kobo_crc.outputs.letters.texts import TEXTS
from kobo_crc.outreach import Asked
from tests.commands import Command
from tests.outreach.conftest import AT, NAMED, Office
from tests.stores import Stores

NUMBER = "212345678955"


def letter(office: Office, language: str = "ar", purpose: str = "to the desk") -> str:
    office.files.states()
    made = outreach.letter(office.settings, Asked(NUMBER, purpose, language), AT)
    return made.path.read_text(encoding="utf-8")


def test_letter__limits__stand_before_name_and_phone(office: Office) -> None:
    office.refer(NUMBER, NAMED, limits="no_home_visit")
    html = letter(office)
    places = [html.index(text) for text in ("لا تزر المنزل", "أمل كريم الجبوري", NAMED["phone"])]
    assert places == sorted(places)
    assert f'<bdi dir="ltr">{NAMED["phone"]}</bdi>' in html and "صباحاً" in html


def test_letter__arabic__reads_from_the_right_and_its_number_from_the_left(office: Office) -> None:
    office.refer(NUMBER, NAMED)
    html = letter(office)
    assert '<html lang="ar" dir="rtl">' in html
    assert '<bdi class="number" dir="ltr">2123 4567 8955</bdi>' in html


def test_letter__sensitive__has_the_number_alone(office: Office) -> None:
    office.refer(NUMBER, NAMED, sensitive_code="yes", service_code="gbv", limits="no_call")
    html = letter(office, "en")
    assert "By its number alone" in html and "2123 4567 8955" in html
    assert not any(word in html for word in ("gbv", "drc", "no_call", NAMED["phone"], "أمل", TEXTS["service"]["en"]))


def test_letter__in_the_receivers_own_language__unless_another_is_asked_for(office: Office) -> None:
    path = office.settings.forms / "codes" / "organization.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    rows = [f"{row},{'ckb' if row.startswith('drc,') else ''}" for row in rows]
    path.write_text("\n".join([f"{head},language", *rows]), encoding="utf-8")
    office.refer(NUMBER, NAMED)
    assert 'lang="ckb"' in letter(office, "")
    assert 'lang="en"' in letter(office, "en")


def test_letter__receiver_that_no_list_has__leaves_a_line_to_write_on(office: Office) -> None:
    with office.database.writing() as connection:
        code = {"code": "not_listed", "label_ar": "ليست في القائمة", "label_ckb": "", "label_en": ""}
        connection.execute(sa.insert(CODES["organization"]).values(code))
    office.refer(NUMBER, NAMED, receiving_organization_code="not_listed")
    html = letter(office)
    assert "_____" in html and "ليست في القائمة" not in html


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"consent_share_code": "no"}, "did not agree"),
        ({"consent_share_code": None}, "did not agree"),
        ({"status_code": "draft", "sent_at": None}, "is not open (draft)"),
    ],
)
def test_letter__nobody_is_to_be_told__is_refused_and_leaves_no_trace(
    office: Office, how: dict[str, Any], why: str
) -> None:
    office.refer(NUMBER, NAMED, **how)
    with pytest.raises(ConfigError, match=re.escape(why)):
        letter(office)
    assert office.audit() == [] and not office.settings.worklists.exists()


def test_letter__of_one_that_has_ended__is_refused(office: Office) -> None:
    office.refer(NUMBER, NAMED)
    office.files.event(NUMBER, "decline", event_on=date(2026, 11, 3), reason_code="no_capacity")
    with pytest.raises(ConfigError, match="not_accepted"):
        letter(office)


@pytest.mark.parametrize("purpose", ["", "  "])
def test_letter__without_a_purpose__is_refused(office: Office, purpose: str) -> None:
    office.refer(NUMBER, NAMED)
    with pytest.raises(ConfigError, match="--purpose"):
        letter(office, purpose=purpose)


def test_letter__each_one__is_in_the_audit_and_remembered_without_a_number_to_read(
    office: Office, stores: Stores
) -> None:
    office.refer(NUMBER, NAMED)
    letter(office)
    [(action, purpose, scope, count)] = office.audit()
    assert (action, purpose, count) == ("referral letter", "to the desk", 1)
    assert scope.startswith("referral ") and NUMBER not in scope
    [knows] = outreach.told(office.settings, NUMBER, "x", AT)
    assert knows[:3] == ("drc", "letter", "number, name, phone")
    assert NUMBER.encode() not in stores.vault_bytes(office.settings)
    assert office.audit()[1] == ("referral told", "x", scope, 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_letter__file__is_for_the_own_account_alone(office: Office, tmp_path: Path) -> None:
    office.refer(NUMBER, NAMED)
    letter(office)
    path = office.settings.worklists / "letters" / f"{NUMBER}.html"
    assert path.stat().st_mode & 0o077 == 0


def test_page__words_of_strangers__are_no_html() -> None:
    html = page(Letter(NUMBER, "en", AT.date(), (("from", "<b>x"),), ("<i>y",), (("name", "<script>z"),))).decode()
    assert not any(tag in html for tag in ("<b>", "<i>", "<script>"))
    assert "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize("key", TEXTS)
def test_text__each__is_there_in_three_languages(key: str) -> None:
    assert TEXTS[key].keys() == DIRECTIONS.keys() and all(TEXTS[key].values())


def test_cli__typed_as_on_the_slip__says_what_the_letter_tells(
    office: Office, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    office.refer(NUMBER, NAMED)
    office.files.states()
    words = ("referral", "letter", "2123 4567 8955", "--purpose", "x", "--language", "ckb", "--out", "letter.html")
    said = kobo_crc(*words)
    assert (said.code, said.error) == (0, "")
    assert said.out == "letter.html: tells the number, name, phone. Please print it and delete the file.\n"
    assert 'lang="ckb"' in (tmp_path / "letter.html").read_text(encoding="utf-8")
    told = kobo_crc("referral", "told", NUMBER, "--purpose", "x").out
    assert re.fullmatch(r"Told to drc \(letter\), \d{4}-\d\d-\d\d: number, name, phone\n", told)
    assert (
        kobo_crc("referral", "told", "299999999999", "--purpose", "x").out
        == "Nobody was told by way of a file from here.\n"
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((NUMBER, "--language", "fr"), "Please give --language ar, ckb or en"),
        (("212345678900",), "The store has no referral with this number"),
    ],
)
def test_cli__wrong_words__are_one_sentence(
    office: Office,
    kobo_crc: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    office.refer(NUMBER, NAMED)
    office.files.states()
    said = kobo_crc("referral", "letter", *words, "--purpose", "x")
    assert said.code == 1 and why in said.error


def test_letter__of_a_submission_that_a_reviewer_refused__is_refused_and_leaves_no_trace(office: Office) -> None:
    submission_id = office.refer(NUMBER, NAMED)
    with office.database.writing() as connection:
        refused = sa.update(SUBMISSION).where(SUBMISSION.c.submission_id == submission_id)
        connection.execute(refused.values(validation_status=NOT_APPROVED))
    with pytest.raises(ConfigError, match="not approved"):
        letter(office)
    assert office.audit() == [] and not office.settings.worklists.exists()

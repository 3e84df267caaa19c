"""What goes out when a night fails or work is overdue: counts and sentences, over TLS, never at the night's cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from kobo_crc import notices
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.enquiries import Wanted, open_referrals
from kobo_crc.notices import Notice
from kobo_crc.notices.texts import TEXTS
from kobo_crc.notices.waiting import Waiting, waiting
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.templates import copy_into
from kobo_crc.xlsform.form import LANGUAGES
from kobo_crc.xlsform.lists import read_codes
from tests.commands import settings_file
from tests.notices.conftest import PASSWORD, USER, MailServer, settings_with
from tests.referrals.conftest import ARRIVED_AT, Files
from tests.stores import Stores

TWO = [Waiting("بيجي", 3, 1, 2), Waiting("", 0, 1, 0), Waiting("Jalawla", 0, 0, 0)]
NOTICE = Notice("kobo_crc: متأخرة - 3", "بيجي: 3")
HOOK = "https://chat.example.org/hook/very-secret"


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Settings:
    """A folder with forms, its settings written down, and an empty store."""
    copy_into(tmp_path)
    settings = stores.settings(tmp_path, language="en")
    settings_file(settings, language="en")
    return settings


@pytest.fixture
def files(settings: Settings) -> Iterator[Files]:
    """That store, to be filled."""
    with Database.of(settings) as database:
        yield Files(database)


def mailed(mail: tuple[str, MailServer], folder: Path, **more: Any) -> list[str]:
    security, server = mail
    usual = {"mail_server": "127.0.0.1", "mail_port": server.port, "mail_security": security, "mail_user": USER}
    addresses = {"mail_from": "crc@example.org", "mail_to": "a@example.org, b@example.org"}
    return notices.send(settings_with(folder, **usual, **addresses | more), NOTICE)


def test_mail__over_tls_with_the_account__arrives_as_written(
    mail_server: tuple[str, MailServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBO_CRC_MAIL_PASSWORD", PASSWORD)
    assert mailed(mail_server, tmp_path) == []
    [message] = mail_server[1].received
    assert (message["Subject"], message["To"]) == (NOTICE.subject, "a@example.org, b@example.org")
    assert message.get_content().strip() == NOTICE.body
    assert mail_server[1].recipients == [["a@example.org", "b@example.org"]]


def test_mail__password_of_the_secrets_folder__is_taken(mail_server: tuple[str, MailServer], tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "kobo_crc_mail_password").write_text(PASSWORD, encoding="utf-8")
    assert mailed(mail_server, tmp_path) == []


@pytest.mark.parametrize(
    ("password", "said"), [("wrong", "SMTPAuthenticationError 535"), ("", "There is no password for mail_user")]
)
def test_mail__refused__is_a_sentence_and_no_fault(
    mail_server: tuple[str, MailServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str, said: str
) -> None:
    monkeypatch.setenv("KOBO_CRC_MAIL_PASSWORD", password)
    [sentence] = mailed(mail_server, tmp_path)
    assert said in sentence and "wrong" not in sentence
    assert mail_server[1].received == []


def test_mail__server_of_an_unknown_certificate__is_not_spoken_to(
    mail_server: tuple[str, MailServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBO_CRC_MAIL_PASSWORD", PASSWORD)
    monkeypatch.delenv("SSL_CERT_FILE")
    [sentence] = mailed(mail_server, tmp_path)
    assert "SSLCertVerificationError" in sentence
    assert mail_server[1].received == []


def test_mail__nobody_listens__is_a_sentence(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path, mail_server="127.0.0.1", mail_port=9, mail_from="a@example.org", mail_to="b@example.org"
    )
    [sentence] = notices.send(settings, NOTICE)
    assert "ConnectionRefusedError" in sentence


def test_send__no_way_set_up__sends_nothing(tmp_path: Path) -> None:
    with responses.RequestsMock():
        assert notices.send(settings_with(tmp_path), NOTICE) == []


def test_webhook__posts_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBO_CRC_WEBHOOK_URL", HOOK)
    with responses.RequestsMock() as mock:
        said = {"text": f"{NOTICE.subject}\n\n{NOTICE.body}"}
        mock.post(HOOK, match=[responses.matchers.json_params_matcher(said)])
        assert notices.send(settings_with(tmp_path), NOTICE) == []


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ({"status": 410}, "the answer was 410"),
        ({"status": 302, "headers": {"Location": "https://example.org"}}, "the answer was 302"),
        ({"body": requests.ConnectionError(f"no route to {HOOK}")}, "ConnectionError"),
    ],
)
def test_webhook__that_fails__is_a_sentence_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], cause: str
) -> None:
    monkeypatch.setenv("KOBO_CRC_WEBHOOK_URL", HOOK)
    with responses.RequestsMock() as mock:
        mock.post(HOOK, **answer)
        [sentence] = notices.send(settings_with(tmp_path), NOTICE)
    assert cause in sentence and "secret" not in sentence


def test_webhook__without_tls__is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBO_CRC_WEBHOOK_URL", HOOK.replace("https", "http"))
    [sentence] = notices.send(settings_with(tmp_path), NOTICE)
    assert "does not begin with https" in sentence


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ({"mail_server": "smtp.example.org", "mail_from": "a@example.org"}, "`mail_to` should be an address"),
        ({"mail_server": "smtp.example.org", "mail_from": "x", "mail_to": "b@x.org"}, "`mail_from` should be"),
        ({"mail_server": "smtp.example.org", "mail_security": "none"}, "`mail_security` should be starttls or tls"),
    ],
)
def test_settings__half_a_mail_server__is_refused(
    kobo_crc: Any, tmp_path: Path, mail: dict[str, str], said: str
) -> None:
    lines = {"server_url": "http://127.0.0.1:9", **mail}
    text = "".join(f'{key} = "{value}"\n' for key, value in lines.items())
    (tmp_path / "kobo_crc.toml").write_text(text, encoding="utf-8")
    assert said in kobo_crc("problems", "--folder", str(tmp_path)).error


def test_of_work__overdue__names_centres_and_counts_alone(tmp_path: Path) -> None:
    notice = notices.of_work(settings_with(tmp_path), "nightly", TWO)
    assert notice is not None
    assert notice.subject == "kobo_crc: overdue - 3 (nightly)"
    assert notice.body.splitlines()[:2] == [
        "بيجي: overdue 3, due within two days 1, no receipt confirmed 2",
        "No known centre: overdue 0, due within two days 1, no receipt confirmed 0",
    ]
    assert "Jalawla" not in notice.body


def test_of_work__nothing_overdue__is_no_notice(tmp_path: Path) -> None:
    assert notices.of_work(settings_with(tmp_path), "nightly", TWO[1:]) is None


def test_of_fault__has_the_sentence_without_the_folders_of_this_computer(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    fault = f"The store {settings.store} is locked. {Path.home() / 'x'}"
    notice = notices.of_fault(settings, "nightly", fault, TWO[:1])
    assert notice.subject == "kobo_crc: the run failed (nightly)"
    assert "The store …" in notice.body and "بيجي: overdue 3" in notice.body
    assert str(tmp_path) not in notice.body and str(Path.home()) not in notice.body


def test_waiting__overdue__is_what_referral_list_counts(files: Files, settings: Settings) -> None:
    files.referral("21")
    files.referral("22", service_code="gbv", sensitive_code="yes")
    files.referral("23", priority_code=None)
    files.event("22", "acknowledge", event_on=ARRIVED_AT.date())
    files.states()
    for days in (1, 5, 9, 30):
        now = ARRIVED_AT + timedelta(days=days)
        with files.database.reading() as connection:
            found = waiting(connection, calendar_of(read_codes(settings.forms / "codes")), now, "en")
        listed = list(open_referrals(settings, now, Wanted(overdue=True)))
        assert sum(one.overdue for one in found) == len(listed)
    assert [one.centre for one in found] == ["baiji"] and found[0].overdue == 3


@pytest.mark.parametrize("key", TEXTS)
def test_text__each__is_there_in_three_languages(key: str) -> None:
    assert TEXTS[key].keys() == set(LANGUAGES) and all(TEXTS[key].values())


def test_summary__of_now__is_shown_and_sent_when_asked(
    files: Files, tmp_path: Path, kobo_crc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("summary", "--folder", str(tmp_path))
    assert kobo_crc(*words).out == "kobo_crc: what waits (nightly)\nNothing waits.\n"
    files.referral("21")
    files.states()
    monkeypatch.setenv("KOBO_CRC_WEBHOOK_URL", HOOK)
    shown = kobo_crc(*words)
    assert shown.out.splitlines()[1].startswith("baiji: overdue 1,") and shown.code == 0
    with responses.RequestsMock() as mock:
        mock.post(HOOK, status=500)
        said = kobo_crc(*words, "--send")
    assert said.code == 1 and "the answer was 500" in said.error

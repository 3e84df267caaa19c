"""Referrals as a coordinator asks for them in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from kobo_crc.codes import random_code
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import PROBLEM, SUBMISSION
from kobo_crc.model import NOT_APPROVED
from kobo_crc.referrals.replies import Reply, land
from tests.commands import Command, settings_file
from tests.referrals.conftest import ARRIVED_AT, Files
from tests.stores import Stores

FIRST, SECOND, SENSITIVE = (random_code("2", Random(seed)) for seed in range(3))


@pytest.fixture
def files(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kobo_crc: Command) -> Iterator[Files]:
    """A store of three referrals of last year: one declined and referred again, and a sensitive one."""
    kobo_crc("init", str(tmp_path))
    settings = stores.settings(tmp_path)
    monkeypatch.chdir(settings_file(settings))
    with Database.of(settings) as database:
        files = Files(database)
        files.referral(FIRST, receiving_organization_code="nrc")
        files.event(FIRST, "decline", event_on=date(2026, 11, 3), reason_code="no_capacity")
        files.referral(SECOND, previous_reference_code=FIRST, sent_at=ARRIVED_AT - timedelta(days=1))
        files.referral(SENSITIVE, service_code="gbv", sensitive_code="yes")
        files.event(SENSITIVE, "acknowledge", event_on=date(2026, 11, 4))
        files.states()
        yield files


def test_show__whole_life__in_days_and_codes(files: Files, kobo_crc: Command) -> None:
    said = kobo_crc("referral", "show", FIRST)
    assert said.code == 0
    assert said.out.splitlines() == [
        f"referral  {FIRST} · _id 1001",
        "centre    baiji",
        "service   health",
        "receiver  nrc",
        "priority  normal",
        "state     not_accepted since 2026-11-03",
        "sent      2026-11-01",
        f"followed  by {SECOND}",
        "  2026-11-03  decline · no_capacity · _id 1002",
    ]


def test_show__open_one__says_what_is_awaited(files: Files, kobo_crc: Command) -> None:
    said = kobo_crc("referral", "show", SECOND).out.splitlines()
    assert "awaited   decide by 2026-11-12, never answered, overdue" in said
    assert f"follows   {FIRST}" in said


def test_show__problems_of_it_and_of_its_questions__are_named(files: Files, kobo_crc: Command) -> None:
    paths = {"a": "referral[1]", "b": "referral[1]/service", "c": "referral[11]/service", "d": "visit"}
    rows = [{"submission_id": 1, "step": "s", "path": path, "code": code} for code, path in paths.items()]
    with files.database.writing() as connection:
        connection.execute(sa.insert(PROBLEM), [row | {"detail": ""} for row in rows])
    assert "problems  a, b" in kobo_crc("referral", "show", FIRST).out.splitlines()


def test_show__follow_up_refused_by_a_reviewer__is_not_told(files: Files, kobo_crc: Command) -> None:
    with files.database.writing() as connection:
        connection.execute(sa.update(SUBMISSION).values(validation_status=NOT_APPROVED))
    assert "decline" not in kobo_crc("referral", "show", FIRST).out


def test_show__typed_as_on_the_slip_in_arabic_digits__is_found(files: Files, kobo_crc: Command) -> None:
    typed = " ".join((FIRST[:4], FIRST[4:8], FIRST[8:])).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert FIRST in kobo_crc("referral", "show", typed).out


def test_show__sensitive__has_codes_and_days_alone(files: Files, kobo_crc: Command) -> None:
    said = kobo_crc("referral", "show", SENSITIVE)
    assert "service   (sensitive)" in said.out
    assert "2026-11-04  acknowledge" in said.out
    assert "gbv" not in said.out and "drc" not in said.out


@pytest.mark.parametrize(("number", "mistyped"), [(random_code("2", Random(9)), False), ("212345678900", True)])
def test_show__unknown_number__is_one_sentence(files: Files, kobo_crc: Command, number: str, mistyped: bool) -> None:
    said = kobo_crc("referral", "show", number)
    assert (said.code, said.out) == (1, "")
    assert "Please look at the slip again" in said.error
    assert ("mistyped" in said.error) == mistyped


@pytest.mark.parametrize(("number", "by"), [(FIRST, "nrc · reply"), (SENSITIVE, "reply")])
def test_show__reply_of_the_receiver__stands_among_the_rest(
    files: Files, kobo_crc: Command, number: str, by: str
) -> None:
    with files.database.writing() as connection:
        land(connection, [Reply(number, "nrc", "acknowledge", date(2026, 11, 2))], ARRIVED_AT)
    files.states()
    told = [line for line in kobo_crc("referral", "show", number).out.splitlines() if line.startswith("  ")]
    assert told[0] == f"  2026-11-02  acknowledge · {by}"
    assert len(told) == 2


def test_list__open_ones__longest_due_first_with_what_is_awaited(files: Files, kobo_crc: Command) -> None:
    first, second, total = kobo_crc("referral", "list").out.splitlines()
    assert first.startswith(f"{SECOND} · baiji · health · drc · normal · sent since 2026-10-31 · decide by 2026-11-12")
    assert second.startswith(f"{SENSITIVE} · baiji · (sensitive) · normal · acknowledged since 2026-11-04")
    assert total == "2 referrals"


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--overdue",), 2),
        (("--centre", "baiji"), 2),
        (("--centre", "jalawla"), 0),
        (("--receiver", "drc"), 1),  # a sensitive one cannot be found by its receiver
        (("--priority", "urgent"), 0),
        (("--overdue", "--receiver", "drc", "--priority", "normal"), 1),
    ],
)
def test_list__narrowed__shows_those_alone(files: Files, kobo_crc: Command, words: tuple[str, ...], count: int) -> None:
    assert kobo_crc("referral", "list", *words).out.splitlines()[-1] == f"{count} referrals"


def test_list__more_than_the_limit__says_so(files: Files, kobo_crc: Command) -> None:
    said = kobo_crc("referral", "list", "--limit", "1").out.splitlines()
    assert len(said) == 2
    assert said[-1] == "2 referrals, the first 1 shown"


def test_list__no_store_yet__is_one_sentence(tmp_path: Path, kobo_crc: Command) -> None:
    kobo_crc("init", str(tmp_path / "new"))
    settings = tmp_path / "new" / "kobo_crc.toml"
    settings.write_text('server_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    said = kobo_crc("referral", "list", "--folder", str(tmp_path / "new"))
    assert said.code == 1
    assert "Please run: kobo-crc run nightly" in said.error

"""An officer's own login on a server: what the desk needs is written, and each opening stands in the audit before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import outreach, store
from kobo_crc.codes import random_code
from kobo_crc.config import Settings
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import AUDIT, CODES, DISCLOSED, OPENED, SUBMISSION
from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.opening import opened
from kobo_crc.outreach import Asked, Calls
from kobo_crc.people.matches import names_of
from tests.commands import Command
from tests.e2e.logins import admit_all, as_login, dismiss_all
from tests.outreach.conftest import AT, NAMED, Office
from tests.postgres import Postgres
from tests.stores import on_postgresql

pytestmark = on_postgresql
OWN, OTHER = "212345678955", "22"
CARDS = (random_code("1", Random(1)), random_code("1", Random(2)))
PASSWORD = SecretStr("a long password")
FOR_BAIJI = Calls("centre", "baiji", "calls")


@pytest.fixture
def karwan(office: Office, postgresql: Postgres) -> Iterator[Settings]:
    """An officer of Baiji and Jalawla, where one referral is of Baiji and one of another centre."""
    own = office.refer(OWN, NAMED, limits="no_home_visit", person_code=CARDS[0])
    other = office.refer(OTHER, NAMED | {"given_name": "هدى"}, person_code=CARDS[1])
    for number, card in ((own, CARDS[0]), (other, CARDS[1])):
        office.files.row("registration", number, person_code=card)
    with office.database.writing() as connection:
        for number, centre in ((own, "baiji"), (other, "mosul")):
            here = SUBMISSION.c.submission_id == number
            connection.execute(sa.update(SUBMISSION).where(here).values(centre_code=centre))
        mosul = {"code": "mosul", "label_ar": "", "label_ckb": "", "label_en": ""}
        connection.execute(sa.insert(CODES["centre"]).values(mosul))
    office.files.states()
    admit_all(office.settings, postgresql)
    yield as_login(office.settings, "karwan")
    dismiss_all(office.settings, postgresql)


def lines(office: Office) -> list[tuple[Any, ...]]:
    """Who wrote what into the audit, and which submissions that opened."""
    c = AUDIT.c
    with office.database.reading() as connection:
        found = connection.execute(sa.select(c.audit_id, c.who, c.action, c.purpose, c.row_count).order_by(c.audit_id))
        which = connection.execute(sa.select(OPENED)).all()
    return [(*line[1:], [number for audit_id, number in which if audit_id == line[0]]) for line in found]


def told(office: Office) -> list[tuple[Any, ...]]:
    c = DISCLOSED.c
    with office.database.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(c.receiver, c.way, c.told).order_by(c.receiver))]


def test_letter__of_the_own_centre__is_written_and_stands_in_the_audit(office: Office, karwan: Settings) -> None:
    made = outreach.letter(karwan, Asked(OWN, "to the desk", "ar"), AT)
    assert "أمل كريم الجبوري" in made.path.read_text(encoding="utf-8")
    assert lines(office) == [("karwan", "referral letter", "to the desk", 1, [1])]
    assert told(office) == [("drc", "letter", "number, limits, name, phone")]


def test_letter__of_another_centre__is_of_no_referral_there_is(office: Office, karwan: Settings) -> None:
    with pytest.raises(ConfigError, match="no referral with this number"):
        outreach.letter(karwan, Asked(OTHER, "to the desk", "ar"), AT)
    assert lines(office) == [] == told(office)


def test_letter__sensitive__opens_nothing_and_is_told_all_the_same(office: Office, karwan: Settings) -> None:
    with office.database.writing() as connection:
        connection.execute(sa.text("UPDATE store.referral SET sensitive_code = 'yes'"))
        store.count_write(connection)
    office.files.states()
    made = outreach.letter(karwan, Asked(OWN, "to the desk", "ar"), AT)
    assert made.told == ()
    assert lines(office) == [("karwan", "referral letter", "to the desk", 0, [])]
    assert told(office) == [("drc", "letter", "number")]


def test_call_list__of_the_own_centre__names_its_people_alone(office: Office, karwan: Settings) -> None:
    made = outreach.call_list(karwan, FOR_BAIJI, PASSWORD, AT)
    assert (made.count, made.named) == (1, 1)
    assert lines(office) == [("karwan", "worklist --contacts", "calls", 1, [1])]
    outreach.call_list(karwan, Calls("organization", "drc", "calls"), PASSWORD, AT)
    assert [row[0] for row in told(office)] == ["centre baiji", "drc"]


def test_call_list__of_another_centre__is_refused_rather_than_empty(office: Office, karwan: Settings) -> None:
    with pytest.raises(ConfigError, match="an officer's of baiji, jalawla"):
        outreach.call_list(karwan, Calls("centre", "mosul", "calls"), PASSWORD, AT)
    assert lines(office) == []


def test_look__names_of_the_own_centre_alone(office: Office, karwan: Settings) -> None:
    with opened(karwan, to_officers=True) as database:
        found = dict(names_of(database, CARDS, "lost card", AT))
    assert found == {CARDS[0]: ["أمل كريم الجبوري · 07701234567"], CARDS[1]: []}
    assert lines(office) == [("karwan", "people look", "lost card", 1, [1])]


def test_told__is_for_the_nights_login(office: Office, karwan: Settings) -> None:
    with pytest.raises(StoreError, match="where the nights run"):
        outreach.told(karwan, OWN, "x", AT)


def test_letter__while_a_run_holds_the_database__waits_for_nothing(office: Office, karwan: Settings) -> None:
    with Database.of(as_login(office.settings, "crc_night")) as night, night.alone():
        assert outreach.letter(karwan, Asked(OWN, "to the desk", "ar"), AT).path.exists()


def test_letter__before_an_upgrade__is_refused(office: Office, karwan: Settings) -> None:
    with office.database.writing() as connection:
        connection.execute(sa.text("UPDATE vault.alembic_version SET version_num = '0001'"))
    with pytest.raises(StoreError, match="after the next night"):
        outreach.letter(karwan, Asked(OWN, "to the desk", "ar"), AT)
    assert lines(office) == []


@pytest.fixture
def desk(karwan: Settings, tmp_path: Path) -> Path:
    """A folder whose settings have the officer's login."""
    path = tmp_path / "kobo_crc.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("postgres@", "karwan@"), encoding="utf-8")
    return tmp_path


REFUSED = (
    f"person erase {CARDS[0]} --purpose x --yes",
    "people matches",
    f"people join {CARDS[0]} {CARDS[1]} --purpose x",
    "files 4711 --purpose x --into out",
    "referral told 212345678955 --purpose x",
    "retention --dry-run",
    "indicators --from 2026-10",
    "export excel --from 2026-10",
    "cards --people 10",
    "backup copies",
    "vault status",
    "vault rotate",
    "store check",
    "store upgrade",
)


@pytest.mark.parametrize("words", REFUSED)
def test_cli__what_needs_all_centres__is_one_sentence(
    office: Office, desk: Path, kobo_crc: Command, words: str
) -> None:
    said = kobo_crc(*words.split(), "--folder", str(desk))
    assert said.code == 1 and "This login is an officer's" in said.error, (said.out, said.error)
    assert said.error.count("\n") == 1 and lines(office) == []


def test_cli__officers_part_of_a_person_and_exact_figures(
    office: Office, desk: Path, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    shown = kobo_crc("person", "show", CARDS[0], "--purpose", "x")
    assert (shown.code, shown.error) == (0, "")
    assert "your own centres" in shown.out and "Who was told" in shown.out
    exported = kobo_crc("person", "export", CARDS[0], "--purpose", "y", "--into", "copy.json")
    assert (exported.code, exported.error) == (0, "") and "No files are with it." in exported.out
    figures = ("indicators", "--internal", "--from", "2026-10", "--centre")
    assert kobo_crc(*figures, "baiji").code == 0
    assert "an officer's of baiji, jalawla" in kobo_crc(*figures, "mosul").error
    assert [line[1:] for line in lines(office)] == [("person show", "x", 1, [1]), ("person export", "y", 1, [1])]


@pytest.mark.parametrize("words", ["problems", "referral list", f"referral show {OWN}", "summary"])
def test_cli__what_reads_the_store_alone__works_for_an_officer(desk: Path, kobo_crc: Command, words: str) -> None:
    said = kobo_crc(*words.split(), "--folder", str(desk))
    assert (said.code, said.error) == (0, "") and OTHER not in said.out.split()

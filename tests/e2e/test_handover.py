"""The centres passed on: nothing about people but of who agreed to that, for that organisation."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.consent import HandoverWish, passing_to
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import AUDIT, CODES, SUBMISSION
from kobo_crc.handover import HEADER
from kobo_crc.outputs.locked import unlocked
from tests.commands import Command, settings_file
from tests.e2e.centre import Centre, unsealed
from tests.e2e.test_people import come, form

ROSA, NUR, SAMI, HANA = (random_code(PERSON_CARD, Random(seed)) for seed in (1, 2, 3, 4))
PASSED_ON = """| | select_one organization | pass_on | Pass on | نقل | گواستنەوە | none | consent.handover_to_code | |
| | select_one yes_no | record | Record | تسجيل | تۆمار | none | consent.record_code | |
"""
PASSWORD = "a long password of jcmc"


@pytest.fixture
def centre_of_wishes(centre: Centre) -> Centre:
    """Rosa agreed to go on to jcmc. Nur agreed, and for drc later. Sami agreed, and wants to be recorded no more. Hana
    was never asked."""
    text = form().replace("| settings |", PASSED_ON + "| settings |")
    (centre.settings.forms / "small.md").write_text(text, encoding="utf-8")
    for card, name, to in ((ROSA, "روزا", "jcmc"), (NUR, "نور", "jcmc"), (SAMI, "سامي", "jcmc"), (HANA, "هناء", "")):
        come(centre, card, name, "أحمد", pass_on=to, phone="07701234567")
    come(centre, NUR, "نور", "أحمد", pass_on="drc")
    come(centre, SAMI, "سامي", "أحمد", pass_on="", record="no")
    come(centre, ROSA, "روزا", "أحمد", pass_on="")
    centre.night()
    settings_file(centre.settings)
    return centre


def hand_over(centre: Centre, kobo_crc: Command, to: str = "jcmc") -> tuple[int, str, Path]:
    there = centre.settings.store.parent
    words = ["--to", to, "--purpose", "agreement of December", "--into", str(there / "out"), "--folder", str(there)]
    said = kobo_crc("handover", *words)
    return said.code, said.out + said.error, there / "out" / f"handover-{to}"


def test_passing_to__newest_answer_counts__and_no_answer_changes_nothing() -> None:
    yes, other, no, none = (
        HandoverWish("a", None, "jcmc"),
        HandoverWish("a", "yes", "drc"),
        HandoverWish("a", "no", "jcmc"),
        HandoverWish("a", None, None),
    )
    assert passing_to("jcmc", [yes, none]) == {"a"}
    assert passing_to("jcmc", [yes, other]) == passing_to("jcmc", [yes, no]) == passing_to("jcmc", [none]) == set()
    assert passing_to("drc", [yes, other]) == {"a"}


def test_handover__rows_about_people__only_of_who_agreed_and_under_a_password(
    centre_of_wishes: Centre, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, folder = hand_over(centre_of_wishes, kobo_crc)
    assert code == 1 and "KOBO_CRC_REPLY_PASSWORD_JCMC" in said and not folder.exists()
    monkeypatch.setenv("KOBO_CRC_REPLY_PASSWORD_JCMC", PASSWORD)
    code, said, folder = hand_over(centre_of_wishes, kobo_crc)
    assert code == 0 and "1 cards of people who agreed" in said
    plain = unlocked((folder / "people.xlsx").read_bytes(), "people.xlsx", SecretStr(PASSWORD))
    rows = list(openpyxl.load_workbook(BytesIO(plain)).active.values)
    assert rows[0] == HEADER and [row[:3] for row in rows[1:]] == [(ROSA, "روزا", "أحمد")]
    with unsealed(centre_of_wishes.settings) as database, database.reading() as connection:
        c = AUDIT.c
        [told] = connection.execute(sa.select(c.action, c.purpose, c.row_count)).all()
    assert tuple(told) == ("handover", "agreement of December", 1)


def test_handover__everything_else__names_nobody(centre_of_wishes: Centre, kobo_crc: Command) -> None:
    code, said, folder = hand_over(centre_of_wishes, kobo_crc, "nrc")
    assert code == 0 and "No rows about people" in said
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"forms/small.md", "forms/xlsx/small.xlsx", "forms/codes/centre.csv", "dictionary.md"} <= names
    assert {"store.db", "directory.hsds.json"} <= names and "people.xlsx" not in names
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not [text for text in (ROSA, NUR, SAMI, HANA, "روزا", "7701234567") if text.encode() in whole]
    with Database(folder / "store.db") as empty, empty.reading() as connection:
        assert connection.execute(sa.select(SUBMISSION)).all() == []
        assert connection.execute(sa.select(sa.func.count()).select_from(CODES["centre"])).scalar_one() > 5


def test_handover__unknown_receiver_or_folder_that_is_there__is_refused(
    centre_of_wishes: Centre, kobo_crc: Command
) -> None:
    assert "no code nobody" in hand_over(centre_of_wishes, kobo_crc, "nobody")[1]
    assert hand_over(centre_of_wishes, kobo_crc, "nrc")[0] == 0
    assert "is there already" in hand_over(centre_of_wishes, kobo_crc, "nrc")[1]

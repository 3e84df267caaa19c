"""The catalogue of problems is whole: every code that a part can give has cause and remedy in three languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kobo_crc
from kobo_crc.problems import PROBLEMS
from kobo_crc.xlsform.form import LANGUAGES

PACKAGE = Path(kobo_crc.__file__).parent
# Where codes are given: a quoted word that begins like one of the catalogue's.
SOURCES = ("casts.py", "rules.py", "normalise.py", "referrals/lifecycle.py", "referrals/derive.py")
FIRST_WORDS = "|".join(
    sorted({code.partition("_")[0] for code in PROBLEMS} - {"person", "reference", "event", "previous"})
)
GIVEN = re.compile(
    rf'"((?:{FIRST_WORDS})_[a-z_]+|event_impossible|previous_unknown|event_in_\w+|event_before_\w+|reference_code_\w+|person_r\w+)"'
)


@pytest.mark.parametrize("code", PROBLEMS)
def test_problems__each_kind__speaks_three_languages(code: str) -> None:
    kind = PROBLEMS[code]
    assert set(kind.cause) == set(kind.remedy) == set(LANGUAGES)
    assert all(kind.cause.values()) and all(kind.remedy.values())
    assert kind.cause["ar"] != kind.cause["ckb"] and kind.remedy["ar"] != kind.remedy["ckb"]


@pytest.mark.parametrize("code", PROBLEMS)
def test_problems__each_remedy__asks_politely(code: str) -> None:
    remedy = PROBLEMS[code].remedy
    assert (
        remedy["en"].startswith("Please ") and remedy["ar"].startswith("يرجى ") and remedy["ckb"].startswith("تکایە ")
    )


@pytest.mark.parametrize("name", SOURCES)
def test_problems__each_code_given__is_in_catalogue(name: str) -> None:
    found = set(GIVEN.findall((PACKAGE / name).read_text(encoding="utf-8")))
    assert found and found <= PROBLEMS.keys()

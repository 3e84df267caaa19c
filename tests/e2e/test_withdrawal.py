"""A consent taken back, over real HTTP: the next night it has reached every output, and withdrawn the open referral."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from random import Random

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.database.metadata import DERIVED_TABLES
from kobo_crc.outputs.exports import referrals as exported
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.people import people
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.tables import lines
from kobo_crc.outputs.locked import unlocked
from kobo_crc.replies import make
from tests.e2e.centre import Centre, unsealed
from tests.e2e.test_people import come, form, say

AT = datetime(2026, 11, 24, 9, 0)
PASSWORD = SecretStr("a long password of drc")
REFERRALS = """| | select_one yes_no | told | Told | أُبلغت | ئاگادار | none | consent.share_code | |
| | begin_repeat | referral | Referral | إحالة | ڕەوانەکردن | | referral | |
| | text | number | Number | رقم | ژمارە | quasi | referral.reference_code | |
| | text | whose | Whose | لمن | هی کێ | quasi | referral.person_code | |
| | select_one service | service | Service | خدمة | خزمەتگوزاری | sensitive | referral.service_code | |
| | select_one yes_no | hidden | Sensitive | حساسة | هەستیار | sensitive | referral.sensitive_code | |
| | select_one organization | to | To | إلى | بۆ | sensitive | referral.receiving_organization_code | |
| | select_one priority | priority | Priority | أولوية | ئەولەوییەت | quasi | referral.priority_code | |
| | select_one referral_status | status | Status | حالة | دۆخ | none | referral.status_code | |
| | select_one yes_no | share | Share | مشاركة | هاوبەشی | none | referral.consent_share_code | |
| | end_repeat |  |  |  |  |  |  |  |
"""
KEPT, TAKEN = (random_code("2", Random(seed)) for seed in (1, 2))
ROSA, NUR, SECOND = (random_code(PERSON_CARD, Random(seed)) for seed in (3, 4, 5))


def referral(number: str, card: str) -> dict[str, str]:
    said = {"number": number, "whose": card, "service": "livelihoods", "hidden": "no", "to": "drc"}
    return {
        f"referral/{key}": value
        for key, value in {**said, "priority": "emergency", "status": "sent", "share": "yes"}.items()
    }


@pytest.fixture
def centre_of_referrals(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """Rosa and Nur are each referred to drc, agreed to that, and to being counted."""
    (centre.settings.forms / "small.md").write_text(
        form().replace("| settings |", REFERRALS + "| settings |"), encoding="utf-8"
    )
    (centre.settings.pipelines / "nightly.toml").write_text(
        'title = "Test"\nforms = ["small"]\nsteps = ["pull", "load", "derive", "worklists"]\n', encoding="utf-8"
    )
    monkeypatch.setenv("KOBO_CRC_REPLY_PASSWORD_DRC", PASSWORD.get_secret_value())
    for card, name, number in ((ROSA, "روزا", TAKEN), (NUR, "نور", KEPT)):
        come(centre, card, name, "أحمد", day="2026-11-20", referral=[referral(number, card)])
    centre.night()
    return centre


def outputs(centre: Centre) -> dict[str, object]:
    """What each output has: the state of each referral, the numbers told to drc, the rows exported, people counted."""
    partner = centre.settings.worklists / "partners" / "drc.xlsx"
    workbook = make(centre.settings, "drc", PASSWORD, "en", AT).path
    state = DERIVED_TABLES["referral_state"].c
    with unsealed(centre.settings) as database, database.reading() as connection:
        states = {row[0]: row[1] for row in connection.execute(sa.select(state.reference_code, state.state_code))}
        reader, month = Reader(connection), Month(2026, 11)
        cases = {case.referral for case in exported.cases(connection, reader, [month])}
        counted = lines(people(reader, month), (), None)[0].text
    return {
        "states": states,
        "worklist": told(partner.read_bytes()),
        "workbook": told(workbook.read_bytes()),
        "export": cases,
        "people": counted,
    }


def told(content: bytes) -> set[str]:
    """Which of the two referrals a locked workbook names anywhere."""
    book = openpyxl.load_workbook(BytesIO(unlocked(content, "x", PASSWORD)))
    cells = {str(cell) for sheet in book for row in sheet.values for cell in row if cell is not None}
    return {number for number in (KEPT, TAKEN) if any(number in cell.replace(" ", "") for cell in cells)}


def test_consent__not_taken_back__both_are_in_every_output(centre_of_referrals: Centre) -> None:
    assert outputs(centre_of_referrals) == {
        "states": {KEPT: "sent", TAKEN: "sent"},
        "worklist": {KEPT, TAKEN},
        "workbook": {KEPT, TAKEN},
        "export": {KEPT, TAKEN},
        "people": "2",
    }


def test_sharing__taken_back__withdraws_the_referral_and_leaves_what_goes_to_the_receiver(
    centre_of_referrals: Centre,
) -> None:
    centre_of_referrals.change(1, lambda record: record["referral"][0].update({"referral/share": "no"}))
    centre_of_referrals.night()
    found = outputs(centre_of_referrals)
    assert found["states"] == {KEPT: "sent", TAKEN: "withdrawn"}
    assert found["worklist"] == found["workbook"] == {KEPT}


def test_sharing__taken_back_under_a_second_card__reaches_what_was_referred_under_the_first(
    centre_of_referrals: Centre,
) -> None:
    come(centre_of_referrals, SECOND, "روزا", "أحمد", day="2026-11-23", told="no")
    centre_of_referrals.night()
    assert outputs(centre_of_referrals)["states"] == {KEPT: "sent", TAKEN: "sent"}
    say(centre_of_referrals, "join", SECOND, ROSA)
    centre_of_referrals.night()
    found = outputs(centre_of_referrals)
    assert found["states"] == {KEPT: "sent", TAKEN: "withdrawn"}
    assert found["worklist"] == found["workbook"] == {KEPT}


def test_being_counted__taken_back__leaves_figures_and_exports(centre_of_referrals: Centre) -> None:
    centre_of_referrals.change(1, lambda record: record.update({"report": "no"}))
    centre_of_referrals.night()
    found = outputs(centre_of_referrals)
    assert found["export"] == {KEPT} and found["people"] == "1"


def test_everything__taken_back_by_deletion__leaves_every_output(centre_of_referrals: Centre) -> None:
    centre_of_referrals.delete(1)
    centre_of_referrals.night()
    assert outputs(centre_of_referrals) == {
        "states": {KEPT: "sent"},
        "worklist": {KEPT},
        "workbook": {KEPT},
        "export": {KEPT},
        "people": "1",
    }

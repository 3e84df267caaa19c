"""Renamed and moved questions: which old path leads where, and cells of `was` that lead nowhere."""

from __future__ import annotations

import pytest

from kobo_crc.xlsform.check import check
from kobo_crc.xlsform.findings import found
from kobo_crc.xlsform.moves import moves_of
from kobo_crc.xlsform.plan import plan
from kobo_crc.xlsform.structure import version_findings
from tests.xlsform.samples import FACTS, form_of

MOVED = """
| survey |
| | type | name | was | store | pii |
| | begin_group | visit | | visit | |
| | text | remark | note intro/note | visit.remark | quasi |
| | end_group | | | | |
| | begin_repeat | referral | sent | referral | |
| | text | slip | | referral.reference_code | quasi |
| | begin_group | more | sent/rest | | |
| | text | why | | | |
| | end_group | | | | |
| | end_repeat | | | | |
"""


def test_moves__question_and_repeat__lead_from_each_old_path_to_todays() -> None:
    assert moves_of(form_of(MOVED)) == {
        "note": "visit/remark",
        "intro/note": "visit/remark",
        "sent": "referral",
        "sent/slip": "referral/slip",
        "sent/rest/why": "referral/more/why",
        "sent/more/why": "referral/more/why",
    }


def test_moves__of_the_form__change_its_digest() -> None:
    assert (
        plan(form_of(MOVED), FACTS).digest != plan(form_of(MOVED.replace("| note intro/note", "| note")), FACTS).digest
    )
    assert [finding for finding in check(form_of(MOVED), FACTS) if finding.code.startswith("was")] == []


@pytest.mark.parametrize(
    ("cell", "instead", "code", "row"),
    [
        ("note intro/note", "intro//note", "was_syntax", 3),
        ("note intro/note", "referral/slip", "was_still_there", 3),
        ("note intro/note", "sent", "was_twice", 5),
        ("note intro/note", "sent/note", "was_elsewhere", 3),
        ("sent/rest", "note", "was_twice", 7),
    ],
)
def test_check__was_that_cannot_be_followed__is_found(cell: str, instead: str, code: str, row: int) -> None:
    form = form_of(MOVED.replace(cell, instead))
    assert (code, row) in {(finding.code, finding.row) for finding in check(form, FACTS)}


def test_versions__moved_question__keeps_its_type() -> None:
    before = form_of("| survey |\n| | type | name |\n| | integer | note |")
    assert list(version_findings(form_of(MOVED), before)) == [
        found("survey", 3, "path_changed", path="note", before="integer")
    ]

"""Expressions that read an answer without what opens its question."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_crc.schema.facts import FACTS
from kobo_crc.xlsform.check import check
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.gates import gate_findings
from kobo_crc.xlsform.read import from_sheets, read
from kobo_crc.xlsform.sheets import parse_markdown

ROOT = Path(__file__).parents[2]
FORM = """
| survey |
| | type | name | relevant | calculation |
| | text | asked | | |
| | begin_group | who | ${{asked}}='yes' | |
| | text | card | | |
| | calculate | inside | | ${{card}} |
| | text | more | ${{card}}='x' | |
| | end_group | | | |
| | text | other | ${{card}}!='' | |
| | calculate | safe | | if(${{asked}}='yes', ${{card}}, '') |
| | calculate | tried | {relevant} | {calculation} |
"""


def form_of(calculation: str, relevant: str = "") -> Form:
    text = FORM.format(calculation=calculation, relevant=relevant)
    return from_sheets("sample", parse_markdown(text, "sample"), {})


def found(form: Form) -> list[str]:
    return [f"{finding.row} {finding.message}" for finding in gate_findings(form) if finding.row == 10]


@pytest.mark.parametrize(
    ("calculation", "relevant"),
    [
        ("if(${asked}='yes', ${card}, '')", ""),
        ("${card}", "${asked}='yes'"),
        ("${safe}", ""),
        ("concat(${safe}, ${card})", ""),
        ("${asked}", ""),
        ("1", "${asked}='yes' and ${card}='x'"),
        ("${other}", ""),  # its gate is only that there is an answer
    ],
)
def test_gates__read_together_with_the_answer__are_well(calculation: str, relevant: str) -> None:
    assert found(form_of(calculation, relevant)) == []


@pytest.mark.parametrize(
    ("calculation", "relevant", "column", "name"),
    [
        ("concat('a', ${card})", "", "calculation", "card"),
        ("${more}", "${card}='x'", "calculation", "more"),
        ("1", "${card}='x'", "relevant", "card"),
    ],
)
def test_gates__answer_read_alone__is_found(calculation: str, relevant: str, column: str, name: str) -> None:
    told = found(form_of(calculation, relevant))
    assert told
    assert f"10 sheet survey, row 10: the {column} reads {name}, which is asked only if ${{asked}}='yes'" in "".join(
        told
    )
    assert "Please read asked in the same expression." in told[0]


def test_gates__inside_the_same_group__need_nothing() -> None:
    assert {finding.row for finding in gate_findings(form_of("1"))} == {8}  # `other`, which reads the card alone


def test_gates__intake_that_forgets_its_gate__does_not_check() -> None:
    form = read(ROOT / "forms" / "intake.md", ROOT / "forms" / "codes")
    assert not [finding for finding in check(form, FACTS) if finding.code == "gate_ignored"]
    text = (ROOT / "forms" / "intake.md").read_text(encoding="utf-8")
    gated = "if((${displacement_status}='idp' or ${displacement_status}='returnee'), if(${origin_district}"
    assert text.count(gated) == 1
    torn = text.replace(gated, "if('a'='a', if(${origin_district}")
    broken = from_sheets("intake", parse_markdown(torn, "intake"), {})
    assert "origin_governorate" in "".join(finding.message for finding in gate_findings(broken))

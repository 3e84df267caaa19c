"""What a relevance says, told in comparisons of questions that people answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_crc.xlsform.conditions import ALWAYS, NEVER, UNTOLD, Compared, Condition, Joined, condition_of
from kobo_crc.xlsform.form import Row
from kobo_crc.xlsform.read import read

ROOT = Path(__file__).parents[2]
CALCULATIONS = {
    "age": "if(${typed}!='', translate(${typed}, '١', '1'), if(${born}!='', 2026 - number(${born}), ''))",
    "child": "if(${age}!='' and number(${age}) < 18, 'yes', 'no')",
    "secret": "if(${what}='gbv' or ${what}='cp', 'yes', if(${what}='', '', 'no'))",
    "sent": "if(${share}='yes' and not(${draft}='yes'), 'sent', 'draft')",
    "sum": "${typed} + ${born}",
    "copy": "once(${what})",
}
ROWS = {
    **{
        name: Row(2, "text", name, name, "", {}, "", "", "", {})
        for name in ("a", "b", "what", "typed", "born", "share", "draft")
    },
    **{
        name: Row(2, "calculate", name, name, "", {}, "", "", "", {"calculation": text})
        for name, text in CALCULATIONS.items()
    },
}


def said(condition: Condition) -> str:
    if isinstance(condition, Joined):
        return f"({(' & ' if condition.every else ' | ').join(map(said, condition.parts))})"
    return f"{condition.name}{condition.sign}{','.join(condition.values)}"


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("${a}='x'", "a=x"),
        ('${a} = "x y"', "a=x y"),
        ("selected(${a}, 'x') or selected( ${a} ,'y')", "a=x,y"),
        ("not(${a}='x' or ${a}='y')", "a!=x,y"),
        ("${a}='x' and (${b}='1' or ${a}='z')", "(a=x & (b=1 | a=z))"),
        ("not(${a}='x' and ${b}!='y')", "(a!=x | b=y)"),
        ("${a}!='' and ${b}='y'", "b=y"),
        ("${a}='' or ${b}>=5", "(a= | b>=5)"),
        ("not(number(${b}) < 5)", "b>=5"),
        ("${child}='yes'", "typed<18"),
        ("${age}=''", "typed="),
        ("${secret}='no' and ${a}='x'", "(what!=gbv,cp & a=x)"),
        ("${secret}='yes'", "what=gbv,cp"),
        ("${sent}='sent'", "(share=yes & draft!=yes)"),
        ("${sent}='draft'", "(share!=yes | draft=yes)"),
        ("${copy}='x'", "what=x"),
        ("${sum} > 3 and ${a}='x'", "(a=x & ?)"),
        ("pulldata('a', 'b') = ${a} and ${a}='x'", "(a=x & ?)"),
        ("${nobody}='x' and ${a}='x'", "(a=x & ?)"),
    ],
)
def test_condition__of_questions__is_told(expression: str, told: str) -> None:
    assert said(condition_of(expression, ROWS)) == told


@pytest.mark.parametrize(
    "expression", ["${sum} > 3", "${a}='x' or ${sum} > 3", "../a = 'x'", "count(${a}[b=1]) > 2", "${a}"]
)
def test_condition__beyond_telling__is_not_guessed(expression: str) -> None:
    assert condition_of(expression, ROWS) == UNTOLD


def test_condition__that_a_question_has_an_answer__is_none() -> None:
    assert condition_of("${a}!=''", ROWS) == ALWAYS
    assert condition_of("if('a'='a', 'x', 'y')='z'", {}) in (NEVER, UNTOLD)


def test_condition__sensitive_referral__keeps_its_narrative_off_the_paper_too() -> None:
    form = read(ROOT / "forms" / "intake.md", ROOT / "forms" / "codes")
    rows = {row.name: row for row in form.rows if row.name}
    for name in ("referral_note", "info_shared", "receiver_other"):
        condition = condition_of(rows[name].cells["relevant"], rows)
        assert isinstance(condition, Joined) and condition.every
        assert Compared("referral_service", "!=", ("gbv", "child_protection")) in condition.parts

"""Of a sensitive complaint nothing lands but that there was one, whatever a form version or an edit sends with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.normalise import Normaliser, Rows
from kobo_crc.schema.facts import FACTS
from kobo_crc.xlsform.check import check
from kobo_crc.xlsform.plan import plan
from kobo_crc.xlsform.read import read
from tests.activities.filling import CARD, TABLES, form_of, landed, rows_of, told
from tests.translation_review import CODES

ONLY_THE_FACT = {"feedback": [{"category_code": "channelled"}]}
# As an older form, another project's form or a bulk edit could send it.
CONTENT = {
    "received/centre": "baiji",
    "received/staff": "not_listed",
    "received/received_on": "2026-11-20",
    "reply/person_number": CARD,
    "reply/about_service": "cash",
    "answered/status": "closed",
    "story": "what happened, and who did it",
    "witness": [{"witness/name": "somebody"}],
}
# What may stand there and is no kind that this project knows as harmless.
MANY = """
| survey |
| | type                         | name     | label::English (en) | store                  | pii       |
| | begin_repeat                 | one      | One                 | feedback               |           |
| | select_one feedback_category | category | Kind                | feedback.category_code | sensitive |
| | end_repeat                   |          |                     |                        |           |
"""
MOVED = """
| survey |
| | type                         | name     | label::English (en) | store                  | pii       | was          |
| | select_one feedback_category | category | Kind                | feedback.category_code | sensitive | old/category |
| | select_one centre            | centre   | Centre              | feedback.centre_code   | none      | old/centre   |
"""
PATHS = st.sampled_from([row.path for row in form_of("feedback").rows])
SEALED = ["channelled", "sea", "fraud", "psea", "SEA", "thanks ", "", ["thanks"], {"thanks": "x"}, None, 7]


def record(category: Any) -> dict[str, Any]:
    return {**CONTENT, "kind/category": category}


@pytest.mark.parametrize("category", ["channelled", "sea", "fraud"])
def test_sensitive_complaint__with_content__is_one_row_that_says_channelled(category: str) -> None:
    rows = rows_of("feedback", record(category))
    assert told(rows) == ONLY_THE_FACT
    assert rows.answers == []
    assert [(problem.code, problem.path) for problem in rows.problems] == [("answers_sealed", "kind/category")]


@pytest.mark.parametrize("category", SEALED, ids=repr)
def test_complaint__without_a_harmless_kind__lets_nothing_else_through(category: Any) -> None:
    rows = rows_of("feedback", record(category))
    values = {value for found in told(rows).values() for row in found for value in row.values()}
    assert values <= {"channelled"}
    assert rows.answers == []
    assert "answers_sealed" in {problem.code for problem in rows.problems}


@given(st.dictionaries(PATHS | st.text(min_size=1), st.text() | st.lists(st.dictionaries(PATHS, st.text()))))
def test_sensitive_complaint__with_any_other_answers__is_one_row(answers: dict[str, Any]) -> None:
    rows = rows_of("feedback", {**answers, "kind/category": "channelled"})
    assert (told(rows), rows.answers) == (ONLY_THE_FACT, [])


def test_sensitive_complaint__as_the_form_sends_it__is_no_problem() -> None:
    rows = rows_of("feedback", {"kind/category": "channelled", "start": "2026-11-23T09:00:00.000+03:00", "meta/x": "y"})
    assert (told(rows), rows.problems) == (ONLY_THE_FACT, [])


def test_harmless_feedback__with_an_answer_of_another_version__is_read_as_ever() -> None:
    rows = rows_of("feedback", record("thanks"))
    [row] = told(rows)["feedback"]
    assert (row["centre_code"], row["person_code"]) == ("baiji", CARD)
    assert [problem.code for problem in rows.problems] == ["answer_unmapped"] * 2


def test_form__that_fills_feedback_without_its_kind__is_refused(tmp_path: Path) -> None:
    lines = (CODES.parent / "feedback.md").read_text(encoding="utf-8").replace("feedback.category_code", "-")
    (tmp_path / "feedback.md").write_text(lines, encoding="utf-8")
    found = check(read(tmp_path / "feedback.md", CODES), FACTS)
    assert {finding.code for finding in found} >= {"seal_missing"}
    assert len([finding for finding in found if finding.code == "seal_missing"]) == 13


def test_form__whose_kind_stands_in_a_repeat__is_refused(tmp_path: Path) -> None:
    (tmp_path / "feedback.md").write_text(MANY, encoding="utf-8")
    found = check(read(tmp_path / "feedback.md", CODES), FACTS)
    assert [finding.row for finding in found if finding.code == "seal_missing"] == [3]


def test_sensitive_complaint__under_the_path_of_an_older_form__is_sealed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "feedback.md").write_text(MOVED, encoding="utf-8")
    codes = {"feedback_category": frozenset({"thanks", "channelled"}), "centre": frozenset({"baiji"})}
    normaliser = Normaliser(plan(read(tmp_path / "feedback.md", CODES), FACTS), TABLES, codes)
    rows = Rows()
    normaliser.add(landed("feedback", {"old/category": "channelled", "old/centre": "baiji"}), rows)
    normaliser.add(landed("feedback", {"old/category": "thanks", "old/centre": "baiji"}, 2), rows)
    sealed, open_ = told(rows)["feedback"]
    assert sealed == {"category_code": "channelled"}
    assert open_ == {"category_code": "thanks", "centre_code": "baiji"}

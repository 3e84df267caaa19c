"""Where answers go: scopes, cells and what is left to the vault."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kobo_crc.errors import FormError
from kobo_crc.schema.tables import Column, Table
from kobo_crc.xlsform.plan import Cell, Plan, Scope, plan
from tests.xlsform.samples import FACTS, FORM, changed, form_of, with_row


def sample_plan() -> Plan:
    return plan(form_of(FORM), FACTS)


def test_plan__scopes__are_submission_groups_with_table_and_repeats() -> None:
    assert sample_plan().scopes == {
        "": Scope("", "", False, ""),
        "client": Scope("client", "registration", False, ""),
        "referral": Scope("referral", "referral", True, ""),
    }


def test_plan__cell_of_the_enclosing_table__belongs_to_that_scope() -> None:
    age = Cell("client/age", "client", "registration", "age_years", "integer", "", True, False)
    assert sample_plan().cells["client/age"] == age


def test_plan__cell_of_another_table__belongs_to_the_submission() -> None:
    given = Cell("client/given", "", "identity", "given_name", "text", "", True, False)
    assert sample_plan().cells["client/given"] == given


def test_plan__select_multiple__is_many() -> None:
    needs = Cell("needs", "", "need", "service_code", "select_multiple", "service", True, True)
    assert sample_plan().cells["needs"] == needs


def test_plan__computed_and_metadata__are_not_answered() -> None:
    cells = sample_plan().cells
    assert [path for path, cell in cells.items() if not cell.answered] == ["start", "centre", "referral/slip"]


def test_plan__answered__has_unstored_questions_but_no_notes() -> None:
    expected = {"day", "client/given", "client/age", "client/sex", "needs", "referral/why"}
    assert sample_plan().answered == expected


def test_plan__shown_but_computed__is_not_answered() -> None:
    shown = "| | text | shown | أ | ئا | A | visit.remark | quasi | ${age} | | |"
    planned = plan(with_row(shown, "| | begin_repeat"), FACTS)
    assert "shown" not in planned.answered
    assert not planned.cells["shown"].answered


def test_plan__dash_and_notes__are_ignored_and_empty_store_is_not() -> None:
    planned = plan(with_row("| | calculate | helper | | | | - | | 1 | | |"), FACTS)
    assert planned.ignored == {"hello", "referral/helper"}
    assert "referral/why" not in planned.cells


def test_plan__labels__of_every_question_by_language() -> None:
    labels = sample_plan().labels
    assert labels["client/age"] == {"ar": "عمر", "ckb": "تەمەن", "en": "Age"}
    assert labels["start"] == {}


def test_plan__codes__of_every_list_that_a_column_holds() -> None:
    # centre is only computed: no question of the form chooses from it
    assert sample_plan().codes == {
        "centre": frozenset({"mosul", "baiji"}),
        "sex": frozenset({"f", "m"}),
        "service": frozenset({"health", "legal"}),
    }


NESTED = """
| survey |
| | type | name | store | pii |
| | begin_repeat | referral | referral | |
| | begin_group | plain | | |
| | begin_group | person | registration | |
| | integer | age | registration.age_years | quasi |
| | text | slip | referral.reference_code | quasi |
| | select_multiple service | needs | need.service_code | sensitive |
| | end_group | | | |
| | end_group | | | |
| | begin_repeat | bare | | |
| | begin_repeat | barer | | |
| | end_repeat | | | |
| | select_multiple service | more | need.service_code | sensitive |
| | end_repeat | | | |
| | end_repeat | | | |
"""


def test_plan__nested_scopes__name_the_nearest_table_as_parent() -> None:
    scopes = plan(form_of(NESTED), FACTS).scopes
    assert scopes["referral/plain/person"] == Scope("referral/plain/person", "registration", False, "referral")
    assert scopes["referral/bare"] == Scope("referral/bare", "", True, "referral")
    assert scopes["referral/bare/barer"].parent == "referral"
    assert "referral/plain" not in scopes


def test_plan__nested_cells__go_to_the_nearest_scope_that_has_their_table() -> None:
    cells = plan(form_of(NESTED), FACTS).cells
    assert {path.rpartition("/")[2]: cell.scope for path, cell in cells.items()} == {
        "age": "referral/plain/person",
        "slip": "referral",
        "needs": "referral/plain/person",
        "more": "referral/bare",
    }


def test_plan__broken_mapping__raises_every_finding() -> None:
    form = with_row(
        "| | text | a | أ | ئا | A | visti.remark | quasi | | | |\n| | text | b | ب | بێ | B | - - | quasi | | | |"
    )
    with pytest.raises(FormError, match=r"(?s)sheet survey, row 15: .*Did you mean visit\?.*row 16: .*"):
        plan(form, FACTS)


def test_digest__is_the_same_in_another_process() -> None:
    code = "from tests.xlsform.test_plan import sample_plan; print(sample_plan().digest)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[2],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": "."},
    )
    assert run.stdout.strip() == sample_plan().digest
    assert len(sample_plan().digest) == 12


def test_digest__labels__do_not_change_it() -> None:
    assert plan(changed("| Age |", "| Years |"), FACTS).digest == sample_plan().digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| begin_group             | client   |", "| begin_group | person |"),
        ("| | integer                 | age ", "| | calculate | age "),
        ("| Why | | |", "| Why | - | |"),
        ("| | text                    | why", "| | hidden | why"),
    ],
)
def test_digest__whatever_can_change_a_row__changes_it(old: str, new: str) -> None:
    form = changed(old, new)
    assert plan(form, FACTS).digest != sample_plan().digest


def test_digest__column_type_rule_and_codes__change_it() -> None:
    def digest_with(column: Column) -> str:
        tables = [
            replace(table, columns=tuple(column if old.name == column.name else old for old in table.columns))
            for table in FACTS
        ]
        return plan(form_of(FORM), tables).digest

    number = Column("age_years", "integer", "quasi", "")
    others = (replace(number, type="decimal"), replace(number, rule="age"))
    assert len({digest_with(column) for column in (number, *others)}) == 3
    fewer = replace(form_of(FORM), code_lists={**form_of(FORM).code_lists, "centre": frozenset({"mosul"})})
    assert plan(fewer, FACTS).digest != sample_plan().digest


def test_plan__foreign_tables__are_not_needed() -> None:
    assert plan(form_of(FORM), (*FACTS, Table("other", "", ()))).digest == sample_plan().digest

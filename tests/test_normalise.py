"""A form as Markdown and a submission as JSON give these rows and these problems."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.model import Landed, Origin
from kobo_crc.normalise import Normaliser, Rows
from kobo_crc.rules import RULES, Arrival
from kobo_crc.schema.tables import Column, Table
from kobo_crc.sources.kobo import submission_of
from kobo_crc.xlsform.plan import plan
from kobo_crc.xlsform.read import read

TABLES = (
    Table(
        "visit",
        "A visit.",
        (
            Column("visited_on", "date", "none", "day", rule="past"),
            Column("staff_code", "text", "none", "who"),
            Column("person_code", "text", "none", "card", rule="number"),
        ),
    ),
    Table(
        "household_member",
        "A member.",
        (Column("age_years", "integer", "quasi", "age", rule="age"), Column("sex_code", "code", "quasi", "sex", "sex")),
    ),
    Table("need", "A need.", (Column("need_code", "code", "none", "need", "need"),), link=True),
    Table("document", "A document.", (Column("status", "text", "none", "status"),)),
    Table("identity", "Names.", (Column("given_name", "text", "direct", "name"),), vault=True),
)
CODES = {"sex": frozenset({"female", "male"}), "need": frozenset({"health", "legal"})}
FORM = """
| survey |                      |           |                         |        |                             |
|        | type                 | name      | label::English (en)     | pii    | store                       |
|        | start                | start     |                         |        |                             |
|        | begin_group          | visit     | Visit                   |        | visit                       |
|        | date                 | day       | Day                     | none   | visit.visited_on            |
|        | text                 | typed     | Card                    |        | -                           |
|        | calculate            | card      |                         | none   | visit.person_code           |
|        | calculate            | staff     |                         | none   | visit.staff_code            |
|        | end_group            |           |                         |        |                             |
|        | text                 | given     | Name                    | direct | identity.given_name         |
|        | text                 | remark    | Remark                  |        |                             |
|        | begin_repeat         | member    | Member                  |        | household_member            |
|        | integer              | age       | Age                     | quasi  | household_member.age_years  |
|        | select_one sex       | sex       | Sex                     | quasi  | household_member.sex_code   |
|        | select_multiple need | needs     | Needs                   | none   | need.need_code              |
|        | begin_repeat         | doc       | Document                |        | document                    |
|        | text                 | status    | Status                  | none   | document.status             |
|        | end_repeat           |           |                         |        |                             |
|        | end_repeat           |           |                         |        |                             |
| choices |                     |           |                         |        |                             |
|        | list_name            | name      | label::English (en)     |        |                             |
|        | sex                  | female    | Female                  |        |                             |
|        | sex                  | male      | Male                    |        |                             |
|        | need                 | health    | Health                  |        |                             |
|        | need                 | legal     | Legal                   |        |                             |
"""


@pytest.fixture
def normaliser(tmp_path: Path) -> Normaliser:
    path = tmp_path / "intake.md"
    path.write_text(FORM, encoding="utf-8")
    return Normaliser(plan(read(path, tmp_path), TABLES), {table.name: table for table in TABLES}, CODES)


def rows_of(normaliser: Normaliser, answers: Mapping[str, Any]) -> Rows:
    payload = {
        "_id": 7,
        "_uuid": "u",
        "meta/rootUuid": "uuid:u",
        "__version__": "v1",
        "_submission_time": "2026-11-23T10:00:00",
        **answers,
    }
    rows = Rows()
    origin = Origin("intake", "main", "a")
    normaliser.add(Landed(5, 9, origin, 7, "u", "2026-11-23 22:00:00", submission_of(payload)), rows)
    return rows


def kinds(rows: Rows) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in rows.problems]


def test_group__answered__gives_one_row_with_its_path(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"visit/day": "2026-11-22", "visit/staff": "S-01"})
    assert rows.tables == {"visit": [(5, "visit", "", "2026-11-22", "S-01", None)]}
    assert rows.problems == []


def test_group__only_calculated__gives_no_row(normaliser: Normaliser) -> None:
    assert rows_of(normaliser, {"visit/staff": "S-01"}).tables == {}


def test_group__only_a_question_that_is_not_stored_answered__gives_a_row(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"visit/typed": "x", "visit/staff": "S-01"})
    assert rows.tables == {"visit": [(5, "visit", "", None, "S-01", None)]}
    assert rows.answers == []


def test_repeats__nested__have_paths_and_parents(normaliser: Normaliser) -> None:
    rows = rows_of(
        normaliser,
        {
            "member": [
                {"member/age": "9", "member/sex": "female"},
                {"member/doc": [{"member/doc/status": "lost"}, {"member/doc/status": "expired"}]},
            ]
        },
    )
    assert rows.tables["household_member"] == [
        (5, "member[1]", "", 9, "female"),
        (5, "member[2]", "", None, None),
    ]
    assert rows.tables["document"] == [
        (5, "member[2]/doc[1]", "member[2]", "lost"),
        (5, "member[2]/doc[2]", "member[2]", "expired"),
    ]


def test_select_multiple__in_a_repeat__gives_a_row_each_under_its_item(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"member": [{"member/needs": "health legal health"}]})
    assert rows.tables["need"] == [
        (5, "member[1]/health", "member[1]", "health"),
        (5, "member[1]/legal", "member[1]", "legal"),
    ]
    assert rows.tables["household_member"] == [(5, "member[1]", "", None, None)]


def test_row_of_the_submission__its_only_answer_refused__exists_all_the_same(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"given": ["x"]})
    assert rows.tables == {"identity": [(5, "", "", None, 9, normaliser.digest)]}
    assert kinds(rows) == [("text_expected", "given")]


def test_identity__direct_answer__goes_to_the_vault_with_its_tag(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"given": "نور"})
    assert rows.tables == {"identity": [(5, "", "", "نور", 9, normaliser.digest)]}


def test_unannotated__answer__is_kept_in_the_vault_without_a_problem(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"remark": "private"})
    assert rows.answers == [(5, "remark", "private", 9, normaliser.digest)]
    assert rows.problems == []


def test_unknown_question__answer__is_kept_in_the_vault_and_named(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"member": [{"member/added": "private"}], "group/new": [{"group/new/a": "1"}]})
    assert rows.answers == [
        (5, "member[1]/added", "private", 9, normaliser.digest),
        (5, "group/new", '[{"group/new/a":"1"}]', 9, normaliser.digest),
    ]
    assert kinds(rows) == [("answer_unmapped", "member[1]/added"), ("answer_unmapped", "group/new")]


@pytest.mark.parametrize(
    ("answers", "problem", "kept"),
    [
        ({"member/age": "nine"}, ("value_not_integer", "member[1]/age"), None),
        ({"member/age": "130"}, ("number_out_of_range", "member[1]/age"), 130),
        ({"member/age": ["9"]}, ("text_expected", "member[1]/age"), None),
        ({"member/age": {"a": "9"}}, ("text_expected", "member[1]/age"), None),
    ],
)
def test_answer__bad_or_doubtful__costs_only_itself(
    normaliser: Normaliser, answers: dict[str, Any], problem: tuple[str, str], kept: int | None
) -> None:
    rows = rows_of(normaliser, {"member": [{"member/sex": "male", **answers}]})
    assert rows.tables["household_member"] == [(5, "member[1]", "", kept, "male")]
    assert kinds(rows) == [problem]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("132018460628", True),
        ("1320 1846 0628", True),
        ("12345", True),
        ("Rosa Ahmed", False),
        ("روزا 132018460627", False),
        ("0770 123 4567", False),
        ("٠٧٧٠١٢٣٤٥٦٧", False),
        ("+9647701234567", False),
    ],
)
def test_number__mistyped__is_kept_unless_it_is_a_name_or_a_phone(
    normaliser: Normaliser, typed: str, kept: bool
) -> None:
    """The store has no place for names; an edit on the server is not held back by what the form allows."""
    rows = rows_of(normaliser, {"visit/day": "2026-11-23", "visit/card": typed})
    assert rows.tables["visit"] == [(5, "visit", "", "2026-11-23", None, typed if kept else None)]
    assert kinds(rows) == [("check_digits_wrong", "visit/card")]


def test_code__not_in_its_list__is_empty_and_named_without_the_value(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"member": [{"member/sex": "secret", "member/needs": "legal secret"}]})
    assert rows.tables["household_member"] == [(5, "member[1]", "", None, None)]
    assert rows.tables["need"] == [(5, "member[1]/legal", "member[1]", "legal")]
    assert kinds(rows) == [("code_unknown", "member[1]/sex"), ("code_unknown", "member[1]/needs")]
    assert "secret" not in str(rows)


@pytest.mark.parametrize(
    ("day", "code"), [("2026-11-26", "date_in_future"), ("1889-01-01", "date_too_early"), ("2026-11-24", None)]
)
def test_past_date__compared_with_arrival__is_doubtful_outside(
    normaliser: Normaliser, day: str, code: str | None
) -> None:
    rows = rows_of(normaliser, {"visit/day": day})
    assert rows.tables["visit"][0][3] == day
    assert kinds(rows) == ([(code, "visit/day")] if code else [])


@pytest.mark.parametrize(
    ("end", "wrong"),
    [
        ("2026-11-23T12:59:00.000+03:00", False),
        ("2026-11-23T15:00:00.000+03:00", True),
        ("2020-01-01T00:00:00.000+03:00", True),
        ("not a time", True),
    ],
)
def test_tablet_clock__compared_with_arrival__is_named_when_wrong(
    normaliser: Normaliser, end: str, wrong: bool
) -> None:
    assert kinds(rows_of(normaliser, {"end": end})) == ([("clock_wrong", "end")] if wrong else [])


def test_submission__without_a_time_of_arrival__is_measured_by_when_it_was_seen(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"_submission_time": None, "visit/day": "2026-11-26"})
    assert kinds(rows) == [("date_in_future", "visit/day")]


def test_repeat__items_that_are_no_groups__are_named(normaliser: Normaliser) -> None:
    rows = rows_of(normaliser, {"member": ["x", {"member/age": "3"}]})
    assert rows.tables["household_member"] == [(5, "member[2]", "", 3, None)]
    assert kinds(rows) == [("repeat_expected", "member[1]")]


def test_repeat__without_a_table__gives_its_links_and_no_row_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "intake.md"
    path.write_text(
        FORM.replace("household_member            |", "                            |")
        .replace("household_member.age_years", "-                         ")
        .replace("household_member.sex_code ", "-                         "),
        encoding="utf-8",
    )
    bare = Normaliser(plan(read(path, tmp_path), TABLES), {table.name: table for table in TABLES}, CODES)
    rows = rows_of(bare, {"member": [{"member/age": "9", "member/needs": "legal"}]})
    assert rows.tables == {"need": [(5, "member[1]/legal", "member[1]", "legal")]}


@pytest.fixture
def moved(tmp_path: Path) -> Normaliser:
    """The form after a renaming: `day` was outside its group, `given` and the repeat had other names."""
    named = {"start": "", "visit": "", "day": "day", "given": "given_name", "member": "people", "doc": "people/papers"}
    survey, choices = FORM.split("| choices |")
    lines = survey.strip().split("\n")
    width = lines[1].index("| pii")
    cells = ["", "was", *(named.get(line.split("|")[3].strip(), "") for line in lines[2:])]
    widened = [f"{line[:width]}| {cell:14} {line[width:]}" for line, cell in zip(lines[1:], cells[1:], strict=True)]
    path = tmp_path / "intake.md"
    path.write_text("\n".join([lines[0], *widened, f"| choices |{choices}"]), encoding="utf-8")
    return Normaliser(plan(read(path, tmp_path), TABLES), {table.name: table for table in TABLES}, CODES)


def test_moved__answers_under_old_paths__fill_the_columns_of_today(moved: Normaliser) -> None:
    people = [{"people/age": "9", "people/needs": "legal", "people/papers": [{"people/papers/status": "lost"}]}]
    rows = rows_of(moved, {"day": "2026-11-22", "visit/staff": "S-01", "given_name": "نور", "people": people})
    assert rows.problems == []
    assert rows.tables == {
        "visit": [(5, "visit", "", "2026-11-22", "S-01", None)],
        "household_member": [(5, "member[1]", "", 9, None)],
        "need": [(5, "member[1]/legal", "member[1]", "legal")],
        "document": [(5, "member[1]/doc[1]", "member[1]", "lost")],
        "identity": [(5, "", "", "نور", 9, moved.digest)],
    }


def test_moved__answer_under_both_paths__todays_counts_and_the_old_one_is_kept(moved: Normaliser) -> None:
    for answers in ({"day": "2026-11-01", "visit/day": "2026-11-22"}, {"visit/day": "2026-11-22", "day": "2026-11-01"}):
        rows = rows_of(moved, answers)
        assert rows.tables["visit"] == [(5, "visit", "", "2026-11-22", None, None)]
        assert kinds(rows) == [("answer_unmapped", "day")]
        assert rows.answers == [(5, "day", "2026-11-01", 9, moved.digest)]


@pytest.mark.parametrize(
    ("phone", "valid"),
    [
        ("07701234567", True),
        ("7701234567", True),
        ("+9647701234567", True),
        ("٠٧٧٠ ١٢٣ ٤٥٦٧", True),
        ("+442079460000", True),
        ("0770123456", False),
        ("+96407101234567", False),
        ("07101234567", False),
        ("none", False),
    ],
)
def test_phone__typed_in_any_way__is_doubtful_only_when_no_number(phone: str, valid: bool) -> None:
    assert (RULES["phone"](phone, Arrival("2026-11-23 10:00:00")) is None) == valid


def test_deletion__gives_nothing(normaliser: Normaliser) -> None:
    rows = Rows()
    normaliser.add(Landed(5, 9, Origin("intake", "main", "a"), 7, "u", "2026-11-23 22:00:00", None), rows)
    assert rows == Rows()


ROOT = Path(__file__).parent.parent
DIGESTS = """
from pathlib import Path
from kobo_crc.normalise import Normaliser
from kobo_crc.schema.facts import FACTS
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.plan import plan
from kobo_crc.xlsform.read import read_with
lists = read_codes(Path("forms/codes"))
codes = {name: frozenset(row.name for row in rows) for name, rows in lists.items()}
tables = {table.name: table for table in FACTS}
for path in sorted(Path("forms").glob("*.md")):
    print(path.stem, Normaliser(plan(read_with(path, lists), FACTS), tables, codes, frozenset(codes["centre"])).digest)
"""


def test_digest__shipped_forms__is_the_same_in_every_process() -> None:
    """Else a form's submissions are read again each night."""
    words, said = [sys.executable, "-c", DIGESTS], set()
    for seed in ("1", "2", "3"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        said.add(subprocess.run(words, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=True).stdout)
    assert len(said) == 1 and len(said.pop().splitlines()) == len(list((ROOT / "forms").glob("*.md")))

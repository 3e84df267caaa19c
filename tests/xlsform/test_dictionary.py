"""The data dictionary as Markdown."""

from __future__ import annotations

from kobo_crc.xlsform.dictionary import dictionary
from tests.xlsform.samples import FACTS, FORM, form_of

TEXT = dictionary([form_of(FORM), form_of(FORM, "other")], FACTS)


def section(title: str) -> list[str]:
    return TEXT.partition(f"## {title}\n")[2].partition("\n## ")[0].strip().splitlines()


def test_dictionary__column__with_type_class_and_questions() -> None:
    assert section("registration") == [
        "one person",
        "",
        "| column | type | class | description | filled by |",
        "| --- | --- | --- | --- | --- |",
        "| `age_years` | integer | quasi | age | sample: `client/age` Age; other: `client/age` Age |",
        "| `sex_code` | code of sex | quasi | sex | sample: `client/sex` Sex; other: `client/sex` Sex |",
    ]


def test_dictionary__question_without_label__shows_its_type() -> None:
    assert "sample: `centre` (calculate)" in section("visit")[6]


def test_dictionary__column_that_no_form_fills__says_so() -> None:
    assert section("visit")[7] == "| `remark` | text | quasi | remark | no form |"


def test_dictionary__kinds_of_table__stand_in_the_title() -> None:
    assert "## identity (in the vault)\n" in TEXT
    assert "## need (one row for each choice)\n" in TEXT


def test_dictionary__unstored_questions__are_listed_per_form() -> None:
    assert section("Kept in the vault only: other")[-1] == "| `referral/why` | Why |"
    assert len(section("Kept in the vault only: other")) == 3


def test_dictionary__pipes_and_line_breaks__do_not_break_the_table() -> None:
    form = form_of(FORM.replace("| Age |", r"| Age \| years |"))
    assert r"`client/age` Age \| years |" in dictionary([form], FACTS)

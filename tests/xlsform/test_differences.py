"""Two versions of a form side by side: each difference, and what it does to stored data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kobo_crc.schema.facts import FACTS as SHIPPED
from kobo_crc.simulator.content import expand, flatten, read_xlsx
from kobo_crc.simulator.ids import Ids
from kobo_crc.xlsform.differences import differences
from kobo_crc.xlsform.read import from_content, read
from kobo_crc.xlsform.write import write_xlsx
from tests.xlsform.samples import FACTS, FORM, form_of

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "forms").glob("*.md"))
AGE = "| | integer                 | age      | عمر | تەمەن | Age | registration.age_years | quasi | | | |"
assert AGE in FORM


def changes(before: str, after: str, *, foreign: bool = False) -> list[str]:
    return [str(one) for one in differences(form_of(before), replace(form_of(after), foreign=foreign), FACTS)]


def aged(**cells: str) -> str:
    """The sample with other cells in the row that asks the age."""
    named = {"type": "integer", "name": "age", "en": "Age", "store": "registration.age_years", "pii": "quasi", "if": ""}
    it = named | cells
    row = f"| | {it['type']} | {it['name']} | عمر | تەمەن | {it['en']} | {it['store']} | {it['pii']} | | {it['if']} | |"
    return FORM.replace(AGE, row)


@pytest.mark.parametrize("saved", [False, True], ids=["as imported", "as saved"])
@pytest.mark.parametrize("name", NAMES)
def test_differences__shipped_form_as_a_server_keeps_it__none(name: str, saved: bool, tmp_path: Path) -> None:
    form = read(ROOT / "forms" / f"{name}.md", ROOT / "forms" / "codes")
    write_xlsx(form, tmp_path / "form.xlsx")
    kept = expand(read_xlsx((tmp_path / "form.xlsx").read_bytes()), Ids(1))
    assert kept["survey"][0]["$kuid"]
    assert differences(from_content(name, kept if saved else flatten(kept)), form, SHIPPED) == []


def test_differences__another_version_and_title__none() -> None:
    assert changes(FORM, FORM) == []


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (aged(en="Years"), "client/age: another label::English (en) (nothing changes in the store)"),
        (aged(**{"if": ". < 9"}), "client/age: another constraint (stored answers stay; new submissions are asked,"),
        (aged(store=""), "client/age: another store cell (all submissions are read again: answers go to the vault, no"),
        (aged(pii="none"), "client/age: another pii (stored answers stay; which files are fetched"),
        (aged(type="text"), "client/age: the type integer became text (it will not be deployed"),
        (FORM.replace(AGE + "\n", ""), "client/age: gone (integer) (earlier answers leave registration.age_years,"),
    ],
)
def test_differences__one_cell__is_one_change_with_its_effect(after: str, said: str) -> None:
    [found] = changes(FORM, after)
    assert found.startswith(said)


def test_differences__question_added__says_where_its_answers_go() -> None:
    without = FORM.replace(AGE + "\n", "")
    [stored] = changes(without, FORM)
    [kept] = changes(without, aged(store=""))
    [silent] = changes(without, aged(store="-"))
    assert "new answers fill registration.age_years; earlier submissions have none" in stored
    assert "kept in the vault" in kept and "nothing is stored" in silent


def test_differences__renamed_question__follows_only_by_was() -> None:
    renamed = aged(name="years")
    lost = changes(FORM, renamed)
    assert [one.partition(" (")[0] for one in lost] == ["client/years: added", "client/age: gone"]
    row = next(line for line in renamed.split("\n") if "| years |" in line)
    with_was = renamed.replace("| default |\n", "| default | was |\n", 1).replace(row, f"{row} client/age |")
    followed = changes(FORM, with_was)
    assert followed[0].startswith("client/years: moved from client/age (earlier answers follow")


def test_differences__moved_out_of_its_group_without_was__says_what_to_write() -> None:
    moved = FORM.replace(AGE + "\n", "").replace(
        "| | note ", AGE.replace("registration.age_years", "") + "\n| | note ", 1
    )
    found = changes(FORM, moved)
    [told] = [one for one in found if one.startswith("age: added, while client/age is gone")]
    assert "Please write client/age" in told


def test_differences__choice_gone__of_a_code_column_is_retired() -> None:
    form = form_of(FORM)
    fewer = replace(form, choices={name: choices[1:] for name, choices in form.choices.items()})
    found = {one.place: one.effect for one in differences(form, fewer, FACTS)}
    assert "the code counts as retired" in found["service: health"]
    [back] = [one for one in differences(fewer, form, FACTS) if one.place == "service: health"]
    assert back.effect == "new answers may hold it"


def test_differences__choices_and_questions_in_another_order__change_nothing_stored() -> None:
    form = form_of(FORM)
    turned = replace(form, choices={name: choices[::-1] for name, choices in form.choices.items()})
    assert {one.effect for one in differences(form, turned, FACTS)} == {"nothing changes in the store"}
    lines = FORM.split("\n")
    first, second = (number for number, line in enumerate(lines) if line.startswith(("| | date ", "| | note ")))
    lines[first], lines[second] = lines[second], lines[first]
    assert changes(FORM, "\n".join(lines)) == [
        "survey: questions stand in another order (nothing changes in the store)"
    ]


def test_differences__someone_elses_form__its_annotations_lie_elsewhere() -> None:
    assert changes(FORM, aged(store="-", pii="none"), foreign=True) == []
    assert len(changes(FORM, aged(store="-", en="Years"), foreign=True)) == 1

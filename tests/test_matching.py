"""The shipped forms, filled: who lost a card is found by what the intake had asked, and a child's caregiver is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_crc.matching import KINDS, NAME_AND_YEAR, PHONE_AND_NAME, WHOLE_NAME, _match_keys, cards_of
from kobo_crc.model import Landed, Origin, Submission
from kobo_crc.normalise import Normaliser, Rows
from kobo_crc.schema.facts import FACTS
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.plan import Plan, plan
from kobo_crc.xlsform.read import read_with

FORMS = Path(__file__).parent.parent / "forms"
OLD, NEW = "112345678955", "112345679052"
PERSON = {
    "identity.given_name": "زينب",
    "identity.father_name": "أحمد",
    "identity.grandfather_name": "حسين",
    "identity.phone": "07701234567",
    "registration.birth_year": "1985",
}


class Plain:
    """Hashes that show what they were made of."""

    def card(self, code: str) -> str:
        return code

    def of(self, _kind: str, text: str) -> str:
        return text


def rows(form: str, answers: dict[str, str], within: str = "") -> Rows:
    """The rows of that form with answers by the cell that they go to; of several questions, that below `within`."""
    lists = read_codes(FORMS / "codes")
    made = plan(read_with(FORMS / f"{form}.md", lists), FACTS)
    codes = {name: frozenset(row.name for row in listed) for name, listed in lists.items()}
    paths = {
        f"{cell.table}.{cell.column}": path
        for path, cell in reversed(list(made.cells.items()))
        if not within or within in path or cell.table != "identity"
    }
    # A row is made by what was answered, not by what the form calculates.
    alive = (path for path in made.answered if path not in made.cells and _opens(made, path, "registration"))
    payload = dict.fromkeys(alive, "none") | {paths[cell]: value for cell, value in answers.items()}
    submission = Submission(1, "r", "u", "1", "2026-11-23T10:00:00", "", payload)
    found = Rows()
    landed = Landed(1, 1, Origin(form, "main", "a"), 1, "r", "2026-11-23 11:00:00", submission)
    Normaliser(made, {table.name: table for table in FACTS}, codes).add(landed, found)
    return found


def _opens(made: Plan, path: str, table: str) -> bool:
    return any(scope.table == table and path.startswith(f"{scope.path}/") for scope in made.scopes.values())


def keys(found: Rows) -> dict[str, tuple[str, str]]:
    return {kind: (card, key) for _, _, kind, card, key in _match_keys(Plain(), found.tables)}  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_lost_card__of_the_short_visit__shares_every_key_with_the_intake(kind: str) -> None:
    intake = rows("intake", {**PERSON, "registration.person_code": OLD, "identity.role_code": "client"})
    lost = rows("visit", {**PERSON, "registration.person_code": NEW, "identity.given_name": "زَينب"})
    assert cards_of(intake.tables) == {OLD} and cards_of(lost.tables) == {NEW}
    assert keys(intake)[kind][1] == keys(lost)[kind][1]
    assert {card for card, _ in keys(lost).values()} == {NEW}


def test_keys__of_what_was_not_said__are_none() -> None:
    said = {"registration.person_code": NEW, "identity.given_name": "زينب", "identity.phone": "07701234567"}
    assert keys(rows("visit", said)).keys() == {PHONE_AND_NAME}
    del said["identity.phone"]
    assert keys(rows("visit", said)) == {}
    said["identity.father_name"] = "أحمد"
    assert keys(rows("visit", said)) == {}
    assert keys(rows("visit", {**said, "registration.birth_year": "1985"})).keys() == {NAME_AND_YEAR}
    assert keys(rows("visit", {**said, "identity.grandfather_name": "علي"})).keys() == {WHOLE_NAME}


def test_keys__of_a_childs_caregiver__are_none() -> None:
    said = {"registration.person_code": OLD, "identity.role_code": "caregiver"}
    assert keys(rows("visit", {**PERSON, **said})) == {}

"""Who is who: cards that may be one person's are found, never joined by themselves; what somebody decides is kept."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import erasure, pipeline, retention, store
from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.config import load_pipeline
from kobo_crc.database.metadata import AUDIT, DERIVED_TABLES
from kobo_crc.database.person_tables import MATCH_KEY, PERSON_DECISION
from kobo_crc.database.person_tables import PERSON_CARD as CARDS
from kobo_crc.errors import ConfigError
from kobo_crc.opening import opened
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.people import people, people_this_year
from kobo_crc.outputs.indicators.reading import Reader
from kobo_crc.outputs.indicators.tables import lines
from kobo_crc.people.links import Decision, decide
from kobo_crc.people.matches import matches
from tests.commands import Command, settings_file
from tests.e2e.centre import Centre, unsealed

AT = datetime(2026, 11, 25, 9, 0)
OLD, NEW, OTHER, COUSIN = (random_code(PERSON_CARD, Random(seed)) for seed in (1, 2, 3, 4))

# type, name, pii, store
QUESTIONS = """
select_one centre | centre | none | visit.centre_code
date | day | none | visit.visited_on
text | card | quasi | visit.person_code
calculate | registered | quasi | registration.person_code
integer | born | quasi | registration.birth_year
select_one yes_no | report | none | consent.report_code
text | given | direct | identity.given_name
text | father | direct | identity.father_name
text | grandfather | direct | identity.grandfather_name
text | phone | direct | identity.phone
"""
COLUMNS = "type | name | label::English (en) | label::العربية (ar) | label::کوردی (ckb) | pii | store | calculation"


def form() -> str:
    lines = [f"| | {COLUMNS} |"]
    for line in QUESTIONS.strip().splitlines():
        kind, name, pii, cell = (part.strip() for part in line.split("|"))
        labels = "| |" if kind == "calculate" else f"{name} | {name} ع | {name} ک"
        labels = " |  | " if kind == "calculate" else labels
        calculation = "${card}" if kind == "calculate" else ""
        lines.append(f"| | {kind} | {name} | {labels} | {pii} | {cell} | {calculation} |")
    settings = (
        "| settings |\n| | form_title | form_id | version | default_language |\n| | Small | small | 1 | English (en) |"
    )
    return "| survey |\n" + "\n".join(lines) + "\n" + settings + "\n"


def come(centre: Centre, card: str, given: str, father: str, born: str = "1985", **answers: Any) -> int:
    said: dict[str, Any] = {"centre": "jalawla", "day": "2026-10-05", "report": "yes", "needs": "", "referral": []}
    said |= {"card": card, "registered": card, "given": given, "father": father, "born": born}
    return centre.submit(**{**said, **answers})


@pytest.fixture
def centre_of_namesakes(centre: Centre) -> Centre:
    """Zainab came with one card, and again after she lost it; a cousin has her name and another year; and a man."""
    (centre.settings.forms / "small.md").write_text(form(), encoding="utf-8")
    come(centre, OLD, "زينب", "أحمد", phone="0770 123 4567")
    come(centre, NEW, "زَينب", "احمد", phone="+9647701234567")
    come(centre, COUSIN, "زينب", "احمد", "1991")
    come(centre, OTHER, "علي", "حسين", "1970", phone="07701234567")
    centre.night()
    return centre


def links(centre: Centre) -> dict[str, tuple[str, str]]:
    query = sa.select(DERIVED_TABLES["person_link"])
    with unsealed(centre.settings) as database, database.reading() as connection:
        return {row.person_code: (row.person_id, row.possible_id) for row in connection.execute(query)}


def say(centre: Centre, verdict: str, one: str, other: str) -> None:
    with opened(centre.settings) as database:
        decide(database, (one, other), Decision(verdict, "to try"), AT)
        with database.writing() as connection:
            store.count_write(connection)
    pipeline.load(centre.settings, "nightly")


def pairs(centre: Centre) -> list[tuple[set[str], tuple[str, ...]]]:
    with opened(centre.settings) as database:
        return [({match.one.code, match.other.code}, match.kinds) for match in matches(database)]


def counted(centre: Centre) -> list[str]:
    """The people of October, and those of the year, as an officer sees them."""
    with unsealed(centre.settings) as database, database.reading() as connection:
        reader, month = Reader(connection), Month(2026, 10)
        return [lines(figure(reader, month), (), None)[0].text for figure in (people, people_this_year)]


def test_matches__same_name_and_year_or_phone__are_found_and_not_joined(centre_of_namesakes: Centre) -> None:
    assert pairs(centre_of_namesakes) == [({OLD, NEW}, ("name_and_year", "phone_and_name"))]
    found = links(centre_of_namesakes)
    assert len({person for person, _ in found.values()}) == 4
    assert found[OLD][1] == found[NEW][1] and len({possible for _, possible in found.values()}) == 3
    assert counted(centre_of_namesakes) == ["3 – 4", "3 – 4"]


def test_vault__match_keys__hold_neither_card_nor_name(centre_of_namesakes: Centre) -> None:
    with unsealed(centre_of_namesakes.settings) as database, database.reading() as connection:
        kept = str([*connection.execute(sa.select(MATCH_KEY)), *connection.execute(sa.select(CARDS))])
    assert "زينب" not in kept and OLD not in kept and "7701234567" not in kept
    assert OLD.encode() not in centre_of_namesakes.vault_bytes()


def test_person_id__is_random_given_once_and_survives_edits_and_a_rebuild(centre_of_namesakes: Centre) -> None:
    before = links(centre_of_namesakes)
    centre_of_namesakes.change(1, lambda record: record.update({"born": "1986"}))
    centre_of_namesakes.night()
    after = links(centre_of_namesakes)
    assert {code: person for code, (person, _) in after.items()} == {
        code: person for code, (person, _) in before.items()
    }
    centre_of_namesakes.rebuild()
    assert links(centre_of_namesakes) == after
    assert pairs(centre_of_namesakes) == [({OLD, NEW}, ("phone_and_name",))]


def test_join__counts_the_person_once_and_can_be_undone(centre_of_namesakes: Centre) -> None:
    say(centre_of_namesakes, "join", NEW, OLD)
    found = links(centre_of_namesakes)
    assert found[OLD] == found[NEW] and pairs(centre_of_namesakes) == []
    assert counted(centre_of_namesakes) == ["3", "3"]
    centre_of_namesakes.rebuild()
    assert links(centre_of_namesakes) == found
    say(centre_of_namesakes, "undo", OLD, NEW)
    assert len(pairs(centre_of_namesakes)) == 1 and counted(centre_of_namesakes) == ["3 – 4", "3 – 4"]
    with unsealed(centre_of_namesakes.settings) as database, database.reading() as connection:
        assert list(connection.execute(sa.select(PERSON_DECISION.c.verdict)).scalars()) == ["join", "undo"]


def test_join__an_opt_out_under_one_card__holds_for_both(centre_of_namesakes: Centre) -> None:
    come(centre_of_namesakes, NEW, "زينب", "احمد", report="no", day="2026-10-20")
    come(centre_of_namesakes, OLD, "زينب", "احمد", report="", day="2026-10-25")
    centre_of_namesakes.night()
    say(centre_of_namesakes, "join", NEW, OLD)
    assert counted(centre_of_namesakes) == ["2", "2"]


def test_open_pair__one_who_opted_out__is_never_taken_for_the_other(centre_of_namesakes: Centre) -> None:
    come(centre_of_namesakes, NEW, "زينب", "احمد", report="no", day="2026-10-20")
    centre_of_namesakes.night()
    assert len(pairs(centre_of_namesakes)) == 1 and counted(centre_of_namesakes) == ["3", "3"]


def test_apart__asks_nobody_again(centre_of_namesakes: Centre) -> None:
    say(centre_of_namesakes, "apart", NEW, OLD)
    assert pairs(centre_of_namesakes) == [] and counted(centre_of_namesakes) == ["4", "4"]


def test_decisions__that_contradict_each_other__are_refused(centre_of_namesakes: Centre) -> None:
    say(centre_of_namesakes, "apart", NEW, COUSIN)
    say(centre_of_namesakes, "join", NEW, OLD)
    with pytest.raises(ConfigError, match="joined through others"):
        say(centre_of_namesakes, "join", OLD, COUSIN)
    with pytest.raises(ConfigError, match="Nobody has decided"):
        say(centre_of_namesakes, "undo", OLD, COUSIN)
    with pytest.raises(ConfigError, match="the same person"):
        say(centre_of_namesakes, "join", OLD, OLD)
    with pytest.raises(ConfigError, match="not known here"):
        say(centre_of_namesakes, "join", OLD, random_code(PERSON_CARD, Random(9)))


def test_erase__a_joined_person__takes_both_cards_and_who_they_were(centre_of_namesakes: Centre) -> None:
    say(centre_of_namesakes, "join", NEW, OLD)
    with opened(centre_of_namesakes.settings) as database:
        erasure.erase(database, centre_of_namesakes.settings, OLD, "to try", AT)
    pipeline.load(centre_of_namesakes.settings, "nightly")
    assert links(centre_of_namesakes).keys() == {COUSIN, OTHER}
    with unsealed(centre_of_namesakes.settings) as database, database.reading() as connection:
        assert len(connection.execute(sa.select(CARDS)).all()) == 2
        assert {row.submission_id for row in connection.execute(sa.select(MATCH_KEY))} == {3, 4}


def test_erase_on_the_server__a_joined_person__deletes_the_submissions_of_both_cards(
    centre_of_namesakes: Centre,
) -> None:
    """By either card, also when it is asked for once more: who was joined with whom is forgotten by then."""
    say(centre_of_namesakes, "join", NEW, OLD)
    settings = centre_of_namesakes.settings
    with opened(settings) as database:
        erasure.erase(database, settings, OLD, "to try", AT)
    pipeline.load(settings, "nightly")
    with opened(settings) as database:
        done = list(erasure.delete_on_server(database, settings, load_pipeline(settings, "nightly").projects, OLD, AT))
    assert done == [("small", 1, ""), ("small", 2, "")]
    assert centre_of_namesakes.live_ids() == [3, 4]


def test_retention__joined_cards__wait_for_each_other(centre_of_namesakes: Centre) -> None:
    come(centre_of_namesakes, OLD, "زينب", "أحمد", _submission_time="2020-01-01T10:00:00")
    for number in (1, 3, 4):
        centre_of_namesakes.delete(number)
    centre_of_namesakes.night()
    keep = {"keep_people_months": 12, "keep_decided_by": "focal point"}
    centre_of_namesakes.settings = centre_of_namesakes.settings.model_copy(update=keep)

    def due() -> int:
        with opened(centre_of_namesakes.settings) as database:
            return len(retention.find(database, centre_of_namesakes.settings, AT).cases)

    assert due() == 1
    say(centre_of_namesakes, "join", NEW, OLD)
    assert due() == 0


def test_people_commands__list_look_join__and_the_audit_knows(centre_of_namesakes: Centre, kobo_crc: Command) -> None:
    settings = centre_of_namesakes.settings
    folder = ["--folder", str(settings_file(settings))]
    said = kobo_crc("people", "matches", *folder).out
    assert OLD in said and NEW in said and "born 1985" in said and "زينب" not in said and "1 pairs wait" in said
    said = kobo_crc("people", "look", OLD, NEW, "--purpose", "lost card", *folder).out
    assert "زينب أحمد · 0770 123 4567" in said
    assert kobo_crc("people", "join", OLD, NEW, "--purpose", "both in the hand", *folder).code == 0
    assert "0 pairs wait" in kobo_crc("people", "matches", *folder).out
    with unsealed(settings) as database, database.reading() as connection:
        [told] = connection.execute(sa.select(AUDIT.c.action, AUDIT.c.purpose, AUDIT.c.row_count)).all()
        reasons = list(connection.execute(sa.select(PERSON_DECISION.c.reason)).scalars())
    assert tuple(told) == ("people look", "lost card", 2) and reasons == ["both in the hand"]


def test_erase__other_card_whose_submission_was_deleted_on_the_server__goes_too(centre: Centre) -> None:
    """No row of the store names that card any more, and the vault has what was said under it."""
    (centre.settings.forms / "small.md").write_text(form(), encoding="utf-8")
    for card in (OLD, NEW):
        come(centre, card, "زينب", "أحمد", "1985")
    centre.night()
    say(centre, "join", OLD, NEW)
    centre.delete(1)
    centre.night()
    with opened(centre.settings) as database:
        found = erasure.erase(database, centre.settings, NEW, "to try", AT)
    assert {number for one in found for number in one.own} == {1, 2}

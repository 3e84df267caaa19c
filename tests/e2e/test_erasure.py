"""One person erased: nothing of them is left in any file, nothing of others is lost, no later night brings it back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
import psycopg
import pytest
import sqlalchemy as sa

from kobo_crc import disclosed, erasure, pipeline
from kobo_crc.account import account
from kobo_crc.audit import EQUAL, Sample, sentences
from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.config import load_pipeline
from kobo_crc.database.metadata import AUDIT, DATA_KEY, LANDED
from kobo_crc.disclosed import Telling
from kobo_crc.errors import ConfigError
from kobo_crc.opening import opened
from kobo_crc.people.trace import Place, Trace, trace
from kobo_crc.progress import Silence
from kobo_crc.redaction import items, places, without
from kobo_crc.runs import OK
from kobo_crc.simulator.world import TOKENS
from kobo_crc.verify import verify
from tests.commands import Command, settings_file
from tests.e2e.centre import Centre, unsealed
from tests.stores import on_postgresql

AT = datetime(2026, 11, 25, 9, 0)
ROSA, NUR = (random_code(PERSON_CARD, Random(seed)) for seed in (1, 2))
OWN, TYPED, SESSION, OTHERS = range(4)


def item(card: str, name: str) -> dict[str, str]:
    return {"referral/number": "", "referral/service": "health", "referral/card": card, "referral/who": name}


@pytest.fixture
def centre_of_two(centre: Centre) -> Centre:
    """Of Rosa: a visit, one whose card was typed with Arabic digits and blanks, a follow-up of her referral, and a
    place in a session where Nur was too. Of Nur: a visit whose card was Rosa's by mistake at first."""
    arabic = ROSA.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    centre.submit(given="rosa-1", remark=ROSA)
    centre.submit(given="rosa-2", remark=f"{arabic[:6]} {arabic[6:]}", referrals=0)
    centre.submit(given="both", referral=[item(ROSA, "rosa-3"), item(NUR, "nur-3")])
    centre.submit(given="nur-4", remark=ROSA)
    reference = centre.record(1)["referral"][0]["referral/number"]
    centre.submit(given="told of rosa", remark=reference, referrals=0)
    centre.night()
    centre.change(4, lambda record: record.update({"remark": NUR}))
    centre.change(1, lambda record: record.update({"given": "rosa-edited"}))
    assert centre.night().outcome == OK
    return centre


def erase(centre: Centre, card: str = ROSA) -> Trace:
    with opened(centre.settings) as database:
        [found] = erasure.erase(database, centre.settings, card, "to try", AT)
    pipeline.load(centre.settings, "nightly")
    with opened(centre.settings) as database:
        database.scrub()
    return found


def landed(centre: Centre) -> dict[int, list[dict[str, Any]]]:
    """Every version that can still be opened, by the number of the submission."""
    with unsealed(centre.settings) as database, database.reading() as connection:
        held = connection.execute(sa.select(LANDED).where(LANDED.c.payload.is_not(None))).all()
        keys = database.keys.of(connection, [row.submission_id for row in held])
        said: dict[int, list[dict[str, Any]]] = {}
        for row in held:
            plain = keys[row.submission_id].unseal(row.payload, f"landed/{row.version_id}")
            said.setdefault(row.submission_id, []).append(orjson.loads(plain))
        return said


def sealed(centre: Centre) -> list[bytes]:
    """What seals and holds Rosa's own submissions, as bytes."""
    with unsealed(centre.settings) as database, database.reading() as connection:
        hers = LANDED.c.submission_id.in_([1, 2, 5])
        kept = list(connection.execute(sa.select(LANDED.c.payload).where(hers)).scalars())
        keys = sa.select(DATA_KEY.c.wrapped).where(DATA_KEY.c.submission_id.in_([1, 2, 3, 4, 5]))
        return kept + list(connection.execute(keys).scalars())


def test_trace__own_shared_earlier_and_follow_ups__are_told_apart(centre_of_two: Centre) -> None:
    with opened(centre_of_two.settings) as database:
        held = erasure.look(database, ROSA, "to try", "person show", AT)
        with database.reading() as connection:
            found = trace(connection, database.keys, ROSA)
    assert (found.own, found.shared, found.earlier) == ((1, 2, 5), {3: frozenset({Place("referral", ROSA)})}, (4,))
    assert [one.about for one in held] == [erasure.OWN, erasure.OWN, erasure.SHARED, erasure.EARLIER, erasure.OWN]
    [shared] = [one.answers for one in held if one.about == erasure.SHARED]
    assert shared == {"referral": [item(ROSA, "rosa-3")]}


def test_erase__nothing_of_the_person_is_left_and_nothing_of_others_lost(centre_of_two: Centre) -> None:
    before, kept = sealed(centre_of_two), centre_of_two.rows()
    assert all(one in centre_of_two.on_disk() for one in before)
    found = erase(centre_of_two)
    assert found
    left = centre_of_two.on_disk()
    assert [one for one in before if one in left] == []
    assert ROSA.encode() not in left and b"rosa" not in left
    said = landed(centre_of_two)
    assert said.keys() == {3, 4}
    assert "rosa" not in str(said) and ROSA not in str(said)
    assert [part["referral/who"] for part in said[3][0]["referral"]] == ["nur-3"]
    rows = centre_of_two.rows()
    for table in ("visit", "identity", "need"):
        others = [row for row in kept[table] if row[0] in (3, 4)]
        assert [row[:-2] if table == "identity" else row for row in rows[table]] == [
            row[:-2] if table == "identity" else row for row in others
        ]
    assert {row[0] for row in rows["referral"]} == {3, 4}


@on_postgresql
def test_erase__server_that_keeps_statistics__has_no_number_in_them(centre_of_two: Centre) -> None:
    """What a server samples goes into a catalogue that is not ours to write anew."""
    sampled = (
        "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relkind = 'r' "
        "AND relnamespace::regnamespace::text IN ('store', 'vault') AND coalesce(attstattarget, -1) <> 0 "
        "AND attname ~ 'reference_code$|person_code|^person_id|possible_id' "
        "AND relname NOT IN ('person_card', 'person_decision')"
    )
    with psycopg.connect(centre_of_two.settings.store_url, autocommit=True) as session:
        assert session.execute(sampled).fetchall() == []
        session.execute("ANALYZE")
    reference = centre_of_two.record(1)["referral"][0]["referral/number"]
    assert reference.encode() in centre_of_two.on_disk()
    erase(centre_of_two)
    assert reference.encode() not in centre_of_two.on_disk()


def test_erased__later_nights_edits_and_rebuilds__bring_nothing_back(centre_of_two: Centre) -> None:
    erase(centre_of_two)
    rows = centre_of_two.rows()
    run = centre_of_two.night()
    assert (run.outcome, run.new_count, run.changed_count, run.deleted_count) == (OK, 0, 0, 0)
    centre_of_two.change(1, lambda record: record.update({"given": "rosa-again"}))
    centre_of_two.change(3, lambda record: record["referral"].insert(0, item("", "first")))
    run = centre_of_two.night()
    assert (run.outcome, run.changed_count) == (OK, 1)
    assert [part["referral/who"] for part in landed(centre_of_two)[3][-1]["referral"]] == ["first", "nur-3"]
    assert "rosa" not in str(landed(centre_of_two))
    grown = centre_of_two.rows()
    centre_of_two.rebuild()
    assert centre_of_two.rows() == grown
    assert [row for row in grown["submission"] if row[0] == 1] == [row for row in rows["submission"] if row[0] == 1]
    assert b"rosa" not in centre_of_two.on_disk()


def test_erase__second_person_of_the_same_session__goes_too_and_neither_comes_back(centre_of_two: Centre) -> None:
    erase(centre_of_two)
    erase(centre_of_two, NUR)
    back = [item(ROSA, "rosa-3"), item(NUR, "nur-3"), item("", "first")]
    centre_of_two.change(3, lambda record: record.update({"referral": back}))
    assert centre_of_two.night().outcome == OK
    assert [part["referral/who"] for part in landed(centre_of_two)[3][-1]["referral"]] == ["first"]


def test_erase__intake_deleted_on_the_server_before__its_follow_ups_go_too(centre_of_two: Centre) -> None:
    reference = centre_of_two.record(1)["referral"][0]["referral/number"]
    centre_of_two.delete(1)
    centre_of_two.night()
    found = erase(centre_of_two)
    assert reference in found.references and found.own == (1, 2, 5)
    assert landed(centre_of_two).keys() == {3, 4}


@pytest.mark.parametrize("typed", ("\u200f{}\u200e", "{}\n", "\u00a0{} .", "{0[0]}\u2011{0[1]}", "{0[0]}\n{0[1]}"))
def test_erase__number_with_marks_that_nobody_sees__is_found(centre_of_two: Centre, typed: str) -> None:
    number = typed.format((ROSA[:6], ROSA[6:]) if "[" in typed else ROSA)
    centre_of_two.submit(given="rosa-6", remark=number, referrals=0)
    centre_of_two.night()
    assert 6 in erase(centre_of_two).own
    assert "rosa" not in str(landed(centre_of_two))


def test_erase__number_within_a_longer_answer__is_left_and_told(centre_of_two: Centre, kobo_crc: Command) -> None:
    centre_of_two.submit(given="nur-6", remark=f"brother of {ROSA}", referrals=0)
    centre_of_two.night()
    words = (ROSA, "--purpose", "to try", "--folder", str(settings_file(centre_of_two.settings)))
    assert "small in main, _id 6: names the card within a longer answer" in kobo_crc("person", "show", *words).out
    said = kobo_crc("person", "erase", *words, "--yes")
    assert "small _id 6 has the card's number within a longer answer" in said.out and said.code == 0
    assert landed(centre_of_two)[6][0]["given"] == "nur-6"


def test_erased__gone_from_the_server_and_put_back__stays_erased(centre_of_two: Centre) -> None:
    erase(centre_of_two)
    record = dict(centre_of_two.record(1))
    centre_of_two.delete(1)
    run = centre_of_two.night()
    assert (run.outcome, run.deleted_count) == (OK, 1)
    centre_of_two.put_back(record)
    run = centre_of_two.night()
    assert (run.outcome, run.changed_count) == (OK, 0)
    assert 1 not in landed(centre_of_two)
    assert centre_of_two.night().outcome == OK


def test_erase__on_the_server__deletes_the_own_ones_there(centre_of_two: Centre) -> None:
    erase(centre_of_two)
    settings = centre_of_two.settings
    projects = load_pipeline(settings, "nightly").projects
    with opened(settings) as database:
        done = list(erasure.delete_on_server(database, settings, projects, ROSA, AT))
    assert done == [("small", number, "") for number in (1, 2, 5)]
    assert centre_of_two.live_ids() == [3, 4]
    assert centre_of_two.night().outcome == OK
    with opened(settings) as database:
        assert list(erasure.delete_on_server(database, settings, projects, ROSA, AT)) == []


def test_erase__server_that_refuses__is_told_and_can_be_asked_again(
    centre_of_two: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(centre_of_two)
    settings = centre_of_two.settings
    projects = load_pipeline(settings, "nightly").projects
    with opened(settings) as database:
        with monkeypatch.context() as patch:
            patch.setenv("KOBO_CRC_TOKEN", TOKENS["bob"])
            refused = list(erasure.delete_on_server(database, settings, projects, ROSA, AT))
        assert len(refused) == 3 and all(fault for _, _, fault in refused)
        assert len(list(erasure.delete_on_server(database, settings, projects, ROSA, AT))) == 3


def test_erased__verify__calls_the_rest_equal_and_names_them(centre_of_two: Centre) -> None:
    erase(centre_of_two)
    [finding] = verify(centre_of_two.settings, "nightly", Sample(None, 1), Silence())
    assert (finding.result, finding.erased, finding.compared) == (EQUAL, [1, 2, 5], 2)
    assert "3 were erased here and are still on the server" in " ".join(sentences(finding))


@pytest.mark.parametrize("step", range(1, 26, 2))
def test_erase__killed_at_any_commit__is_finished_by_giving_it_again(centre_of_two: Centre, step: int) -> None:
    centre_of_two.cut(lambda: erase(centre_of_two), step)
    erase(centre_of_two)
    assert centre_of_two.night().outcome == OK
    assert landed(centre_of_two).keys() == {3, 4}
    assert b"rosa" not in centre_of_two.on_disk() and "rosa" not in str(landed(centre_of_two))
    assert {row[0] for row in centre_of_two.rows()["visit"]} == {3, 4}


def test_audit__of_each_opening__says_who_and_why_and_no_card(centre_of_two: Centre) -> None:
    with opened(centre_of_two.settings) as database:
        erasure.look(database, ROSA, "asked at the desk", "person show", AT)
        erasure.look(database, NUR, "asked too", "person export", AT)
    erase(centre_of_two)
    with unsealed(centre_of_two.settings) as database, database.reading() as connection:
        rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.audit_id)).all()
    told = [(row.action, row.purpose, row.row_count) for row in rows]
    assert told == [
        ("person show", "asked at the desk", 5),
        ("person export", "asked too", 2),
        ("person erase", "to try", 5),
    ]
    assert rows[0].scope == rows[2].scope != rows[1].scope
    assert ROSA not in str(rows) and all(row.who for row in rows)


def test_audit__whatever_a_variable_says__names_the_account_of_the_system(
    centre_of_two: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody_else")
    with opened(centre_of_two.settings) as database:
        erasure.look(database, ROSA, "asked at the desk", "person show", AT)
        with database.reading() as connection:
            assert connection.execute(sa.select(AUDIT.c.who)).scalars().all() == [account()]
    assert account() not in ("", "somebody_else")


@pytest.mark.parametrize("command", ("person show", "person export --into copy.json", "person erase --yes"))
def test_person__without_a_reason__is_refused(tmp_path: Path, kobo_crc: Command, command: str) -> None:
    (tmp_path / "kobo_crc.toml").write_text('server_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    said = kobo_crc(*command.split(), ROSA, "--purpose", " ", "--folder", str(tmp_path))
    assert said.code == 1 and "for a reason" in said.error


@pytest.mark.parametrize("typed", ["", "77", "999999999999", random_code("2", Random(3)), "rosa"])
def test_card__that_is_none__is_refused_without_showing_it(typed: str) -> None:
    with pytest.raises(ConfigError) as fault:
        erasure.card_of(typed)
    assert not typed or typed not in str(fault.value)


def test_erased__whoever_was_told__can_still_be_found_by_the_card(centre_of_two: Centre, kobo_crc: Command) -> None:
    reference = centre_of_two.record(1)["referral"][0]["referral/number"]
    with opened(centre_of_two.settings) as database, database.writing() as connection:
        telling = Telling("drc", "letter", ("number", "name"))
        disclosed.remember(connection, database.keys, telling, [reference], AT)
    words = (ROSA, "--purpose", "to try", "--folder", str(settings_file(centre_of_two.settings)))
    told = "Told to drc (letter), 2026-11-25: number, name\n"
    assert told in kobo_crc("person", "show", *words).out
    said = kobo_crc("person", "erase", *words, "--yes")
    assert said.code == 0
    assert said.out.endswith(
        f"{told}Please tell them that the person's data is to be destroyed, and have them confirm it.\n"
    )
    assert "Nobody was told" in kobo_crc("person", "show", NUR, *words[1:]).out


def test_card__in_arabic_digits_with_blanks__is_read() -> None:
    assert erasure.card_of(" ".join(ROSA.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))) == ROSA


def test_places__nested_repeats_and_server_fields__are_told_apart() -> None:
    answers = {"_tags": [{"x": ROSA}], "_uuid": ROSA, "a": [{"a/b": [{"a/b/c": ROSA}, {"a/b/c": NUR}], "a/d": "x"}]}
    assert list(places(answers, ROSA.__eq__)) == ["a/b"]
    assert without(answers, "a/b", ROSA.__eq__)["a"] == [{"a/b": [{"a/b/c": NUR}], "a/d": "x"}]
    assert answers["a"][0]["a/b"] == [{"a/b/c": ROSA}, {"a/b/c": NUR}]  # type: ignore[index]


def test_items__nested_repeats__are_named_with_their_numbers() -> None:
    answers: dict[str, Any] = {
        "a": [{"a/d": "x"}, {"a/b": [{"a/b/c": NUR}, {"a/b/c": ROSA}]}],
        "_tags": [{"a/b/c": ROSA}],
    }
    assert list(items(answers, "a/b", ROSA.__eq__)) == [("a[2]/b[2]", {"a/b/c": ROSA})]
    assert list(items(answers, "a", ROSA.__eq__)) == [("a[2]", answers["a"][1])]


def test_erase__part_of_the_submission_that_was_landed_last__leaves_the_store_and_keeps_the_others(
    centre: Centre,
) -> None:
    """What is left of it gets a version number that no row was ever made from."""
    centre.submit(given="both", referral=[item(ROSA, "rosa"), item(NUR, "nur")])
    centre.night()
    erase(centre)
    rows = centre.rows()
    assert [row[1] for row in rows["referral"]] == ["referral[1]"]
    assert [row[4] for row in rows["identity"]] == ["both"]


@pytest.mark.parametrize("gone", [True, False])
def test_erased__sent_again_under_another_id__stays_erased(centre_of_two: Centre, *, gone: bool) -> None:
    """A tablet that sends once more what it had sent: the server knows its root id no longer, or as a double."""
    records = [dict(centre_of_two.record(number)) for number in (1, 3)]
    erase(centre_of_two)
    for record in records:
        if gone:
            centre_of_two.delete(record["_id"])
            centre_of_two.night()
        centre_of_two.put_back({key: value for key, value in record.items() if key != "_id"})
    for _ in range(2):
        run = centre_of_two.night()
        assert run.outcome == OK, run.note
    assert (run.new_count, run.changed_count) == (0, 0)
    assert "rosa" not in str(landed(centre_of_two))
    assert "rosa" not in str(centre_of_two.rows())


def test_erase__of_a_project_that_the_pipeline_has_no_more__leaves_the_store_too(centre_of_two: Centre) -> None:
    """A form deployed anew elsewhere: what came from the old project is loaded by no night."""
    path = centre_of_two.settings.pipelines / "nightly.toml"
    elsewhere = '[[projects]]\nname = "main"\nassets = { small = "aElsewhere" }\n'
    path.write_text(path.read_text(encoding="utf-8") + elsewhere, encoding="utf-8")
    erase(centre_of_two)
    rows = centre_of_two.rows()
    assert [row[0] for row in rows["submission"] if row[11] is not None] == [1, 2, 5]
    assert {row[0] for row in rows["visit"]} == {3, 4}

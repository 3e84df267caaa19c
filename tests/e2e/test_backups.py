"""The vault copied and put back: nothing is lost, nobody erased since comes back, a bad copy changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from kobo_crc import disclosed, erasure, pipeline
from kobo_crc.backups import Restored, back_up, restore
from kobo_crc.database.metadata import CARD_RANGE, FACT_TABLES, REPLY
from kobo_crc.database.person_tables import MATCH_KEY, PERSON_CARD, PERSON_DECISION
from kobo_crc.database.rows import insert_rows
from kobo_crc.disclosed import Telling
from kobo_crc.errors import ConfigError
from kobo_crc.graves import Grave, bury_again, graves_in
from kobo_crc.matching import Hashes
from kobo_crc.opening import opened
from kobo_crc.people.links import JOIN
from kobo_crc.runs import OK
from kobo_crc.sealing import MasterKey
from tests.e2e.centre import Centre
from tests.e2e.test_erasure import AT, NUR, ROSA, item, landed
from tests.e2e.test_people import NEW, OLD, OTHER, come, form, say
from tests.postgres import Postgres

IDENTITY = FACT_TABLES["identity"]


def erase(centre: Centre, card: str) -> None:
    with opened(centre.settings) as database:
        erasure.erase(database, centre.settings, card, "to try", AT)
    pipeline.load(centre.settings, "nightly")


def put_back(centre: Centre, file: Path) -> Restored:
    done = restore(centre.settings, file, AT)
    centre.rebuild()
    return done


def print_cards(centre: Centre, first: int) -> None:
    """Note a range of printed cards, whose number the database gives."""
    values = {"kind": "1", "block": 7, "first_place": first, "number_count": 10, "printed_at": AT}
    with opened(centre.settings) as database, database.writing() as connection:
        connection.execute(sa.insert(CARD_RANGE).values(values))


def throw_away(centre: Centre, done: Restored) -> None:
    """Remove the vault that was replaced, which is there."""
    assert done.before is not None
    if isinstance(done.before, Path):
        done.before.unlink()
    elif centre.postgresql is not None:
        with centre.postgresql.connect(str(make_url(centre.settings.store_url).database)) as session:
            session.execute(f"DROP SCHEMA {done.before} CASCADE")


@pytest.fixture
def copied(centre: Centre) -> tuple[Centre, Path]:
    """Two submissions of Rosa and one that she shares with Nur, copied."""
    centre.submit(given="rosa-1", remark=ROSA)
    centre.submit(given="nur-1", remark=NUR)
    centre.submit(given="both", referral=[item(ROSA, "rosa-2"), item(NUR, "nur-2")])
    centre.night()
    made = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT)
    return centre, made.path


def test_restore__vault_lost__all_is_as_it_was(copied: tuple[Centre, Path]) -> None:
    centre, file = copied
    rows = centre.rows()
    centre.lose_vault()
    assert put_back(centre, file) == Restored(None, 0, 0)
    assert centre.rows() == rows
    assert centre.night().outcome == OK


def test_restore__whoever_was_told_since_the_copy__is_still_known(copied: tuple[Centre, Path]) -> None:
    centre, file = copied
    with opened(centre.settings) as database, database.writing() as connection:
        disclosed.remember(connection, database.keys, Telling("drc", "letter", ("name",)), ["21"], AT)
    put_back(centre, file)
    with opened(centre.settings) as database, database.reading() as connection:
        [knows] = disclosed.who_knows(connection, database.keys, "", ["21"])
    assert knows[:3] == ("drc", "letter", "name")


def test_restore__after_more_nights__those_come_again_and_the_replaced_vault_is_kept(
    copied: tuple[Centre, Path],
) -> None:
    centre, file = copied
    centre.submit(given="new")
    centre.night()
    facts = centre.facts_by_root()
    done = put_back(centre, file)
    throw_away(centre, done)
    assert centre.night().new_count == 1
    assert centre.facts_by_root() == facts


def test_restore__who_was_erased_since__stays_erased(copied: tuple[Centre, Path]) -> None:
    """Also where the copy has never seen the submission."""
    centre, file = copied
    centre.submit(given="rosa-later", remark=ROSA)
    centre.night()
    erase(centre, ROSA)
    done = put_back(centre, file)
    assert (done.erased_again, done.open_ends) == (3, 0)
    throw_away(centre, done)
    run = centre.night()
    assert (run.outcome, run.new_count, run.changed_count) == (OK, 0, 0)
    assert "rosa" not in str(landed(centre)) and b"rosa" not in centre.on_disk()
    assert [part["referral/who"] for part in landed(centre)[3][0]["referral"]] == ["nur-2"]
    with opened(centre.settings) as database:
        assert erasure.look(database, ROSA, "to try", "person show", AT) == []


def test_restore__who_was_erased_since__leaves_no_hash_of_card_and_name_and_no_decision(centre: Centre) -> None:
    """A person with two cards, joined by somebody; and somebody else, who may not be lost."""
    (centre.settings.forms / "small.md").write_text(form(), encoding="utf-8")
    for card, name, born in ((OLD, "زينب", "1985"), (NEW, "زينب", "1985"), (OTHER, "علي", "1970")):
        come(centre, card, name, "أحمد", born)
    centre.night()
    say(centre, JOIN, OLD, NEW)
    file = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT).path
    assert who_is_who(centre) == ({OLD, NEW, OTHER}, {OLD, NEW, OTHER}, 1)
    erase(centre, OLD)
    assert who_is_who(centre) == ({OTHER}, {OTHER}, 0)
    assert put_back(centre, file).erased_again == 2
    assert who_is_who(centre) == ({OTHER}, {OTHER}, 0)


def who_is_who(centre: Centre) -> tuple[set[str], set[str], int]:
    """The cards that have a person, those that have match keys, and how many decisions there are."""
    with opened(centre.settings) as database, database.reading() as connection:
        hashes = Hashes(connection, database.keys)
        whose = {hashes.card(card): card for card in (OLD, NEW, OTHER)}
        cards = connection.execute(sa.select(PERSON_CARD.c.card)).scalars().all()
        keyed = connection.execute(sa.select(MATCH_KEY.c.card)).scalars().all()
        decisions = connection.execute(sa.select(PERSON_DECISION)).all()
    return {whose[mac] for mac in cards}, {whose[mac] for mac in keyed}, len(decisions)


def test_restore__card_of_who_was_erased_in_anothers_submission__goes_and_what_is_the_others_comes_back(
    copied: tuple[Centre, Path],
) -> None:
    """Rosa's card was typed for Nur by mistake, and put right after the copy was made, or before."""
    centre, _ = copied
    both = [centre.submit(given="nur-2", remark=ROSA), centre.submit(given="nur-3", remark=ROSA)]
    centre.night()
    centre.change(both[0], lambda record: record.update({"remark": NUR}))
    centre.night()
    file = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT + timedelta(days=1)).path
    centre.change(both[1], lambda record: record.update({"remark": NUR}))
    centre.night()
    erase(centre, ROSA)
    facts = centre.facts_by_root()
    throw_away(centre, put_back(centre, file))
    assert ROSA not in str(landed(centre)) and "nur-2" in str(landed(centre))
    run = centre.night()
    assert (run.outcome, run.changed_count) == (OK, 1)
    assert ROSA not in str(landed(centre)) and "nur-3" in str(landed(centre))
    assert centre.facts_by_root() == facts


def test_restore__who_was_erased_since__leaves_neither_older_versions_nor_replies(copied: tuple[Centre, Path]) -> None:
    centre, _ = copied
    centre.submit(given="nur-3", remark=ROSA, referrals=0)
    centre.night()
    centre.change(4, lambda record: record.update({"remark": NUR}))
    centre.night()
    reference = centre.record(1)["referral"][0]["referral/number"]
    said = ["drc", "accept", AT.date().isoformat(), "", AT.isoformat(" ")]
    with opened(centre.settings) as database, database.writing() as connection:
        insert_rows(connection, REPLY, [(1, reference, *said)])
    file = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT + timedelta(hours=1)).path
    erase(centre, ROSA)
    throw_away(centre, put_back(centre, file))
    assert "rosa" not in str(landed(centre)) and ROSA not in str(landed(centre))
    with opened(centre.settings) as database, database.reading() as connection:
        assert connection.execute(sa.select(REPLY)).all() == []


def test_restore__who_was_erased_before_the_copy_and_came_again__stays(copied: tuple[Centre, Path]) -> None:
    centre, _ = copied
    erase(centre, ROSA)
    centre.submit(given="rosa-again", remark=ROSA)
    centre.night()
    file = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT + timedelta(hours=1)).path
    put_back(centre, file)
    assert [version["given"] for version in landed(centre)[4]] == ["rosa-again"]


def test_restore__replies_on_who_was_erased_since__go_and_those_on_others_stay(copied: tuple[Centre, Path]) -> None:
    centre, _ = copied
    hers, others = (centre.record(number)["referral"][0]["referral/number"] for number in (1, 2))
    with opened(centre.settings) as database, database.writing() as connection:
        for number, reference in enumerate((hers, others), start=1):
            row = (number, reference, "drc", "accept", "2026-11-24", "", str(AT))
            insert_rows(connection, REPLY, [row])
    file = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT + timedelta(days=1)).path
    erase(centre, ROSA)
    restore(centre.settings, file, AT)
    with opened(centre.settings) as database, database.reading() as connection:
        assert list(connection.execute(sa.select(REPLY.c.reference_code)).scalars()) == [others]
        named = set(connection.execute(sa.select(IDENTITY.c.submission_id)).scalars())
        assert named == {2}  # before anything is made again; the shared one's is made from what is left of it


def test_bury_again__two_cards_of_one_submission_that_the_copy_never_saw__are_one_grave(centre: Centre) -> None:
    graves = [Grave("small", "main", centre.asset_uid, "never-seen", 99, "", card, AT, "") for card in (b"1", b"2")]
    with opened(centre.settings) as database:
        with database.writing() as connection:
            assert bury_again(connection, database.keys, graves, AT.isoformat(" ")) == (1, 0)
        with database.reading() as connection:
            assert len(graves_in(connection)) == 2


def test_restore__shared_submission_that_the_copy_never_saw__is_told(copied: tuple[Centre, Path]) -> None:
    centre, file = copied
    centre.submit(given="both again", referral=[item(ROSA, "rosa-3"), item(NUR, "nur-3")])
    centre.night()
    erase(centre, ROSA)
    assert put_back(centre, file).open_ends == 1


def test_back_up__copies_whose_time_is_over__go_and_other_files_stay(copied: tuple[Centre, Path]) -> None:
    centre, first = copied
    other = first.with_name("vault-of-grandma.db")
    other.write_bytes(b"x")
    second = back_up(centre.settings, first.parent, 30, AT + timedelta(days=30))
    assert second.expired == ()
    third = back_up(centre.settings, first.parent, 30, AT + timedelta(days=31))
    assert third.expired == (first,)
    assert {path.name for path in first.parent.iterdir()} == {other.name, second.path.name, third.path.name}


def test_back_up__copy__holds_neither_an_answer_nor_the_key(copied: tuple[Centre, Path]) -> None:
    centre, file = copied
    key = (centre.settings.secrets / "kobo_crc_vault_key").read_text(encoding="utf-8").strip()
    content = file.read_bytes()
    assert b"rosa" not in content and key.encode() not in content and MasterKey.read(key).secret not in content


def test_restore__file_that_is_no_copy_or_of_another_key__changes_nothing(copied: tuple[Centre, Path]) -> None:
    centre, file = copied
    before = centre.vault_untouched()
    bad = file.with_name("bad.db")
    bad.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(ConfigError, match="no file"):
        restore(centre.settings, file.with_name("none.db"), AT)
    with pytest.raises(ConfigError, match="not a sound copy"):
        restore(centre.settings, bad, AT)
    (centre.settings.secrets / "kobo_crc_vault_key").write_text(MasterKey.make().text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is sealed under the key"):
        restore(centre.settings, file, AT)
    assert centre.vault_untouched() == before


def test_restore__copy_of_a_file__brings_a_centre_onto_a_server(centre: Centre, postgresql: Postgres) -> None:
    centre.submit(given="rosa-1", remark=ROSA)
    centre.submit(given="nur-1", remark=NUR)
    centre.night()
    rows = centre.rows()
    print_cards(centre, 0)
    file = back_up(centre.settings, centre.settings.store.parent.parent / "copies", 30, AT).path
    url = postgresql.url(postgresql.new_database())
    there = replace(centre, settings=centre.settings.model_copy(update={"store_url": url}), postgresql=postgresql)
    assert put_back(there, file) == Restored(None, 0, 0)
    assert there.rows() == rows
    assert (there.night().outcome, there.night().new_count) == (OK, 0)
    print_cards(there, 10)  # under a number that did not come along
    postgresql.drop(url)


def test_restore__killed_at_any_commit__brings_nobody_back_when_given_again(copied: tuple[Centre, Path]) -> None:
    """Only the vault that is replaced knows who was erased: it may not go before the copy knows it too."""
    centre, file = copied
    erase(centre, ROSA)
    step = 1
    while centre.cut(lambda: restore(centre.settings, file, AT), step):
        restore(centre.settings, file, AT + timedelta(seconds=step))
        assert "rosa" not in str(landed(centre)), step
        step += 3
    assert step > 6
    assert not list(centre.settings.vault.parent.glob(".restoring*"))

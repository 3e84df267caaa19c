"""Replies of receivers: landed once, corrected by newer ones, folded with what follow-ups told."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from kobo_crc import store
from kobo_crc.database.metadata import DERIVED_TABLES, REPLY
from kobo_crc.holdings import newest_reply
from kobo_crc.referrals.recompute import recompute
from kobo_crc.referrals.replies import Reply, land
from tests.referrals.conftest import Files

AT = datetime(2026, 11, 20, 8, 0)


def landed(files: Files, *replies: Reply, at: datetime = AT) -> int:
    with files.database.writing() as connection:
        return land(connection, replies, at)


def reply(event: str, day: int, reason: str = "", organization: str = "drc") -> Reply:
    return Reply("2", organization, event, date(2026, 11, day), reason)


def copied(files: Files) -> list[tuple[object, ...]]:
    files.states()
    copy = DERIVED_TABLES["referral_reply"].c
    with files.database.reading() as connection:
        query = sa.select(copy.event_code, copy.event_on, copy.reason_code).order_by(copy.reply_id)
        return [tuple(row) for row in connection.execute(query)]


def test_land__seen_before__is_ignored_in_one_file_and_in_the_next(files: Files) -> None:
    assert landed(files, reply("accept", 9), reply("accept", 9)) == 1
    assert landed(files, reply("accept", 9), reply("serve", 12)) == 1
    with files.database.reading() as connection:
        assert newest_reply(connection) == 2
        rows = connection.execute(sa.select(REPLY).order_by(REPLY.c.reply_id)).all()
    assert rows[0] == (1, "2", "drc", "accept", date(2026, 11, 9), "", AT)


def test_states__reply__moves_the_referral(files: Files) -> None:
    files.referral("2")
    assert files.states()["2"]["state_code"] == "sent"
    landed(files, reply("decline", 9, "no_capacity"))
    state = files.states()["2"]
    assert (state["state_code"], state["decided_on"]) == ("not_accepted", date(2026, 11, 9))
    assert (state["outcome_code"], state["reason_code"]) == ("not_accepted", "no_capacity")


def test_states__reply_and_follow_up__are_taken_by_day(files: Files) -> None:
    files.referral("2")
    files.event("2", "acknowledge", event_on=date(2026, 11, 5))
    landed(files, reply("serve", 12), reply("accept", 9))
    state = files.states()["2"]
    assert (state["state_code"], state["acknowledged_on"], state["decided_on"], state["served_on"]) == (
        "served", date(2026, 11, 5), date(2026, 11, 9), date(2026, 11, 12),
    )  # fmt: skip
    assert (state["event_count"], state["imputed_count"]) == (3, 0)


def test_states__nothing_new__are_not_made_again(files: Files) -> None:
    files.referral("2")
    landed(files, reply("accept", 9))
    files.states()
    with files.database.writing() as connection:
        assert not recompute(connection)


def test_states__made_anew__are_the_same(files: Files) -> None:
    files.referral("2")
    landed(files, reply("accept", 9))
    before = files.states()
    with files.database.writing() as connection:
        for table in DERIVED_TABLES.values():
            connection.execute(sa.delete(table))
        store.count_write(connection)
    assert files.states() == before


def test_copy__newer_reply_of_the_same_step__corrects_the_older(files: Files) -> None:
    files.referral("2")
    landed(files, reply("accept", 9))
    landed(files, reply("decline", 9, "not_eligible"))
    assert copied(files) == [("decline", date(2026, 11, 9), "not_eligible")]
    assert files.states()["2"]["state_code"] == "not_accepted"
    assert files.problems() == []


def test_copy__corrected_day__takes_the_place_of_the_older(files: Files) -> None:
    files.referral("2")
    landed(files, reply("acknowledge", 3), reply("accept", 5))
    landed(files, reply("accept", 15))
    assert copied(files) == [("acknowledge", date(2026, 11, 3), None), ("accept", date(2026, 11, 15), None)]
    assert files.states()["2"]["decided_on"] == date(2026, 11, 15)


def test_copy__the_older_file_once_more__changes_nothing(files: Files) -> None:
    files.referral("2")
    landed(files, reply("accept", 5))
    landed(files, reply("accept", 15))
    assert landed(files, reply("accept", 5)) == 0
    assert files.states()["2"]["decided_on"] == date(2026, 11, 15)


def test_states__reply_after_the_end__is_a_problem_at_the_referral(files: Files) -> None:
    submission_id = files.referral("2")
    files.event("2", "close", event_on=date(2026, 11, 5))
    landed(files, reply("accept", 9))
    assert files.states()["2"]["state_code"] == "closed"
    assert files.problems() == [("reply_doubtful", submission_id)]

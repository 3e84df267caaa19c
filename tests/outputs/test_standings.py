"""Where referrals stand: states, funnel, and whom the figures leave out."""

from __future__ import annotations

from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs.report.referrals import ENDED, OPEN, Standings, standings
from kobo_crc.referrals.lifecycle import STATES
from tests.outputs.conftest import NOW, Store


def funnel(stand: Standings) -> list[str]:
    return [cell.text for cell in stand.funnel.values()]


def test_standings__empty_store__is_all_zero(store: Store) -> None:
    stand = standings(store.connection)
    assert {stand.of(state).text for state in STATES} == {"0"}
    assert funnel(stand) == ["0", "0", "0", "0"]


def test_standings__states__counted_open_and_ended(store: Store) -> None:
    store.referrals(10, "sent")
    store.referrals(6, "in_progress")
    store.referrals(7, "closed", "served")
    stand = standings(store.connection)
    assert (stand.of("sent").text, stand.among(OPEN).text, stand.among(ENDED).text) == ("10", "16", "7")


def test_standings__funnel__by_how_far_each_came(store: Store) -> None:
    store.referrals(40, "sent")
    store.referrals(20, "acknowledged")
    store.referrals(10, "on_hold")
    store.referrals(9, "not_accepted", "not_accepted")
    store.referrals(8, "not_served", "not_served")
    store.referrals(7, "served", "served")
    store.referrals(6, "closed", "served")
    store.referrals(5, "closed", "not_accepted")
    for state in ("draft", "entered_in_error", "withdrawn"):
        store.referrals(11, state)
    assert funnel(standings(store.connection)) == ["105", "65", "31", "13"]


def test_standings__small_state__hidden_in_funnel_too(store: Store) -> None:
    store.referrals(40, "sent")
    store.referrals(3, "accepted")
    store.referrals(20, "served", "served")
    stand = standings(store.connection)
    assert (stand.of("accepted").text, stand.among(OPEN).text) == ("<5", "40+")
    assert funnel(stand) == ["60+", "20+", "20+", "20"]


def test_standings__closed_with_small_part__is_not_given_away(store: Store) -> None:
    store.referrals(20, "closed", "served")
    store.referrals(2, "closed", "not_served")
    assert standings(store.connection).of("closed").text == "20+"


def test_standings__people_who_did_not_agree__not_counted(store: Store) -> None:
    store.referrals(10, "sent")
    store.referrals(6, "sent", agreed="no")
    store.referrals(7, "sent", agreed=None)
    assert standings(store.connection).of("sent").text == "10"


def test_standings__deleted_and_not_approved__left_out(store: Store) -> None:
    store.referrals(10, "sent")
    store.referrals(10, "sent", validation_status=NOT_APPROVED)
    store.referrals(10, "sent", deleted_on=NOW.date())
    assert standings(store.connection).of("sent").text == "10"

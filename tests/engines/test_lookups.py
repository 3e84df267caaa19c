"""Lists beside the forms are hints: known or not, the same is asked and the number passes, in every engine."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from kobo_crc.lookups import AVAILABLE_SERVICES, OPEN_REFERRALS, listed
from tests.activities.filling import SLIP
from tests.engines.commands import answer
from tests.engines.engines import ENGINES, Media, Sent, fill_in
from tests.engines.scenarios.followup import FOLLOWUP_DESK
from tests.engines.scenarios.registration import REGISTRATION

ACCEPTED = [*FOLLOWUP_DESK, answer("which/slip_typed", SLIP), answer("event/event_type", "accept")]
OTHER = ("200000000185", "cash", "urgent", "2026-12-24", "accepted")


def lists(filename: str, *rows: tuple[str, ...]) -> Media:
    return {filename: listed(filename, rows).decode("utf-8")}


def values(sent: Sent) -> dict[str, str]:
    return {node.tag: (node.text or "").strip() for node in ElementTree.fromstring(sent.xml).iter()}


@pytest.mark.parametrize("engine", ENGINES)
def test_followup__number_on_the_list__what_is_known_is_shown(engine: str) -> None:
    known = lists(OPEN_REFERRALS, OTHER, (SLIP, "health", "normal", "2026-12-01", "sent"))
    found = values(fill_in(engine, "referral_followup", ACCEPTED, media=known))
    shown = {name: found[f"listed_{name}"] for name in ("service", "state", "priority", "due")}
    assert shown == {"service": "health", "state": "sent", "priority": "normal", "due": "2026-12-01"}
    assert found["reference_number"] == SLIP


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rows", [(), (OTHER,)], ids=["empty list", "another's number"])
def test_followup__number_on_no_list__passes_all_the_same(engine: str, rows: tuple[tuple[str, ...], ...]) -> None:
    found = values(fill_in(engine, "referral_followup", ACCEPTED, media=lists(OPEN_REFERRALS, *rows)))
    assert (found["reference_number"], found["event_type"]) == (SLIP, "accept")
    assert "listed" not in found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("rows", "noted"),
    [
        ((), False),
        ((("cash", "nrc"),), False),
        ((("civil_documentation", "drc"), ("civil_documentation", "nrc")), True),
        ((("civil_documentation", "civil_status_office"),), False),
    ],
    ids=["empty list", "nobody gives it", "others give it", "the receiver gives it"],
)
def test_intake__receiver_that_others_give_the_service_instead_of__is_noted(
    engine: str, rows: tuple[tuple[str, ...], ...], noted: bool
) -> None:
    found = values(fill_in(engine, "intake", REGISTRATION, media=lists(AVAILABLE_SERVICES, *rows)))
    assert ("receiver_gives_note" in found) == noted
    assert (found["receiver"], found["referral_service"]) == ("civil_status_office", "civil_documentation")

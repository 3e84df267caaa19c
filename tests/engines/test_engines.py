"""The same acts in JavaRosa (KoboCollect) and in ODK Web Forms' engine: the same is refused, and the same is sent."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.engines.commands import Command, answer, refuse
from tests.engines.engines import JAVAROSA, WEB_FORMS, Sent, fill_in, record_of
from tests.engines.scenarios import activities, followup, intake, visits
from tests.engines.scenarios.registration import REGISTRATION

SCENARIOS: dict[str, tuple[str, list[Command]]] = {
    "registration": ("intake", REGISTRATION),
    "child, sensitive and emergency": ("intake", intake.CHILD),
    "consent withdrawn": ("intake", intake.WITHDRAWN),
    "registration completed": ("intake", intake.COMPLETED),
    "follow-up declined": ("referral_followup", followup.DECLINED),
    "information desk": ("visit", [*visits.AT_THE_DESK, *visits.INFORMATION_DESK]),
    "returning person": ("visit", [*visits.AT_THE_DESK, *visits.RETURNING_PERSON]),
    "card lost": ("visit", [*visits.AT_THE_DESK, *visits.CARD_LOST]),
    "centre's day": ("centre_day", activities.CENTRE_DAY),
    "session": ("session", activities.SESSION),
    "feedback": ("feedback", activities.FEEDBACK),
    "directory": ("directory", activities.DIRECTORY),
    "service": ("service", activities.SERVICE),
}
# What differs from one filling to the next, whatever the engine: the clock, and numbers by chance. The receiver's name
# is shown in the language of the moment and not stored: when that changes, JavaRosa keeps the name, Web Forms does not.
OPEN = frozenset({"start", "end", "instanceID", "sent_at", "receiver_name"})
MADE = re.compile(r"^(card_made|slip_made)(_body|_check)?$")
# A time of the wall: JavaRosa adds the tablet's zone, and the store leaves it out.
WALL = re.compile(r"(\d\d:\d\d:\d\d\.\d{3})(Z|[+-]\d\d:\d\d)?")
MADE_NUMBER = re.compile(r"[34]\d{11}")


def instance(sent: Sent) -> list[tuple[str, str]]:
    """Every node of the instance in its order, with its text; what is by chance or by the clock is left open."""
    return [_node(node) for node in ElementTree.fromstring(sent.xml).iter()]


def _node(node: ElementTree.Element) -> tuple[str, str]:
    text = (node.text or "").strip()
    if text and (node.tag in OPEN or MADE.match(node.tag) or MADE_NUMBER.fullmatch(text)):
        text = "some"
    wall = WALL.fullmatch(text)
    return node.tag, wall[1] if wall else text


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_engines__same_acts__same_refusals_and_same_instance(scenario: str, tmp_path: Path) -> None:
    name, commands = SCENARIOS[scenario]
    java, web = (fill_in(engine, name, commands, tmp_path) for engine in (JAVAROSA, WEB_FORMS))
    assert java.refusals == web.refusals
    assert instance(java) == instance(web)


@pytest.mark.parametrize("engine", [JAVAROSA, WEB_FORMS], ids=["JavaRosa", "Web Forms"])
def test_refusal_expected_and_not_given__is_seen(engine: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="refused otherwise"):
        fill_in(engine, "centre_day", [refuse("writer/centre", "jalawla")], tmp_path)
    with pytest.raises(AssertionError, match="refused otherwise"):
        fill_in(engine, "centre_day", [answer("writer/centre", "no_such_centre")], tmp_path)


def test_followup__declined_with_a_typed_number__codes_and_western_digits(tmp_path: Path) -> None:
    sent = fill_in(JAVAROSA, "referral_followup", followup.DECLINED, tmp_path)
    assert [word for word in sent.refusals if word] == ["not shown", "constraint", "constraint", "not shown"]
    record = record_of("referral_followup", sent)
    assert record["which/slip_typed"] == "٢٠٠٠ ٠٠٠٠ ٠٠٨٨"
    assert record["which/reference_number"] == "200000000088"
    assert "event/service_date" not in record


@pytest.mark.parametrize("engine", [JAVAROSA, WEB_FORMS], ids=["JavaRosa", "Web Forms"])
def test_consent_withdrawn__what_had_been_told__does_not_leave_the_tablet(
    engine: tuple[str, ...], tmp_path: Path
) -> None:
    assert "شیلان" in fill_in(engine, "intake", intake.CHILD, tmp_path).xml
    sent = fill_in(engine, "intake", intake.WITHDRAWN, tmp_path).xml
    assert not [told for told in ("کاروان", "07701234567", "<age_typed>") if told in sent]

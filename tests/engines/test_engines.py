"""The same acts in JavaRosa (KoboCollect), ODK Web Forms and Enketo: the same is refused, and the same is sent."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.activities.filling import CARD
from tests.engines.commands import Command, answer, refuse
from tests.engines.engines import ENGINES, JAVAROSA, Sent, fill_in, record_of
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
    "consent changed": ("visit", [*visits.AT_THE_DESK, *visits.CONSENT_CHANGED]),
    "consent changed, then no card": ("visit", [*visits.AT_THE_DESK, *visits.CONSENT_CHANGED_BY_NOBODY]),
    "card lost": ("visit", [*visits.AT_THE_DESK, *visits.CARD_LOST]),
    "card lost, then no consent": ("visit", [*visits.AT_THE_DESK, *visits.CARD_LOST_REFUSED]),
    "centre's day": ("centre_day", activities.CENTRE_DAY),
    "session": ("session", activities.SESSION),
    "feedback": ("feedback", activities.FEEDBACK),
    "complaint, then anonymous": ("feedback", activities.ANONYMOUS_AFTER_ALL),
    "directory": ("directory", activities.DIRECTORY),
    "service": ("service", activities.SERVICE),
    "handover agreed": ("handover_consent", activities.HANDOVER_CONSENT),
    "handover agreed, then refused": ("handover_consent", activities.HANDOVER_REFUSED),
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


def answered(sent: Sent) -> list[tuple[str, str]]:
    """The nodes that hold something: Enketo leaves an empty one where a new repeat's calculation is not relevant."""
    return [(name, text) for name, text in instance(sent) if text]


def _node(node: ElementTree.Element) -> tuple[str, str]:
    text = (node.text or "").strip()
    if text and (node.tag in OPEN or MADE.match(node.tag) or MADE_NUMBER.fullmatch(text)):
        text = "some"
    wall = WALL.fullmatch(text)
    return node.tag, wall[1] if wall else text


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_engines__same_acts__same_refusals_and_same_instance(scenario: str) -> None:
    name, commands = SCENARIOS[scenario]
    java, web, enketo = (fill_in(engine, name, commands) for engine in ENGINES)
    assert java.refusals == web.refusals == enketo.refusals
    assert instance(java) == instance(web)
    assert answered(java) == answered(enketo)


@pytest.mark.parametrize("engine", ENGINES)
def test_refusal_expected_and_not_given__is_seen(engine: str) -> None:
    with pytest.raises(AssertionError, match="refused otherwise"):
        fill_in(engine, "centre_day", [refuse("writer/centre", "jalawla")])
    with pytest.raises(AssertionError, match="refused otherwise"):
        fill_in(engine, "centre_day", [answer("writer/centre", "no_such_centre")])


def test_followup__declined_with_a_typed_number__codes_and_western_digits() -> None:
    sent = fill_in(JAVAROSA, "referral_followup", followup.DECLINED)
    assert [word for word in sent.refusals if word] == ["not shown", "constraint", "constraint", "not shown"]
    record = record_of("referral_followup", sent)
    assert record["which/slip_typed"] == "٢٠٠٠ ٠٠٠٠ ٠٠٨٨"
    assert record["which/reference_number"] == "200000000088"
    assert "event/service_date" not in record


# What was told before the change of mind, and must not be in what is sent.
TAKEN_BACK = {
    "consent withdrawn": ("کاروان", "07701234567", "<age_typed>", "<person_number>4"),
    "consent changed, then no card": (CARD,),
    "card lost, then no consent": ("زينب", "07701234567", "1988", visits.NEW_CARD),
    "complaint, then anonymous": (CARD,),
    "feedback": (CARD, "baiji", "desk"),
    "directory": ("IQG10Q05",),
    "handover agreed, then refused": ("caregiver", "thumbprint"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scenario", TAKEN_BACK)
def test_change_of_mind__what_had_been_told__does_not_leave_the_tablet(scenario: str, engine: str) -> None:
    name, commands = SCENARIOS[scenario]
    sent = ElementTree.fromstring(fill_in(engine, name, commands).xml)
    for metadata in ("start", "end", "today"):
        for node in sent.findall(metadata):
            sent.remove(node)
    left = ElementTree.tostring(sent, encoding="unicode")
    assert [told for told in TAKEN_BACK[scenario] if told in left] == []

"""The real forms, filled by the people of six centres: every form rule holds, every kind of dirt is counted."""

import random
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest
from lxml import etree
from pyxform.xls2xform import convert

from kobo_crc.codes import is_valid
from kobo_crc.simulator.population import dirt
from kobo_crc.simulator.population.activity_answers import ACTIVITY_SHARES
from kobo_crc.simulator.population.agenda import BAGHDAD, slots
from kobo_crc.simulator.population.answers import Generic, Replay
from kobo_crc.simulator.population.campaign import DESK_SHARE, FOLLOW_UP, INTAKE, VISIT, Campaign
from kobo_crc.simulator.population.delivery import Filled
from kobo_crc.simulator.population.filling import Instance, Occasion, fill, saved_answers
from kobo_crc.simulator.population.functions import date_of
from kobo_crc.simulator.population.people import CENTRES, make_person
from kobo_crc.simulator.population.referrals import referrals_of
from kobo_crc.simulator.population.respondent import Respondent
from kobo_crc.simulator.population.second_night import Night, second_night
from kobo_crc.simulator.population.subjects import Visit
from kobo_crc.simulator.population.xform import XForm
from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.write import to_sheets
from kobo_crc.xlsform.xform import to_xml
from tests.simulator.test_xform import FOREIGN

FORMS = Path(__file__).parents[2] / "forms"
START = date(2026, 3, 1)
WEEKS = 5
SUBMISSIONS = 500
EDITS = {"cleared", "changed", "shrunk"}


def real_form(name: str) -> XForm:
    xml, _ = to_xml(to_sheets(read(FORMS / f"{name}.md", FORMS / "codes")), name)
    return XForm(xml)


@pytest.fixture(scope="module")
def forms() -> dict[str, XForm]:
    return {name: real_form(name) for name in (INTAKE, FOLLOW_UP)}


@pytest.fixture(scope="module")
def campaign(forms: dict[str, XForm]) -> Campaign:
    return Campaign(1, SUBMISSIONS, WEEKS, START, forms)


@pytest.fixture(scope="module")
def sent(campaign: Campaign) -> list[Filled]:
    return campaign.run()


def answers_of(campaign: Campaign, filled: Filled) -> dict[str, str]:
    return saved_answers(campaign.forms[filled.form], filled.instance_xml)


def moment(text: str) -> datetime:
    """The moment that an answer states; a test that asks for none is wrong."""
    found = date_of(text)
    assert found is not None, text
    return found


def refilled(campaign: Campaign, filled: Filled) -> tuple[bytes, Instance]:
    """The same answers asked again by the form, and the instance that came of it."""
    form, saved = campaign.forms[filled.form], answers_of(campaign, filled)
    times = [moment(saved[name]) for name in ("start", "end")]
    instance = fill(form, Replay(saved, {}, Generic()), Occasion(random.Random(9), times[0], times[1]), saved)
    return instance.xml.replace(instance.instance_id.encode(), f"uuid:{filled.root_uuid}".encode()), instance


def referral_numbers(campaign: Campaign, sent: list[Filled]) -> set[str]:
    found = set()
    for filled in sent:
        if filled.form == INTAKE:
            instance = Instance(b"", "", answers_of(campaign, filled), ())
            found |= {r.number for r in referrals_of(campaign.forms[INTAKE], instance) if not r.draft}
    return found


def test_campaign__same_seed__same_bytes(forms: dict[str, XForm]) -> None:
    first, again, other = (list(Campaign(seed, 60, 2, START, forms)) for seed in (3, 3, 4))
    assert first == again
    assert {filled.root_uuid for filled in first}.isdisjoint(filled.root_uuid for filled in other)


def test_campaign__asked_for_a_number__gives_it_in_order_of_arrival(sent: list[Filled]) -> None:
    assert len(sent) == SUBMISSIONS
    assert len({filled.root_uuid for filled in sent}) == SUBMISSIONS
    assert [filled.sent_at for filled in sent] == sorted(filled.sent_at for filled in sent)
    assert 0.5 < Counter(filled.form for filled in sent)[INTAKE] / SUBMISSIONS < 0.7


def test_campaign__clean_instances__form_takes_every_answer_again(campaign: Campaign, sent: list[Filled]) -> None:
    loose = {dirt.REPEATED_REGISTRATION, dirt.ORPHAN_FOLLOW_UP, dirt.CODE_COLLISION}
    for filled in sent:
        if set(filled.dirty) <= loose:
            xml, instance = refilled(campaign, filled)
            assert instance.unanswered == ()
            assert xml == filled.instance_xml


def test_campaign__every_number__check_digits_right(campaign: Campaign, sent: list[Filled]) -> None:
    numbers = Counter[str]()
    for filled in sent:
        for place, value in answers_of(campaign, filled).items():
            if place.endswith(("reference_number", "person_number", "registration_number")):
                assert is_valid(value), place
                numbers[value[0]] += 1
    assert set(numbers) == {"1", "2", "3", "4"}


def test_campaign__weeks__sunday_to_thursday_in_all_centres(campaign: Campaign, sent: list[Filled]) -> None:
    centres, days = set(), set()
    for filled in sent:
        if dirt.WRONG_CLOCK not in filled.dirty:
            answers = answers_of(campaign, filled)
            centres.add(next(value for place, value in answers.items() if place.endswith("/centre")))
            days.add(date.fromisoformat(answers["today"]))
    assert centres == {centre.code for centre in CENTRES}
    assert {day.strftime("%a") for day in days} == {"Sun", "Mon", "Tue", "Wed", "Thu"}
    assert min(days) >= START and max(days) < START + timedelta(weeks=WEEKS)


def test_campaign__people__arabic_and_sorani_men_and_women(campaign: Campaign, sent: list[Filled]) -> None:
    seen: dict[str, Counter[str]] = {"sex": Counter(), "interview_language": Counter(), "consent_record": Counter()}
    for filled in sent:
        for place, value in answers_of(campaign, filled).items():
            name = place.rpartition("/")[2]
            if name in seen:
                seen[name][value] += 1
    assert set(seen["sex"]) >= {"female", "male"}
    assert seen["interview_language"]["ar"] > seen["interview_language"]["ckb"] > 0
    assert seen["consent_record"]["yes"] > 10 * seen["consent_record"]["no"] > 0


def test_campaign__follow_ups__speak_of_referrals_unless_orphans(campaign: Campaign, sent: list[Filled]) -> None:
    known = referral_numbers(campaign, sent)
    for filled in sent:
        if filled.form == FOLLOW_UP:
            number = answers_of(campaign, filled)["which/reference_number"]
            assert (number in known) != (dirt.ORPHAN_FOLLOW_UP in filled.dirty)


def test_campaign__dirt__known_share_of_each_kind(sent: list[Filled]) -> None:
    kinds = Counter(kind for filled in sent for kind in filled.dirty)
    assert kinds[dirt.IMPOSSIBLE_DATE] == kinds[dirt.UNKNOWN_CODE] == kinds[dirt.WRONG_CLOCK] == 5
    assert kinds[dirt.ORPHAN_FOLLOW_UP] == 4
    assert kinds[dirt.CODE_COLLISION] == dirt.COLLISIONS
    assert kinds[dirt.BAD_PHONE] >= 1 and kinds[dirt.REPEATED_REGISTRATION] >= 1


def test_campaign__dirty_submissions__carry_what_they_say(campaign: Campaign, sent: list[Filled]) -> None:
    for filled in sent:
        answers = answers_of(campaign, filled)
        if dirt.WRONG_CLOCK in filled.dirty:
            assert abs(moment(answers["end"]) - filled.sent_at) > timedelta(days=183)
        if dirt.IMPOSSIBLE_DATE in filled.dirty:
            assert any(_is_impossible(value) for value in answers.values())
        if dirt.UNKNOWN_CODE in filled.dirty:
            assert set(answers.values()) & {"old_choice", "other_2", "99"}
        if dirt.BAD_PHONE in filled.dirty:
            numbers = [v for place, v in answers.items() if place.endswith(("/phone", "/caregiver_phone"))]
            assert not all(_is_phone(number) for number in numbers)


def _is_impossible(value: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return False
    return date_of(value) is None or not date(1900, 1, 1) <= date.fromisoformat(value) < date(2100, 1, 1)


def _is_phone(value: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, "IQ"))
    except phonenumbers.NumberParseException:
        return False


def test_campaign__collision__two_persons_one_tablet_number(campaign: Campaign, sent: list[Filled]) -> None:
    twice = next(filled for filled in sent if dirt.CODE_COLLISION in filled.dirty)
    made = [v for place, v in answers_of(campaign, twice).items() if place.endswith("/reference_number")]
    others = [f for f in sent if f.form == INTAKE and f is not twice]
    assert any(number.encode() in other.instance_xml for number in made if number[0] == "3" for other in others)


def test_campaign__repeated_registration__card_registered_before(campaign: Campaign, sent: list[Filled]) -> None:
    registered = Counter(
        value
        for filled in sent
        for place, value in answers_of(campaign, filled).items()
        if place == "person/registration_number"
    )
    again = [filled for filled in sent if dirt.REPEATED_REGISTRATION in filled.dirty]
    numbers = [answers_of(campaign, filled).get("person/registration_number") for filled in again]
    assert all(registered[number] > 1 for number in numbers if number) and any(numbers)


def test_second_night__all_kinds__as_many_as_asked(campaign: Campaign, sent: list[Filled]) -> None:
    night = Night(new=20, late=6, cleared=4, changed=4, shrunk=3, deleted=5)
    actions = second_night(campaign, sent, night)
    assert Counter(action.kind for action in actions) == Counter(
        new=20, late=6, cleared=4, changed=4, shrunk=3, deleted=5
    )
    assert actions == second_night(campaign, sent, night)
    assert [action.sent_at for action in actions] == sorted(action.sent_at for action in actions)
    touched = [action.root_uuid for action in actions if action.kind in EDITS | {"deleted"}]
    assert len(set(touched)) == len(touched)
    assert set(touched) <= {filled.root_uuid for filled in sent if not filled.dirty}
    assert all(action.sent_at > max(filled.sent_at for filled in sent) for action in actions)
    assert {action.form for action in actions if action.kind == "new"} == {INTAKE, FOLLOW_UP}


def test_second_night__few_submissions__still_a_night(campaign: Campaign, sent: list[Filled]) -> None:
    clean = [filled for filled in sent if not filled.dirty]
    kinds = Counter(action.kind for action in second_night(campaign, clean[:3]))
    assert kinds["new"] == kinds["late"] == 1 and kinds["deleted"] <= 1


def test_respondent__code_that_the_form_does_not_offer__another_choice() -> None:
    form = XForm(
        convert(
            """
            | survey |
            | | type | name | label | required |
            | | select_one sites | centre | C | yes |
            | choices |
            | | list_name | name | label |
            | | sites | north | N |
            """,
            file_type=".md",
        ).xform
    )
    slot = slots(random.Random(1), 1, START, 1)[0]
    visit = Visit(slot, make_person(random.Random(1), slot.centre), "", False, START)
    occasion = Occasion(random.Random(1), slot.started, slot.ended, subject=visit)
    assert fill(form, Respondent(), occasion).answers["centre"] == "north"


def test_campaign__foreign_intake__filled_all_the_same(forms: dict[str, XForm]) -> None:
    foreign = XForm(convert(FOREIGN, file_type=".md").xform)
    sent = Campaign(1, 30, 2, START, {**forms, INTAKE: foreign}).run()
    assert Counter(filled.form for filled in sent) == {INTAKE: 29, FOLLOW_UP: 1}
    assert all(b"<gov>" in filled.instance_xml for filled in sent if filled.form == INTAKE)


def test_second_night__edits__one_thing_differs(campaign: Campaign, sent: list[Filled]) -> None:
    by_root = {filled.root_uuid: filled for filled in sent}
    required = {"/".join(q.path[1:]) for form in campaign.forms.values() for q in form.questions() if q.required}
    for action in second_night(campaign, sent, Night(new=0, late=0, cleared=80, changed=80, shrunk=10, deleted=0)):
        if action.kind not in EDITS:
            continue
        root = etree.fromstring(action.instance_xml)
        assert root.findtext("meta/deprecatedID") == f"uuid:{action.root_uuid}"
        assert root.findtext("meta/instanceID") != f"uuid:{action.root_uuid}"
        before, after = answers_of(campaign, by_root[action.root_uuid]), answers_of(campaign, action)
        different = {
            place
            for place in before.keys() | after.keys()
            if before.get(place) != after.get(place) and not place.startswith("meta/")
        }
        if action.kind == "cleared":
            assert len(different) == 1 and different.isdisjoint(after)
            assert different.isdisjoint(required)
        elif action.kind == "changed":
            assert len(different) == 1 and different <= after.keys()
        else:
            assert different.isdisjoint(after)
            assert len({place.partition("/")[0] for place in different}) == 1


def test_second_night__news__of_referrals_that_are_still_there(campaign: Campaign, sent: list[Filled]) -> None:
    actions = second_night(campaign, sent, Night(new=60, late=0, cleared=0, changed=0, shrunk=0, deleted=150))
    gone = {action.root_uuid for action in actions if action.kind == "deleted"}
    known = referral_numbers(campaign, [filled for filled in sent if filled.root_uuid not in gone])
    news = [action for action in actions if action.form == FOLLOW_UP and action.kind == "new"]
    assert len(news) > 10
    assert {answers_of(campaign, action)["which/reference_number"] for action in news} <= known


def test_second_night__late__filled_during_the_campaign(campaign: Campaign, sent: list[Filled]) -> None:
    for action in second_night(campaign, sent):
        if action.kind == "late":
            day = date.fromisoformat(answers_of(campaign, action)["today"])
            assert START <= day < START + timedelta(weeks=WEEKS)
            assert action.sent_at.tzinfo is BAGHDAD


def test_campaign__with_the_forms_of_other_activities__each_has_its_share(forms: dict[str, XForm]) -> None:
    activities = {name: real_form(name) for name in ACTIVITY_SHARES}
    sent = Campaign(3, 300, WEEKS, START, forms | activities).run()
    found = Counter(filled.form for filled in sent)
    assert sum(found.values()) == 300
    assert {name: found[name] for name in ACTIVITY_SHARES} == {n: round(300 * s) for n, s in ACTIVITY_SHARES.items()}
    days = {date_of(saved_answers(activities[f.form], f.instance_xml)["start"]) for f in sent if f.form in activities}
    assert {day.weekday() for day in days if day} <= {6, 0, 1, 2, 3}


def test_campaign__with_the_visit_form__the_desk_has_its_share_and_known_people_come_again(
    forms: dict[str, XForm],
) -> None:
    campaign = Campaign(5, 400, WEEKS, START, forms | {VISIT: real_form(VISIT)})
    sent = campaign.run()
    visits = [answers_of(campaign, filled) for filled in sent if filled.form == VISIT]
    kinds = Counter(answers["visit/kind"] for answers in visits)
    assert kinds["desk"] == round(400 * DESK_SHARE)
    assert min(kinds["scan"], kinds["type"], kinds["lost"]) > 0
    for answers in visits:
        assert ("person_number" in answers) == (answers["visit/kind"] != "desk")
    known = {answers_of(campaign, filled).get("card/person_number") for filled in sent if filled.form == INTAKE}
    assert {answers["person_number"] for answers in visits if answers["visit/kind"] in ("scan", "type")} <= known


def test_campaign__receiver_phoned_on_the_spot__says_nothing_that_contradicts_it(forms: dict[str, XForm]) -> None:
    campaign = Campaign(6, 900, WEEKS, START, forms)
    sent = campaign.run()
    answered = {
        answers[place.replace("/phone_event", "/phone_reference")]: answer
        for filled in sent
        for answers in [answers_of(campaign, filled)]
        for place, answer in answers.items()
        if place.endswith("/phone_event")
    }
    assert {"accept", "acknowledge"} == set(answered.values())
    for filled in sent:
        if filled.form == FOLLOW_UP and not filled.dirty:
            answers = answers_of(campaign, filled)
            answer = answered.get(answers["which/reference_number"], "")
            assert answers["event/event_type"] not in {"accept": ("acknowledge", "accept", "decline")}.get(answer, ())

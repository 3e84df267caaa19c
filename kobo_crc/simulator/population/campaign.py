"""Several weeks of six centres: intakes, the referrals in them, the follow-ups of those, and a known share of dirt."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from kobo_crc.codes import BODY_DIGITS, REFERRAL_SLIP, random_code
from kobo_crc.simulator.population import dirt
from kobo_crc.simulator.population.activity_answers import ACTIVITY_SHARES
from kobo_crc.simulator.population.agenda import Slot, next_working, sent_at, slot_on, slots
from kobo_crc.simulator.population.answers import Replay
from kobo_crc.simulator.population.delivery import Filled, Progress
from kobo_crc.simulator.population.filling import Instance, Occasion, fill
from kobo_crc.simulator.population.outcomes import Event, after_call, events_of
from kobo_crc.simulator.population.people import Person, make_person
from kobo_crc.simulator.population.referrals import Referral, person_number, referrals_of
from kobo_crc.simulator.population.respondent import Respondent
from kobo_crc.simulator.population.subjects import News, Subject, Task, Visit
from kobo_crc.simulator.population.xform import XForm

INTAKE, VISIT, FOLLOW_UP = "intake", "visit", "referral_followup"
# Of all submissions but those of other activities; the rest are follow-ups, as far as the referrals give them.
INTAKE_SHARE = 0.56
DESK_SHARE = 0.05  # of all submissions: anonymous questions at the information desk
REPEAT_VISITS = 0.3
SHORT_FORMS = 0.8  # of repeat visits; in the others the registration is asked again


@dataclass(slots=True)
class _Draft:
    form: str
    subject: Subject
    instance: Instance
    sent_at: datetime
    dirty: list[str] = field(default_factory=list)

    def filled(self) -> Filled:
        root_uuid = self.instance.instance_id.removeprefix("uuid:")
        return Filled(self.form, self.instance.xml, root_uuid, self.sent_at, tuple(self.dirty))


@dataclass(frozen=True, slots=True)
class _Known:
    """A person whom a centre knows by number, and the latest referral."""

    person: Person
    number: str
    referral: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A whole campaign, decided by its seed: the same arguments give the same bytes.

    `forms` are the forms as the server gives them, by name: `intake`, `referral_followup`, and `visit` and those of
    other activities, as far as they are there. Further ones are left alone.
    The weeks begin at `start`; nothing happens after them but late sending.
    """

    seed: int
    submissions: int
    weeks: int
    start: date
    forms: Mapping[str, XForm]

    def __iter__(self) -> Iterator[Filled]:
        return iter(self.run())

    def run(self, progress: Progress | None = None) -> list[Filled]:
        """Every submission in the order of arrival; `progress` is called with (filled, submissions)."""
        return _Run(self, progress).run()

    def rng(self, *what: object) -> random.Random:
        """A chance of its own for each thing, so that one more question in a form does not change everybody."""
        return random.Random("/".join(map(str, (self.seed, *what))))


class _Run:
    def __init__(self, campaign: Campaign, progress: Progress | None) -> None:
        self.campaign, self.progress = campaign, progress
        self.shapes = {name: dirt.shape_of(form) for name, form in campaign.forms.items()}
        self.known: dict[str, list[_Known]] = {}
        self.drafts: list[_Draft] = []
        self.end = campaign.start + timedelta(weeks=campaign.weeks)

    def run(self) -> list[Filled]:
        campaign = self.campaign
        shares = {**ACTIVITY_SHARES, VISIT: DESK_SHARE}
        tasks = {name: round(campaign.submissions * share) for name, share in shares.items()}
        tasks = {name: count for name, count in tasks.items() if name in campaign.forms}
        others = campaign.submissions - sum(tasks.values())
        wanted = round(others * INTAKE_SHARE)
        self._intakes(slots(campaign.rng("slots"), wanted, campaign.start, campaign.weeks))
        self._collide()
        self._follow_ups(others - wanted)
        for name, count in tasks.items():
            self._activities(name, count)
        missing = campaign.submissions - len(self.drafts)
        self._intakes(slots(campaign.rng("more"), missing, campaign.start, campaign.weeks), first=wanted)
        for kind in (dirt.BAD_PHONE, dirt.IMPOSSIBLE_DATE, dirt.UNKNOWN_CODE, dirt.WRONG_CLOCK):
            self._soil(kind)
        self.drafts.sort(key=lambda draft: (draft.sent_at, draft.instance.instance_id))
        return [draft.filled() for draft in self.drafts]

    # -- intakes

    def _intakes(self, agenda: list[Slot], first: int = 0) -> None:
        for index, slot in enumerate(agenda, first):
            rng = self.campaign.rng(INTAKE, index)
            visit, dirty = self._visit(rng, slot)
            draft = self._fill(self._form_of(visit, rng), visit, rng, dirty)
            number = person_number(draft.instance)
            if number:
                self._remember(visit, number, draft.instance)

    def _form_of(self, visit: Visit, rng: random.Random) -> str:
        short = visit.repeat and VISIT in self.campaign.forms and rng.random() < SHORT_FORMS
        return VISIT if short else INTAKE

    def _remember(self, visit: Visit, number: str, instance: Instance) -> None:
        if visit.repeat:
            return
        latest = [referral.number for referral in referrals_of(self.campaign.forms[INTAKE], instance)][-1:]
        known = self.known.setdefault(visit.slot.centre.code, [])
        known.append(_Known(visit.person, number, "".join(latest)))

    def _visit(self, rng: random.Random, slot: Slot) -> tuple[Visit, list[str]]:
        """Someone new, someone who comes again, or someone known whom the desk registers a second time."""
        day = slot.started.date()
        known = self.known.get(slot.centre.code, [])
        chance = rng.random()
        if known and chance < REPEAT_VISITS:
            met = rng.choice(known)
            return Visit(slot, met.person, met.number, True, day, met.referral), []
        again = [met for met in known if met.person.card] if chance > 1 - _AGAIN else []
        if again:
            met = rng.choice(again)
            return Visit(slot, met.person, met.number, False, day), [dirt.REPEATED_REGISTRATION]
        person = make_person(rng, slot.centre)
        return Visit(slot, person, person.card, False, day), []

    # -- follow-ups

    def _follow_ups(self, most: int) -> None:
        rng = self.campaign.rng("news")
        news = [item for draft in self.drafts for item in self._news(draft)]
        orphans = max(1, round(most * dirt.SHARES[dirt.ORPHAN_FOLLOW_UP])) if most else 0
        news.sort(key=_order)
        news = news[: max(0, most - orphans)]  # the latest are not told yet, so that the rates stay as they are
        told = [(item, False) for item in news] + [(self._orphan(rng), True) for _ in range(orphans)]
        told.sort(key=lambda pair: _order(pair[0]))
        for index, (item, orphan) in enumerate(told):
            dirty = [dirt.ORPHAN_FOLLOW_UP] if orphan else []
            self._fill(FOLLOW_UP, item, self.campaign.rng(FOLLOW_UP, index), dirty)

    def _news(self, draft: _Draft) -> Iterator[News]:
        visit = draft.subject
        for referral in referrals_of(self.campaign.forms[draft.form], draft.instance):
            if referral.draft or not isinstance(visit, Visit):
                continue
            rng = self.campaign.rng("referral", draft.instance.instance_id, referral.number)
            for event in after_call(events_of(rng, referral.service, visit.day), referral.answer):
                yield from self._told(rng, referral, event, visit.slot)

    def _told(self, rng: random.Random, referral: Referral, event: Event, made: Slot) -> Iterator[News]:
        """The officer writes it down on the day or the next ones; what would come after the weeks is not heard of."""
        day = next_working(event.day + timedelta(days=rng.choice((0, 0, 0, 1, 2, 6))))
        if day < self.end:
            slot = slot_on(rng, day, made.centre)
            if slot.started > made.ended:
                yield News(slot, referral.number, event.code, event.day, event.reported_by)

    def _orphan(self, rng: random.Random) -> News:
        slot = slots(rng, 1, self.campaign.start, self.campaign.weeks)[0]
        event = rng.choice(("acknowledge", "accept", "serve"))
        return News(slot, random_code(REFERRAL_SLIP, rng), event, slot.started.date(), "receiver")

    # -- other activities

    def _activities(self, name: str, count: int) -> None:
        agenda = slots(self.campaign.rng("slots", name), count, self.campaign.start, self.campaign.weeks)
        for index, slot in enumerate(agenda):
            rng = self.campaign.rng(name, index)
            self._fill(name, self._at_desk(slot, rng) if name == VISIT else self._task(slot, rng), rng, [])

    def _at_desk(self, slot: Slot, rng: random.Random) -> Visit:
        """Somebody who asks at the information desk and stays without a name."""
        return Visit(slot, make_person(rng, slot.centre), "", False, slot.started.date())

    def _task(self, slot: Slot, rng: random.Random) -> Task:
        known = self.known.get(slot.centre.code, [])
        met = rng.choice(known) if known and rng.random() < 0.85 else None
        return Task(slot, met.number, met.referral) if met else Task(slot)

    # -- filling and dirt

    def _fill(self, name: str, subject: Subject, rng: random.Random, dirty: list[str]) -> _Draft:
        slot = subject.slot
        occasion = Occasion(rng, slot.started, slot.ended, subject=subject)
        instance = fill(self.campaign.forms[name], Respondent(), occasion)
        draft = _Draft(name, subject, instance, sent_at(rng, slot.ended), dirty)
        self.drafts.append(draft)
        if self.progress is not None:
            self.progress(len(self.drafts), self.campaign.submissions)
        return draft

    def _collide(self) -> None:
        """Two tablets make the same random number: rare as it is, the store must not break."""
        made = [draft for draft in self.drafts if dirt.tablet_code(draft.instance)]
        rng = self.campaign.rng(dirt.CODE_COLLISION)
        for _ in range(dirt.COLLISIONS if len(made) > 1 else 0):
            first, second = rng.sample(made, 2)
            ours, theirs = dirt.tablet_code(second.instance), dirt.tablet_code(first.instance)
            second.instance = _renumbered(second.instance, ours[:BODY_DIGITS], theirs[:BODY_DIGITS])
            second.instance = self._retyped(second, {}, rng)  # the check digits follow
            second.dirty.append(dirt.CODE_COLLISION)

    def _soil(self, kind: str) -> None:
        able = [d for d in self.drafts if dirt.can_carry(kind, d.instance, self.shapes[d.form])]
        rng = self.campaign.rng(kind)
        for draft in rng.sample(able, min(len(able), max(1, round(len(able) * dirt.SHARES[kind])))):
            shape = self.shapes[draft.form]
            if kind == dirt.BAD_PHONE:
                draft.instance = self._retyped(draft, dirt.bad_phone(draft.instance, shape, rng), rng)
            else:
                draft.instance = replace(draft.instance, xml=dirt.soil(kind, draft.instance, shape, rng))
            draft.dirty.append(kind)

    def _retyped(self, draft: _Draft, changes: Mapping[str, str], rng: random.Random) -> Instance:
        """The same instance with other answers, its constraints not asked there: calculations follow."""
        saved, slot = draft.instance.answers, draft.subject.slot
        occasion = Occasion(rng, slot.started, slot.ended, subject=draft.subject, unchecked=frozenset(changes))
        instance = fill(self.campaign.forms[draft.form], Replay(saved, changes, Respondent()), occasion, saved)
        return _renumbered(instance, instance.instance_id, draft.instance.instance_id)


_AGAIN = dirt.SHARES[dirt.REPEATED_REGISTRATION]


def _order(news: News) -> tuple[datetime, str, str]:
    return news.slot.started, news.number, news.event


def _renumbered(instance: Instance, old: str, new: str) -> Instance:
    answers = {place: value.replace(old, new) for place, value in instance.answers.items()}
    xml = instance.xml.replace(old.encode(), new.encode())
    return replace(instance, xml=xml, answers=answers, instance_id=instance.instance_id.replace(old, new))

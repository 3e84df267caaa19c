"""The night after: new and late submissions, edits of old ones, and deletions, as the server sees them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.simulator.population.agenda import next_working, sent_at, slot_on
from kobo_crc.simulator.population.answers import Replay
from kobo_crc.simulator.population.campaign import FOLLOW_UP, INTAKE, VISIT, Campaign
from kobo_crc.simulator.population.delivery import Filled
from kobo_crc.simulator.population.filling import Instance, Occasion, fill, saved_answers, saved_count
from kobo_crc.simulator.population.functions import date_of
from kobo_crc.simulator.population.items import Item
from kobo_crc.simulator.population.order import references_of
from kobo_crc.simulator.population.people import CENTRES, make_person
from kobo_crc.simulator.population.referrals import referrals_of
from kobo_crc.simulator.population.respondent import Respondent
from kobo_crc.simulator.population.subjects import News, Subject, Visit
from kobo_crc.simulator.population.xform import XForm

_DEPRECATED = "deprecatedID"
_NEWS_OF_OLD = 0.4  # of the new submissions


@dataclass(frozen=True, slots=True)
class Night:
    """How many submissions of each kind the second night brings."""

    new: int
    late: int
    cleared: int
    changed: int
    shrunk: int
    deleted: int


def usual_night(submissions: int) -> Night:
    """What a night brings to a server that holds this many; some of each kind, however few they are."""
    new, late, cleared, changed, shrunk, deleted = (
        max(1, round(submissions * share)) for share in (0.04, 0.015, 0.01, 0.01, 0.005, 0.008)
    )
    return Night(new, late, cleared, changed, shrunk, deleted)


def second_night(campaign: Campaign, first: Sequence[Filled], night: Night | None = None) -> list[Filled]:
    """The actions of the night after `first`, all that a campaign sent, in the order of arrival.

    Without `night` it is a usual one. No submission is edited and deleted as well; dirty ones are left as they are.
    Fewer edits come when `first` holds too few that can be edited so.
    """
    day = next_working(max(filled.sent_at for filled in first).date() + timedelta(days=1))
    made = _Night(campaign, first, day)
    night = night or usual_night(len(first))
    actions = [
        *made.edits("shrunk", night.shrunk),
        *made.edits("cleared", night.cleared),
        *made.edits("changed", night.changed),
        *made.deletions(night.deleted),
        *made.arrivals(night.new, late=False),
        *made.arrivals(night.late, late=True),
    ]
    return sorted(actions, key=lambda filled: (filled.sent_at, filled.root_uuid))


class _Night:
    def __init__(self, campaign: Campaign, first: Sequence[Filled], day: date) -> None:
        self.campaign, self.day = campaign, day
        self.rng = campaign.rng("second night")
        clean = [filled for filled in first if not filled.dirty]
        self.pool = self.rng.sample(clean, len(clean))
        self.loose = {name: _loose_items(form) for name, form in campaign.forms.items()}

    def edits(self, kind: str, count: int) -> Iterator[Filled]:
        """Up to `count` edits of one kind, each of another submission."""
        kept, done = [], 0
        for filled in self.pool:
            edited = self._edit(kind, filled) if done < count else None
            if edited is None:
                kept.append(filled)
            else:
                done += 1
                yield edited
        self.pool = kept

    def deletions(self, count: int) -> Iterator[Filled]:
        for filled in self.pool[:count]:
            yield Filled(filled.form, b"", filled.root_uuid, self._moment(), kind="deleted")
        self.pool = self.pool[count:]

    def arrivals(self, count: int, late: bool) -> Iterator[Filled]:
        """New submissions of the day; late ones were filled during the campaign and come now."""
        kind = "late" if late else "new"
        for index in range(count):
            rng = self.campaign.rng(kind, index)
            news = None if late or rng.random() >= _NEWS_OF_OLD else self._news(rng)
            subject = news or self._visit(rng, late)
            form = INTAKE if isinstance(subject, Visit) else FOLLOW_UP
            slot = subject.slot
            occasion = Occasion(rng, slot.started, slot.ended, subject=subject)
            instance = fill(self.campaign.forms[form], Respondent(), occasion)
            arrived = self._moment() if late else sent_at(rng, slot.ended)
            yield Filled(form, instance.xml, instance.instance_id.removeprefix("uuid:"), arrived, kind=kind)

    def _visit(self, rng: random.Random, late: bool) -> Subject:
        day = self.day
        if late:
            day = next_working(self.campaign.start + timedelta(days=rng.randrange(7 * self.campaign.weeks - 3)))
        slot = slot_on(rng, day, rng.choices(CENTRES, [centre.share for centre in CENTRES])[0])
        person = make_person(rng, slot.centre)
        return Visit(slot, person, person.card, False, slot.started.date())

    def _news(self, rng: random.Random) -> Subject | None:
        """News of a referral that the first night brought."""
        visits = [filled for filled in self.pool if filled.form in (INTAKE, VISIT)]
        for filled in rng.sample(visits, min(len(visits), 10)):
            form = self.campaign.forms[filled.form]
            answers = saved_answers(form, filled.instance_xml)
            found = [r for r in referrals_of(form, Instance(b"", "", answers, ())) if not r.draft]
            if found:
                slot = slot_on(rng, self.day)
                event = rng.choice(("acknowledge", "accept", "serve", "close"))
                return News(slot, found[0].number, event, slot.started.date(), "receiver")
        return None

    def _edit(self, kind: str, filled: Filled) -> Filled | None:
        form = self.campaign.forms[filled.form]
        saved = saved_answers(form, filled.instance_xml)
        rng = self.campaign.rng("edit", filled.root_uuid)
        changes: dict[str, str | None] = {}
        counts: dict[str, int] = {}
        if kind == "shrunk":
            counts = _shrinkable(form, saved)
        else:
            changes = self._changes(kind, filled.form, saved, rng)
        if not changes and not counts:
            return None
        occasion = Occasion(rng, _moment_of(saved, "start", filled), _moment_of(saved, "end", filled))
        instance = fill(form, Replay(saved, changes, Respondent(), counts), occasion, saved)
        xml = _deprecating(instance.xml, filled.root_uuid)
        return Filled(filled.form, xml, filled.root_uuid, self._moment(), kind=kind)

    def _changes(self, kind: str, form: str, saved: dict[str, str], rng: random.Random) -> dict[str, str | None]:
        """One answer that nothing else depends on: emptied, or another choice of its list."""
        items = self.loose[form]
        places = [place for place in saved if place.rpartition("/")[2] in items]
        rng.shuffle(places)
        for place in places:
            item = items[place.rpartition("/")[2]]
            if kind == "cleared" and item.required is None:
                return {place: None}
            others = _other_choices(item, saved[place]) if kind == "changed" else []
            if others:
                return {place: rng.choice(others)}
        return {}

    def _moment(self) -> datetime:
        return slot_on(self.rng, self.day).ended


def _loose_items(form: XForm) -> dict[str, Item]:
    """Questions that no other expression reads, by name."""
    read = {path for item in form.items() for path in references_of(item) if path != item.path}
    return {item.path[-1]: item for item in form.items() if item.question is not None and item.path not in read}


def _other_choices(item: Item, code: str) -> list[str]:
    if item.question is None or item.question.control != "select1" or item.itemset is None:
        return []
    if item.itemset.nodes is not None and item.itemset.nodes.references:
        return []  # a cascade: what is on offer depends on the rest
    return [choice.code for choice in item.itemset.choices(None) if choice.code != code]


def _shrinkable(form: XForm, saved: dict[str, str]) -> dict[str, int]:
    """The first open repeat with two instances or more, one fewer."""
    for item in form.scope.items:
        if item.repeat is not None and not item.repeat.counted:
            count = saved_count(saved, item.place)
            if count > 1:
                return {item.place: count - 1}
    return {}


def _moment_of(saved: dict[str, str], name: str, filled: Filled) -> datetime:
    return date_of(saved.get(name, "")) or filled.sent_at


def _deprecating(xml: bytes, old_uuid: str) -> bytes:
    root = etree.fromstring(xml)
    meta = root.find("meta")
    etree.SubElement(meta, _DEPRECATED).text = f"uuid:{old_uuid}"
    edited: bytes = etree.tostring(root, encoding="utf-8")
    return edited

"""What a person's consent allows: to count them in reports, to tell a receiver of them, and to reach them. Pure.

An empty answer is never a yes. Who opted out of reports, or never agreed, is counted in a centre's total alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from kobo_crc.rules import CLOCK_BEHIND

YES = "yes"


class ConsentAnswer(NamedTuple):
    """What somebody answered, in one submission, to one question of consent. `arrived_at` is UTC."""

    person_code: str | None
    submission_id: int
    said_on: date | None
    arrived_at: datetime | None
    answer_code: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who agreed to what was asked: by person, and by submission where nobody's number is known."""

    people: Mapping[str, bool]
    submissions: Mapping[int, bool]
    # Whose each card is, where somebody joined cards: a wish holds for the person, under whichever card it was said.
    persons: Mapping[str, str] = field(default_factory=dict)

    def allows(self, person_code: str | None, submission_id: int | None) -> bool:
        """Whether the person agreed, by their newest answer in any visit; never where nobody was asked."""
        person = self.persons.get(person_code or "", person_code)
        if person is not None and person in self.people:
            return self.people[person]
        return submission_id is not None and self.submissions.get(submission_id, False)


def agreement(answers: Iterable[ConsentAnswer], persons: Mapping[str, str] | None = None) -> Agreement:
    """The newest answer of each person, which holds for all their visits, and that of each submission.

    `persons` says whose each card is; a card that is not among them is a person of its own. Of the answers of one
    submission a no counts.
    """
    whose = persons or {}
    newest: dict[str, tuple[tuple[date, datetime, int], bool]] = {}
    submissions: dict[int, bool] = {}
    for one in answers:
        if one.answer_code:
            refused = one.answer_code != YES
            submissions[one.submission_id] = submissions.get(one.submission_id, True) and not refused
            if one.person_code:
                person, said = whose.get(one.person_code, one.person_code), (_when(one), refused)
                newest[person] = max(newest.get(person, said), said)
    return Agreement({person: not refused for person, (_, refused) in newest.items()}, submissions, whose)


def _when(one: ConsentAnswer) -> tuple[date, datetime, int]:
    arrived = one.arrived_at or datetime.min
    said = counts_from(one.said_on, one.arrived_at and one.arrived_at.date(), one.answer_code)
    return said, arrived, one.submission_id


def counts_from(stated: date | None, arrived: date | None, answer_code: str | None) -> date:
    """The day that an answer counts from: as staff state it, where a tablet with a right clock can have shown it.

    A wrong clock must not outlive an opt-out, nor may an opt-out drown in one: a day after the arrival is the
    arrival's, and so is one long before it, of every answer but yes.
    """
    if arrived is None:
        return stated or date.min
    said = min(stated or arrived, arrived)
    return arrived if answer_code != YES and said < arrived - CLOCK_BEHIND else said


class HandoverAnswer(NamedTuple):
    """What bears, in one submission, on passing somebody on: the answer for one receiver, an organisation's code, or,
    where that is "", a no for all of them. `arrived_at` is UTC."""

    person: str
    submission_id: int
    said_on: date | None
    arrived_at: datetime | None
    receiver: str
    agreed: bool


def passing_to(receiver: str, answers: Iterable[HandoverAnswer]) -> frozenset[str]:
    """Who may be passed on to that organisation, by their newest answer for it.

    What was said to another organisation's name changes nothing. Of the answers of one day a no counts: tablets send
    late, and nobody can tell which came first.
    """
    asked = (one for one in answers if one.receiver in (receiver, ""))
    newest = {one.person: one.agreed for one in sorted(asked, key=_a_no_last)}
    return frozenset(person for person, agreed in newest.items() if agreed)


def _a_no_last(one: HandoverAnswer) -> tuple[date, bool]:
    arrived_on = one.arrived_at and one.arrived_at.date()
    return counts_from(one.said_on, arrived_on, YES if one.agreed else "no"), not one.agreed


def may_share(share_code: str | None) -> bool:
    """Whether the referral's receiver may be told of it; `share_code` is the answer given for that receiver."""
    return share_code == "yes"


def sharing_refused(share_code: str | None) -> bool:
    """Whether the person said no to it. Asked for each referral, also of who wants to stay unknown."""
    return share_code == "no"


class Sharing(NamedTuple):
    """What bears on telling a referral's receiver who the person is and how to reach them.

    `agreed` are the kinds of information (`shared_information`), `limits` the ways not to be reached (`contact_limit`).
    """

    share_code: str | None
    sensitive: bool
    agreed: frozenset[str]
    limits: frozenset[str]
    government: bool


def may_tell(sharing: Sharing) -> frozenset[str]:
    """Which of `limits`, `name` and `phone` the receiver may be told: none of a sensitive referral, none without a yes
    to sharing, and no authority of somebody who wants none to know."""
    barred = sharing.sensitive or not may_share(sharing.share_code)
    if barred or (sharing.government and "not_with_authorities" in sharing.limits):
        return frozenset()
    return (sharing.agreed & {"name", "phone"}) | {"limits"}


def may_reach(contact: bool, safe_to_call_code: str | None, limits: Set[str]) -> bool:
    """Whether a phone number may be handed to those who are to reach the person: with consent to contact, where the
    call is said to be safe, and where call or message is left as a way."""
    closed = "only_in_centre" in limits or {"no_call", "no_message"} <= limits
    return contact and safe_to_call_code == YES and not closed

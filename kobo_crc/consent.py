"""What a person's consent allows: to count them in reports, and to tell a receiver of them. Pure.

An empty answer is never a yes. Who opted out of reports, or never agreed, is counted in a centre's total alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

YES = "yes"


class ReportingWish(NamedTuple):
    """What somebody answered, in one submission, to being counted in reports. `arrived_at` is UTC."""

    person_code: str | None
    submission_id: int
    said_on: date | None
    arrived_at: datetime | None
    report_code: str | None


@dataclass(frozen=True, slots=True)
class Reporting:
    """Who may be counted beyond a centre's total: by person, and by submission where nobody's number is known."""

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


def reporting(wishes: Iterable[ReportingWish], persons: Mapping[str, str] | None = None) -> Reporting:
    """The newest answer of each person, which holds for all their visits, and that of each submission.

    `persons` says whose each card is; a card that is not among them is a person of its own.
    """
    whose = persons or {}
    answered = sorted((wish for wish in wishes if wish.report_code), key=_when)
    return Reporting(
        people={
            whose.get(wish.person_code, wish.person_code): wish.report_code == YES
            for wish in answered
            if wish.person_code
        },
        submissions={wish.submission_id: wish.report_code == YES for wish in answered},
        persons=whose,
    )


def _when(wish: ReportingWish) -> tuple[date, datetime, int]:
    """By the day as staff state it, unless that lies after the arrival: a wrong clock must not outlive an opt-out."""
    arrived = wish.arrived_at or datetime.min
    said = min(wish.said_on or arrived.date(), arrived.date()) if wish.arrived_at else wish.said_on or date.min
    return said, arrived, wish.submission_id


class HandoverWish(NamedTuple):
    """What somebody answered, in one submission, to being recorded and to being passed on: an organisation's code."""

    person: str
    record_code: str | None
    handover_to_code: str | None


def passing_to(receiver: str, wishes: Iterable[HandoverWish]) -> frozenset[str]:
    """Who agreed to be passed on to that organisation, by their newest answer; the wishes come in order of arrival.

    Agreeing for another organisation, or no longer agreeing to be recorded, ends it. No answer changes nothing.
    """
    agreed: dict[str, str] = {}
    for wish in wishes:
        if wish.record_code == "no":
            agreed.pop(wish.person, None)
        elif wish.handover_to_code:
            agreed[wish.person] = wish.handover_to_code
    return frozenset(person for person, to in agreed.items() if to == receiver)


def may_share(share_code: str | None) -> bool:
    """Whether the referral's receiver may be told of it; `share_code` is the answer given for that receiver."""
    return share_code == "yes"


def sharing_refused(share_code: str | None) -> bool:
    """Whether the person said no to it. Asked for each referral, also of who wants to stay unknown."""
    return share_code == "no"

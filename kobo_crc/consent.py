"""What a person's consent allows: to count them in reports, and to tell a receiver of them. Pure.

An empty answer is never a yes. Who opted out of reports, or never agreed, is counted in a centre's total alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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

    def allows(self, person_code: str | None, submission_id: int | None) -> bool:
        """Whether the person agreed, by their newest answer in any visit; never where nobody was asked."""
        if person_code is not None and person_code in self.people:
            return self.people[person_code]
        return submission_id is not None and self.submissions.get(submission_id, False)


def reporting(wishes: Iterable[ReportingWish]) -> Reporting:
    """The newest answer of each person, which holds for all their visits, and that of each submission."""
    answered = sorted((wish for wish in wishes if wish.report_code), key=_when)
    return Reporting(
        people={wish.person_code: wish.report_code == YES for wish in answered if wish.person_code},
        submissions={wish.submission_id: wish.report_code == YES for wish in answered},
    )


def _when(wish: ReportingWish) -> tuple[date, datetime, int]:
    """By the day as staff state it, unless that lies after the arrival: a wrong clock must not outlive an opt-out."""
    arrived = wish.arrived_at or datetime.min
    said = min(wish.said_on or arrived.date(), arrived.date()) if wish.arrived_at else wish.said_on or date.min
    return said, arrived, wish.submission_id


def may_share(share_code: str | None) -> bool:
    """Whether the referral's receiver may be told of it; `share_code` is the answer given for that receiver."""
    return share_code == "yes"


def sharing_refused(share_code: str | None) -> bool:
    """Whether the person said no to it. Asked for each referral, also of who wants to stay unknown."""
    return share_code == "no"

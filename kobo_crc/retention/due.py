"""Whose time is over, worked out from what was last heard of them. Pure: the day is an argument."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

PEOPLE: Final = "people"
UNNAMED: Final = "unnamed"
SESSIONS: Final = "sessions"
FEEDBACK: Final = "feedback"
DELETED: Final = "deleted"
TOLD: Final = "told"
PURPOSES: Final = (PEOPLE, UNNAMED, SESSIONS, FEEDBACK, DELETED)


class Said(NamedTuple):
    """A submission in the store: when it arrived (UTC), the centre it names, the cards and the referrals."""

    submission_id: int
    arrived_at: datetime
    centre_code: str = ""
    cards: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


@dataclass(slots=True)
class Case:
    """What is kept and goes together: the submissions of a person, of somebody unknown, of a session, of a feedback.

    `is_open` while a referral or a complaint waits for an answer.
    """

    purpose: str
    cards: frozenset[str] = frozenset()
    submissions: list[Said] = field(default_factory=list)
    heard_at: datetime = datetime.min
    is_open: bool = False

    def hear(self, at: datetime) -> None:
        """Something was heard of it at that moment."""
        self.heard_at = max(self.heard_at, at)

    @property
    def centre_code(self) -> str:
        """The centre of its newest submission that names one."""
        named = [one for one in self.submissions if one.centre_code]
        return max(named, key=lambda one: (one.arrived_at, one.submission_id)).centre_code if named else ""


class Line(NamedTuple):
    """How much of a purpose is due at a centre: cases and their submissions, and cases that wait because they are
    open."""

    purpose: str
    centre_code: str
    cases: int
    submissions: int
    waiting: int


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and hour so many months earlier, or the last day of a month that is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def overdue(cases: Iterable[Case], limits: Mapping[str, datetime]) -> Iterator[Case]:
    """Those last heard of before the limit of their purpose, open ones too. A purpose without a limit is kept."""
    for case in cases:
        if case.purpose in limits and case.heard_at < limits[case.purpose]:
            yield case


def counted(cases: Iterable[Case]) -> list[Line]:
    """The overdue cases by purpose and centre; never who they are."""
    lines: dict[tuple[str, str], list[int]] = {}
    for case in cases:
        line = lines.setdefault((case.purpose, case.centre_code), [0, 0, 0])
        added = (0, 0, 1) if case.is_open else (1, len(case.submissions), 0)
        line[:] = [have + more for have, more in zip(line, added, strict=True)]
    order = sorted(lines, key=lambda key: (PURPOSES.index(key[0]), key[1]))
    return [Line(*key, *lines[key]) for key in order]

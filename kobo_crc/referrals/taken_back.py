"""Consent to have told receivers, taken back: it withdraws what was referred before, whoever arrives first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from kobo_crc.referrals.lifecycle import Referral, day_of


class ToldAnswer(NamedTuple):
    """Whether a person's receivers may go on knowing what they were told, as answered in one visit (UTC)."""

    person_code: str
    submission_id: int
    said_on: date | None
    arrived_at: datetime | None
    share_code: str


def taken_back(answers: Iterable[ToldAnswer]) -> Mapping[str, ToldAnswer]:
    """The newest answer of each person, where it is no."""
    newest = {one.person_code: one for one in sorted(answers, key=_when)}
    return {person: one for person, one in newest.items() if one.share_code == "no"}


def without_consent(referral: Referral, answer: ToldAnswer | None) -> Referral:
    """The referral as one whose sharing is refused, when the answer speaks of it: of another visit, of no later day."""
    if answer is None or answer.submission_id == referral.submission_id:
        return referral
    referred_on = referral.visited_on or day_of(referral.arrived_at)
    return referral._replace(consent_share_code="no") if referred_on <= _when(answer)[0] else referral


def _when(answer: ToldAnswer) -> tuple[date, datetime, int]:
    """By the day as staff state it, unless that lies after the arrival."""
    if answer.arrived_at is None:
        return answer.said_on or date.min, datetime.min, answer.submission_id
    arrived_on = day_of(answer.arrived_at)
    return min(answer.said_on or arrived_on, arrived_on), answer.arrived_at, answer.submission_id

"""Consent to have told receivers, taken back: it withdraws what was referred before, whoever arrives first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from kobo_crc.consent import counts_from
from kobo_crc.referrals.lifecycle import Referral, day_of


class ToldAnswer(NamedTuple):
    """Whether a person's receivers may go on knowing what they were told, as answered in one visit (UTC).

    `person` is who the card belongs to: the wish holds for the cards that somebody joined with it too.
    """

    person: str
    submission_id: int
    said_on: date | None
    arrived_at: datetime | None
    share_code: str


def taken_back(answers: Iterable[ToldAnswer]) -> Mapping[str, ToldAnswer]:
    """The newest answer of each person, where it is no."""
    newest = {one.person: one for one in sorted(answers, key=_when)}
    return {person: one for person, one in newest.items() if one.share_code == "no"}


def without_consent(referral: Referral, answer: ToldAnswer | None) -> Referral:
    """The referral as one whose sharing is refused, when the answer speaks of it: of another visit, of no later day."""
    if answer is None or answer.submission_id == referral.submission_id:
        return referral
    arrived_on = day_of(referral.arrived_at)
    referred_on = min(referral.visited_on or arrived_on, arrived_on)
    return referral._replace(consent_share_code="no") if referred_on <= _when(answer)[0] else referral


def _when(answer: ToldAnswer) -> tuple[date, datetime, int]:
    arrived_on = answer.arrived_at and day_of(answer.arrived_at)
    said_on = counts_from(answer.said_on, arrived_on, answer.share_code)
    return said_on, answer.arrived_at or datetime.min, answer.submission_id

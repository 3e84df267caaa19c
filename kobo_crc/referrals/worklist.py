"""Open referrals and what is awaited of each on the day of asking. No names; of a sensitive one neither service nor
receiver, wherever these rows go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from kobo_crc.consent import may_share
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, SUBMISSION
from kobo_crc.model import NOT_APPROVED
from kobo_crc.referrals.calendar import TAKEN_ON, Calendar, Outlook, outlook
from kobo_crc.referrals.lifecycle import OPEN, day_of

DUE_SOON: Final = timedelta(days=2)
STATE = DERIVED_TABLES["referral_state"]
REFERRAL = FACT_TABLES["referral"]
SERVICE = CODES["service"]


class OpenReferral(NamedTuple):
    """A referral that has not ended. Codes and days; None where nobody said, and for service and receiver where
    `sensitive`.

    `sent_at` is UTC without zone. `followup_on` is the day on which centre and receiver agreed to follow it up.
    """

    reference_code: str
    centre_code: str | None
    service_code: str | None
    receiver_code: str | None
    priority_code: str | None
    state_code: str
    state_on: date
    sent_at: datetime
    followup_on: date | None
    sensitive: bool
    outlook: Outlook

    @property
    def sent_on(self) -> date:
        """The day of sending in Baghdad."""
        return day_of(self.sent_at)

    @property
    def due_on(self) -> date | None:
        """The last day of the stage that is awaited; None where nobody set a limit."""
        return self.outlook.due.on if self.outlook.due else None

    def days_late(self, today: date) -> int:
        """Days since the last day on which it would have been in time; 0 for one that is not overdue."""
        return (today - self.due_on).days if self.outlook.overdue and self.due_on else 0


def open_referrals(connection: sa.Connection, calendar: Calendar, now: datetime) -> Iterator[OpenReferral]:
    """Every open referral, the longest due first. `now` is UTC, without zone."""
    return iter(sorted(_seen(connection, calendar, now), key=_urgency))


def shared_with(connection: sa.Connection, calendar: Calendar, now: datetime, receiver: str) -> Iterator[OpenReferral]:
    """The open referrals of one receiver that the person agreed to have told to it, the longest due first."""
    found = _seen(connection, calendar, now, STATE.c.receiving_organization_code == receiver, agreed=True)
    return iter(sorted(found, key=_urgency))


# The lists that people work through, by name; each says which open referrals are on it on that day.
LISTS: Final[Mapping[str, Callable[[OpenReferral, date], bool]]] = {
    "overdue": lambda one, _today: one.outlook.overdue,
    "due_soon": lambda one, today: (
        not one.outlook.overdue and one.due_on is not None and one.due_on - today <= DUE_SOON
    ),
    "no_response": lambda one, _today: one.outlook.no_response,
    "awaiting_service": lambda one, _today: one.state_code in TAKEN_ON,
}


def on_list(name: str, referrals: Iterable[OpenReferral], today: date) -> list[OpenReferral]:
    """Those of the referrals that are on that list, in their order."""
    belongs = LISTS[name]
    return [one for one in referrals if belongs(one, today)]


def on_any_list(referrals: Iterable[OpenReferral], today: date) -> list[OpenReferral]:
    """Those of the referrals that somebody has to do something about, in their order."""
    return [one for one in referrals if any(belongs(one, today) for belongs in LISTS.values())]


def _urgency(one: OpenReferral) -> tuple[date, str]:
    return one.due_on or date.max, one.reference_code


def _seen(
    connection: sa.Connection,
    calendar: Calendar,
    now: datetime,
    *conditions: sa.ColumnElement[bool],
    agreed: bool = False,
) -> Iterator[OpenReferral]:
    c = STATE.c
    query = (
        sa.select(STATE, REFERRAL.c.followup_due_on, REFERRAL.c.consent_share_code, is_sensitive().label("sensitive"))
        .join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
        .join(REFERRAL, sa.and_(REFERRAL.c.submission_id == c.submission_id, REFERRAL.c.row_path == c.row_path))
        .outerjoin(SERVICE, SERVICE.c.code == c.service_code)
        .where(c.state_code.in_(sorted(OPEN)), SUBMISSION.c.validation_status != NOT_APPROVED, *conditions)
    )
    for row in connection.execute(query):
        if agreed and not may_share(row.consent_share_code):
            continue
        awaited = outlook(
            calendar,
            now,
            state=row.state_code,
            priority=row.priority_code,
            sent_at=row.sent_at,
            accepted_on=row.decided_on or row.state_on,
        )
        if awaited is not None:
            yield _masked(row, awaited)


def is_sensitive() -> sa.ColumnElement[bool]:
    """Whether a row of `referral_state`, joined with its service, is sensitive: unless form and list both deny it."""
    by_form = STATE.c.sensitive_code.is_distinct_from("no")
    return sa.or_(by_form, sa.func.coalesce(SERVICE.c.sensitive, "no") == "yes")


def _masked(row: sa.Row[tuple[object, ...]], awaited: Outlook) -> OpenReferral:
    hidden = bool(row.sensitive)
    return OpenReferral(
        row.reference_code,
        row.centre_code,
        None if hidden else row.service_code,
        None if hidden else row.receiving_organization_code,
        row.priority_code,
        row.state_code,
        row.state_on,
        row.sent_at,
        row.followup_due_on,
        hidden,
        awaited,
    )

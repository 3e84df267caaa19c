"""What stands in each list for one project: codes and days of its own centres. No names, no sensitive services."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from kobo_crc.codes import is_valid
from kobo_crc.config import Project
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, SUBMISSION
from kobo_crc.lookups import AVAILABLE_SERVICES, OPEN_REFERRALS
from kobo_crc.model import NOT_APPROVED
from kobo_crc.publish.hours import Opening
from kobo_crc.referrals.calendar import Calendar
from kobo_crc.referrals.worklist import STATE, open_referrals

OFFER, SCHEDULE = DERIVED_TABLES["service_at_location"], DERIVED_TABLES["schedule"]
CENTRE, SERVICE = CODES["centre"], CODES["service"]
ON_OFFER: Final = "active"
GOVERNORATE_LENGTH: Final = len("IQG16")  # with which the code of every place in it begins

Row = tuple[str, ...]


class Looker(NamedTuple):
    """Who looks the lists up, and when: a project's tablets. `now` is UTC, without zone."""

    connection: sa.Connection
    project: Project
    calendar: Calendar
    now: datetime

    @property
    def centres(self) -> frozenset[str]:
        """The centres that send to the project: all, when the pipeline file names none."""
        known = sa.select(CENTRE.c.code).where(CENTRE.c.retired_on.is_(None))
        return frozenset(self.project.centres or self.connection.execute(known).scalars())


def rows_of(filename: str, looker: Looker) -> list[Row]:
    """The rows of that list, sorted: the same rows make the same file."""
    return sorted(set(_MAKERS[filename](looker)))


def openings(looker: Looker) -> list[Opening]:
    """The hours at which something is given in the project's centres, by the directory."""
    query = (
        sa.select(SCHEDULE.c.byday, SCHEDULE.c.opens_at, SCHEDULE.c.closes_at)
        .join(OFFER, OFFER.c.service_at_location_id == SCHEDULE.c.service_at_location_id)
        .where(OFFER.c.at_centre_code.in_(sorted(looker.centres)), OFFER.c.status_code == ON_OFFER)
        .where(SCHEDULE.c.opens_at.is_not(None), SCHEDULE.c.closes_at.is_not(None))
        .distinct()
    )
    return [
        Opening(row.opens_at, row.closes_at, frozenset((row.byday or "").split(",")) - {""})
        for row in looker.connection.execute(query)
    ]


def _open_referrals(looker: Looker) -> Iterator[Row]:
    """Those of the project's centres; where none are named, those that came through the project."""
    own = looker.project.centres or _sent_through(looker)
    for one in open_referrals(looker.connection, looker.calendar, looker.now):
        if one.sensitive or (one.centre_code if looker.project.centres else one.reference_code) not in own:
            continue
        if not is_valid(one.reference_code):  # a number that no tablet takes, and that may be a text instead
            continue
        due_on = str(one.due_on or "")
        yield one.reference_code, one.service_code or "", one.priority_code or "", due_on, one.state_code


def _sent_through(looker: Looker) -> frozenset[str]:
    query = sa.select(STATE.c.reference_code).join(SUBMISSION, SUBMISSION.c.submission_id == STATE.c.submission_id)
    through = query.where(SUBMISSION.c.project == looker.project.name)
    return frozenset(looker.connection.execute(through).scalars())


def _available_services(looker: Looker) -> Iterator[Row]:
    """Which receiver gives which service in the governorates of the centres, or at a place that nobody knows."""
    place = sa.func.coalesce(CENTRE.c.place, OFFER.c.place_code, "")
    query = (
        sa.select(OFFER.c.service_code, OFFER.c.organization_code, place)
        .join(SUBMISSION, SUBMISSION.c.submission_id == OFFER.c.submission_id)
        .join(SERVICE, SERVICE.c.code == OFFER.c.service_code)
        .outerjoin(CENTRE, CENTRE.c.code == OFFER.c.at_centre_code)
        .where(OFFER.c.status_code == ON_OFFER, SERVICE.c.sensitive == "no")
        .where(SUBMISSION.c.validation_status != NOT_APPROVED)
    )
    near = _governorates(looker)
    for service, receiver, where in looker.connection.execute(query):
        if not where or not near or where[:GOVERNORATE_LENGTH] in near:
            yield service, receiver


def _governorates(looker: Looker) -> frozenset[str]:
    """Where the centres are; none when that is not known of one of them, which then may refer anywhere."""
    query = sa.select(CENTRE.c.place).where(CENTRE.c.code.in_(sorted(looker.centres)))
    places = list(looker.connection.execute(query).scalars())
    return frozenset(place[:GOVERNORATE_LENGTH] for place in places) if all(places) else frozenset()


_MAKERS: Mapping[str, Callable[[Looker], Iterator[Row]]] = {
    OPEN_REFERRALS: _open_referrals,
    AVAILABLE_SERVICES: _available_services,
}

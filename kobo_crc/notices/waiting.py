"""How much waits in each centre, by the same derivation as the lists and `referral list`: counts alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from kobo_crc.outputs.labels import labels
from kobo_crc.referrals.calendar import Calendar
from kobo_crc.referrals.lifecycle import day_of
from kobo_crc.referrals.worklist import LISTS, OpenReferral, open_referrals


class Waiting(NamedTuple):
    """A centre's name, "" for none that is known, and how many of its referrals are on which list."""

    centre: str
    overdue: int
    due_soon: int
    no_response: int


def waiting(connection: sa.Connection, calendar: Calendar, now: datetime, language: str) -> list[Waiting]:
    """Every centre with open referrals, the most overdue first. `now` is UTC, without zone."""
    names, today = labels(connection, "centre", language), day_of(now)
    by_centre: dict[str, list[OpenReferral]] = defaultdict(list)
    for one in open_referrals(connection, calendar, now):
        by_centre[names.get(one.centre_code or "", one.centre_code or "")].append(one)
    counted = (
        Waiting(name, *(sum(LISTS[key](one, today) for one in referrals) for key in Waiting._fields[1:]))
        for name, referrals in by_centre.items()
    )
    return sorted(counted, key=lambda one: (-one.overdue, one.centre))

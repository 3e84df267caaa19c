"""Figures that are about nobody: how fresh the directory is, and how good the month's data."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from kobo_crc.database.metadata import DERIVED_TABLES, PROBLEM, SUBMISSION
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.reading import Reader, days_between
from kobo_crc.outputs.indicators.tables import Material

FRESH_DAYS = 90
LATE_DAYS = 7
DOUBLES = ("person_registered_twice", "reference_code_repeated")


def directory(reader: Reader, month: Month) -> Material:
    """Services at their places, and those that a provider assured in the 90 days before the month's end."""
    return assured(reader, month.last)


def assured(reader: Reader, until: date) -> Material:
    """The directory as of that day."""
    place = DERIVED_TABLES["service_at_location"]
    query = sa.select(place.c.assured_on).join(SUBMISSION, SUBMISSION.c.submission_id == place.c.submission_id)
    since = until - timedelta(days=FRESH_DAYS)
    assured = [row.assured_on for row in reader.rows(query) if row.assured_on and row.assured_on <= until]
    return Material(plain={"places": len(assured), "places_fresh": sum(day > since for day in assured)})


def quality(reader: Reader, month: Month) -> Material:
    """What arrived in the month, and what is wrong with it now."""
    return arrived(reader, month.begins_at, month.next.begins_at)


def arrived(reader: Reader, begins_at: datetime, ends_at: datetime) -> Material:
    """What arrived between two times (UTC), and what is wrong with it now."""
    within = sa.and_(SUBMISSION.c.submitted_at >= begins_at, SUBMISSION.c.submitted_at < ends_at)
    count = sum(1 for _ in reader.rows(sa.select(SUBMISSION.c.submission_id).where(within)))
    problems = sa.select(PROBLEM.c.code, PROBLEM.c.submission_id).join(
        SUBMISSION, SUBMISSION.c.submission_id == PROBLEM.c.submission_id
    )
    open_ = [(row.code, row.submission_id) for row in reader.rows(problems.where(within))]
    kinds = Counter(code for code, _ in open_)
    visited = reader.rows(reader.facts("visit", "visited_on").where(within))
    lags = (days_between(row.visited_on, row.submitted_at.date()) for row in visited)
    return Material(
        plain={
            "submissions": count,
            "with_problems": len({submission for _, submission in open_}),
            "late": sum(lag is not None and lag > LATE_DAYS for lag in lags),
            "orphans": kinds["followup_orphan"],
            "doubles": sum(kinds[code] for code in DOUBLES),
        }
    )

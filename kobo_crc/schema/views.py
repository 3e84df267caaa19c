"""The views that people's tools read (`out_NAME_LANGUAGE`). Data only: `database/views` turns them into SQL.

A column once given keeps its name and meaning; new ones come at the end of what is listed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kobo_crc.schema.derived import DERIVED, DerivedTable
from kobo_crc.schema.facts import FACTS
from kobo_crc.schema.tables import Column, Table

# What every view begins with, whoever opted out of reports.
BEGINNING: tuple[tuple[str, str], ...] = (
    ("submission_id", "number of the submission in the store"),
    ("row_path", "which row of the submission, as in its table"),
    ("form", "form that was filled"),
    ("counted", "yes; or no, where the person opted out of reports or was never asked: only centre and month stay"),
    ("month", "such as 2026-10: of the day it happened; of referrals by UTC"),
)
# Columns of the class `sensitive` that may be seen: services by a name that gives nothing away, and what figures are
# parted by.
SHOWN_ALL_THE_SAME = frozenset({"service_code", "receiving_organization_code", "disability_code", "category_code"})


@dataclass(frozen=True, slots=True)
class View:
    """One row for each row of `base`, with what the same submission says in the tables `beside` it.

    `day` names the column that gives the month. Of rows `about_people`, who opted out of reports leaves month and
    centre. `without` are columns left out; `without_specialised` leaves out services whose mere name endangers, with
    their places.
    """

    name: str
    description: str
    base: str
    day: str
    beside: tuple[str, ...] = ()
    about_people: bool = True
    without: tuple[str, ...] = ()
    without_specialised: bool = False


VIEWS: tuple[View, ...] = (
    View("visits", "Conversations, with what was agreed in them.", "visit", "visited_on", ("consent",)),
    View(
        "registrations",
        "People as registered in a visit, with the Washington Group's answers summed up.",
        "registration",
        "visited_on",
        ("visit", "profile"),
    ),
    View("households", "Households of registered people, counted.", "household", "visited_on", ("visit",)),
    View("needs", "Services that people asked for in a visit.", "need", "visited_on", ("visit",)),
    View("information", "Services that people were told about.", "information_given", "visited_on", ("visit",)),
    View("services_in_visits", "Services given during a visit.", "service_given", "visited_on", ("visit",)),
    View("services_given", "Single services, with what came of them.", "service_delivery", "delivered_on"),
    View("referrals", "Referrals and where they stand.", "referral_state", "sent_at", ("referral",)),
    View(
        "sessions",
        "Group sessions and how many came.",
        "session",
        "held_on",
        ("session_attendance", "attendance_count"),
        about_people=False,
    ),
    View(
        "feedback",
        "Complaints and other feedback, without what was said and who said it.",
        "feedback",
        "received_on",
        about_people=False,
        without=("person_code",),
    ),
    View("centre_days", "Days of the centres.", "centre_day", "day_on", about_people=False),
    View(
        "directory",
        "Services at their places, as assured last.",
        "service_at_location",
        "assured_on",
        about_people=False,
        without_specialised=True,
    ),
)

_TABLES: dict[str, Table | DerivedTable] = {
    **{table.name: table for table in FACTS},
    **{table.name: table for table in DERIVED},
}


def columns_of(view: View) -> Iterator[tuple[str, Column]]:
    """The view's columns as (table, column), each name once: the base's before those beside it."""
    taken = {name for name, _ in BEGINNING} | set(view.without)
    for table in (view.base, *view.beside):
        for column in _TABLES[table].columns:
            if column.name not in taken and (column.pii != "sensitive" or column.name in SHOWN_ALL_THE_SAME):
                taken.add(column.name)
                yield table, column

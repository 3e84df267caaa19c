"""The fact tables of the service directory, in HSDS terms: what each submission assures of one service at one place.

Data only, like `facts`, which lists them with its own. `derived` has the directory that is folded from them.
"""

from __future__ import annotations

from kobo_crc.schema.tables import Column, Table, code, day, link

DIRECTORY_ENTRY = Table(
    "directory_entry",
    "What a provider assured of one service at one place, on one day. A newer entry takes the place of an older one.",
    (
        code("centre_code", "centre", "none", "the centre that asked"),
        code("staff_code", "staff", "quasi", "the member of staff who asked; a code, never a name"),
        day("assured_on", "day on which the provider assured it"),
        code("organization_code", "organization", "none", "the provider"),
        code("service_code", "service", "none", "the service"),
        code("status_code", "service_status", "none", "whether the service is on offer"),
        code("at_centre_code", "centre", "none", "the centre in which it is given; empty when elsewhere"),
        code("place_code", "place", "none", "where else it is given; of a sensitive service the governorate alone"),
        Column("minimum_age", "integer", "none", "youngest age that is eligible, in years", rule="age"),
        Column("maximum_age", "integer", "none", "oldest age that is eligible, in years", rule="age"),
        code("application_code", "application_process", "none", "how a person applies"),
        code("fee_code", "service_fee", "none", "whether a person pays"),
        code("focal_role_code", "focal_role", "none", "whom to ask for there: a role, never a name"),
        Column("capacity_per_week", "integer", "none", "new people it takes in a week", rule="crowd"),
        Column("recorded_at", "datetime", "none", "when it was written down, by the tablet's clock, UTC"),
    ),
)

DIRECTORY_HOURS = Table(
    "directory_hours",
    "Hours that some weekdays of an entry share; the days are rows of directory_day below it.",
    (
        Column("opens_at", "time", "none", "from when the service is given; the clock on the wall"),
        Column("closes_at", "time", "none", "until when it is given; the clock on the wall"),
    ),
)

DIRECTORY: tuple[Table, ...] = (
    DIRECTORY_ENTRY,
    DIRECTORY_HOURS,
    link("directory_day", "Weekdays of some hours.", code("weekday_code", "weekday", "none", "weekday")),
    link(
        "directory_eligibility",
        "Who is eligible for the service of an entry.",
        code("eligibility_code", "eligibility", "none", "group of people"),
    ),
    link(
        "required_document",
        "Documents that a person has to bring for the service of an entry.",
        code("document_code", "civil_document", "none", "kind of document"),
    ),
)

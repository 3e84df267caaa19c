"""The directory of services in the Human Services Data Specification 3.0, without sensitive services.

The specification has one text for each field, so names are in the language asked for.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, time
from typing import Any, Final

import sqlalchemy as sa

from kobo_crc.database.counted import shown
from kobo_crc.database.metadata import CODES, DERIVED_TABLES, FACT_TABLES, SUBMISSION

# Ids are made from our own codes, so that each export names the same thing alike.
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "kobo_crc.directory")
BAGHDAD_HOURS: Final = 3
_STATUS: Final = {"temporarily_closed": "temporarily closed"}
Json = dict[str, Any]
_LISTS = (
    *("service", "organization", "centre", "place"),
    *("application_process", "service_fee", "civil_document", "eligibility"),
)


def directory(connection: sa.Connection, language: str) -> list[Json]:
    """Every service with its organisation, places, hours and conditions, as HSDS `service` objects."""
    labels = {codes: _labels(connection, codes, language) for codes in _LISTS}
    places = _places(connection, labels)
    service = DERIVED_TABLES["service"]
    query = sa.select(service).where(service.c.service_code.not_in(_sensitive())).order_by(service.c.service_id)
    rows = connection.execute(query)
    return [_service(row, places[row.service_id], labels) for row in rows if places.get(row.service_id)]


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def _sensitive() -> sa.Select[Any]:
    c = CODES["service"].c
    return sa.select(c.code).where(c.sensitive == "yes")


def _labels(connection: sa.Connection, codes: str, language: str) -> dict[str, str]:
    c = CODES[codes].c
    return {code: label for code, label in connection.execute(sa.select(c.code, c[f"label_{language}"]))}


def _places(connection: sa.Connection, labels: Mapping[str, Mapping[str, str]]) -> dict[str, list[Json]]:
    """The `service_at_location` objects of each service."""
    place, hours = DERIVED_TABLES["service_at_location"], _hours(connection)
    documents = _chosen(connection, "required_document", "document_code", labels["civil_document"])
    groups = _chosen(connection, "directory_eligibility", "eligibility_code", labels["eligibility"])
    centre = CODES["centre"].c
    at = {code: where for code, where in connection.execute(sa.select(centre.code, centre.place))}
    query = sa.select(place).join(SUBMISSION, SUBMISSION.c.submission_id == place.c.submission_id)
    found: dict[str, list[Json]] = defaultdict(list)
    for row in connection.execute(query.where(shown()).order_by(place.c.service_at_location_id)):
        where = at.get(row.at_centre_code) if row.at_centre_code else row.place_code
        found[row.service_id].append(
            {
                "row": row,
                "documents": documents[row.submission_id],
                "groups": groups[row.submission_id],
                "location": _location(row, where, labels),
                "schedules": hours[row.service_at_location_id],
            }
        )
    return found


def _chosen(connection: sa.Connection, table: str, column: str, labels: Mapping[str, str]) -> dict[int, list[str]]:
    c = FACT_TABLES[table].c
    found: dict[int, list[str]] = defaultdict(list)
    for submission_id, code in connection.execute(sa.select(c.submission_id, c[column]).order_by(c.row_path)):
        if code:
            found[submission_id].append(labels[code])
    return found


def _hours(connection: sa.Connection) -> dict[str, list[Json]]:
    schedule = DERIVED_TABLES["schedule"]
    found: dict[str, list[Json]] = defaultdict(list)
    for row in connection.execute(sa.select(schedule).order_by(schedule.c.schedule_id)):
        found[row.service_at_location_id].append(
            _without_gaps(
                id=_id("schedule", row.schedule_id),
                freq="WEEKLY",
                wkst="SU",
                timezone=BAGHDAD_HOURS,
                byday=row.byday,
                opens_at=_clock(row.opens_at),
                closes_at=_clock(row.closes_at),
            )
        )
    return found


def _location(row: sa.Row[Any], where: str | None, labels: Mapping[str, Mapping[str, str]]) -> Json:
    name = labels["centre"].get(row.at_centre_code or "") or labels["place"].get(where or "")
    return _without_gaps(
        id=_id("location", row.at_centre_code or where or "unknown"),
        location_type="physical",
        name=name,
        external_identifier=where,
        external_identifier_type="P-code" if where else None,
    )


def _service(row: sa.Row[Any], places: list[Json], labels: Mapping[str, Mapping[str, str]]) -> Json:
    """An HSDS `service`. What places say differently, such as ages, stands as the widest of them."""
    said = [place["row"] for place in places]
    name, organization = labels["service"][row.service_code], labels["organization"][row.organization_code]
    service_id, organization_id = _id("service", row.service_id), _id("organization", row.organization_code)
    return _without_gaps(
        id=service_id,
        organization_id=organization_id,
        name=name,
        status=_STATUS.get(row.status_code, row.status_code or "inactive"),
        application_process=_together(labels["application_process"].get(one.application_code or "") for one in said),
        fees_description=_together(labels["service_fee"].get(one.fee_code or "") for one in said),
        eligibility_description=_together(group for place in places for group in place["groups"]),
        minimum_age=_widest([one.minimum_age for one in said], min),
        maximum_age=_widest([one.maximum_age for one in said], max),
        assured_date=_day(row.assured_on),
        organization={"id": organization_id, "name": organization, "description": organization},
        service_at_locations=[_at_location(place, service_id) for place in places],
        required_documents=[
            {"id": _id("document", row.service_id, name), "document": name}
            for name in dict.fromkeys(name for place in places for name in place["documents"])
        ],
    )


def _at_location(place: Json, service_id: str) -> Json:
    return _without_gaps(
        id=_id("service_at_location", place["row"].service_at_location_id),
        service_id=service_id,
        location_id=place["location"]["id"],
        location=place["location"],
        schedules=place["schedules"],
    )


def _together(texts: Any) -> str | None:
    return ", ".join(dict.fromkeys(text for text in texts if text)) or None


def _widest(ages: list[int | None], pick: Any) -> int | None:
    """The widest limit of the places; None where one of them has none."""
    return None if None in ages else pick(ages)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _clock(clock: time | None) -> str | None:
    return None if clock is None else f"{clock:%H:%M}+0{BAGHDAD_HOURS}:00"


def _without_gaps(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, [])}

"""The directory as HSDS: valid by the specification's own schemas, and without what must not travel."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from kobo_crc.database.metadata import DERIVED_TABLES
from kobo_crc.outputs.exports import writing
from kobo_crc.outputs.exports.directory import directory
from kobo_crc.outputs.exports.directory_fields import OBJECTS
from kobo_crc.outputs.exports.tables import DICTIONARY, LEVELS, Export
from tests.outputs.indicators.conftest import Centre
from tests.outputs.indicators.conftest import centre as centre

SCHEMAS = {
    path.name: json.loads(path.read_text(encoding="utf-8")) for path in (Path(__file__).parent / "hsds").glob("*.json")
}


def resource(schema: dict[str, Any]) -> Resource[Any]:
    return Resource.from_contents(strict(schema), default_specification=DRAFT202012)


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, refusing fields that it does not name: the specification itself lets any pass."""
    return {**schema, "additionalProperties": False}


REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(strict(schema), default_specification=DRAFT202012))
    for name, schema in SCHEMAS.items()
)
SERVICE = Draft202012Validator(
    strict(SCHEMAS["service.json"]), registry=REGISTRY, format_checker=FormatChecker(["uuid", "email", "date"])
)


def offer(centre: Centre, service: str, place: str, *, at_centre: str | None = None, **terms: object) -> None:
    """A service of NRC at a place, as the directory derives it."""
    connection = centre.store.connection
    submission = centre.store.submission(form="directory")
    codes = {"service_id": f"nrc/{service}", "organization_code": "nrc", "service_code": service}
    known = {**codes, "status_code": "temporarily_closed", "assured_on": date(2026, 10, 3)}
    table = DERIVED_TABLES["service"]
    if not connection.execute(sa.select(table).where(table.c.service_id == codes["service_id"])).all():
        connection.execute(sa.insert(table).values(**known, location_count=1))
    where = f"nrc/{service}/{place}"
    row = {**known, "service_at_location_id": where, "submission_id": submission, "at_centre_code": at_centre}
    row |= {"place_code": None if at_centre else place, **terms}
    connection.execute(sa.insert(DERIVED_TABLES["service_at_location"]).values(row))
    hours = {"schedule_id": f"{where}/1", "service_at_location_id": where, "byday": "SU,MO", "opens_at": time(8, 30)}
    connection.execute(sa.insert(DERIVED_TABLES["schedule"]).values(hours))
    centre.store.row("required_document", submission, document_code="passport")
    centre.store.row("directory_eligibility", submission, eligibility_code="women")


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
def test_directory__services__are_valid_hsds(centre: Centre, language: str) -> None:
    offer(centre, "hlp", "baiji", at_centre="baiji", minimum_age=18, maximum_age=60, fee_code="free")
    offer(centre, "hlp", "IQG15Q05", minimum_age=12, application_code="walk_in")
    offer(centre, "cash", "IQG15")
    made = json.loads(json.dumps(directory(centre.store.connection, language)))
    assert len(made) == 2
    for service in made:
        SERVICE.validate(service)


def test_directory__places_hours_and_widest_ages(centre: Centre) -> None:
    offer(centre, "hlp", "baiji", at_centre="baiji", minimum_age=18, maximum_age=60)
    offer(centre, "hlp", "IQG15Q05", minimum_age=12)
    [service] = directory(centre.store.connection, "en")
    assert (service["status"], service["minimum_age"], service.get("maximum_age")) == ("temporarily closed", 12, None)
    assert [document["document"] for document in service["required_documents"]] == ["Passport"]
    first, second = sorted(service["service_at_locations"], key=lambda one: str(one["location"]["external_identifier"]))
    assert (first["location"]["external_identifier"], second["location"]["external_identifier"]) == (
        "IQG15Q05",
        "IQG16Q03",
    )
    assert first["schedules"][0]["opens_at"] == "08:30+03:00" and first["schedules"][0]["wkst"] == "SU"


def fields(found: Any, name: str = "service") -> set[tuple[str, str]]:
    """Every field of an object and of those within it, by the name of the object."""
    if isinstance(found, list):
        return set().union(*(fields(one, name) for one in found))
    inner = {key: value for key, value in found.items() if isinstance(value, dict | list)}
    own = {(name, key) for key in found}
    return own.union(*(fields(value, key.removesuffix("s")) for key, value in inner.items()))


def test_dictionary__each_field__is_explained_and_no_other(centre: Centre) -> None:
    offer(centre, "hlp", "baiji", at_centre="baiji", minimum_age=18, maximum_age=60, fee_code="free")
    connection = centre.store.connection
    connection.execute(sa.update(DERIVED_TABLES["service_at_location"]).values(application_code="walk_in"))
    connection.execute(sa.update(DERIVED_TABLES["schedule"]).values(closes_at=time(14)))
    explained = {(table.name, column.name) for table in OBJECTS for column in table.columns}
    assert fields(directory(connection, "en")) == explained


def test_dictionary__file__has_the_level_of_each_field_and_of_the_whole(tmp_path: Path) -> None:
    _, path = writing.json(Export(tmp_path, OBJECTS, "ar"), [], datetime(2026, 11, 27))
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == list(DICTIONARY)
    assert {row[4] for row in rows[1:]} == {"open"} and all(row[5] for row in rows)
    assert rows[-1][5] == LEVELS["open"]["ar"]


def test_directory__sensitive_and_deleted__are_not_there(centre: Centre) -> None:
    offer(centre, "gbv", "IQG15")
    offer(centre, "cash", "IQG15")
    centre.store.connection.execute(sa.text("UPDATE submission SET deleted_on = '2026-11-01' WHERE submission_id = 2"))
    assert directory(centre.store.connection, "en") == []


def test_ids__again__are_the_same(centre: Centre) -> None:
    offer(centre, "cash", "IQG15")
    assert directory(centre.store.connection, "en")[0]["id"] == directory(centre.store.connection, "ar")[0]["id"]


def test_schemas__a_wrong_service__is_refused() -> None:
    assert not SERVICE.is_valid({"id": "nrc/cash", "name": "Cash", "status": "active"})
    assert not SERVICE.is_valid({"id": "c552eb7a-5467-5468-8868-f0636017e83d", "name": "Cash", "status": "open"})
    assert not SERVICE.is_valid({"id": "c552eb7a-5467-5468-8868-f0636017e83d", "name": "C", "status": "active", "x": 1})

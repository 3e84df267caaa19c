"""`/data/`: lists with query, sort and fields, single submissions, deletes, bulk edits, validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from kobo_crc.simulator import edits
from kobo_crc.simulator.access import Filters, find_data, find_row
from kobo_crc.simulator.instance import to_xml
from kobo_crc.simulator.pages import page_bounds, page_links
from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.submissions import HEAD, Record, Row
from kobo_crc.simulator.web import Call, Refused, Reply, bad_request, json_reply, problem
from kobo_crc.simulator.world import World

ALWAYS_GIVEN = ("_id", "_uuid", "meta/rootUuid")
DATA_XML_TYPE = "application/xml; charset=utf-8"
LABELS = {
    "validation_status_approved": "Approved",
    "validation_status_not_approved": "Not Approved",
    "validation_status_on_hold": "On Hold",
}


def list_data(world: World, call: Call) -> Reply:
    """GET `/data/`: one page of submissions."""
    project, filters = find_data(world, call)
    _refuse_parameters(call)
    limit, start = page_bounds(call)
    limit = min(limit, world.settings.page_limit)
    query, sort, fields = (_json_parameter(call, name, kind) for name, kind in PARAMETERS)
    ids = project.store.select(query or {}, filters)
    shown = project.store.order(ids, sort or {})[start : start + limit]
    world.log(project, call, "view-data")
    after, before = page_links(call, len(ids), start, limit)
    if call.get("format") == "xml":
        return _xml_page(project, shown, len(ids), after, before)
    rows = (project.store.by_id[number] for number in shown)
    results = [_project(row, fields) for row in rows] if fields else [row.body for row in rows]
    head = orjson.dumps({"count": len(ids), "next": after, "previous": before})
    return Reply(200, head[:-1] + b',"results":[' + b",".join(results) + b"]}")


PARAMETERS = (("query", dict), ("sort", dict), ("fields", list))


def _refuse_parameters(call: Call) -> None:
    if call.get("count"):
        raise bad_request({"count": "This param is not implemented. Use `count` property of the response instead."})
    if call.get("submission_ids"):
        raise bad_request({"submission_ids": "Value must be a list."})


def _json_parameter(call: Call, name: str, kind: type) -> Any:
    text = call.get(name)
    if not text:
        return None
    if call.get("format") == "xml" and name != "query":
        raise bad_request({"detail": f"`{name}` is not supported with the XML format"})
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad_request({name: "Value must be valid JSON."}) from None
    if not isinstance(value, kind):
        raise bad_request({name: "Value must be valid JSON."})
    return value


def _project(row: Row, fields: list[str]) -> bytes:
    """Cut a record to the fields asked for. A validation status that was not asked for comes back empty."""
    wanted = dict.fromkeys([*fields, *ALWAYS_GIVEN])
    record = row.head if set(wanted) <= set(HEAD) else row.record
    out = {key: record[key] for key in wanted if key in record}
    out.setdefault("_validation_status", {})
    return orjson.dumps(out)


def _xml_page(project: Project, shown: list[int], count: int, after: str | None, before: str | None) -> Reply:
    links = "".join(f"<{name}>{_escaped(link)}</{name}>" for name, link in (("next", after), ("previous", before)))
    head = f'<?xml version="1.0" encoding="utf-8"?><root><count>{count}</count>{links}<results>'
    rows = b"".join(_xml(project, project.store.by_id[number]) for number in shown)
    return Reply(200, head.encode("utf-8") + rows + b"</results></root>", DATA_XML_TYPE)


def _escaped(link: str | None) -> str:
    return str(link).replace("&", "&amp;")


def _xml(project: Project, row: Row) -> bytes:
    if row.xml is not None:
        return row.xml
    record = row.record
    del record["meta/rootUuid"]
    return to_xml(project.uid, str(record.get("__version__", "")), record)


def get_row(world: World, call: Call) -> Reply:
    """GET `/data/{id}/`: one submission, as JSON or XML."""
    project, filters = find_data(world, call)
    row = find_row(project, call, filters)
    if call.get("format") == "xml":
        return Reply(200, _xml(project, row), DATA_XML_TYPE)
    return Reply(200, row.body)


def delete_row(world: World, call: Call) -> Reply:
    """DELETE `/data/{id}/`: gone for good."""
    project, row = _writable(world, call, "delete_submissions")
    edits.delete(world, project, call, row)
    return Reply(204, content_type="")


def duplicate_row(world: World, call: Call) -> Reply:
    """POST `/data/{id}/duplicate/`: a copy with an id of its own."""
    project, row = _writable(world, call, "change_submissions")
    return Reply(201, edits.duplicate(world, project, call, row).body)


def _writable(world: World, call: Call, permission: str) -> tuple[Project, Row]:
    """Look the row up as a viewer first: who may not see it gets 404, who may not change it 403."""
    project, viewed = find_data(world, call)
    filters = find_data(world, call, permission)[1]
    row = find_row(project, call, viewed)
    return project, find_row(project, call, filters) if filters is not None else row


def patch_bulk(world: World, call: Call) -> Reply:
    """PATCH `/data/bulk/`: the same answers into many submissions, each an ordinary edit."""
    project, filters = find_data(world, call, "change_submissions")
    payload = _payload(call)
    rows = _chosen(project, payload, filters)
    if not rows:
        raise bad_request(["No submissions match the given `submission_ids`"])
    results = [edits.bulk_edit(world, project, call, row, payload.get("data", {})) for row in rows]
    return json_reply({"count": len(rows), "successes": len(rows), "failures": 0, "results": results})


def delete_bulk(world: World, call: Call) -> Reply:
    """DELETE `/data/bulk/`: all or none."""
    project, filters = find_data(world, call, "delete_submissions")
    rows = _chosen_exactly(project, _payload(call), filters)
    for row in rows:
        edits.delete(world, project, call, row)
    return problem(200, f"{len(rows)} submissions have been deleted")


def _payload(call: Call) -> Mapping[str, Any]:
    payload = call.fields.get("payload")
    if isinstance(payload, str):
        payload = orjson.loads(payload)
    return payload if isinstance(payload, dict) else {}


def _chosen(project: Project, payload: Mapping[str, Any], filters: Filters) -> list[Row]:
    numbers = payload.get("submission_ids")
    query = {"_id": {"$in": [int(number) for number in numbers]}} if numbers else payload.get("query")
    if query is None and not payload.get("confirm"):
        raise bad_request({"payload": ["Confirmation is required"]})
    return [project.store.by_id[number] for number in list(project.store.select(query or {}, filters))]


def _chosen_exactly(project: Project, payload: Mapping[str, Any], filters: Filters) -> list[Row]:
    rows = _chosen(project, payload, filters)
    if len(rows) < len(set(payload.get("submission_ids") or ())):
        raise Refused(problem(400, "One or more submission ids are invalid"))
    return rows


def get_validation(world: World, call: Call) -> Reply:
    """GET `/data/{id}/validation_status/`."""
    project, filters = find_data(world, call)
    return json_reply(find_row(project, call, filters).head["_validation_status"])


def patch_validation(world: World, call: Call) -> Reply:
    """PATCH `/data/{id}/validation_status/`."""
    project, row = _writable(world, call, "validate_submissions")
    edits.validate(world, project, call, row, _status(world, call, call.fields))
    return json_reply(row.head["_validation_status"])


def delete_validation(world: World, call: Call) -> Reply:
    """DELETE `/data/{id}/validation_status/`: back to none."""
    project, row = _writable(world, call, "validate_submissions")
    edits.validate(world, project, call, row, {})
    return Reply(204, content_type="")


def patch_validations(world: World, call: Call) -> Reply:
    """PATCH `/data/validation_statuses/`: one status for many, all or none."""
    project, filters = find_data(world, call, "validate_submissions")
    payload = _payload(call)
    rows = _chosen_exactly(project, payload, filters)
    status = _status(world, call, payload)
    for row in reversed(rows):
        edits.validate(world, project, call, row, status)
    return problem(200, f"{len(rows)} submissions have been updated")


def delete_validations(world: World, call: Call) -> Reply:
    """DELETE `/data/validation_statuses/`: none for many."""
    project, filters = find_data(world, call, "validate_submissions")
    rows = _chosen_exactly(project, _payload(call), filters)
    for row in rows:
        edits.validate(world, project, call, row, {})
    return problem(200, f"{len(rows)} submissions have been updated")


def _status(world: World, call: Call, fields: Mapping[str, Any]) -> Record:
    uid = str(fields.get("validation_status.uid", ""))
    if uid not in LABELS:
        raise Refused(problem(400, f"Invalid validation status: `{uid}`"))
    timestamp = int(world.now().timestamp())
    return {"timestamp": timestamp, "uid": uid, "by_whom": call.login.name, "label": LABELS[uid]}

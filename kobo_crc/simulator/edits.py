"""What changes submissions: arrival, edit, late files, bulk edit, copy, validation, deletion. Each writes history."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kobo_crc.simulator.accounts import User
from kobo_crc.simulator.instance import Instance, to_xml
from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.submissions import Attachment, Record, Row
from kobo_crc.simulator.web import Call, Upload
from kobo_crc.simulator.world import World

THUMBNAILS = ("large", "medium", "small")


def create(world: World, project: Project, call: Call, instance: Instance, xml: bytes) -> Row:
    """Take in a new submission with the files that came with it."""
    number = world.next_submission_id()
    at = _arrival(world, instance)
    row = Row(b"", {"_id": number, "meta/rootUuid": f"uuid:{instance.uuid}"}, at.isoformat(), xml)
    row.attachments = _attachments(world, project, row.root_uuid, instance, call.uploads, ())
    row.write(_record(world, project, row, instance, at.strftime("%Y-%m-%dT%H:%M:%S"), {}, call.user))
    project.store.add(row)
    _log(world, project, call, "add-submission", row)
    return row


def _arrival(world: World, instance: Instance) -> datetime:
    """A `submissionDate` in the XML is believed, clock face and all: its zone is dropped until the first edit."""
    try:
        at = datetime.fromisoformat(instance.submitted_at)
    except ValueError:
        return world.now()
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def edit(world: World, project: Project, call: Call, row: Row, instance: Instance, xml: bytes) -> None:
    """Replace a submission's answers; `_id` and root uuid stay."""
    row.xml = xml
    row.attachments = _attachments(world, project, row.root_uuid, instance, call.uploads, row.attachments)
    status, submitter = row.head["_validation_status"], world.accounts.by_name.get(row.head["_submitted_by"] or "")
    record = _record(world, project, row, instance, _utc_face(row), status, submitter)
    project.store.replace(row, record)
    _log(world, project, call, "modify-submission", row)


def _utc_face(row: Row) -> str:
    return datetime.fromisoformat(row.submitted_at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def add_files(world: World, project: Project, call: Call, row: Row, instance: Instance) -> bool:
    """Take in files that a later request brings; say whether there were any. Writes no history."""
    before = row.attachments
    row.attachments = _attachments(world, project, row.root_uuid, instance, call.uploads, before)
    if row.attachments == before:
        return False
    row.write(row.record | {"_attachments": _shown(world, project, row)})
    return True


def _record(
    world: World, project: Project, row: Row, instance: Instance, at: str, status: Record, user: User | None
) -> Record:
    record = {"_id": row.id, **instance.answers, "_xform_id_string": instance.form_id, "_uuid": instance.uuid}
    record["meta/rootUuid"] = f"uuid:{row.root_uuid}"
    record |= {"_attachments": _shown(world, project, row), "_status": "submitted_via_web"}
    record |= {"_geolocation": _geolocation(project, instance), "_submission_time": at}
    return record | {"_validation_status": status, "_submitted_by": user.name if user else None}


def _geolocation(project: Project, instance: Instance) -> list[float | None]:
    for path in project.geopoints:
        parts = str(instance.answers.get(path, "")).split()
        with suppress(ValueError):
            latitude, longitude = map(float, parts[:2])
            return [latitude, longitude]
    return [None, None]


def _attachments(
    world: World,
    project: Project,
    root_uuid: str,
    instance: Instance,
    uploads: Iterable[Upload],
    before: tuple[Attachment, ...],
) -> tuple[Attachment, ...]:
    """Keep the files that the XML names, new ones over old ones of the same name."""
    names = {**instance.file_paths, "submission.xml.enc": ""}
    kept = {file.basename: replace(file, xpath=names[file.basename]) for file in before if file.basename in names}
    for upload in uploads:
        known = kept.get(upload.filename)
        if upload.part == "xml_submission_file" or upload.filename not in names:
            continue
        if known is not None and known.content == upload.content:
            continue
        path = "" if instance.is_encrypted else names[upload.filename]
        kept[upload.filename] = _attachment(world, project, root_uuid, upload, path)
    return tuple(kept.values())


def _attachment(world: World, project: Project, root_uuid: str, upload: Upload, path: str) -> Attachment:
    form_uuid = project.deployment.form_uuid if project.deployment else ""
    folder = f"{project.owner.name}/attachments/{form_uuid}/{root_uuid}"
    kind = upload.content_type or mimetypes.guess_type(upload.filename)[0] or "application/octet-stream"
    uid = world.ids.uid("att")
    return Attachment(uid, upload.filename, f"{folder}/{_safe_name(upload.filename)}", kind, path, upload.content)


def _safe_name(name: str) -> str:
    return re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_"))


def _shown(world: World, project: Project, row: Row) -> list[Record]:
    base = f"{world.settings.public_url}/api/v2/assets/{project.uid}/data/{row.id}/attachments"
    return [_shown_one(f"{base}/{file.uid}/", file) for file in row.attachments]


def _shown_one(url: str, file: Attachment) -> Record:
    out: Record = {
        "download_url": url,
        "mimetype": file.mimetype,
        "filename": file.filename,
        "media_file_basename": file.basename,
        "uid": file.uid,
        "is_deleted": file.is_deleted,
    }
    if file.mimetype.startswith("image/"):
        out |= {f"download_{size}_url": f"{url}{size}/" for size in THUMBNAILS}
    return out | {"question_xpath": file.xpath}


def bulk_edit(world: World, project: Project, call: Call, row: Row, data: Mapping[str, Any]) -> Record:
    """Put answers into one submission, as an edit of its XML would; fields that the form lacks are taken too."""
    server_fields = list(row.record)
    server_fields = server_fields[server_fields.index("_xform_id_string") :]
    record = row.record
    answers = {key: answer for key, answer in record.items() if key not in server_fields} | dict(data)
    new = world.ids.uuid()
    answers |= {"meta/instanceID": f"uuid:{new}", "meta/deprecatedID": f"uuid:{row.uuid}"}
    after = answers | {key: record[key] for key in server_fields} | {"_uuid": new, "_submission_time": _utc_face(row)}
    row.xml = to_xml(project.uid, str(record.get("__version__", "")), answers)
    project.store.replace(row, after)
    _log(world, project, call, "modify-submission", row)
    return {"uuid": new, "root_uuid": row.root_uuid, "status_code": 201, "message": "Successful submission"}


def duplicate(world: World, project: Project, call: Call, row: Row) -> Row:
    """Copy a submission under a new id, without its files and status."""
    record, new = row.record, world.ids.uuid()
    now = world.now()
    record.pop("meta/deprecatedID", None)
    record |= {"_id": world.next_submission_id(), "_uuid": new, "_attachments": [], "_validation_status": {}}
    record |= {"meta/instanceID": f"uuid:{new}", "meta/rootUuid": f"uuid:{new}", "_submitted_by": call.login.name}
    record |= {key: f"{now.isoformat(timespec='milliseconds')}" for key in ("start", "end") if key in record}
    record["_submission_time"] = now.strftime("%Y-%m-%dT%H:%M:%S")
    copy = Row(b"", {}, now.isoformat())
    copy.write(record)
    project.store.add(copy)
    _log(world, project, call, "add-submission", copy)
    return copy


def validate(world: World, project: Project, call: Call, row: Row, status: Record) -> None:
    """Set or clear the validation status; the uuid stays."""
    row.write(row.record | {"_validation_status": status})
    _log(world, project, call, "modify-submission", row, status.get("label", "None"))


def delete(world: World, project: Project, call: Call, row: Row) -> None:
    """Delete for good."""
    project.store.remove(row)
    _log(world, project, call, "delete-submission", row)


def delete_file(world: World, project: Project, row: Row, uid: str) -> None:
    """Mark a file as deleted: its entry stays, its bytes are gone."""
    row.attachments = tuple(
        replace(file, is_deleted=True, content=b"") if file.uid == uid else file for file in row.attachments
    )
    row.write(row.record | {"_attachments": _shown(world, project, row)})


def _log(world: World, project: Project, call: Call, action: str, row: Row, status: str = "") -> None:
    submission = {"root_uuid": row.root_uuid, "submitted_by": row.head["_submitted_by"]}
    world.log(project, call, action, submission={"status": status, **submission} if status else submission)

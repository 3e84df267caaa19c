"""`/files/` (media of the form) and `/attachments/` (files of submissions)."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from kobo_crc.simulator import edits, rendering
from kobo_crc.simulator.access import demand, find_data, find_project, find_row
from kobo_crc.simulator.pages import paged
from kobo_crc.simulator.projects import MediaFile, Project
from kobo_crc.simulator.submissions import Attachment, Row
from kobo_crc.simulator.web import Call, Refused, Reply, bad_request, json_reply, not_found, problem, server_error
from kobo_crc.simulator.world import World

ALLOWED_TYPES = (
    "image",
    "audio",
    "video",
    "text/csv",
    "application/xml",
    "application/zip",
    "application/geo+json",
)


def list_files(world: World, call: Call) -> Reply:
    """GET `/files/`: oldest first, of one `file_type` when asked."""
    project = find_project(world, call)
    kind = call.get("file_type")
    files = [file for file in project.files if kind in ("", file.file_type)]
    return json_reply(paged(call, [rendering.media_file(call, project, file) for file in files]))


def create_file(world: World, call: Call) -> Reply:
    """POST `/files/`: a media file; without `metadata` a duplicate or a wrong type is the server's 500."""
    project = find_project(world, call)
    demand(project, call, "change_asset")
    for name in ("file_type", "description"):
        if not call.fields.get(name):
            raise bad_request({name: ["This field is required."]})
    file = _new_file(world, call)
    _check(project, file, has_metadata="metadata" in call.fields)
    project.files.append(file)
    world.log(project, call, "add-media", **_media_log(call, project, file))
    shown = rendering.media_file(call, project, file)
    return json_reply(shown, 201, {"Location": shown["url"]})


def _new_file(world: World, call: Call) -> MediaFile:
    metadata = _metadata(call)
    filename, kind, content, digest = _content(call, metadata)
    redirect = {"redirect_url": metadata["redirect_url"]} if "redirect_url" in metadata else {}
    return MediaFile(
        uid=world.ids.uid("af"),
        username=call.login.name,
        file_type=str(call.fields["file_type"]),
        description=str(call.fields["description"]),
        created=world.stamp(),
        metadata=redirect | {"filename": filename, "hash": f"md5:{digest}", "mimetype": kind},
        content_type=kind,
        content=content,
    )


def _metadata(call: Call) -> dict[str, Any]:
    metadata = call.fields.get("metadata") or {}
    return orjson.loads(metadata) if isinstance(metadata, str) else dict(metadata)


def _content(call: Call, metadata: dict[str, Any]) -> tuple[str, str, bytes, str]:
    """Return (file name, MIME type, bytes, hash) of what came as a file, in base64 or as an address elsewhere."""
    upload = call.upload("content")
    if upload is not None:
        name = upload.filename
        return name, _kind(name), upload.content, _md5(upload.content)
    if "redirect_url" in metadata:
        url = str(metadata["redirect_url"])
        name = str(metadata.get("filename") or urlsplit(url).path.rpartition("/")[2])
        return name, _kind(name), b"", f"{_md5(url.encode('utf-8'))}-url"
    encoded = str(call.fields.get("base64Encoded", ""))
    if not encoded or "filename" not in metadata:
        raise bad_request({"metadata": ["`filename` is required"] if encoded else ["No file was submitted."]})
    content = base64.b64decode(encoded.rpartition("base64")[2].lstrip(":,"))
    return str(metadata["filename"]), _kind(str(metadata["filename"])), content, _md5(content)


def _kind(filename: str) -> str:
    if filename.endswith(".csv"):  # Windows' registry may call it an Excel sheet
        return "text/csv"
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _check(project: Project, file: MediaFile, *, has_metadata: bool) -> None:
    complaint = _complaint(project, file)
    if complaint:
        raise bad_request({"content": [complaint]}) if has_metadata else server_error()


def _complaint(project: Project, file: MediaFile) -> str:
    if not file.content_type.startswith(ALLOWED_TYPES):
        return f"Only {', '.join(f'`{kind}`' for kind in ALLOWED_TYPES)} MIME types are allowed"
    names = {other.metadata["filename"] for other in project.files}
    return "File already exists" if file.metadata["filename"] in names else ""


def _media_log(call: Call, project: Project, file: MediaFile) -> dict[str, Any]:
    shown = rendering.media_file(call, project, file)
    log = {"uid": file.uid, "filename": file.metadata["filename"], "md5_hash": file.metadata["hash"]}
    return {"asset-file": log | {"download_url": shown["content"]}}


def _file(project: Project, call: Call) -> MediaFile:
    found = next((file for file in project.files if file.uid == call.params["file"]), None)
    if found is None:
        raise not_found()
    return found


def get_file(world: World, call: Call) -> Reply:
    """GET `/files/{uid}/`."""
    project = find_project(world, call)
    return json_reply(rendering.media_file(call, project, _file(project, call)))


def get_file_content(world: World, call: Call) -> Reply:
    """GET `/files/{uid}/content/`."""
    file = _file(find_project(world, call), call)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.metadata['filename'])}"}
    return Reply(200, file.content, file.content_type, headers)


def delete_file(world: World, call: Call) -> Reply:
    """DELETE `/files/{uid}/`."""
    project = find_project(world, call)
    demand(project, call, "change_asset")
    file = _file(project, call)
    project.files.remove(file)
    if project.deployment is not None:
        project.deleted_files.append(file)
    world.log(project, call, "delete-media", **_media_log(call, project, file))
    return Reply(204, content_type="")


def get_attachment(world: World, call: Call) -> Reply:
    """GET `/data/{id}/attachments/{uid}/`, with a thumbnail's size too: the thumbnail is the file itself here."""
    project, filters = find_data(world, call)
    row = find_row(project, call, filters)
    return _bytes_of(row, lambda file: file.uid == call.params["attachment"])


def find_attachment(world: World, call: Call) -> Reply:
    """GET `/data/{id}/attachments/?xpath=`."""
    project, filters = find_data(world, call)
    row = find_row(project, call, filters)
    xpath = call.get("xpath")
    if not xpath:
        raise Refused(problem(400, "`xpath` query parameter is required"))
    return _bytes_of(row, lambda file: file.xpath == xpath)


def _bytes_of(row: Row, wanted: Any) -> Reply:
    file: Attachment | None = next((file for file in row.attachments if wanted(file) and not file.is_deleted), None)
    if file is None:
        raise not_found()
    name = file.filename.rpartition("/")[2]
    disposition = f"inline; filename={name}" if name.isascii() else f"inline; filename*=UTF-8''{quote(name)}"
    return Reply(200, file.content, file.mimetype, {"Content-Disposition": disposition})


def delete_attachment(world: World, call: Call) -> Reply:
    """DELETE `/attachments/{uid}/`: the entry stays, marked as deleted."""
    project, _ = find_data(world, call, "change_submissions")
    for row in project.store.by_id.values():
        if any(file.uid == call.params["attachment"] for file in row.attachments):
            edits.delete_file(world, project, row, call.params["attachment"])
            return Reply(204)
    raise not_found()

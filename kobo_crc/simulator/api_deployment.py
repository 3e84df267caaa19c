"""`/imports/` and `/deployment/`: from an xlsx file to a form that tablets can fetch."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote

from kobo_crc.simulator import rendering
from kobo_crc.simulator.access import demand, find_project
from kobo_crc.simulator.content import Content, UnreadableForm, expand, read_xlsx, summarise
from kobo_crc.simulator.formxml import Stamp, UndeployableForm, form_xml
from kobo_crc.simulator.projects import Deployment, Project, Version
from kobo_crc.simulator.web import Call, Refused, Reply, bad_request, json_reply, not_found, problem, server_error
from kobo_crc.simulator.world import World


def create_import(world: World, call: Call) -> Reply:
    """POST `/imports/`: always accepted; what became of it is told by the poll."""
    uid = world.ids.uid("i")
    task: dict[str, Any] = {"status": "processing", "uid": uid, "messages": {}, "date_created": world.stamp()}
    world.imports[uid] = task | {"user": call.login.name, "looks": 0}
    try:
        world.imports[uid] |= {"status": "complete", "messages": _run(world, call)}
    except UnreadableForm as error:
        messages = {"error": str(error), "error_type": error.kind}
        world.imports[uid] |= {"status": "error", "messages": messages}
    return json_reply({"uid": uid, "url": f"{call.host}/api/v2/imports/{uid}/", "status": "processing"}, 201)


def get_import(world: World, call: Call) -> Reply:
    """GET `/imports/{uid}/`: for who asked for it only."""
    task = world.imports.get(call.params["import_uid"])
    if task is None or task["user"] != call.login.name:
        raise Refused(problem(404, "No ImportTask matches the given query."))
    shown = {key: value for key, value in task.items() if key not in ("user", "looks")}
    task["looks"] += 1
    if task["looks"] <= world.settings.import_polls:
        shown |= {"status": "processing", "messages": {}}
    return json_reply(shown)


def list_imports(world: World, call: Call) -> Reply:
    """GET `/imports/`: broken on the real server too."""
    raise server_error()


def _run(world: World, call: Call) -> dict[str, Any]:
    content = expand(read_xlsx(_workbook(call)), world.ids)
    title = content["settings"].pop("form_title", None) or content["settings"].pop("title", None)
    destination = str(call.fields.get("destination", "")).rstrip("/").rpartition("/")[2]
    if destination:
        return _replace(world, call, destination, content, title)
    name = str(title or call.fields.get("name") or "Untitled").removesuffix(".xlsx")
    is_block = str(call.fields.get("library", "true")).lower() != "false"
    project = world.add_project(call.login, name, content, "block" if is_block else "survey")
    return {"created": [_imported(project)]}


def _workbook(call: Call) -> bytes:
    upload = call.upload("file")
    if upload is not None:
        return upload.content
    encoded = "" if call.is_json else str(call.fields.get("base64Encoded", ""))
    if not encoded:
        wanted = "`base64Encoded`, `url`, or `single_xls_url`"
        raise UnreadableForm("Exception", f"ImportTask data must contain {wanted}")
    try:
        return base64.b64decode(unquote(encoded).rpartition("base64")[2].lstrip(":,"))
    except binascii.Error as error:
        raise UnreadableForm("XlsFormatException", "Unsupported format, or corrupt file") from error


def _replace(world: World, call: Call, uid: str, content: Content, title: str | None) -> dict[str, Any]:
    project = world.projects.get(uid)
    if project is None or not project.allows(call.user, "change_asset"):
        raise UnreadableForm("Http404", "No Asset matches the given query.")
    old_name, project.name = project.name, title or project.name
    version = project.save(content, world.stamp())
    audit = {"source": call.source, "asset_id": list(world.projects).index(uid) + 1, "new_name": project.name}
    audit |= {"old_name": old_name, "asset_uid": uid, "ip_address": "127.0.0.1", "project_owner": project.owner.name}
    return {"updated": [_imported(project)], "audit_logs": [audit | {"latest_version_uid": version.uid}]}


def _imported(project: Project) -> dict[str, Any]:
    summary = summarise(project.latest.content)
    return {"uid": project.uid, "kind": "asset", "summary": summary, "owner__username": project.owner.name}


def get_deployment(world: World, call: Call) -> Reply:
    """GET `/deployment/`."""
    return _shown(call, *_deployed(world, call))


def create_deployment(world: World, call: Call) -> Reply:
    """POST `/deployment/`: the first deploy; a second is refused."""
    project = find_project(world, call)
    demand(project, call, "change_asset")
    if project.deployment is not None:
        raise Refused(problem(405, "Use PATCH to update an existing deployment"))
    deployment = Deployment(0, world.ids.hex())
    _deploy(world, project, deployment)
    deployment.number = world.next_form_number()
    deployment.active = bool(call.fields.get("active", True))
    project.deployment = deployment
    _log(world, project, call, "deploy", project.latest.uid)
    return _shown(call, project, deployment)


def update_deployment(world: World, call: Call) -> Reply:
    """PATCH `/deployment/`: `active` alone archives or not; with `version_id` the latest version is deployed."""
    project, deployment = _deployed(world, call)
    demand(project, call, "change_asset")
    version_uid = call.fields.get("version_id")
    if version_uid is None:
        _log(world, project, call, "unarchive" if call.fields.get("active") else "archive")
    elif version_uid != project.latest.uid:
        raise server_error()
    else:
        _deploy(world, project, deployment)
        _log(world, project, call, "redeploy", project.latest.uid)
    deployment.active = bool(call.fields.get("active", deployment.active))
    project.modified = world.stamp()
    shown = _shown(call, project, deployment)
    if version_uid is not None:  # media files are brought up to date after the reply
        project.deleted_files.clear()
    return shown


def _log(world: World, project: Project, call: Call, action: str, deployed: str | None = None) -> None:
    details = {"latest_version_uid": project.latest.uid}
    world.log(project, call, action, **details | ({"latest_deployed_version_uid": deployed} if deployed else {}))


def _deployed(world: World, call: Call) -> tuple[Project, Deployment]:
    project = find_project(world, call)
    if project.deployment is None:
        raise not_found()
    return project, project.deployment


def _deploy(world: World, project: Project, deployment: Deployment) -> None:
    """Make the XForm of the latest version and take the media files as they are now."""
    version = project.latest
    number = version.number or len(project.deployed_versions) + 1
    now = world.stamp()
    stamp = Stamp(
        project.uid, project.name, f"{number} ({now[:19].replace('T', ' ')})", version.uid, deployment.form_uuid
    )
    try:
        deployment.xml = form_xml(version.content, stamp)
    except UndeployableForm as error:
        raise bad_request({"error": str(error)}) from error
    _mark(version, number, now)
    deployment.version, deployment.version_uid, deployment.deployed_at = stamp.version, version.uid, now
    deployment.media = tuple(file for file in project.files if _is_used(deployment.xml, file.metadata["filename"]))
    project.modified = now


def _mark(version: Version, number: int, now: str) -> None:
    version.number, version.deployed_at = number, version.deployed_at or now


def _is_used(xml: str, filename: str) -> bool:
    return f"/{filename}" in xml


def _shown(call: Call, project: Project, deployment: Deployment) -> Reply:
    return json_reply(
        {
            "backend": "openrosa",
            "active": deployment.active,
            "version_id": deployment.version_uid,
            "asset": rendering.detail(call, project),
        }
    )

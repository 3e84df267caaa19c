"""The OpenRosa side that tablets speak: form list, form, media list and files, and `/submission`."""

from __future__ import annotations

import hashlib
from xml.sax.saxutils import escape

from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.simulator import edits
from kobo_crc.simulator.instance import Instance, MalformedXml, parse
from kobo_crc.simulator.projects import Deployment, Project
from kobo_crc.simulator.submissions import Row
from kobo_crc.simulator.web import XML_TYPE, Call, Refused, Reply, not_found
from kobo_crc.simulator.world import World

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
HEADERS = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": "10000000"}


def submit(world: World, call: Call) -> Reply:
    """POST `/submission`: a new submission, an edit of one, or files that follow one."""
    upload = call.upload("xml_submission_file")
    if upload is None:
        raise _refused(400, "No XML submission file.")
    if call.user is None:
        raise Refused(unauthorised("Authentication credentials were not provided."))
    project = _project_of(world, upload.content)
    instance = _read(upload.content, project.repeats if project else frozenset())
    if not instance.uuid:
        raise _refused(400, "Instance ID is required")
    if project is None or project.deployment is None:
        raise _refused(404, "This form does not exist on this server.")
    _check_rights(project, call, instance)
    return _store(world, project, call, instance, upload.content)


def _project_of(world: World, xml: bytes) -> Project | None:
    """The form's own uuid in the XML names the project; its id serves when there is none."""
    instance = _read(xml, frozenset())
    form_uuid = instance.answers.get("formhub/uuid")
    for project in world.projects.values():
        if project.deployment and project.deployment.form_uuid == form_uuid:
            return project
    return world.projects.get(instance.form_id)


def _read(xml: bytes, repeats: frozenset[str]) -> Instance:
    try:
        return parse(xml, repeats)
    except MalformedXml as error:
        raise _refused(400, str(error)) from error


def _check_rights(project: Project, call: Call, instance: Instance) -> None:
    needed = "change_submissions" if instance.deprecated_uuid else "add_submissions"
    if not project.allows(call.user, needed):
        raise _refused(403, "Access denied")
    if not project.deployment or not project.deployment.active:
        raise _refused(405, "Form is not active")


def _store(world: World, project: Project, call: Call, instance: Instance, xml: bytes) -> Reply:
    same = project.store.by_uuid(instance.uuid)
    if same is not None:
        return _again(world, project, call, instance, xml, same)
    if not instance.deprecated_uuid:
        return _accepted(world, call, project, edits.create(world, project, call, instance, xml), instance)
    row = project.store.by_uuid(instance.deprecated_uuid)
    if row is None and instance.deprecated_uuid in project.store.old_uuids:
        raise _refused(410, "Invalid submission - deprecatedID refers to an old version")
    if row is None:
        raise _refused(404, "Invalid submission - deprecatedID not found")
    edits.edit(world, project, call, row, instance, xml)
    return _accepted(world, call, project, row, instance)


def _again(world: World, project: Project, call: Call, instance: Instance, xml: bytes, row: Row) -> Reply:
    """The same id again: new files are taken, the same XML is told so, other XML is refused (and costs an `_id`)."""
    if row.xml != xml:
        world.next_submission_id()
        raise _refused(409, "Submission with this instance ID already exists", call)
    if edits.add_files(world, project, call, row, instance):
        return _accepted(world, call, project, row, instance)
    raise _refused(202, "Duplicate Instance", call)


def _accepted(world: World, call: Call, project: Project, row: Row, instance: Instance) -> Reply:
    body = (
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">\n    <message>Successful submission.</message>\n'
        f'    <submissionMetadata xmlns="http://www.opendatakit.org/xforms" id="{project.uid}"  '
        f'instanceID="uuid:{instance.uuid}" submissionDate="{row.submitted_at}" isComplete="true" '
        f'markedAsCompleteDate="{world.now().isoformat()}"/>\n</OpenRosaResponse>\n'
    )
    return Reply(201, body.encode("utf-8"), XML_TYPE, _located(call))


def _located(call: Call) -> dict[str, str]:
    return HEADERS | {"Location": f"{call.host}{call.path}"}


def _refused(status: int, message: str, located: Call | None = None) -> Refused:
    body = (
        "<?xml version='1.0' encoding='UTF-8' ?>\n"
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">\n'
        f'        <message nature="">{escape(message)}</message>\n</OpenRosaResponse>'
    )
    return Refused(Reply(status, body.encode("utf-8"), XML_TYPE, _located(located) if located else HEADERS))


def unauthorised(message: str) -> Reply:
    """Return the 401 of the OpenRosa side: XML, and an invitation to digest authentication."""
    body = f"{DECLARATION}<root><detail>{escape(message)}</detail></root>"
    headers = HEADERS | {"WWW-Authenticate": 'Digest realm="DJANGO", qop="auth", algorithm="MD5", stale="false"'}
    return Reply(401, body.encode("utf-8"), XML_TYPE, headers)


def head_submission(world: World, call: Call) -> Reply:
    """HEAD `/submission`: how tablets ask whether they may submit."""
    if call.user is None:
        raise Refused(unauthorised("Authentication credentials were not provided."))
    return Reply(204, content_type="", headers=_located(call))


def form_list(world: World, call: Call) -> Reply:
    """GET `/formList`: the active forms that the user may fill."""
    forms = [
        _list_entry(call, project, project.deployment)
        for project in world.projects.values()
        if project.deployment and project.deployment.active and project.allows(call.user, "view_asset")
    ]
    return _xml(f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{"".join(forms)}</xforms>')


def _list_entry(call: Call, project: Project, deployment: Deployment) -> str:
    digest = hashlib.md5(deployment.xml.encode("utf-8"), usedforsecurity=False).hexdigest()
    name = escape(project.name)
    return (
        f"<xform><formID>{project.uid}</formID><name>{name}</name>"
        f"<majorMinorVersion>{deployment.version}</majorMinorVersion><version>{deployment.version}</version>"
        f"<hash>md5:{digest}</hash><descriptionText>{name}</descriptionText>"
        f"<downloadUrl>{call.host}/forms/{deployment.number}/form.xml</downloadUrl>"
        f"<manifestUrl>{call.host}/xformsManifest/{deployment.number}</manifestUrl></xform>"
    )


def form_xml(world: World, call: Call) -> Reply:
    """GET `/forms/{number}/form.xml`: the deployed XForm."""
    return Reply(200, _deployment(world, call).xml.encode("utf-8"), XML_TYPE, HEADERS)


def manifest(world: World, call: Call) -> Reply:
    """GET `/xformsManifest/{number}`: the media files of the last deploy that the form uses."""
    deployment = _deployment(world, call)
    files = "".join(
        f"<mediaFile><filename>{escape(media.metadata['filename'])}</filename><hash>{media.metadata['hash']}</hash>"
        f"<downloadUrl>{call.host}/xformsMedia/{deployment.number}/{place}.csv</downloadUrl></mediaFile>"
        for place, media in enumerate(deployment.media, start=1)
    )
    return _xml(f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{files}</manifest>')


def media(world: World, call: Call) -> Reply:
    """GET `/xformsMedia/{number}/{place}.csv`: one media file."""
    files = _deployment(world, call).media
    place = int(call.params["place"].partition(".")[0] or 0)
    if not 1 <= place <= len(files):
        raise not_found()
    file = files[place - 1]
    headers = {"Content-Disposition": f"attachment; filename={file.metadata['filename']}"}
    return Reply(200, file.content, file.content_type, HEADERS | headers)


def _deployment(world: World, call: Call) -> Deployment:
    for project in world.projects.values():
        found = project.deployment
        if found and str(found.number) == call.params["number"] and project.allows(call.user, "view_asset"):
            return found
    raise not_found()


def _xml(body: str) -> Reply:
    etree.fromstring(body)
    return Reply(200, (DECLARATION + body).encode("utf-8"), XML_TYPE, HEADERS)

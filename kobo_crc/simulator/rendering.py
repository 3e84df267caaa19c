"""How a project looks in JSON: in lists, in full, its versions, permissions and media files."""

from __future__ import annotations

from typing import Any

from kobo_crc.simulator.content import META_TYPES, summarise
from kobo_crc.simulator.projects import Grant, MediaFile, Project, Version
from kobo_crc.simulator.web import Call

Json = dict[str, Any]

PARTIAL_LABEL = {
    "default": "Act on submissions only from specific users",
    "view_submissions": "View submissions only from specific users",
    "change_submissions": "Edit submissions only from specific users",
    "delete_submissions": "Delete submissions only from specific users",
    "validate_submissions": "Validate submissions only from specific users",
}
PERMISSION_LABELS: dict[str, Any] = {
    "view_asset": "View form",
    "change_asset": "Edit form",
    "manage_asset": "Manage project",
    "add_submissions": "Add submissions",
    "view_submissions": "View submissions",
    "partial_submissions": PARTIAL_LABEL,
    "change_submissions": "Edit submissions",
    "delete_submissions": "Delete submissions",
    "validate_submissions": "Validate submissions",
}


def asset_url(call: Call, project: Project) -> str:
    """Return the project's address."""
    return f"{call.host}/api/v2/assets/{project.uid}/"


def user_url(call: Call, username: str) -> str:
    """Return a user's address."""
    return f"{call.host}/api/v2/users/{username}/"


def list_item(call: Call, project: Project) -> Json:
    """Return the entry of a project in `/assets/`."""
    return {
        **_identity(call, project),
        **_deployment_fields(call, project),
        "tag_string": "",
        "permissions": permissions(call, project),
        "export_settings": [],
        "downloads": _downloads(call, project),
        "data": f"{asset_url(call, project)}data/",
        **_sharing(project),
    }


def _identity(call: Call, project: Project) -> Json:
    return {
        "url": asset_url(call, project),
        "date_created": project.created,
        "date_modified": project.modified,
        "date_deployed": project.deployment.deployed_at if project.deployment else None,
        "owner": user_url(call, project.owner.name),
        "summary": summarise(project.latest.content),
        "owner__username": project.owner.name,
        "parent": None,
        "uid": project.uid,
        "settings": project.settings,
        "kind": "asset",
        "name": project.name,
        "asset_type": project.kind,
        "version_id": project.latest.uid,
    }


def _deployment_fields(call: Call, project: Project) -> Json:
    deployment = project.deployment
    is_partial = not project.allows(call.user, "view_submissions")
    count = None if is_partial and deployment else len(project.store)
    last = project.store.last_time
    return {
        "has_deployment": deployment is not None,
        "deployed_version_id": deployment.version_uid if deployment else None,
        "deployment__active": bool(deployment and deployment.active),
        "deployment__submission_count": count,
        "deployment__last_submission_time": last.replace("+00:00", "Z") if last else None,
        "deployment__encrypted": _is_encrypted(project),
        "deployment__uuid": deployment.form_uuid if deployment else None,
        "deployment_status": status(project),
    }


def status(project: Project) -> str:
    """Return draft, deployed or archived; `-` for a library block."""
    if project.deployment is None:
        return "draft" if project.kind == "survey" else "-"
    return "deployed" if project.deployment.active else "archived"


def _is_encrypted(project: Project) -> bool:
    """The server looks at the public key and the submission address together."""
    settings = project.latest.content["settings"]
    return bool(project.deployment and settings.get("public_key") and settings.get("submission_url"))


def _sharing(project: Project) -> Json:
    others = {grant.username for grant in project.grants} - {project.owner.name}
    return {
        "subscribers_count": 0,
        "status": "shared" if others else "private",
        "access_types": None,
        "children": {"count": 0},
        "data_sharing": project.data_sharing,
        "owner_label": project.owner.name,
        "last_modified_by": project.modified_by,
        "created_by": project.created_by,
    }


def _downloads(call: Call, project: Project) -> list[Json]:
    base = asset_url(call, project).rstrip("/")
    return [{"format": kind, "url": f"{base}.{kind}"} for kind in ("xls", "xml")]


def detail(call: Call, project: Project) -> Json:
    """Return a project in full; media files that were deleted stay listed until the next deploy."""
    base = asset_url(call, project)
    files = sorted(project.files + project.deleted_files, key=lambda file: file.created)
    return list_item(call, project) | {
        "files": [media_file(call, project, file) for file in files],
        "version__content_hash": project.latest.hash,
        "version_count": len(project.versions),
        "deployed_versions": deployed_versions(call, project),
        "deployment__links": {},
        "deployment__data_download_links": _data_links(call, project),
        "content": project.latest.content,
        "report_styles": _report_styles(project),
        **EMPTY_FEATURES,
        "embeds": [{"format": kind, "url": f"{base}{kind}/"} for kind in ("xls", "xform")],
        **{f"{kind}_link": f"{base}{kind}/" for kind in ("xform", "hooks", "xls")},
        "assignable_permissions": _assignable(call),
        "effective_permissions": _effective(call, project),
        "exports": f"{base}exports/",
        "paired_data": f"{base}paired-data/",
        "project_ownership": None,
    }


EMPTY_FEATURES: Json = {
    "report_custom": {},
    "advanced_features": {"_version": "20250820"},
    "map_styles": {},
    "map_custom": {},
    "analysis_form_json": {"additional_fields": []},
}


def _data_links(call: Call, project: Project) -> Json:
    if project.deployment is None:
        return {}
    base = f"{call.host}/{project.owner.name}"
    legacy = {f"{kind}_legacy": f"{base}/exports/{project.uid}/{kind}/" for kind in ("xls", "csv", "zip")}
    return legacy | {
        "xls": f"{base}/reports/{project.uid}/export.xlsx",
        "csv": f"{base}/reports/{project.uid}/export.csv",
    }


def _report_styles(project: Project) -> Json:
    names = {
        row.get("name", row["$kuid"]): row["$kuid"]
        for version in project.versions
        for row in version.content["survey"]
        if row["type"] not in META_TYPES or "name" in row
    }
    return {"default": {}, "specified": {name: {} for name in names}, "kuid_names": names}


def _assignable(call: Call) -> list[Json]:
    return [
        {"url": f"{call.host}/api/v2/permissions/{name}/", "label": PERMISSION_LABELS[name]}
        for name in ASSIGNABLE_ORDER
    ]


ASSIGNABLE_ORDER = (
    "view_asset",
    "change_asset",
    "manage_asset",
    "add_submissions",
    "view_submissions",
    "partial_submissions",
    "change_submissions",
    "delete_submissions",
    "validate_submissions",
)


def _effective(call: Call, project: Project) -> list[Json]:
    held = [name for name in ASSIGNABLE_ORDER if name != "partial_submissions" and project.allows(call.user, name)]
    if project.filters(call.user, "view_submissions") is not None and "view_submissions" not in held:
        held.append("partial_submissions")
    if "manage_asset" in held:
        held.append("delete_asset")
    return [{"codename": name} for name in held]


def permissions(call: Call, project: Project) -> list[Json]:
    """Return the permission assignments that the user may see: all for who manages, else the owner's and one's own."""
    sees_all = project.allows(call.user, "manage_asset")
    own = {project.owner.name, call.user.name if call.user else ""}
    seen = [grant for grant in project.grants if sees_all or grant.username in own]
    seen.sort(key=lambda grant: (grant.username != project.owner.name, grant.username, grant.permission))
    return [grant_item(call, project, grant) for grant in seen]


def grant_item(call: Call, project: Project, grant: Grant) -> Json:
    """Return one permission assignment."""
    base = f"{call.host}/api/v2/permissions"
    item: Json = {
        "url": f"{asset_url(call, project)}permission-assignments/{grant.uid}/",
        "user": user_url(call, grant.username),
        "permission": f"{base}/{grant.permission}/",
        "label": _permission_label(project, grant.permission),
    }
    if grant.filters is not None:
        parts = grant.filters.items()
        item["partial_permissions"] = [{"url": f"{base}/{name}/", "filters": filters} for name, filters in parts]
    return item


def _permission_label(project: Project, permission: str) -> Any:
    label = PERMISSION_LABELS[permission]
    return label if project.kind == "survey" else f"{label.split()[0]} {project.kind}"


def deployed_versions(call: Call, project: Project) -> Json:
    """Return the deployed versions, newest first."""
    results = [version_item(call, project, version) for version in project.deployed_versions]
    return {"count": len(results), "next": None, "previous": None, "results": results}


def version_item(call: Call, project: Project, version: Version) -> Json:
    """Return one version without its content."""
    return {
        "uid": version.uid,
        "url": f"{asset_url(call, project)}versions/{version.uid}/",
        "content_hash": version.hash,
        "date_deployed": version.deployed_at,
        "date_modified": version.deployed_at,
        "version_number": str(version.number),
    }


def media_file(call: Call, project: Project, file: MediaFile) -> Json:
    """Return one media file's entry."""
    url = f"{asset_url(call, project)}files/{file.uid}/"
    return {
        "uid": file.uid,
        "url": url,
        "asset": asset_url(call, project),
        "user": user_url(call, file.username),
        "user__username": file.username,
        "file_type": file.file_type,
        "description": file.description,
        "date_created": file.created,
        "content": f"{url}content/",
        "metadata": dict(file.metadata),
    }

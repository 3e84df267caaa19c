"""`/assets/`: projects in lists and in full, their form, versions, history, permissions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kobo_crc.simulator import history, rendering
from kobo_crc.simulator.access import demand, find_data, find_project
from kobo_crc.simulator.content import Content, expand, flatten
from kobo_crc.simulator.formxml import plain_xml
from kobo_crc.simulator.pages import paged
from kobo_crc.simulator.projects import IMPLIED, Project
from kobo_crc.simulator.web import Call, Refused, Reply, bad_request, json_reply, not_found, problem
from kobo_crc.simulator.world import World

LATEST_XML_TYPE = "application/xml; charset=utf-8"


def list_assets(world: World, call: Call) -> Reply:
    """GET `/assets/`: the user's projects, last modified first; nobody's without a login."""
    seen = [project for project in world.projects.values() if call.user and _is_listed(project, call)]
    seen.sort(key=lambda project: project.modified, reverse=True)
    return json_reply(paged(call, [rendering.list_item(call, project) for project in seen]))


def _is_listed(project: Project, call: Call) -> bool:
    words = dict(word.split(":", 1) for word in call.get("q").split() if ":" in word)
    kind = words.get("asset_type", project.kind)
    return kind == project.kind and project.allows(call.user, "view_asset")


def create_asset(world: World, call: Call) -> Reply:
    """POST `/assets/`: a project from JSON content."""
    content = call.fields.get("content") or {"survey": []}
    sheets = {name: content.get(name, []) for name in ("survey", "choices")}
    settings = content.get("settings") or {}
    sheets["settings"] = settings if isinstance(settings, list) else [settings]
    kind = str(call.fields.get("asset_type", "survey"))
    project = world.add_project(call.login, str(call.fields.get("name", "")), expand(sheets, world.ids), kind)
    project.created_by = project.modified_by = call.login.name
    headers = {"Location": rendering.asset_url(call, project)}
    return json_reply(rendering.detail(call, project), 201, headers)


def get_asset(world: World, call: Call) -> Reply:
    """GET `/assets/{uid}/`."""
    return json_reply(rendering.detail(call, find_project(world, call)))


def patch_asset(world: World, call: Call) -> Reply:
    """PATCH `/assets/{uid}/`: name, settings, content or sharing; all but sharing make a new version of the form."""
    project = find_project(world, call)
    demand(project, call, "change_asset")
    project.name = str(call.fields.get("name", project.name))
    project.settings = project.settings | dict(call.fields.get("settings", {}))
    project.data_sharing = project.data_sharing | dict(call.fields.get("data_sharing", {}))
    if set(call.fields) - {"data_sharing"}:
        content: Content = call.fields.get("content") or project.latest.content
        project.save(content, world.stamp())
    project.modified = world.stamp()
    project.modified_by = call.login.name
    return json_reply(rendering.detail(call, project))


def delete_asset(world: World, call: Call) -> Reply:
    """DELETE `/assets/{uid}/`: the project with all its submissions."""
    project = find_project(world, call)
    demand(project, call, "manage_asset")
    del world.projects[project.uid]
    return Reply(204, content_type="")


def get_content(world: World, call: Call) -> Reply:
    """GET `/content/`: the form as sheets."""
    project = find_project(world, call)
    data = flatten(project.latest.content)
    return json_reply({"kind": "asset.content", "uid_asset": project.uid, "data": data})


def get_valid_content(world: World, call: Call) -> Reply:
    """GET `/valid_content/`: the form as it is kept."""
    project = find_project(world, call)
    data = project.latest.content
    return json_reply({"kind": "asset.valid_content", "uid_asset": project.uid, "data": data})


def get_xml(world: World, call: Call) -> Reply:
    """GET `/assets/{uid}.xml`: the XForm of the latest version, deployed or not."""
    project = find_project(world, call)
    xml = plain_xml(project.latest.content, project.uid, project.name)
    return Reply(200, xml.encode("utf-8"), LATEST_XML_TYPE)


def list_versions(world: World, call: Call) -> Reply:
    """GET `/versions/`: deployed versions, newest first."""
    return json_reply(rendering.deployed_versions(call, find_project(world, call)))


def get_version(world: World, call: Call) -> Reply:
    """GET `/versions/{uid}/`: one version with its form."""
    project = find_project(world, call)
    for version in project.versions:
        if version.uid == call.params["version"]:
            return json_reply(rendering.version_item(call, project, version) | {"content": version.content})
    raise not_found()


def get_counts(world: World, call: Call) -> Reply:
    """GET `/counts/`: submissions by the day they came, deleted ones counted, and those there now."""
    project, _ = find_data(world, call)
    first = (world.now() - timedelta(days=int(call.get("days", "30")))).date().isoformat()
    days = {day: count for day, count in sorted(project.store.arrivals.items()) if day >= first}
    return json_reply({"daily_submission_counts": days, "total_submission_count": len(project.store)})


def list_history(world: World, call: Call) -> Reply:
    """GET `/history/`: for those who manage the project only."""
    project = _managed(world, call)
    found = history.select(project.history, call.get("q"))
    return json_reply(paged(call, [_history_item(world, call, entry) for entry in found]))


def list_actions(world: World, call: Call) -> Reply:
    """GET `/history/actions/`: the kinds of lines that the log holds."""
    actions = dict.fromkeys(entry.action for entry in _managed(world, call).history)
    return json_reply({"actions": list(actions)})


def _managed(world: World, call: Call) -> Project:
    if call.user is None:
        raise Refused(problem(401, "Authentication credentials were not provided."))
    project = find_project(world, call)
    demand(project, call, "manage_asset")
    return project


def _history_item(world: World, call: Call, entry: history.Entry) -> dict[str, Any]:
    user = world.accounts.by_name[entry.username]
    return {
        "user": rendering.user_url(call, user.name),
        "user_uid": user.uid,
        "username": user.name,
        "action": entry.action,
        "metadata": entry.metadata,
        "date_created": entry.at,
    }


def list_permissions(world: World, call: Call) -> Reply:
    """GET `/permission-assignments/`."""
    return json_reply(rendering.permissions(call, find_project(world, call)))


def add_permission(world: World, call: Call) -> Reply:
    """POST `/permission-assignments/`: a permission for one user."""
    project = find_project(world, call)
    demand(project, call, "manage_asset")
    username, permission = (_last(call.fields.get(name)) for name in ("user", "permission"))
    if username not in world.accounts.by_name or permission not in IMPLIED:
        raise bad_request({"user": ["Invalid user or permission."]})
    grant = project.grant(username, permission, _filters(call.fields))
    parts = [{"filters": filters, "codename": name} for name, filters in (grant.filters or {}).items()]
    _log_permissions(world, call, project, username, [permission, *parts], [])
    item = rendering.grant_item(call, project, grant)
    return json_reply(item, 201, {"Location": item["url"]})


def _last(url: Any) -> str:
    return str(url or "").rstrip("/").rpartition("/")[2]


def _filters(fields: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]] | None:
    parts = fields.get("partial_permissions")
    return {_last(part["url"]): part["filters"] for part in parts} if parts else None


def remove_permission(world: World, call: Call) -> Reply:
    """DELETE `/permission-assignments/{uid}/`."""
    project = find_project(world, call)
    demand(project, call, "manage_asset")
    grant = next((grant for grant in project.grants if grant.uid == call.params["grant"]), None)
    if grant is None:
        raise not_found()
    project.revoke(grant)
    _log_permissions(world, call, project, grant.username, [], [grant.permission])
    return Reply(204, content_type="")


def _log_permissions(
    world: World, call: Call, project: Project, username: str, added: list[Any], removed: list[Any]
) -> None:
    change = {"added": added, "removed": removed, "username": username}
    world.log(project, call, "modify-user-permissions", permissions=change, log_subtype="permission")

"""Who may see and do what in a project, answered with the status codes that the server gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.submissions import Row
from kobo_crc.simulator.web import Call, Refused, forbidden, not_found, page_not_found, problem
from kobo_crc.simulator.world import World

Filters = list[Mapping[str, Any]] | None


def find_project(world: World, call: Call) -> Project:
    """Return the project of the path if the user may see it; 404 otherwise, as if it did not exist."""
    project = world.projects.get(call.params["uid"])
    if project is None or not project.allows(call.user, "view_asset"):
        raise not_found()
    return project


def demand(project: Project, call: Call, permission: str) -> None:
    """Refuse with 403 (401 without a login) unless the user holds the permission in full."""
    if not project.allows(call.login, permission):
        raise forbidden()


def find_data(world: World, call: Call, permission: str = "view_submissions") -> tuple[Project, Filters]:
    """Return the deployed project and the filters that narrow the user's view, None for all submissions.

    A missing project is an HTML 404, an invisible one a JSON 404, an undeployed one 400.
    """
    project = world.projects.get(call.params["uid"])
    if project is None:
        raise page_not_found()
    filters = _data_filters(project, call, permission)
    if project.deployment is None:
        raise Refused(problem(400, "The specified asset has not been deployed"))
    return project, filters


def _data_filters(project: Project, call: Call, permission: str) -> Filters:
    if project.allows(call.user, permission):
        return None
    filters = project.filters(call.user, permission)
    if filters is not None:
        return filters
    sees = project.allows(call.user, "view_asset")
    raise forbidden() if sees else not_found()


def find_row(project: Project, call: Call, filters: Filters) -> Row:
    """Return the submission of the path, by `_id`, uuid or root uuid; 404 when hidden or missing."""
    row = project.store.find(call.params["row"])
    if row is None or (filters is not None and row.id not in project.store.select({"_id": row.id}, filters)):
        raise not_found()
    return row

"""What the server said of each project the last time, and what of it has changed since, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from kobo_crc.database.metadata import FORM_VERSION, SOURCE
from kobo_crc.database.rows import insert_rows
from kobo_crc.model import Origin
from kobo_crc.sources.kobo import AssetInfo


@dataclass(frozen=True, slots=True)
class Sighting:
    """How a project looked the last time.

    `swept_at` is the UTC time of the last complete sweep, `looked_at` how far the history was known then or at the
    last look into it, by the server's clock; None where none was kept.
    """

    name: str
    deployed_version: str
    active: bool
    permissions: frozenset[str]
    swept_at: datetime | None = None
    looked_at: datetime | None = None


def last_sighting(connection: sa.Connection, asset_uid: str) -> Sighting | None:
    """How the project looked the last time; None for one that was never seen."""
    row = connection.execute(sa.select(SOURCE).where(SOURCE.c.asset_uid == asset_uid)).first()
    if row is None or row.permissions is None:
        return None
    permissions = frozenset(row.permissions.split())
    return Sighting(row.project_name, row.deployed_version, row.active, permissions, row.swept_at, row.looked_at)


def remarks(origin: Origin, before: Sighting | None, info: AssetInfo) -> Iterator[str]:
    """A sentence for each thing of the project that people should know has changed."""
    if before is None:
        return
    place = f"{origin.form} ({origin.project})"
    if info.name != before.name:
        yield f"{place}: the project is now called {info.name}."
    if info.deployed_version != before.deployed_version:
        yield f"{place}: the form was deployed anew, version {info.deployed_version}."
    if before.active and not info.active:
        yield f"{place}: the project was archived, so tablets can send nothing more to it."
    if info.active and not before.active:
        yield f"{place}: the project is no longer archived."
    if lost := lost_permissions(before, info):
        yield f"{place}: the account has lost the permission {', '.join(lost)}. Please ask the project's owner."


def lost_permissions(before: Sighting | None, info: AssetInfo) -> list[str]:
    """What the account might do the last time and may no longer."""
    return sorted(before.permissions - info.permissions) if before is not None else []


def remember(connection: sa.Connection, before: Sighting | None, info: AssetInfo, seen_at: str) -> bool:
    """Keep how the project looks now; True when the form has versions that were not known. Writes only what changed."""
    here = SOURCE.c.asset_uid == info.uid
    now = Sighting(info.name, info.deployed_version, info.active, info.permissions)
    if before is None or now != replace(before, swept_at=None, looked_at=None):
        values = {"project_name": now.name, "deployed_version": now.deployed_version, "active": now.active}
        permissions = " ".join(sorted(now.permissions))
        connection.execute(sa.update(SOURCE).where(here).values(**values, permissions=permissions))
    source_id = connection.execute(sa.select(SOURCE.c.source_id).where(here)).scalar_one()
    known = sa.select(FORM_VERSION.c.version_uid).where(FORM_VERSION.c.source_id == source_id)
    fresh = sorted(info.versions.difference(connection.execute(known).scalars()))
    insert_rows(connection, FORM_VERSION, [(source_id, uid, seen_at) for uid in fresh])
    return bool(fresh)


def mark_looked(
    connection: sa.Connection, asset_uid: str, told_until: datetime | None, swept_at: datetime | None
) -> None:
    """Keep how far the history was known when the whole project was looked at, and when, if by a complete sweep."""
    values = {"looked_at": told_until} | ({"swept_at": swept_at} if swept_at else {})
    connection.execute(sa.update(SOURCE).where(SOURCE.c.asset_uid == asset_uid).values(**values))

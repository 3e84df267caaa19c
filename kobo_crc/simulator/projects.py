"""One project (asset) of the simulated server: its form's versions, deployment, media files, permissions, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kobo_crc.simulator.accounts import User
from kobo_crc.simulator.content import Content, content_hash
from kobo_crc.simulator.history import Entry
from kobo_crc.simulator.ids import Ids
from kobo_crc.simulator.submissions import Record, Row, Store

BLOCK_PERMISSIONS = ("change_asset", "manage_asset", "view_asset")
OWNER_PERMISSIONS = (
    "add_submissions",
    "change_asset",
    "change_submissions",
    "delete_submissions",
    "manage_asset",
    "validate_submissions",
    "view_asset",
    "view_submissions",
)
IMPLIED = {
    "view_asset": (),
    "change_asset": ("view_asset",),
    "manage_asset": ("change_asset", "view_asset"),
    "add_submissions": ("view_asset",),
    "view_submissions": ("view_asset",),
    "partial_submissions": ("view_asset",),
    "change_submissions": ("view_asset", "view_submissions", "add_submissions"),
    "delete_submissions": ("view_asset", "view_submissions"),
    "validate_submissions": ("view_asset", "view_submissions"),
}


@dataclass(slots=True)
class Version:
    """One saved state of the form; `deployed_at` is None until it is deployed, `number` counts deployed ones."""

    uid: str
    content: Content
    hash: str
    deployed_at: str | None = None
    number: int = 0


@dataclass(slots=True)
class Deployment:
    """What tablets see: `form_uuid` stays for ever, `xml` and `media` are those of the last deploy."""

    number: int
    form_uuid: str
    active: bool = True
    version_uid: str = ""
    version: str = ""
    xml: str = ""
    media: tuple[MediaFile, ...] = ()
    deployed_at: str = ""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file of the form, such as a CSV list; `metadata` as the server shows it."""

    uid: str
    username: str
    file_type: str
    description: str
    created: str
    metadata: Mapping[str, Any]
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission of one user; `filters` by permission narrow a partial one to matching submissions."""

    uid: str
    username: str
    permission: str
    filters: Mapping[str, list[Mapping[str, Any]]] | None = None


class Project:
    """One asset with everything under it; its rows are in `store`."""

    def __init__(self, uid: str, name: str, owner: User, kind: str, created: str, ids: Ids) -> None:
        self.uid = uid
        self.name = name
        self.owner = owner
        self.kind = kind
        self.created = created
        self.modified = created
        self.settings: dict[str, Any] = dict(EMPTY_SETTINGS) if kind == "survey" else {}
        self.created_by: str | None = None
        self.modified_by: str | None = None
        self.data_sharing: dict[str, Any] = {}
        self.versions: list[Version] = []
        self.deployment: Deployment | None = None
        self.files: list[MediaFile] = []
        self.deleted_files: list[MediaFile] = []
        self.history: list[Entry] = []
        self.store = Store()
        self._ids = ids
        held = OWNER_PERMISSIONS if kind == "survey" else BLOCK_PERMISSIONS
        self.grants = [Grant(ids.uid("p"), owner.name, permission) for permission in held]

    def save(self, content: Content, now: str) -> Version:
        """Keep the content as a new version, not yet deployed."""
        version = Version(self._ids.uid("v"), content, content_hash(content))
        self.versions.append(version)
        self.modified = now
        return version

    @property
    def latest(self) -> Version:
        return self.versions[-1]

    @property
    def deployed_versions(self) -> list[Version]:
        """The versions that were ever deployed, newest first."""
        return sorted((version for version in self.versions if version.number), key=lambda one: -one.number)

    @property
    def repeats(self) -> frozenset[str]:
        """The paths of repeats in any version: submissions of old versions keep coming."""
        return frozenset(self._paths("begin_repeat"))

    @property
    def geopoints(self) -> tuple[str, ...]:
        """The paths of geopoints in the form's order: the first that is answered places the submission."""
        return tuple(dict.fromkeys(self._paths("geopoint")))

    def _paths(self, kind: str) -> Iterable[str]:
        rows = (row for version in self.versions for row in version.content["survey"])
        return (row["$xpath"] for row in rows if row["type"] == kind and "$xpath" in row)

    def allows(self, user: User | None, permission: str) -> bool:
        """Say whether a user holds a permission in full."""
        if user is None:
            return False
        return user.is_admin or user.name == self.owner.name or self._granted(user.name, permission) is not None

    def filters(self, user: User | None, permission: str) -> list[Mapping[str, Any]] | None:
        """Return the filters under which a user holds a permission on submissions in part; None without any."""
        grant = self._granted(user.name, "partial_submissions") if user else None
        return (grant.filters or {}).get(permission) if grant else None

    def _granted(self, username: str, permission: str) -> Grant | None:
        found = (grant for grant in self.grants if (grant.username, grant.permission) == (username, permission))
        return next(found, None)

    def grant(self, username: str, permission: str, filters: Mapping[str, list[Mapping[str, Any]]] | None) -> Grant:
        """Give a permission and those it implies; a second grant of the same replaces the first."""
        for implied in IMPLIED[permission]:
            if self._granted(username, implied) is None:
                self.grants.append(Grant(self._ids.uid("p"), username, implied))
        self._drop(username, permission)
        if permission == "view_submissions":
            self._drop(username, "partial_submissions")
        new = Grant(self._ids.uid("p"), username, permission, filters)
        self.grants.append(new)
        return new

    def revoke(self, gone: Grant) -> None:
        """Take a permission back, with those that imply it."""
        self._drop(gone.username, gone.permission)
        for permission, implied in IMPLIED.items():
            if gone.permission in implied:
                self._drop(gone.username, permission)

    def _drop(self, username: str, permission: str) -> None:
        kept = [grant for grant in self.grants if (grant.username, grant.permission) != (username, permission)]
        self.grants = kept

    def load(self, rows: Iterable[Record]) -> None:
        """Take in ready-made records, quickly and without history: each needs `_id`, `_uuid` and `meta/rootUuid`.

        What else the server would add is filled in where it is missing.
        """
        for record in rows:
            row = Row(b"", {}, f"{record.get('_submission_time', self.created[:19])}.000000+00:00")
            defaults = self._defaults(record)
            row.write(record | {key: value for key, value in defaults.items() if key not in record})
            self.store.add(row)

    def _defaults(self, record: Record) -> Record:
        return {
            "_xform_id_string": self.uid,
            "meta/instanceID": f"uuid:{record['_uuid']}",
            "_attachments": [],
            "_status": "submitted_via_web",
            "_geolocation": [None, None],
            "_submission_time": self.created[:19],
            "_validation_status": {},
            "_submitted_by": self.owner.name,
        }


EMPTY_SETTINGS: dict[str, Any] = {
    "sector": {},
    "country": [],
    "description": "",
    "organization": "",
    "country_codes": [],
}

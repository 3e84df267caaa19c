"""The lists beside a project's form on the server (form media): which there are, and putting one in its place.

Tablets get what is put here when the form is deployed the next time, not earlier.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from kobo_crc.lookups import LOOKUPS, listed
from kobo_crc.sources.http import Client
from kobo_crc.xlsform.form import Row

CSV: Final = "text/csv"
KIND: Final = "form_media"


class Media:
    """The form media of one project. Every method may raise SourceError."""

    def __init__(self, client: Client, asset_uid: str) -> None:
        self._client = client
        self._path = f"assets/{quote(asset_uid, safe='')}/files/"

    def put(self, filename: str, content: bytes) -> bool:
        """Make the project hold this file under that name; False when it did already.

        The server replaces nothing: what is there goes first. Cut in between, the next call puts the file.
        """
        held = [file for file in self._files() if file["metadata"]["filename"] == filename]
        if [file["metadata"]["hash"] for file in held] == [digest_of(content)]:
            return False
        for file in held:
            self._client.delete(f"{self._path}{quote(str(file['uid']))}/")
        # Without `metadata`, a name that is there already would be a fault of the server's own (500).
        metadata = json.dumps({"filename": filename})
        fields = {"file_type": KIND, "description": filename, "metadata": metadata}
        self._client.post(self._path, fields=fields, files={"content": (filename, content, CSV)})
        return True

    def digests(self) -> dict[str, str]:
        """The files that the project holds, by name, each with its hash."""
        return {str(file["metadata"]["filename"]): str(file["metadata"]["hash"]) for file in self._files()}

    def _files(self) -> list[dict[str, Any]]:
        params: dict[str, str | int] = {"file_type": KIND}
        found: list[dict[str, Any]] = []
        while params:
            said = self._client.get(self._path, params)
            found += said.get("results") or []
            # Only the query is taken from `next`: its host may be an inner name of the server.
            params = dict(parse_qsl(urlsplit(said.get("next") or "").query))
        return found


def digest_of(content: bytes) -> str:
    """The file's hash as the server tells it."""
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def lookups_of(rows: Iterable[Row]) -> list[str]:
    """The names of the lists that the form looks things up in, of those that are made here."""
    names = (f"{row.name}.csv" for row in rows if row.type == "csv-external")
    return [name for name in names if name in LOOKUPS]


def provide(client: Client, asset_uid: str, rows: Iterable[Row]) -> bool:
    """Put each list of the form that the project has not, without rows: web forms do not open where one is missing.

    True when any was put: then the form has to be deployed again.
    """
    wanted = lookups_of(rows)
    if not wanted:
        return False
    media = Media(client, asset_uid)
    missing = sorted(set(wanted) - media.digests().keys())
    for filename in missing:
        media.put(filename, listed(filename, ()))
    return bool(missing)

"""The recorded replies of a real server: reading them, and comparing a reply with one of them.

Identifiers that the server makes differ between servers: they are matched one to one as they appear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

FOLDER = Path(__file__).parent.parent / "recorded" / "kobo"
RECORDED_HOST = "https://kobo.example.org"
SUMMED_UP = re.compile(r"<\d+ bytes [^>]*>")

# Identifiers made by the server: uids of assets, versions, imports, files, users, attachments, permissions; UUIDs;
# hashes of content. The MD5 of media files is compared as it is.
TOKEN = re.compile(
    r"\b(?:att|af|a|v|i|u|p)[2-9A-HJ-NP-Za-km-z]{21}\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b[0-9a-f]{40}\b|(?<!md5:)\b[0-9a-f]{32}\b|(?<=md5:)[0-9a-f]{32}(?=-url)"
)
UUID = re.compile(r"(?<=uuid:)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
KUID = re.compile(r"[A-Za-z0-9]{9}")
XFORM_HASH = re.compile(r"md5:[0-9a-f]{32}(?=</hash><descriptionText>)")
DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")

# Compared by shape only: dates and times that the server sets.
VOLATILE = frozenset(
    {
        "date_created",
        "date_modified",
        "date_deployed",
        "deployment__last_submission_time",
        "_submission_time",
        "timestamp",
    }
)
# Lists whose order depends on the database.
UNORDERED = frozenset({"effective_permissions", "columns", "actions"})
# Not imitated: addresses of the web form engine.
IGNORED = frozenset({"deployment__links"})


@dataclass(frozen=True)
class Recording:
    """One recorded request with its reply."""

    name: str
    request: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def user(self) -> str:
        """Who asked: the server names the user it recognised; a redacted token that was refused was a wrong one."""
        auth = self.request["auth"] or ""
        if self.status == 401 and auth:
            return "wrong"
        known = self.headers.get("X-Kobonaut") or ("bob" if "bob" in self.name else "alice")
        return known if auth else ""


def names() -> list[str]:
    """The names of all recordings."""
    return sorted(path.name.removesuffix(".json") for path in FOLDER.glob("*.json"))


def read(name: str) -> Recording:
    """One recording; what was saved without its request counts as a GET of a finished import."""
    saved = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    if "request" not in saved:
        url = f"{RECORDED_HOST}/api/v2/imports/{saved['uid']}/"
        request = {"method": "GET", "url": url, "auth": "Token <redacted>", "body": None, "content_type": None}
        return Recording(name, request, 200, {"Content-Type": "application/json"}, saved)
    return Recording(name, saved["request"], saved["status"], saved["headers"], saved["body"])


@dataclass
class Mirror:
    """Recorded identifiers and the simulator's in their place, one to one."""

    host: str
    here: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)

    def learn_sent(self, text: str) -> None:
        """Take note of the identifiers that a client sent: they are the same on both servers."""
        for token in UUID.findall(text):
            if token not in self.here:
                self.learn(token, token)

    def learn(self, recorded: str, here: str) -> bool:
        """Match two identifiers; False when either already has another partner."""
        return self.here.setdefault(recorded, here) == here and self.recorded.setdefault(here, recorded) == recorded

    def translate(self, text: str) -> str:
        """Put the simulator's host and identifiers in place of the recorded ones, as far as they are known."""
        moved = TOKEN.sub(lambda match: self.here.get(match.group(), match.group()), text)
        return moved.replace(RECORDED_HOST, self.host)

    def differences(self, recorded: Any, here: Any, path: str = "") -> Iterator[str]:
        """Say where two JSON values differ, by path."""
        key = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
        if key in IGNORED:
            return
        if type(recorded) is not type(here):
            yield f"{path}: {type(recorded).__name__} recorded, {type(here).__name__} here ({recorded!r}, {here!r})"
        elif isinstance(recorded, dict):
            yield from self._objects(recorded, here, path)
        elif isinstance(recorded, list):
            yield from self._lists(recorded, here, path, key)
        elif not self._equal(recorded, here, key, path):
            yield f"{path}: {recorded!r} recorded, {here!r} here"

    def _objects(self, recorded: dict[str, Any], here: dict[str, Any], path: str) -> Iterator[str]:
        moved = {self._key(key): value for key, value in recorded.items()}
        for key in moved.keys() - here.keys() - IGNORED:
            yield f"{path}.{key}: missing here"
        for key in here.keys() - moved.keys() - IGNORED:
            yield f"{path}.{key}: only here"
        for key in sorted(moved.keys() & here.keys(), key=lambda name: (name != "content", name)):
            yield from self.differences(moved[key], here[key], f"{path}.{key}")

    def _key(self, key: str) -> str:
        return self.here.get(key, key) if KUID.fullmatch(key) else key

    def _lists(self, recorded: list[Any], here: list[Any], path: str, key: str) -> Iterator[str]:
        if key in UNORDERED:
            recorded, here = sorted(recorded, key=json.dumps), sorted(here, key=json.dumps)
        if len(recorded) != len(here):
            yield f"{path}: {len(recorded)} items recorded, {len(here)} here"
        for place, (one, other) in enumerate(zip(recorded, here, strict=False)):
            yield from self.differences(one, other, f"{path}[{place}]")

    def _equal(self, recorded: Any, here: Any, key: str, path: str) -> bool:
        if not isinstance(recorded, str):
            return recorded == here or (key in VOLATILE and recorded is not None)
        if key == "$kuid" or ".kuid_names" in path:
            return self.learn(recorded, here)
        if key in VOLATILE:
            return _shape(recorded) == _shape(here)
        return self.same_text(recorded, here)

    def same_text(self, recorded: str, here: str) -> bool:
        """Say whether two texts are equal once unknown identifiers are matched."""
        moved = self.translate(recorded)
        if moved == here:
            return True
        if TOKEN.sub("*", moved) != TOKEN.sub("*", here):
            return False
        pairs = zip(TOKEN.findall(recorded), TOKEN.findall(here), strict=True)
        return all(self.learn(one, other) for one, other in pairs)

    def same_document(self, recorded: str, here: str) -> bool:
        """Compare XML (or other text): dates and the hash of an XForm by shape, white space between elements aside."""
        return self.same_text(_calm(recorded), _calm(here))


def _shape(text: str) -> str:
    return re.sub(r"\d", "0", text)


def _calm(document: str) -> str:
    if document.startswith("<"):
        document = etree.tostring(etree.fromstring(document.encode("utf-8")), method="c14n").decode("utf-8")
    return re.sub(r">\s+<", "><", DATE.sub("DATE", XFORM_HASH.sub("HASH", document))).strip()

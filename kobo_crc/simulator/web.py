"""One request and one reply as plain records, so that the handlers know nothing of the web library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from kobo_crc.simulator.accounts import User

JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"
XML_TYPE = "text/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request; `part` is the form field that carried it."""

    part: str
    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `fields` holds the form's fields or the JSON object that was sent, `user` None without a login."""

    method: str
    host: str
    path: str
    params: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    user: User | None
    fields: Mapping[str, Any]
    uploads: tuple[Upload, ...] = ()
    is_json: bool = False
    source: str = ""

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def upload(self, name: str) -> Upload | None:
        """Return the file sent in this form field."""
        return next((upload for upload in self.uploads if upload.part == name), None)

    @property
    def login(self) -> User:
        """The user; a request without one is answered as the server does, with 401."""
        if self.user is None:
            raise Refused(problem(401, "Authentication credentials were not provided."))
        return self.user


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, its body already in bytes."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """Ends a handler early with the reply that the server gives."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


def json_reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return the value as JSON."""
    return Reply(status, orjson.dumps(value), JSON_TYPE, headers or {})


def problem(status: int, detail: str) -> Reply:
    """Return an error in the server's usual form: a JSON object with `detail`."""
    return json_reply({"detail": detail}, status)


def not_found() -> Refused:
    """Return the JSON 404 that also hides what the user may not see."""
    return Refused(problem(404, "Not found."))


def forbidden() -> Refused:
    """Return the 403 for a user who may view but not do this."""
    return Refused(problem(403, "You do not have permission to perform this action."))


def page_not_found() -> Refused:
    """Return the HTML 404 that missing projects give under `/data/`."""
    return Refused(Reply(404, b"Resource not found (404)", HTML_TYPE))


def server_error() -> Refused:
    """Return the 500 of an uncaught error on the server."""
    return Refused(json_reply({"error": "Server Error (500)"}, 500))


def bad_request(value: Any) -> Refused:
    """Return a 400 with this JSON body."""
    return Refused(json_reply(value, 400))

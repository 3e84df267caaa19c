"""A tablet's way to a server: fetch its forms, send filled instances, and delete what a data officer deletes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import requests
from lxml import etree  # type: ignore[import-untyped]

from kobo_crc.errors import Fatal
from kobo_crc.simulator.population.xform import XForm

Progress = Callable[[int, int], None]
TIMEOUT_SECONDS = 60
_FORMS = "{http://openrosa.org/xforms/xformsList}"


@dataclass(frozen=True, slots=True)
class Filled:
    """One thing that happens on the server: `instance_xml` arrives, or, where it is empty, `root_uuid` is deleted.

    `form` is the campaign's name of the form, `root_uuid` the id that stays across edits, `sent_at` when the tablet
    sends it, `dirty` the kinds of dirt in it (names in `dirt`). `kind` is `new`, `late`, `deleted` or, for edits,
    `cleared` (an answer), `changed` (an answer) or `shrunk` (a repeat).
    """

    form: str
    instance_xml: bytes
    root_uuid: str
    sent_at: datetime
    dirty: tuple[str, ...] = ()
    kind: str = "new"


@dataclass(slots=True)
class Tablets:
    """The server as tablets and a data officer reach it: `url`, and the project uid of each form in `assets`."""

    url: str
    token: str = field(repr=False)
    assets: Mapping[str, str]
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def get_xform(self, name: str) -> XForm:
        """The form ready to be filled by us; raises Fatal where the server has none."""
        return XForm(self.get_form(name))

    def get_form(self, name: str) -> bytes:
        """The XML that the server gives to tablets, through its form list; raises Fatal where it has none."""
        uid = self.assets[name]
        forms = etree.fromstring(self._call("GET", "/formList").content)
        for form in forms.iterfind(f"{_FORMS}xform"):
            if form.findtext(f"{_FORMS}formID") == uid:
                address = form.findtext(f"{_FORMS}downloadUrl").partition("/forms/")[2]
                return self._call("GET", f"/forms/{address}").content
        raise Fatal(f"The server lists no form {uid} ({name}). Please deploy the forms first.")

    def send(self, filled: Filled) -> None:
        """Post or delete; raises Fatal where the server refuses."""
        if not filled.instance_xml:
            self._delete(filled)
            return
        files = {"xml_submission_file": ("submission.xml", filled.instance_xml, "text/xml")}
        self._call("POST", "/submission", files=files)

    def _delete(self, filled: Filled) -> None:
        data = f"/api/v2/assets/{self.assets[filled.form]}/data/"
        query = f'{{"meta/rootUuid":"uuid:{filled.root_uuid}"}}'
        sought = {"query": query, "fields": '["_id"]', "format": "json"}
        found = self._call("GET", data, params=sought).json()["results"]
        if not found:
            raise Fatal(f"The server has no submission {filled.root_uuid} to delete. Please deliver it first.")
        self._call("DELETE", f"{data}{found[0]['_id']}/")

    def _call(self, method: str, path: str, **parts: object) -> requests.Response:
        reply = self.session.request(
            method,
            self.url.rstrip("/") + path,
            headers={"Authorization": f"Token {self.token}", "X-OpenRosa-Version": "1.0"},
            timeout=TIMEOUT_SECONDS,
            **parts,  # type: ignore[arg-type]
        )
        if not reply.ok:
            raise Fatal(f"{method} {path} was answered with {reply.status_code}. Please look at the server's log.")
        return reply


def deliver(actions: Iterable[Filled], tablets: Tablets, total: int = 0, progress: Progress | None = None) -> int:
    """Do all actions in their order, one after the other, so that the server numbers them alike; returns how many.

    `progress` is called with (done, total) after each.
    """
    done = 0
    for done, filled in enumerate(actions, 1):
        tablets.send(filled)
        if progress is not None:
            progress(done, max(total, done))
    return done

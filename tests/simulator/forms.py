"""A small form and submissions of it, for the simulator's own tests."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import requests

from kobo_crc.simulator.server import Running
from kobo_crc.simulator.world import TOKENS

SURVEY: list[list[Any]] = [
    ["type", "name", "label::English (en)", "label::Arabic (ar)", "required", "store"],
    ["text", "card", "Card", "البطاقة", "yes", "registration.card"],
    ["begin group", "client", "Client", "العميل"],
    ["integer", "age", "Age", "العمر"],
    ["end group"],
    ["geopoint", "place", "Place", "المكان"],
    ["begin_repeat", "need", "Need", "حاجة"],
    ["select_one kind", "kind", "Kind", "النوع"],
    ["image", "photo", "Photo", "صورة"],
    ["end_repeat"],
]
CHOICES = [["list_name", "name", "label::English (en)", "label::Arabic (ar)"], ["kind", "health", "Health", "صحة"]]
SETTINGS = [["form_title", "form_id", "default_language"], ["Small intake", "small", "English (en)"]]


def xlsx(survey: list[list[Any]] = SURVEY) -> bytes:
    """The form as a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in (("survey", survey), ("choices", CHOICES), ("settings", SETTINGS)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Client:
    """A plain client of one project on the simulated server."""

    def __init__(self, server: Running, user: str = "alice") -> None:
        self.server = server
        self.headers = {"Authorization": f"Token {TOKENS[user]}"}
        self.uid = ""
        self.form_uuid = ""

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request; paths that do not start with `/` are under the project."""
        url = path if path.startswith("/") else f"/api/v2/assets/{self.uid}/{path}"
        return requests.request(method, self.server.url + url, headers=self.headers, timeout=20, **more)

    def deploy(self) -> Client:
        """Import the form and deploy it."""
        files = {"file": ("small.xlsx", xlsx())}
        task = self.call("POST", "/api/v2/imports/", files=files, data={"library": "false"}).json()
        done = self.call("GET", f"/api/v2/imports/{task['uid']}/").json()
        self.uid = done["messages"]["created"][0]["uid"]
        deployment = self.call("POST", "deployment/", json={"active": True}).json()
        self.form_uuid = deployment["asset"]["deployment__uuid"]
        return self

    def submit(self, uuid: str, answers: str = "", replaces: str = "", **photos: bytes) -> requests.Response:
        """Send a submission; `photos` by file name without its `.jpg`."""
        old = f"<deprecatedID>uuid:{replaces}</deprecatedID>" if replaces else ""
        meta = f"<meta><instanceID>uuid:{uuid}</instanceID>{old}</meta>"
        formhub = f"<formhub><uuid>{self.form_uuid}</uuid></formhub>"
        xml = f'<{self.uid} id="{self.uid}" version="1">{formhub}{answers}{meta}</{self.uid}>'
        files = {"xml_submission_file": ("submission.xml", xml.encode("utf-8"), "text/xml")}
        more = {f"{name}.jpg": (f"{name}.jpg", content, "image/jpeg") for name, content in photos.items()}
        return self.call("POST", "/submission", files=files | more)

    def rows(self, **params: str) -> list[dict[str, Any]]:
        """One page of submissions."""
        rows: list[dict[str, Any]] = self.call("GET", "data/", params=params).json()["results"]
        return rows

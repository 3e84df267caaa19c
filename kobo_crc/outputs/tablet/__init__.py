"""The code that sets KoboCollect up, on a page with its warnings. It holds the account's password in the open.

Keys and values are those of the app's own list: docs.getodk.org/collect-import-export.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import SecretStr

from kobo_crc.outputs.tablet.texts import DIRECTIONS, TEXTS

PAGE: Final = "tablet.html.jinja"
PIXELS_PER_MODULE: Final = 6
# Languages that the app itself is there in; it follows the tablet's otherwise.
_APP_LANGUAGES = ("ar", "en")
# What staff may not change without the admin password: where data goes, and when it leaves the tablet.
_LOCKED: Final = (
    "change_server",
    "change_project_display",
    "form_update_mode",
    "periodic_form_updates_check",
    "automatic_update",
    "hide_old_form_versions",
    "change_autosend",
    "delete_after_send",
    "change_form_metadata",
    "external_app_recording",
    "analytics",
    "get_blank",
    "view_sent",
)


@dataclass(frozen=True, slots=True)
class Tablet:
    """What a tablet is set up with: where it sends, as whom, and the password that opens its settings."""

    server_url: str
    account: str
    password: SecretStr
    admin_password: SecretStr
    title: str
    language: str


def settings_of(tablet: Tablet) -> Mapping[str, Mapping[str, object]]:
    """KoboCollect's settings; the two passwords stand in them in the open."""
    general: dict[str, object] = {
        "server_url": tablet.server_url,
        "username": tablet.account,
        "password": tablet.password.get_secret_value(),
        "form_update_mode": "match_exactly",
        "periodic_form_updates_check": "every_one_hour",
        "automatic_update": True,
        "hide_old_form_versions": True,
        "autosend": "wifi_and_cellular",
        "delete_send": True,
        "analytics": False,
    }
    if tablet.language in _APP_LANGUAGES:
        general["app_language"] = tablet.language
    locked = dict.fromkeys(_LOCKED, False)
    return {
        "general": general,
        "admin": {"admin_pw": tablet.admin_password.get_secret_value(), **locked},
        "project": {"name": tablet.title},
    }


def payload_of(tablet: Tablet) -> str:
    """What the code holds: the settings as JSON, packed with zlib, in base64."""
    text = json.dumps(settings_of(tablet), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def write_code(path: Path, tablet: Tablet) -> None:
    """Write the page with the code, readable for the own account alone."""
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(PAGE)
    code = segno.make(payload_of(tablet), error="m", micro=False).png_data_uri(scale=PIXELS_PER_MODULE, border=4)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # one that is there would keep its rights
    path.touch(mode=0o600)
    said = {"code": code, "account": tablet.account, "title": tablet.title, "server": tablet.server_url}
    path.write_text(page.render(said, texts=TEXTS, directions=DIRECTIONS), encoding="utf-8", newline="\n")

"""The code that sets a tablet up: read back, it lets a tablet send, and nobody look."""

from __future__ import annotations

import base64
import io
import json
import re
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import zxingcpp
from PIL import Image

from kobo_crc.config import Project, Settings
from kobo_crc.errors import ConfigError
from kobo_crc.sources.http import Client, client_of
from kobo_crc.tablets import write_tablet
from tests.e2e.centre import Centre
from tests.stores import on_files

pytestmark = on_files  # nothing of this is in a store


@pytest.fixture
def owner(centre: Centre) -> Iterator[Client]:
    with closing(client_of(centre.settings, Project(name="main"))) as client:
        yield client


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBO_CRC_TABLET_PASSWORD", "bob")
    monkeypatch.setenv("KOBO_CRC_TABLET_ADMIN_PASSWORD", "سرّ المشرف")


def grant(owner: Client, centre: Centre, *rights: str) -> None:
    for right in rights:
        asked = {"user": owner.url("users/bob/"), "permission": owner.url(f"permissions/{right}/")}
        owner.post(f"assets/{centre.asset_uid}/permission-assignments/", asked)


def settings_in(page: Path) -> dict[str, Any]:
    """What KoboCollect reads of the page's code."""
    [picture] = re.findall(r'src="data:image/png;base64,([^"]+)"', page.read_text(encoding="utf-8"))
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(picture))))
    said: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(code.text)))
    return said


def test_code__read_back__is_what_a_tablet_needs(
    centre: Centre, owner: Client, passwords: None, tmp_path: Path
) -> None:
    grant(owner, centre, "add_submissions")
    (tmp_path / "tablet-bob.html").touch(mode=0o644)  # somebody else's idea of an empty page
    page = write_tablet(centre.settings, "bob", "nightly", tmp_path, collect_url=centre.settings.server_url)
    said = settings_in(page)
    general, admin = said["general"], said["admin"]
    assert (general["form_update_mode"], general["autosend"], general["delete_send"]) == (
        "match_exactly",
        "wifi_and_cellular",
        True,
    )
    assert (general["username"], general["password"], admin["admin_pw"]) == ("bob", "bob", "سرّ المشرف")
    assert not any(admin[key] for key in ("change_server", "form_update_mode", "change_autosend", "delete_after_send"))
    assert said["project"] == {"name": "Test"}
    assert page.name == "tablet-bob.html"
    text = page.read_text(encoding="utf-8")
    assert "This code holds a password" in text and "سرّ المشرف" not in text
    if sys.platform != "win32":
        assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_code__its_account__sends_a_form_and_sees_no_other(
    centre: Centre, owner: Client, passwords: None, tmp_path: Path
) -> None:
    grant(owner, centre, "add_submissions")
    page = write_tablet(centre.settings, "bob", "nightly", tmp_path, collect_url=centre.settings.server_url)
    general = settings_in(page)["general"]
    server, login = general["server_url"], (general["username"], general["password"])
    assert f"<formID>{centre.asset_uid}</formID>" in requests.get(f"{server}/formList", auth=login, timeout=10).text
    filled = (
        f'<a id="{centre.asset_uid}"><given>x</given>'
        "<meta><instanceID>uuid:7b3f0a64-0000-4000-8000-000000000001</instanceID></meta></a>"
    )
    files = {"xml_submission_file": ("a.xml", filled, "text/xml")}
    assert requests.post(f"{server}/submission", auth=login, files=files, timeout=10).status_code == 201
    data = requests.get(f"{server}/api/v2/assets/{centre.asset_uid}/data/", auth=login, timeout=10)
    assert data.status_code in (403, 404)


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ((), "may not add submissions"),
        (("view_asset",), "may not add submissions"),
        (("add_submissions", "view_submissions"), r"may do more than add submissions \(view_submissions\)"),
        (("add_submissions", "partial_submissions"), "may do more"),
    ],
)
def test_code__account_with_other_rights__is_refused(
    centre: Centre, owner: Client, passwords: None, tmp_path: Path, rights: tuple[str, ...], words: str
) -> None:
    if "partial_submissions" in rights:
        asked = {
            "user": owner.url("users/bob/"),
            "permission": owner.url("permissions/partial_submissions/"),
            "partial_permissions": [{"url": owner.url("permissions/view_submissions/"), "filters": [{"a": "1"}]}],
        }
        owner.post(f"assets/{centre.asset_uid}/permission-assignments/", asked)
    grant(owner, centre, *(right for right in rights if right != "partial_submissions"))
    with pytest.raises(ConfigError, match=f"small: the account bob {words}.* Please"):
        write_tablet(centre.settings, "bob", "nightly", tmp_path, collect_url=centre.settings.server_url)
    with pytest.raises(ConfigError, match="may do more than add submissions"):  # the owner of all
        write_tablet(centre.settings, "alice", "nightly", tmp_path, collect_url=centre.settings.server_url)
    assert not list(tmp_path.glob("*.html"))


def test_code__without_a_password__says_where_to_put_it(centre: Centre, owner: Client, tmp_path: Path) -> None:
    grant(owner, centre, "add_submissions")
    with pytest.raises(ConfigError, match=r"KOBO_CRC_TABLET_PASSWORD or the file .*kobo_crc_tablet_password"):
        write_tablet(centre.settings, "bob", "nightly", tmp_path, collect_url=centre.settings.server_url)


def test_code__server_whose_tablets_send_elsewhere__must_be_told(
    centre: Centre, owner: Client, passwords: None, tmp_path: Path
) -> None:
    grant(owner, centre, "add_submissions")
    with pytest.raises(ConfigError, match="--collect-url"):
        write_tablet(centre.settings, "bob", "nightly", tmp_path)


def test_code__project_that_is_nowhere__is_named(centre: Centre, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no project elsewhere"):
        write_tablet(centre.settings, "bob", "nightly", tmp_path, project="elsewhere")
    bare = Settings.model_validate(
        {**centre.settings.model_dump(), "deployed": tmp_path / "none.toml"}, context={"folder": tmp_path}
    )
    with pytest.raises(ConfigError, match="Please run `kobo-crc deploy`"):
        write_tablet(bare, "bob", "nightly", tmp_path)

"""Forms to the server: import, deploy, and remember in deployed.toml which form is which project there.

Deploying the same form twice changes nothing. A project that others changed on the server is never overwritten unasked.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, RootModel

from kobo_crc.config import Project
from kobo_crc.errors import ConfigError, CrcError, Fatal, FormError, Retriable
from kobo_crc.schema.facts import FACTS
from kobo_crc.sources.faults import Refused
from kobo_crc.sources.http import Client
from kobo_crc.sources.kobo import Asset, AssetInfo
from kobo_crc.sources.media import provide
from kobo_crc.tomlfile import checked, read_toml
from kobo_crc.xlsform.differences import Change, differences
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.read import from_content
from kobo_crc.xlsform.structure import version_findings

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The server reads a form in the background: ask after a pause that grows, for about three minutes in all.
POLLS = 40
PAUSE_GROWTH = 1.3
PAUSE_MOST_S = 6.0
HEAD = (
    "# Which form is which project on the KoboToolbox server. Written by `kobo-crc deploy`; comments are not kept.\n"
    '# For a project that is already there, add [project.form] with asset_uid = "UID": it stands in the project\'s\n'
    "# address, .../#/forms/UID/landing. Leave version and digest out: they say what was last deployed from here.\n"
)


class DeployedForm(BaseModel):
    """A form's project on the server; `version` and `digest` are the server's version and our workbook's SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_uid: str = Field(pattern=r"^[A-Za-z0-9]+$")
    version: str = ""
    digest: str = ""


class DeployedForms(RootModel[dict[str, dict[str, DeployedForm]]]):
    """All of deployed.toml: project name, then form name."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What deploying a form would do there, and how it differs from what the server has saved.

    `waiting` is a form that the server has saved and tablets do not get yet; `foreign` one that somebody else keeps.
    """

    action: Literal["new", "changed", "waiting", "unchanged", "foreign"]
    info: AssetInfo | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment came to; `changed` is False when the server had the same form already."""

    asset_uid: str
    version: str
    changed: bool


def read_deployed(path: Path) -> dict[str, dict[str, DeployedForm]]:
    """What deployed.toml says, by project and form; empty when there is no such file. Raises ConfigError."""
    return checked(DeployedForms, read_toml(path), path).root if path.exists() else {}


def write_deployed(path: Path, deployed: dict[str, dict[str, DeployedForm]]) -> None:
    """Write deployed.toml whole: a crash leaves the old file or the new one. Raises ConfigError."""
    text = HEAD
    for project, forms in sorted(deployed.items()):
        for form, entry in sorted(forms.items()):
            text += f"\n[{_key(project)}.{_key(form)}]\n"
            text += "".join(f"{key} = {_quoted(value)}\n" for key, value in entry.model_dump().items() if value)
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: the file cannot be written ({error.strerror}). Please close it where it is open, check the "
            "folder's permissions, and deploy again."
        ) from error


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    # TOML's basic strings escape as JSON's do; only the delete character is allowed there and not here.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class Deployer:
    """Deploys forms into one account, and keeps deployed.toml at `path`. Methods may raise SourceError."""

    def __init__(self, client: Client, project: Project, path: Path, pause_s: float = 0.5) -> None:
        self._client, self._project, self._path, self._pause_s = client, project, path, pause_s

    def deploy(self, form: Form, xlsx: bytes, *, overwrite: bool = False, another: bool = False) -> Deployed:
        """Make the server's project hold this form and tablets get it; nothing happens when they do already.

        `overwrite` replaces a form that was changed on the server; `another` allows a second project of that title.
        Raises FormError with the server's words when it does not accept the form.
        """
        outlook = self.look(form, xlsx, overwrite=overwrite, another=another)
        digest, info = _digest(xlsx), outlook.info
        if info is None or outlook.action == "changed":
            info = self._import(form, xlsx, digest, info)
        else:
            self._remember(form, DeployedForm(asset_uid=info.uid, version=info.version, digest=digest))
        brought = provide(self._client, info.uid, form.rows)
        if outlook.action == "unchanged" and not brought:
            return Deployed(info.uid, info.version, changed=False)
        return Deployed(info.uid, self._activate(form, info), changed=True)

    def look(self, form: Form, xlsx: bytes, *, overwrite: bool = False, another: bool = False) -> Outlook:
        """What `deploy` would do, and refuses what it would refuse; nothing is done.

        A form counts as unchanged by its content: the server gives an equal one another version at each import.
        """
        known = self._known(form.name)
        if known is None:
            self._refuse_namesake(form, another)
            return Outlook("new")
        info = Asset(self._client, known.asset_uid).describe()
        self._refuse_archived(form, info)
        if (info.version, _digest(xlsx)) != (known.version, known.digest):
            theirs = from_content(form.name, Asset(self._client, info.uid).get_content())
            changes = tuple(differences(theirs, form, FACTS))
            if changes or (_digest(xlsx) != known.digest and info.name != title_of(form)):
                self._refuse_foreign_change(form, known, info, overwrite)
                _refuse_other_types(form, theirs, info)
                return Outlook("changed", info, changes)
        return Outlook("unchanged" if info.deployed_version == info.version else "waiting", info)

    def _known(self, form: str) -> DeployedForm | None:
        """What deployed.toml has on the form; the pipeline file's uid goes first."""
        entry = read_deployed(self._path).get(self._project.name, {}).get(form)
        uid = self._project.assets.get(form)
        return DeployedForm(asset_uid=uid) if uid and (entry is None or entry.asset_uid != uid) else entry

    def _remember(self, form: Form, entry: DeployedForm) -> None:
        deployed = read_deployed(self._path)
        forms = deployed.setdefault(self._project.name, {})
        if forms.get(form.name) != entry:
            forms[form.name] = entry
            write_deployed(self._path, deployed)

    def _import(self, form: Form, xlsx: bytes, digest: str, target: AssetInfo | None = None) -> AssetInfo:
        """Bring the workbook to the server, as a new project or into `target`; tablets do not see it yet."""
        fields = {"library": "false", "name": title_of(form)}
        if target:
            # Without version and digest: a crash during the import must not look like somebody else's change.
            self._remember(form, DeployedForm(asset_uid=target.uid))
            fields["destination"] = self._client.url(f"assets/{quote(target.uid)}/")
        try:
            started = self._client.post("imports/", fields=fields, files={"file": (f"{form.name}.xlsx", xlsx, XLSX)})
        except Refused as refusal:
            raise _rejection(form, refusal) from refusal
        uid = self._imported(form, _given(started, "uid"))
        self._remember(form, DeployedForm(asset_uid=uid))
        info = Asset(self._client, uid).describe()
        self._remember(form, DeployedForm(asset_uid=uid, version=info.version, digest=digest))
        return info

    def _imported(self, form: Form, import_uid: str) -> str:
        """Wait until the server has read the workbook; the uid of the project it is in."""
        pause = self._pause_s
        for _ in range(POLLS):
            said = self._client.get(f"imports/{quote(import_uid)}/")
            status, messages = _given(said, "status"), said.get("messages") or {}
            if status == "error":
                raise _rejected(form, str(messages.get("error") or "it gives no reason"))
            if status == "complete":
                return _asset_of(messages, form)
            time.sleep(pause)
            pause = min(pause * PAUSE_GROWTH, PAUSE_MOST_S)
        raise Retriable(
            f"The server has not finished reading the form {form.name} after three minutes. Please deploy again later."
        )

    def _activate(self, form: Form, info: AssetInfo) -> str:
        """Deploy the newest version; returns it."""
        path = f"assets/{quote(info.uid)}/deployment/"
        try:
            if info.deployed_version:
                self._client.patch(path, {"active": True, "version_id": info.version})
            else:
                self._client.post(path, {"active": True})
        except Refused as refusal:
            raise _rejection(form, refusal) from refusal
        return info.version

    def _refuse_archived(self, form: Form, info: AssetInfo) -> None:
        if info.deployed_version and not info.active:
            raise Fatal(
                f"The project {info.name} ({info.url}) is archived. Please unarchive it in KoboToolbox if the form "
                f"{form.name} shall be deployed again."
            )

    def _refuse_foreign_change(self, form: Form, known: DeployedForm, info: AssetInfo, overwrite: bool) -> None:
        if known.version and info.version != known.version and not overwrite:
            raise FormError(
                f"The form of the project {info.name} ({info.url}) was changed on the server since it was last "
                f"deployed from here. Please bring that change into the form {form.name}, then deploy with --overwrite."
            )

    def _refuse_namesake(self, form: Form, another: bool) -> None:
        """A lost deployed.toml must not make a second project: tablets would then fill the wrong one."""
        title = title_of(form)
        ours = {entry.asset_uid for forms in read_deployed(self._path).values() for entry in forms.values()}
        same = [
            str(one["uid"])
            for one in (() if another else self._projects())
            if one.get("name") == title and one.get("has_deployment") and one["uid"] not in ours
        ]
        if same:
            raise ConfigError(
                f"A project with the title {title} is on the server already. To use it, please write "
                f'asset_uid = "{same[0]}" under [{self._project.name}.{form.name}] into {self._path}; '
                "to make a second one, deploy with --another."
            )

    def _projects(self) -> Iterator[dict[str, Any]]:
        """The projects that the account sees, page by page."""
        params: dict[str, str | int] = {"q": "asset_type:survey"}
        while params:
            said = self._client.get("assets/", params)
            yield from _given(said, "results")
            # Only the query is taken from `next`: its host may be an inner name of the server.
            params = dict(parse_qsl(urlsplit(said.get("next") or "").query))


def title_of(form: Form) -> str:
    """The title that the project gets on the server."""
    return form.settings.get("form_title") or form.name


def _digest(xlsx: bytes) -> str:
    return hashlib.sha256(xlsx).hexdigest()


def _refuse_other_types(form: Form, theirs: Form, info: AssetInfo) -> None:
    """A path never changes type: what is stored of it, and what still comes from tablets, is of the old one."""
    findings = list(version_findings(form, theirs))
    if findings:
        lines = "\n".join(f"{form.name}, {finding}" for finding in findings)
        raise FormError(f"{lines}\nNothing was sent to the project {info.name} ({info.url}).")


def _given(said: Any, key: str) -> Any:
    """What stands under that key of an answer. Raises Fatal when there is no such thing: not a KoboToolbox server."""
    if not isinstance(said, dict) or key not in said:
        raise Fatal(f"The server's answer has no `{key}`, which KoboToolbox gives. Please check `server_url`.")
    return said[key]


def _asset_of(messages: dict[str, Any], form: Form) -> str:
    for one in [*messages.get("created", ()), *messages.get("updated", ())]:
        if one.get("kind") == "asset":
            return str(one["uid"])
    raise Fatal(
        f"The server imported the form {form.name} and names no project. Please look there before trying again."
    )


def _rejection(form: Form, refusal: Refused) -> CrcError:
    """A FormError when the server found fault with the form; a refusal for another reason stays what it is."""
    return _rejected(form, refusal.words) if refusal.status == 400 and refusal.words else refusal


def _rejected(form: Form, words: str) -> FormError:
    return FormError(
        f"The server does not accept the form {form.name}: {words.rstrip('.')}. Please correct the form, "
        "and deploy again; what is on the tablets stays as it was."
    )

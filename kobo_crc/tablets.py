"""A tablet's settings code for an account that may add submissions and nothing else; other accounts are refused.

A tablet gets lost: what is on it must not open what others have sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from kobo_crc.config import Project, Settings, load_pipeline, secrets_of
from kobo_crc.deploy import read_deployed
from kobo_crc.errors import ConfigError
from kobo_crc.outputs.tablet import Tablet, write_code
from kobo_crc.sources.http import client_of
from kobo_crc.sources.kobo import Asset

PASSWORD: Final = "KOBO_CRC_TABLET_PASSWORD"
ADMIN_PASSWORD: Final = "KOBO_CRC_TABLET_ADMIN_PASSWORD"
# The address that tablets speak to is another one than people's, and no answer of the server tells it.
KNOWN_SERVERS: Final = {
    "https://kf.kobotoolbox.org": "https://kc.kobotoolbox.org",
    "https://eu.kobotoolbox.org": "https://kc-eu.kobotoolbox.org",
}
ADDS: Final = "add_submissions"
_ALLOWED = frozenset({ADDS, "view_asset"})


def write_tablet(
    settings: Settings, account: str, pipeline: str, folder: Path, *, project: str = "", collect_url: str = ""
) -> Path:
    """Write the page with the account's code; returns it. ConfigError when the account may do more, or too little.

    The account's rights are asked of the server, on each form that the pipeline has in the project.
    """
    owner = _project(settings, pipeline, project)
    wrong = [*_wrong_rights(settings, pipeline, owner, account)]
    if wrong:
        raise ConfigError("\n".join(wrong))
    tablet = Tablet(
        server_url=collect_url or _collect_url(owner.server_url or settings.server_url),
        account=account,
        password=_password(settings, PASSWORD, f"the account {account} logs in with"),
        admin_password=_password(settings, ADMIN_PASSWORD, "opens a tablet's settings"),
        title=load_pipeline(settings, pipeline).title if owner.name == "main" else owner.name,
        language=settings.language,
    )
    path = folder / f"tablet-{re.sub(r'[^A-Za-z0-9_.-]', '_', account)}.html"
    write_code(path, tablet)
    return path


def _project(settings: Settings, pipeline: str, name: str) -> Project:
    projects = load_pipeline(settings, pipeline).projects
    found = next((one for one in projects if name in ("", one.name)), None)
    if found is None:
        known = ", ".join(one.name for one in projects)
        raise ConfigError(f"The pipeline {pipeline} has no project {name}. Please name one of: {known}.")
    return found


def _wrong_rights(settings: Settings, pipeline: str, project: Project, account: str) -> Iterator[str]:
    """What stands against the account, one sentence a form."""
    deployed = read_deployed(settings.deployed).get(project.name, {})
    uids = {form: entry.asset_uid for form, entry in deployed.items()} | project.assets
    forms = [form for form in load_pipeline(settings, pipeline).forms if form in uids]
    if not forms:
        raise ConfigError(f"No form of {pipeline} is deployed in project {project.name}. Please run `kobo-crc deploy`.")
    with closing(client_of(settings, project)) as client:
        for form in forms:
            rights = Asset(client, uids[form]).get_rights().get(account, frozenset())
            if ADDS not in rights:
                yield (
                    f"{form}: the account {account} may not add submissions, or ours may not see that it may. Please "
                    "share the project with it: Add submissions, and no more."
                )
            elif rights - _ALLOWED:
                more = ", ".join(sorted(rights - _ALLOWED))
                yield (
                    f"{form}: the account {account} may do more than add submissions ({more}), and a lost tablet would "
                    "too. Please take that away, or make an account for tablets alone."
                )


def _collect_url(server_url: str) -> str:
    if server_url not in KNOWN_SERVERS:
        raise ConfigError(
            f"The address that tablets send to is not known for {server_url}. Please give it with --collect-url: it "
            "stands in KoboToolbox at a form's Form, Collect data, Android application."
        )
    return KNOWN_SERVERS[server_url]


def _password(settings: Settings, name: str, what: str) -> SecretStr:
    for _, found in secrets_of(name, settings.secrets):
        return found
    raise ConfigError(
        f"There is no password that {what}. Please put it into the environment variable {name} or the file "
        f"{settings.secrets / name.lower()}."
    )

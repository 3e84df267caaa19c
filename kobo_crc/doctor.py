"""The setup examined part by part: each check is a line, ok, warning or fault, with what to do. Changes nothing.

A broken part never stops the others: what depends on it is left out, the rest is examined.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from kobo_crc import custody
from kobo_crc.config import Pipeline, Project, Settings, load_pipeline, load_settings
from kobo_crc.database.migrate import revisions
from kobo_crc.deploy import read_deployed
from kobo_crc.errors import CrcError
from kobo_crc.model import Origin
from kobo_crc.pipeline import origins_of
from kobo_crc.rollout import check_all, workbook_of
from kobo_crc.serverhealth import key_id_on, server_findings
from kobo_crc.sources.http import Client, client_of
from kobo_crc.sources.kobo import Asset, AssetInfo
from kobo_crc.sources.media import lookups_of
from kobo_crc.sources.server import greet, page_cap, quotas
from kobo_crc.xlsform.read import read

OK: Final = "ok"
WARNING: Final = "warning"
FAULT: Final = "fault"

CLOCK_OFF = timedelta(minutes=5)
QUOTA_PERCENT = 90
DISK_BYTES_LEAST = 500_000_000
# A migration and SQLite's own logs may need the files' size once more.
DISK_TIMES_FILES = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One line: how it is, what was looked at, what was found and what to do."""

    level: str
    subject: str
    said: str


Checks = Iterator[Check]


def examine(settings_file: Path, pipeline: str) -> Checks:
    """Every check, in the order in which they depend on each other. Raises nothing that a broken setup causes."""
    settings = file = None
    try:
        settings = load_settings(settings_file)
        yield Check(OK, "settings", f"{settings_file}")
        file = load_pipeline(settings, pipeline)
        yield Check(OK, "pipeline", f"{pipeline}, {len(file.forms)} forms, {len(file.projects)} projects")
    except CrcError as fault:
        yield Check(FAULT, "settings" if settings is None else "pipeline", str(fault))
    if settings is not None:
        yield from _guarded("forms", lambda: _forms(settings))
        yield from _guarded("disk", lambda: _disk(settings))
        yield from _guarded("database", lambda: _database(settings))
        yield from _guarded("vault key", lambda: _key(settings))
    if settings is not None and file is not None:
        # Once is enough to learn whether somebody answers.
        hurried = settings.model_copy(update={"retries": 0})
        for project in file.projects:
            subject = f"project {project.name}"
            yield from _guarded(subject, lambda project=project: _project(hurried, file, project))  # type: ignore[misc]


def _guarded(subject: str, check: Callable[[], Checks]) -> Checks:
    """The lines of a check; what stops it is a line too."""
    try:
        yield from check()
    except CrcError as fault:
        yield Check(FAULT, subject, str(fault))
    except (OSError, sqlite3.Error) as error:
        cause = f"it cannot be examined ({type(error).__name__}). Please check that the files exist and may be read."
        yield Check(FAULT, subject, cause)


def _forms(settings: Settings) -> Checks:
    yield Check(OK, "forms", f"{', '.join(check_all(settings))} check")


def _disk(settings: Settings) -> Checks:
    held = sum(path.stat().st_size for path in (settings.store, settings.vault) if path.exists())
    free = shutil.disk_usage(settings.vault.parent).free
    if free < max(DISK_BYTES_LEAST, DISK_TIMES_FILES * held):
        said = f"{_megabytes(free)} are free, the files take {_megabytes(held)}. Please free some space."
        yield Check(WARNING, "disk", said)
    else:
        yield Check(OK, "disk", f"{_megabytes(free)} are free, the files take {_megabytes(held)}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _database(settings: Settings) -> Checks:
    if settings.store_url:
        yield from (Check(one.level, one.subject, one.said) for one in server_findings(settings))
        return
    for home, path in (("store", settings.store), ("vault", settings.vault)):
        if path.exists():
            yield from _guarded(home, lambda home=home, path=path: _file(home, path))  # type: ignore[misc]
        else:
            yield Check(WARNING, home, f"there is no {path} yet. Please run: kobo-crc run nightly")
    if os.name != "nt" and settings.vault.exists() and settings.vault.stat().st_mode & 0o077:
        said = f"other accounts of this computer may read {settings.vault}. Please run: chmod 600 on it"
        yield Check(WARNING, "vault", said)


def _key(settings: Settings) -> Checks:
    key_id = key_id_on(settings) if settings.store_url else _key_id(settings.vault)
    if key_id is None:
        yield Check(WARNING, "vault key", "the vault has none yet. Please run: kobo-crc vault init")
        return
    found = custody.find(settings, key_id)
    path = Path(found.place)
    if os.name != "nt" and path.exists() and path.stat().st_mode & 0o077:
        yield Check(
            WARNING, "vault key", f"other accounts of this computer may read {path}. Please run: chmod 600 on it"
        )
    else:
        yield Check(OK, "vault key", f"{key_id}, kept in {found.place}")


def _key_id(vault: Path) -> str | None:
    if not vault.exists():
        return None
    with closing(sqlite3.connect(f"{vault.as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'vault_key'").fetchone():
            return None
        held = connection.execute("SELECT key_id FROM vault_key WHERE retired_at IS NULL").fetchone()
    return str(held[0]) if held else None


def _file(home: str, path: Path) -> Checks:
    # Opened as read-only: an examination must not make a write-ahead log that another account then owns.
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        [(state,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
        [(held,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    known = revisions(home)
    if state != "ok":
        yield Check(FAULT, home, f"{path} is damaged. Please restore it from the last backup.")
    elif held not in known:
        yield Check(FAULT, home, f"{path} was made by a newer version. Please install that version again.")
    elif held != known[-1]:
        yield Check(OK, home, f"{path} is sound; the next run brings its tables up to date. Please back up before.")
    else:
        yield Check(OK, home, f"{path} is sound, {_megabytes(path.stat().st_size)}")


def _project(settings: Settings, file: Pipeline, project: Project) -> Checks:
    subject = f"project {project.name}"
    with closing(client_of(settings, project)) as client:
        yield Check(OK, subject, f"there is a token ({project.token})")
        yield from _server(client, subject)
        yield from _guarded(f"{subject}, quota", lambda: _quota(client, subject))
        for origin in origins_of(settings, file, project):
            asset = Asset(client, origin.asset_uid, settings.page_size)
            place = f"{origin.form} in {project.name}"
            yield from _guarded(place, partial(_asset, settings, file, origin, project, asset))


def _server(client: Client, subject: str) -> Checks:
    greeting = greet(client)
    version = f"version {greeting.version}" if greeting.version else "it does not say its version"
    yield Check(OK, subject, f"{client.server_url} answers; {version}")
    if greeting.date is None:
        yield Check(WARNING, "clock", "the server does not say its time. Please check this computer's clock yourself.")
        return
    off = abs(datetime.now(UTC) - greeting.date)
    if off > CLOCK_OFF:
        said = f"this computer and the server differ by {off.total_seconds() / 60:.0f} minutes. Please set this clock."
        yield Check(WARNING, "clock", said)
    else:
        yield Check(OK, "clock", f"this computer and the server differ by {off.total_seconds():.0f} seconds")


def _quota(client: Client, subject: str) -> Checks:
    told = quotas(client)
    for quota in told:
        full = quota.exceeded or quota.used_percent >= QUOTA_PERCENT
        advice = ". Please ask the account's owner to make room or to raise it." if full else ""
        said = f"{quota.used_percent:.0f} % of the limit of {quota.name} is used{advice}"
        yield Check(WARNING if full else OK, f"{subject}, quota", said)
    if not told:
        yield Check(OK, f"{subject}, quota", "the server tells no limit")


def _asset(settings: Settings, file: Pipeline, origin: Origin, project: Project, asset: Asset) -> Checks:
    form, place = origin.form, f"{origin.form} in {project.name}"
    info = asset.describe()
    if info.sees_all:
        yield Check(OK, place, f"the token sees every submission of {info.name}")
    else:
        said = (
            "the token does not see every submission, so nothing counts as deleted. Please ask the owner of "
            f"{info.name} to share `View submissions` without conditions."
        )
        yield Check(WARNING, place, said)
    yield from _drift(settings, form, project, info)
    yield from _rights(settings, file, origin, info)
    cap = page_cap(asset, settings.page_size)
    if cap is not None:
        said = (
            f"the server gives {cap} submissions at a time, not {settings.page_size}. Please set `page_size` to {cap}."
        )
        yield Check(WARNING, place, said)


def _rights(settings: Settings, file: Pipeline, origin: Origin, info: AssetInfo) -> Checks:
    """Whether the account may do what the pipeline file asks for on the server, pulling apart."""
    rows = read(settings.forms / f"{origin.form}.md", settings.forms / "codes").rows
    asked = {
        "change_asset": "bring lists to the tablets" if "publish" in file.steps and lookups_of(rows) else "",
        "validate_submissions": "put submissions on hold" if file.hold_doubtful else "",
    }
    for right, purpose in asked.items():
        if purpose and right not in info.permissions:
            said = f"the token may not {purpose}. Please ask the owner of {info.name} for the permission {right}."
            yield Check(WARNING, f"{origin.form} in {origin.project}", said)


def _drift(settings: Settings, form: str, project: Project, info: AssetInfo) -> Checks:
    """Whether tablets, the server's draft and the form here are the same."""
    place = f"{form} in {project.name}"
    known = read_deployed(settings.deployed).get(project.name, {}).get(form)
    if not info.deployed_version:
        yield Check(FAULT, place, "the form is not deployed. Please run: kobo-crc deploy")
    elif not info.active:
        yield Check(
            WARNING, place, f"{info.name} is archived: tablets cannot send. Please unarchive it if they should."
        )
    elif info.version != info.deployed_version:
        yield Check(WARNING, place, f"{info.name} was changed there and not deployed. Please look at {info.url}")
    elif known is None or not known.version:
        yield Check(OK, place, "the form was not deployed from here, so it is not compared")
    elif known.version != info.version:
        said = f"the form of {info.name} was changed on the server. Please bring the change into {form}, see {info.url}"
        yield Check(WARNING, place, said)
    elif _digest(settings, form) != known.digest:
        yield Check(WARNING, place, "the form here is not the one on the tablets. Please run: kobo-crc deploy")
    else:
        yield Check(OK, place, "the form here is the one on the tablets")


def _digest(settings: Settings, form: str) -> str:
    return hashlib.sha256(workbook_of(read(settings.forms / f"{form}.md", settings.forms / "codes"))).hexdigest()

"""A form here, on the tablets and before, side by side, in every project that has it. Changes nothing anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from kobo_crc.config import Project, Settings, load_pipeline
from kobo_crc.deploy import read_deployed
from kobo_crc.errors import ConfigError
from kobo_crc.schema.facts import FACTS
from kobo_crc.sources.http import client_of
from kobo_crc.sources.kobo import Asset, FormVersion
from kobo_crc.xlsform.differences import Change, differences
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.read import from_content, read_with


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two versions of a project's form; a version's name says number and day."""

    project: str
    before: str
    after: str
    changes: tuple[Change, ...]


def compare(settings: Settings, name: str, pipeline: str, back: int = 1) -> Iterator[Comparison]:
    """For each project: from what tablets have to the form here, and to what tablets have from `back` versions before.

    ConfigError when no project has the form, or it was not deployed so often.
    """
    file = load_pipeline(settings, pipeline)
    form = read_with(settings.forms / f"{name}.md", read_codes(settings.forms / "codes"))
    deployed = read_deployed(settings.deployed)
    found = False
    for project in file.projects:
        entry = deployed.get(project.name, {}).get(name)
        uid = project.assets.get(name) or (entry.asset_uid if entry else "")
        if uid:
            found = True
            yield from _compare(settings, project, uid, form, back)
    if not found:
        raise ConfigError(
            f"The form {name} has not been deployed in any project of pipeline {pipeline}, so there is nothing to "
            "compare it with. Please run `kobo-crc deploy`, or name another pipeline."
        )


def _compare(settings: Settings, project: Project, uid: str, form: Form, back: int) -> Iterator[Comparison]:
    with closing(client_of(settings, project)) as client:
        asset = Asset(client, uid)
        versions = asset.get_versions()
        if not versions:
            raise ConfigError(f"{project.name}: the project of {form.name} was never deployed. Please deploy it.")
        now = _held(asset, form.name, versions[0])
        yield Comparison(project.name, _named(versions[0]), "here", tuple(differences(now, form, FACTS)))
        if len(versions) > back:
            before = _held(asset, form.name, versions[back])
            changes = tuple(differences(before, now, FACTS))
            yield Comparison(project.name, _named(versions[back]), _named(versions[0]), changes)
        elif back > 1:
            raise ConfigError(
                f"{project.name}: {form.name} was deployed {len(versions)} times. Please give --back a smaller number."
            )


def _held(asset: Asset, name: str, version: FormVersion) -> Form:
    return from_content(name, asset.get_content(version.uid))


def _named(version: FormVersion) -> str:
    return f"version {version.number} of {version.deployed_at[:10]}"

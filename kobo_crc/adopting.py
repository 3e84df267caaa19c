"""Someone else's deployed form, brought down as Markdown with a NAME.store.csv that says where its answers go.

The form stays theirs: it is read and never deployed from here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from kobo_crc.config import Project, Settings, load_pipeline
from kobo_crc.deploy import DeployedForm, read_deployed, write_deployed
from kobo_crc.errors import ConfigError
from kobo_crc.rollout import refuse_findings
from kobo_crc.sources.http import client_of
from kobo_crc.sources.kobo import Asset
from kobo_crc.xlsform.form import Choice, Form, Row
from kobo_crc.xlsform.headers import ANNOTATIONS
from kobo_crc.xlsform.lists import RECODED, read_annotations
from kobo_crc.xlsform.question_types import SILENT
from kobo_crc.xlsform.read import from_content
from kobo_crc.xlsform.write import write_markdown

HEADER = ("path", "type", "label", "store", "pii", "hxl", RECODED)
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Adopted:
    """The two files, how many questions the form has, how many are new since the last time, and which have gone."""

    form: Path
    annotations: Path
    questions: int
    new: int
    gone: tuple[str, ...]


def adopt(settings: Settings, asset_uid: str, pipeline: str, *, project: str = "", name: str = "") -> Adopted:
    """Write `forms/NAME.md` and `forms/NAME.store.csv`, and remember in deployed.toml which project it is.

    Adopted again, the form is brought up to date and what was filled in stays. FormError or ConfigError, and nothing is
    written, when the name is a form of ours, the project is known already, or the form cannot be read.
    """
    owner = _project(settings, pipeline, project)
    title, form = _get_form(settings, owner, asset_uid)
    form = replace(form, name=name or _name_of(title))
    path = settings.forms / f"{form.name}.md"
    annotations = path.with_name(f"{form.name}.store.csv")
    _refuse_taken(settings, owner, form.name, asset_uid, path.exists() and not annotations.exists())
    bare = _plain(form)
    refuse_findings(settings, [replace(bare, foreign=True)])
    filled = read_annotations(annotations) if annotations.exists() else {}
    questions = [row for row in form.rows if row.name and not row.type.startswith("end_") and row.type not in SILENT]
    _write(path, write_markdown(bare), bom=False)
    _write(annotations, _table(questions, filled), bom=True)
    _remember(settings, owner, form.name, asset_uid)
    paths = {row.path for row in questions}
    gone = tuple(sorted(filled.keys() - paths))
    return Adopted(path, annotations, len(questions), len(paths - filled.keys()), gone)


def _project(settings: Settings, pipeline: str, name: str) -> Project:
    projects = load_pipeline(settings, pipeline).projects
    found = [one for one in projects if one.name == name] if name else list(projects[:1])
    if not found:
        known = ", ".join(one.name for one in projects)
        raise ConfigError(f"The pipeline {pipeline} has no project {name}. Please name one of: {known}.")
    return found[0]


def _get_form(settings: Settings, project: Project, asset_uid: str) -> tuple[str, Form]:
    """The title and the form that tablets have; that which is saved, before the first deployment."""
    with closing(client_of(settings, project)) as client:
        asset = Asset(client, asset_uid)
        info = asset.describe()
        return info.name, from_content(asset_uid, asset.get_content(info.deployed_version))


def _name_of(title: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not name:
        raise ConfigError("The project's title has no Latin letters to name a file by. Please give one with --name.")
    return name


def _refuse_taken(settings: Settings, project: Project, name: str, asset_uid: str, ours: bool) -> None:
    if ours:
        raise ConfigError(f"forms/{name}.md is a form of ours. Please give the adopted one another name with --name.")
    for owner, forms in read_deployed(settings.deployed).items():
        for form, entry in forms.items():
            if (entry.asset_uid == asset_uid) != ((owner, form) == (project.name, name)):
                raise ConfigError(
                    f"{settings.deployed} has {entry.asset_uid} as the form {form} of project {owner} already. Please "
                    f"adopt {asset_uid} under a name of its own, or remove that entry."
                )


def _plain(form: Form) -> Form:
    """The form as Markdown holds it: a line break in a text becomes a space, and its own annotations stay out."""
    rows = tuple(replace(row, cells=_one_line(row.cells), store="", pii="", hxl="") for row in form.rows)
    choices = {name: tuple(_plain_choice(one) for one in listed) for name, listed in form.choices.items()}
    survey = tuple(column for column in form.headers.get("survey", ()) if column not in ANNOTATIONS)
    settings = _one_line(form.settings)
    return replace(form, rows=rows, choices=choices, settings=settings, headers={**form.headers, "survey": survey})


def _plain_choice(choice: Choice) -> Choice:
    return replace(choice, cells=_one_line(choice.cells))


def _one_line(cells: Mapping[str, str]) -> dict[str, str]:
    return {column: " ".join(text.split()) for column, text in cells.items() if column not in ANNOTATIONS}


def _table(questions: list[Row], filled: Mapping[str, Mapping[str, str]]) -> str:
    """The CSV: what was filled in, else what the form itself says."""
    out = StringIO(newline="")
    writer = csv.DictWriter(out, HEADER, restval="", extrasaction="ignore")
    writer.writeheader()
    for row in questions:
        own = {"store": row.store, "pii": row.pii, "hxl": row.hxl}
        shown = {"path": row.path, "type": f"{row.type} {row.list_name}".strip(), "label": _label(row)}
        writer.writerow({**own, **filled.get(row.path, {}), **shown})
    return out.getvalue()


def _label(row: Row) -> str:
    """The English label or the first, which a spreadsheet program must not take for a formula."""
    text = " ".join((row.labels.get("en") or next(iter(row.labels.values()), "")).split())
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write(path: Path, text: str, *, bom: bool) -> None:
    """All of it or nothing. With the mark that tells Excel that this is UTF-8."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8-sig" if bom else "utf-8", newline="")
    fresh.replace(path)


def _remember(settings: Settings, project: Project, name: str, asset_uid: str) -> None:
    deployed = read_deployed(settings.deployed)
    deployed.setdefault(project.name, {})[name] = DeployedForm(asset_uid=asset_uid)
    write_deployed(settings.deployed, deployed)

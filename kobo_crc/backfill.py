"""Earlier data without the API: an export's submissions landed, loaded, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from kobo_crc import earlier
from kobo_crc.config import Settings, load_pipeline
from kobo_crc.errors import ConfigError
from kobo_crc.exports.listing import rows_of_listing
from kobo_crc.exports.model import Notes
from kobo_crc.exports.workbook import rows_of_workbook
from kobo_crc.model import Origin
from kobo_crc.opening import opened, refuse_older_vault
from kobo_crc.pipeline import load, origins_of
from kobo_crc.progress import Progress
from kobo_crc.sources.kobo import submission_of
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.read import read

LAND_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Backfill:
    """Which export goes where: the file, the form's name, and the pipeline's project that it was exported from."""

    file: Path
    form: str
    project: str
    pipeline: str = "nightly"


@dataclass(slots=True)
class Brought:
    """What came of it: how many are new here, how many the vault held already, and what was not understood."""

    notes: Notes
    landed: int = 0
    known: int = 0


def bring(settings: Settings, backfill: Backfill, progress: Progress) -> Brought:
    """Land what the vault has never seen of the export, and load it. Raises CrcError; what cannot be read is noted."""
    origin = _origin(settings, backfill)
    form = read(settings.forms / f"{backfill.form}.md", settings.forms / "codes")
    brought = Brought(Notes())
    seen_at = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
    progress.start(f"{backfill.form} from {backfill.file.name}")
    with opened(settings) as database:
        refuse_older_vault(database)
        coming = _rows(backfill.file, form, brought.notes)
        while rows := list(islice(coming, LAND_AT_ONCE)):
            with database.writing() as connection:
                page = [submission_of(row) for row in rows]
                landed = earlier.land(connection, database.keys, origin, page, seen_at)
            brought.landed += len(landed)
            brought.known += len(rows) - len(landed)
            progress.advance(len(rows))
    progress.finish()
    load(settings, backfill.pipeline, progress=progress)
    return brought


def _origin(settings: Settings, backfill: Backfill) -> Origin:
    file = load_pipeline(settings, backfill.pipeline)
    project = next((project for project in file.projects if project.name == backfill.project), None)
    if project is None or backfill.form not in file.forms:
        raise ConfigError(
            f"The pipeline {file.name} has no form {backfill.form} in a project {backfill.project}. Please name one of "
            f"its forms ({', '.join(file.forms)}) and projects ({', '.join(one.name for one in file.projects)})."
        )
    return next(origin for origin in origins_of(settings, file, project) if origin.form == backfill.form)


def _rows(path: Path, form: Form, notes: Notes) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise ConfigError(f"There is no file {path}. Please check its name and folder.")
    suffix = path.suffix.lower()
    if suffix == ".json":
        return rows_of_listing(path, notes)
    if suffix == ".xlsx":
        return rows_of_workbook(path, form, notes)
    raise ConfigError(f"{path}: only .xlsx and .json can be read. Please export again as XLS from KoboToolbox.")

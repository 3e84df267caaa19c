"""What a data officer asks between two nights: which problems are open, and where a submission is on the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from kobo_crc.config import Settings, load_pipeline
from kobo_crc.database.database import Database
from kobo_crc.errors import ConfigError
from kobo_crc.outputs import problem_list
from kobo_crc.rollout import forms_of


def open_problems(settings: Settings, code: str = "") -> Iterator[problem_list.Listed]:
    """Every open problem in the settings' language; of one kind where `code` is given."""
    labels = {form.name: {row.path: row.labels for row in form.rows} for form in forms_of(settings)}
    with _store(settings) as connection:
        yield from problem_list.listed(connection, labels, settings.language, code=code)


def problem_counts(settings: Settings) -> dict[str, int]:
    """How many problems of each kind are open, most first."""
    with _store(settings) as connection:
        return problem_list.counts(connection)


def addresses(settings: Settings, server_id: int) -> list[str]:
    """Where submissions with that `_id` are opened for editing; the browser's own login at KoboToolbox is used.

    ConfigError when the store holds none.
    """
    with _store(settings) as connection:
        places = problem_list.places_of(connection, server_id)
    if not places:
        raise ConfigError(f"The store has no submission with _id {server_id}. Please take the _id from `problems`.")
    servers = _servers(settings)
    return [
        f"{servers.get(project, settings.server_url)}/api/v2/assets/{uid}/data/{server_id}/enketo/redirect/edit/"
        "?return_url=false"
        for project, uid in places
    ]


def _servers(settings: Settings) -> dict[str, str]:
    files = (load_pipeline(settings, path.stem) for path in sorted(settings.pipelines.glob("*.toml")))
    return {project.name: project.server_url or settings.server_url for file in files for project in file.projects}


@contextmanager
def _store(settings: Settings) -> Iterator[sa.Connection]:
    if not settings.store.exists():
        raise ConfigError(f"There is no store {settings.store} yet. Please run: kobo-crc run nightly")
    with Database(settings.store) as database, database.reading() as connection:
        yield connection

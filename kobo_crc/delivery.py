"""A pipeline's lists to its tablets, between two nights or to see what the next one would bring. Conducts alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from kobo_crc.config import Settings, load_pipeline
from kobo_crc.errors import ConfigError, CrcError, SourceError
from kobo_crc.opening import opened
from kobo_crc.pipeline import origins_of
from kobo_crc.publish.publisher import Handout, Publisher, wish_of
from kobo_crc.publish.statuses import Holder, Step
from kobo_crc.sources.faults import told_once
from kobo_crc.sources.http import client_of
from kobo_crc.sources.media import lookups_of
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.read import read_with


def hand_out(
    settings: Settings, name: str, *, dry_run: bool = False, accept_shorter: bool = False, now: datetime | None = None
) -> Iterator[Handout | Step]:
    """Bring the pipeline's lists to the tablets of its projects; yields each with what became of it.

    With `hold_doubtful` in the pipeline file, each submission follows that goes on hold or comes off it.
    A project's fault is raised when the others had their turn: SourceError or ConfigError.
    """
    file = load_pipeline(settings, name)
    lists = read_codes(settings.forms / "codes")
    forms = {form: lookups_of(read_with(settings.forms / f"{form}.md", lists).rows) for form in file.forms}
    wish = wish_of(settings, lists, 1.0 if accept_shorter else file.accept_shorter_lists)
    faults: list[CrcError] = []
    with opened(settings) as database:
        publisher = Publisher(database, wish, (now or datetime.now(UTC)).replace(tzinfo=None))
        step = publisher.plan if dry_run else publisher.publish
        holding = Holder(database).plan if dry_run else Holder(database).hold
        for project in file.projects:
            for origin in origins_of(settings, file, project):
                try:
                    with closing(client_of(settings, project)) as client:
                        yield from step(client, origin, project, forms[origin.form])
                        yield from holding(client, origin) if file.hold_doubtful else ()
                except (SourceError, ConfigError) as fault:
                    faults.append(fault)
    if faults:
        raise SourceError(told_once(faults))

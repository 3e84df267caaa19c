"""A whole pipeline held against its servers: one finding for each form and project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from kobo_crc.audit import Audit, Finding, Sample
from kobo_crc.config import Settings, load_pipeline
from kobo_crc.errors import CrcError
from kobo_crc.model import Origin
from kobo_crc.opening import opened
from kobo_crc.pipeline import origins_of
from kobo_crc.progress import Progress
from kobo_crc.remake import Remake
from kobo_crc.sources.http import client_of
from kobo_crc.sources.kobo import Asset
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.read import read_with


def verify(settings: Settings, name: str, sample: Sample, progress: Progress) -> Iterator[Finding]:
    """Compare each form and project of the pipeline; one that cannot be compared is a finding too.

    Raises CrcError when nothing can be compared at all.
    """
    file = load_pipeline(settings, name)
    places = [(project, origin) for project in file.projects for origin in origins_of(settings, file, project)]
    lists = read_codes(settings.forms / "codes")
    with opened(settings) as database:
        for project, origin in places:
            try:
                with closing(client_of(settings, project)) as client:
                    asset = Asset(client, origin.asset_uid, settings.page_size)
                    form = read_with(settings.forms / f"{origin.form}.md", lists)
                    remake = Remake(database, form, frozenset(project.centres))
                    yield Audit(database, asset, origin, remake, progress).compare(sample)
            except CrcError as fault:
                yield _uncompared(origin, fault)


def _uncompared(origin: Origin, fault: CrcError) -> Finding:
    return Finding(origin, fault=str(fault))

"""The same nights into files and into PostgreSQL: row for row the same store, and the same opened vault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kobo_crc import demo, pipeline
from kobo_crc.config import Settings
from kobo_crc.outputs.indicators.asking import Question, ask
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.progress import Silence
from kobo_crc.runs import Run
from tests.e2e.centre import NOW, everything, seal
from tests.postgres import Postgres

SUBMISSIONS = 60


class Twins:
    """Two installations of one server: the demo's own, and one beside it on PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.nights: list[tuple[Run, Run]] = []
        self.rows: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def run(self, settings: Settings, name: str, **options: Any) -> Run:
        """A night in both."""
        self.first = settings
        beside = {key: settings.report.parent / "beside" / key for key in ("report", "worklists")}
        self.second = settings.model_copy(update={"store_url": self._url, **beside})
        if not self.nights:
            seal(self.second)
        nights = RUN(settings, name, **options), RUN(self.second, name, **options)
        self.nights.append(nights)
        self.compare()
        return nights[0]

    def compare(self) -> None:
        """Keep what both hold now."""
        self.rows.append((alike(self.first), alike(self.second)))


def alike(settings: Settings) -> dict[str, Any]:
    """All rows, with people by their cards: what each vault calls them is random."""
    rows: dict[str, Any] = everything(settings)
    cards: dict[str, list[str]] = defaultdict(list)
    for card, person, possible in rows["person_link"]:
        cards[f"is {person}"].append(card)
        cards[f"may be {possible}"].append(card)
    rows["person_link"] = sorted((name.partition(" ")[0], *theirs) for name, theirs in cards.items())
    return rows


RUN: Callable[..., Run] = pipeline.run


def test_nights__into_files_and_into_postgresql__end_with_the_same_rows(
    tmp_path: Path, postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.url(postgresql.new_database())
    twins = Twins(url)
    monkeypatch.setattr(pipeline, "run", twins.run)
    demo.play(tmp_path / "both", submissions=SUBMISSIONS, seed=7, progress=Silence(), say=lambda _: None)
    pipeline.rebuild(twins.second, "nightly")
    twins.compare()
    october = Question(Month(2026, 10), Month(2026, 10), by=("centre", "sex"))
    assert ask(twins.first, october, NOW) == ask(twins.second, october, NOW) != []
    assert len(twins.nights) == 2 and len(twins.rows) == 3
    for files, server in twins.nights:
        assert replace(files, finished_at=None, begun_s=0) == replace(server, finished_at=None, begun_s=0)
    for there, here in twins.rows:
        assert there.keys() == here.keys()
        for table, rows in there.items():
            assert here[table] == rows, table
    assert len(twins.rows[1][0]["submission"]) > SUBMISSIONS
    postgresql.drop(url)

"""A centre in a folder of its own, its forms deployed to a simulated server by the real code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kobo_crc.rollout import roll_out
from kobo_crc.simulator.server import running
from tests.e2e.centre import NOW, Centre, seal
from tests.e2e.logins import admit_all, dismiss_all
from tests.postgres import Postgres
from tests.stores import Stores

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def centre(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """A centre with one small form, deployed to an empty server."""
    folder = tmp_path / "مركز جلولاء"
    (folder / "pipelines").mkdir(parents=True)
    (folder / "forms").mkdir()
    shutil.copytree(REPOSITORY / "forms" / "codes", folder / "forms" / "codes")
    (folder / "pipelines" / "nightly.toml").write_text(
        'title = "Test"\nforms = ["small"]\nsteps = ["pull", "load", "derive"]\n', encoding="utf-8"
    )
    shutil.copy(Path(__file__).parent / "small.md", folder / "forms" / "small.md")
    with running(page_limit=5, clock=lambda: NOW) as server:
        monkeypatch.setenv("KOBO_CRC_TOKEN", server.token)
        settings = stores.settings(folder, server_url=server.url, page_size=5)
        [(_, _, deployed)] = roll_out(settings, "nightly")
        seal(settings)
        yield Centre(settings, server.world, deployed.asset_uid, postgresql=stores.server)


@pytest.fixture
def granted(centre: Centre, postgresql: Postgres) -> Iterator[Centre]:
    """Two submissions of Jalawla and one of Baiji, and a login for each role."""
    centre.submit(given="rosa-1")
    centre.submit(given="rosa-2")
    there: dict[str, Any] = {"visit/centre": "baiji"}
    centre.submit(given="nur", **there)
    centre.night()
    admit_all(centre.settings, postgresql)
    yield centre
    dismiss_all(centre.settings, postgresql)

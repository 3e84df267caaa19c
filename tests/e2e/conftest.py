"""A centre in a folder of its own, its forms deployed to a simulated server by the real code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kobo_crc.rollout import roll_out
from kobo_crc.simulator.server import running
from tests.e2e.centre import NOW, Centre, seal
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

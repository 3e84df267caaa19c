"""One empty simulated server for a test, and a deployed form on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kobo_crc.simulator.server import Running, running
from tests.simulator.forms import Client


@pytest.fixture
def simulator() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def client(simulator: Running) -> Client:
    return Client(simulator).deploy()

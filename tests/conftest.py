"""What every test shares: no settings of the person who runs the tests get into one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from kobo_crc import cli
from kobo_crc.simulator.server import Running, running
from tests import postgres
from tests.commands import Command, Said
from tests.postgres import Postgres
from tests.stores import FILES, POSTGRESQL, Stores


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_this_machine() -> Iterator[None]:
    """Forget the machine's own KOBO_CRC_… variables."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KOBO_CRC")]:
            patch.delenv(name)
        yield


@pytest.fixture
def kobo_crc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line with these words."""

    def command(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["kobo-crc", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return command


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A simulated server, its token where the command line looks for one."""
    with running() as server:
        monkeypatch.setenv("KOBO_CRC_TOKEN", server.token)
        yield server


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_is_heard() -> None:
    """Hear Ctrl+C, and let children hear it, also where a shell has turned it off for what runs in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A PostgreSQL server, started for the first test that asks for it."""
    with postgres.running() as server:
        yield server


@pytest.fixture(params=(FILES, POSTGRESQL))
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Where this test's stores are."""
    stores = Stores(request.getfixturevalue("postgresql") if request.param == POSTGRESQL else None)
    yield stores
    stores.remove()

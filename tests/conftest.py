"""What every test shares: no token of the person who runs the tests gets into one."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the machine's own KOBO_CRC_… variables."""
    for name in [name for name in os.environ if name.startswith("KOBO_CRC")]:
        monkeypatch.delenv(name)

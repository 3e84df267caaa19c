"""What every test shares: no settings of the person who runs the tests get into one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_this_machine() -> Iterator[None]:
    """Forget the machine's own KOBO_CRC_… variables."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KOBO_CRC")]:
            patch.delenv(name)
        yield

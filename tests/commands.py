"""What a command of the program said: for tests that speak to it as people do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kobo_crc.config import SETTINGS_FILE, Settings


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    error: str


Command = Callable[..., Said]


def settings_file(settings: Settings, **more: object) -> Path:
    """Write into the folder where these settings' server and store are, and more; returns the folder."""
    told = {"server_url": settings.server_url, "store_url": settings.store_url} | more
    folder = settings.store.parent
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in told.items()]
    (folder / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
    return folder

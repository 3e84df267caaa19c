"""Prints the day, the machine and the versions that a result belongs to."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("orjson", "requests", "SQLAlchemy", "koboextractor", "pandas")


def processor() -> str:
    """The processor's name as Linux tells it, else what Python knows."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    print(f"Measured on {datetime.now(UTC):%Y-%m-%d}: {processor()}, {os.cpu_count()} processors, {platform.system()};")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES) + ".")

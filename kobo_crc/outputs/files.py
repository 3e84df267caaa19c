"""Outputs are whole or as they were before; one that is open in another program is written under a dated name."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from kobo_crc.errors import ConfigError

PARTS: Final = ".*.part"  # what a killed program was writing


def write(path: Path, content: bytes, *, now: datetime, private: bool = False) -> Path:
    """Put the content in place of the file at once, and return where it is: `path`, or a dated name beside it.

    A `private` one is for the own account alone (on Windows the folder's rights count). ConfigError when the folder
    cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)  # one that was left would keep its rights
        part.touch(mode=0o600 if private else 0o666)
        part.write_bytes(content)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ConfigError(
            f"{path} cannot be written ({error.strerror}). Please check the folder's name in kobo_crc.toml, "
            "that you may write there, and that the disk is not full."
        ) from error
    return _put(part, path, now)


def dated(path: Path, now: datetime) -> Path:
    """The path with the time in its name: `report 2026-11-23 210533.xlsx`."""
    return path.with_name(f"{path.stem} {now:%Y-%m-%d %H%M%S}{path.suffix}")


def _put(part: Path, path: Path, now: datetime) -> Path:
    try:
        return part.replace(path)
    except PermissionError:  # Windows: open in Excel or a browser that holds it
        return part.replace(dated(path, now))

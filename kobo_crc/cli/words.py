"""What every command shares: the folder option, the settings, words to the terminal, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kobo_crc.bars import Bars
    from kobo_crc.config import Settings

Folder = Annotated[Path, typer.Option("--folder", help="The folder that holds kobo_crc.toml.", show_default="here")]
HERE = Path()


def say(text: str, *, error: bool = False) -> None:
    """Print a line; a fault goes to standard error."""
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def settings_of(folder: Path) -> Settings:
    """The settings of that folder. Raises ConfigError."""
    from kobo_crc.config import load_settings

    return load_settings(settings_path(folder))


def settings_path(folder: Path) -> Path:
    """Where the settings file of that folder is, or should be."""
    from kobo_crc.config import SETTINGS_FILE

    return folder / SETTINGS_FILE


@contextmanager
def bars() -> Iterator[Bars]:
    """Progress bars for the work in the block."""
    from kobo_crc.bars import Bars

    with Bars() as drawn:
        yield drawn

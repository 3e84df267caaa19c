"""The log of a pipeline's runs: when each began, how it ended. Grows to a megabyte, then begins anew; five are kept.

Holds sentences of the program, never an answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from kobo_crc.errors import ConfigError

LARGEST_BYTES: Final = 1_000_000
KEPT: Final = 5


@contextmanager
def logbook(folder: Path, name: str) -> Iterator[logging.Logger]:
    """The log `NAME.log` of that folder, to write into for a while. ConfigError when it cannot be written."""
    path = folder / f"{name}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LARGEST_BYTES, backupCount=KEPT, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"The log {path} cannot be written ({error.strerror}). Please check the folder's name (`logs` in "
            "kobo_crc.toml) and that you may write there."
        ) from error
    lines = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
    lines.converter = time.gmtime
    handler.setFormatter(lines)
    log = logging.Logger(name, logging.INFO)
    log.addHandler(handler)
    with closing(handler):
        yield log

"""kobo_crc: a bridge from KoboToolbox tablets to a referral store. In a notebook: `kobo_crc.read("referral")`."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`read` comes when it is asked for: pandas must not slow down the command line."""
    if name == "read":
        return import_module("kobo_crc.outputs.tables").read
    raise AttributeError(f"module 'kobo_crc' has no attribute {name!r}")

"""Where the packaged forms and pipelines are, and copying them into a data officer's folder. Never overwrites."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

Kind = Literal["forms", "pipelines"]
KINDS: tuple[Kind, ...] = ("forms", "pipelines")
# What Python, tools and an open workbook leave in a checkout.
LEFT_BEHIND = ("__", ".", "~$")


def packaged(kind: Kind) -> Traversable:
    """The folder of the forms or pipelines that came with this copy of the package.

    A wheel carries them inside the package; a checkout, also when installed editable, keeps them beside it.
    """
    inside = files("kobo_crc").joinpath("share", kind)
    return inside if inside.is_dir() else Path(__file__).parent.parent / kind


def copy_into(folder: Path) -> list[Path]:
    """Copy forms and pipelines into `folder`, byte for byte; return the files that stood there already and were kept.

    The result is sorted and empty in a new folder. The folder is made when missing.
    """
    return sorted(kept for kind in KINDS for kept in _copy_tree(packaged(kind), folder / kind))


def _copy_tree(source: Traversable, target: Path) -> list[Path]:
    target.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    for entry in source.iterdir():
        place = target / entry.name
        if entry.name.startswith(LEFT_BEHIND):
            continue
        if entry.is_dir():
            kept += _copy_tree(entry, place)
        elif place.exists():
            kept.append(place)
        else:
            place.write_bytes(entry.read_bytes())
    return kept

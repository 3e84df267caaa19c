"""Names for files that strangers named: readable, Arabic letters kept, safe on Linux and on Windows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

# Most file systems take 255 bytes; room is left for a number and for long folders on Windows.
NAME_BYTES_MOST = 120
SUFFIX_MOST = 12
_JOINERS = "\u200c\u200d"  # Sorani and Persian words need them; other invisible signs can turn a name around
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def safe_name(given: str) -> str:
    """The last part of a given path as a name that every system takes; `file` when nothing of it can stay."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(sign for sign in last if sign in _JOINERS or unicodedata.category(sign)[0] != "C")
    name = _FORBIDDEN.sub("_", seen).strip().lstrip(".").rstrip(". ")
    name = _shortened(name) or "file"
    return f"_{name}" if _DEVICES.match(name) else name


def free_name(given: str, taken: Collection[str]) -> str:
    """A safe name that differs from all of `taken`, also where capital letters do not count: `photo (2).jpg`."""
    name = safe_name(given)
    stem, suffix = _parts(name)
    held = {folded(other) for other in taken}
    number = 1
    while folded(name) in held:
        number += 1
        name = f"{stem} ({number}){suffix}"
    return name


def folded(name: str) -> str:
    """The name as a file system that ignores capital letters and ways of writing an accent sees it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())


def _shortened(name: str) -> str:
    stem, suffix = _parts(name)
    room = NAME_BYTES_MOST - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + suffix


def _parts(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and len(suffix) <= SUFFIX_MOST else (name, "")

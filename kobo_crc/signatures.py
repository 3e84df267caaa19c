"""What a file's first bytes say it is, against what it is declared to be: common pictures, sounds, films and PDF."""

from __future__ import annotations

from typing import Final

HEAD_BYTES: Final = 32
# The bytes at a place that tell a kind; https://en.wikipedia.org/wiki/List_of_file_signatures
_SIGNS: Final[tuple[tuple[str, int, bytes], ...]] = (
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    ("bmp", 0, b"BM"),
    ("heif", 4, b"ftyphei"),
    ("heif", 4, b"ftyphev"),
    ("heif", 4, b"ftypmif1"),
    ("pdf", 0, b"%PDF-"),
    ("wav", 8, b"WAVE"),
    ("ogg", 0, b"OggS"),
    ("amr", 0, b"#!AMR"),
    ("mp3", 0, b"ID3"),
    ("mp4", 4, b"ftyp"),
    ("webm", 0, b"\x1aE\xdf\xa3"),
)
_DECLARED: Final[dict[str, frozenset[str]]] = {
    "image/jpeg": frozenset({"jpeg"}),
    "image/jpg": frozenset({"jpeg"}),
    "image/png": frozenset({"png"}),
    "image/gif": frozenset({"gif"}),
    "image/webp": frozenset({"webp"}),
    "image/bmp": frozenset({"bmp"}),
    "image/heic": frozenset({"heif"}),
    "image/heif": frozenset({"heif"}),
    "application/pdf": frozenset({"pdf"}),
    "audio/wav": frozenset({"wav"}),
    "audio/x-wav": frozenset({"wav"}),
    "audio/ogg": frozenset({"ogg"}),
    "audio/opus": frozenset({"ogg"}),
    "audio/amr": frozenset({"amr"}),
    "audio/mpeg": frozenset({"mp3", "mpeg audio"}),
    "audio/aac": frozenset({"mpeg audio", "mp4"}),
    "audio/mp4": frozenset({"mp4"}),
    "audio/x-m4a": frozenset({"mp4"}),
    "audio/3gpp": frozenset({"mp4"}),
    "video/mp4": frozenset({"mp4"}),
    "video/3gpp": frozenset({"mp4"}),
    "video/quicktime": frozenset({"mp4"}),
    "video/webm": frozenset({"webm"}),
    "audio/webm": frozenset({"webm"}),
}


def kind_of(head: bytes) -> str:
    """The kind that the first HEAD_BYTES of a file show; "" for none that is known here."""
    found = next((kind for kind, place, sign in _SIGNS if head[place : place + len(sign)] == sign), "")
    # Frames of MP3 and AAC begin with eleven set bits.
    is_frame = head[:1] == b"\xff" and head[1:2] >= b"\xe0"
    return found or ("mpeg audio" if is_frame else "")


def fits(mimetype: str, head: bytes) -> bool:
    """Whether the first bytes may be what is declared; anything may be a type that is not known here."""
    expected = _DECLARED.get(mimetype.partition(";")[0].strip().lower())
    return expected is None or kind_of(head) in expected

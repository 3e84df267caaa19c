"""What a file's first bytes say it is."""

from __future__ import annotations

import pytest

from kobo_crc.signatures import fits

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00"


@pytest.mark.parametrize(
    ("mimetype", "head"),
    [
        ("image/jpeg", JPEG),
        ("IMAGE/JPEG; charset=binary", JPEG),
        ("image/png", PNG),
        ("application/pdf", b"%PDF-1.7"),
        ("audio/mpeg", b"\xff\xfb\x90\x00"),
        ("audio/mpeg", b"ID3\x04"),
        ("audio/mp4", b"\x00\x00\x00\x18ftypM4A "),
        ("video/3gpp", b"\x00\x00\x00\x18ftyp3gp4"),
        ("audio/amr", b"#!AMR\n"),
        ("image/webp", b"RIFF\x00\x00\x00\x00WEBP"),
        ("image/heic", b"\x00\x00\x00\x18ftypheic"),
        ("text/csv", b"anything"),
        ("", b"anything"),
    ],
)
def test_fits__file_of_its_kind__is_accepted(mimetype: str, head: bytes) -> None:
    assert fits(mimetype, head)


@pytest.mark.parametrize(
    ("mimetype", "head"),
    [
        ("image/jpeg", PNG),
        ("image/jpeg", b"MZ\x90\x00"),
        ("image/png", b"<html>"),
        ("application/pdf", JPEG),
        ("audio/mpeg", JPEG),
        ("image/jpeg", b""),
        ("image/webp", b"RIFF\x00\x00\x00\x00WAVE"),
    ],
)
def test_fits__file_of_another_kind__is_not(mimetype: str, head: bytes) -> None:
    assert not fits(mimetype, head)

"""What goes out is under a password, and nothing else is taken in."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from pydantic import SecretStr

from kobo_crc.errors import ConfigError
from kobo_crc.outputs.locked import SHORTEST_PASSWORD, locked, unlocked
from kobo_crc.outputs.sheets import Sheet, workbook

PASSWORD = SecretStr("long enough")
PLAIN = workbook([Sheet("a", ("h",), [("200000000101",)])], "ar", made_at=datetime(2026, 11, 23))


def test_locked__shows_nothing_and_opens_again() -> None:
    content = locked(PLAIN, PASSWORD)
    assert content[:4] == b"\xd0\xcf\x11\xe0"
    assert b"PK\x03\x04" not in content and b"sheet1" not in content
    assert unlocked(content, "x.xlsx", PASSWORD) == PLAIN


@pytest.mark.parametrize("password", ["", "short", "x" * (SHORTEST_PASSWORD - 1)])
def test_locked__short_password__is_refused_and_not_told(password: str) -> None:
    with pytest.raises(ConfigError, match="Please take a longer one") as refusal:
        locked(PLAIN, SecretStr(password))
    assert "xxx" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PLAIN, "is not protected by a password"),
        (b"", "is no workbook under a password, or is damaged"),
        (b"name,phone\n", "is no workbook under a password, or is damaged"),
        (PLAIN[:-200], "is no workbook under a password, or is damaged"),
    ],
)
def test_unlocked__no_locked_workbook__is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        unlocked(content, "x.xlsx", PASSWORD)


def test_unlocked__another_password__is_refused_and_neither_is_told() -> None:
    with pytest.raises(ConfigError, match="does not open with this receiver's password") as refusal:
        unlocked(locked(PLAIN, PASSWORD), "x.xlsx", SecretStr("another password"))
    assert "another password" not in str(refusal.value) and "long enough" not in str(refusal.value)


def test_unlocked__changed_on_the_way__is_refused() -> None:
    content, random = locked(PLAIN, PASSWORD), Random(7)
    package = content.rindex(b"\x00" * 8, 0, len(content) // 2)
    for _ in range(8):
        changed = bytearray(content)
        changed[random.randrange(package, len(content))] ^= 0xFF
        try:
            assert unlocked(bytes(changed), "x.xlsx", PASSWORD) == PLAIN  # a byte that fills a gap says nothing
        except ConfigError as refusal:
            assert "x.xlsx" in str(refusal)

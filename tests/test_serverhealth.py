"""What the doctor says of a database server, whatever that server is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kobo_crc.database.server import TESTED_VERSION
from kobo_crc.serverhealth import WARNING, _clock, _encryption, _version
from kobo_crc.upkeep import FAULT, OK

AWAY = "postgresql://night@db.example.org/crc"


def test_version__other_than_the_tested__is_told() -> None:
    assert _version(TESTED_VERSION).level == OK
    assert _version(17).level == WARNING and "tested with 18 alone" in _version(17).said


@pytest.mark.parametrize(
    ("url", "encrypted", "level"),
    [
        ("postgresql:///crc", False, OK),
        (AWAY, False, FAULT),
        (AWAY, True, WARNING),
        (f"{AWAY}?sslmode=verify-full", True, OK),
    ],
)
def test_encryption__by_where_the_server_is__is_judged(url: str, encrypted: bool, level: str) -> None:
    assert _encryption(url, encrypted=encrypted).level == level


def test_clock__that_is_off__is_told() -> None:
    assert _clock(datetime.now(UTC)).level == OK
    assert _clock(datetime.now(UTC) - timedelta(minutes=9)).level == WARNING

"""Content sealed chunk by chunk: it comes out as it went in, and nothing of it can be left out, swapped or added."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.chunks import CHUNK_BYTES, SealedWriter, unsealed
from kobo_crc.errors import StoreError
from kobo_crc.sealing import OVERHEAD_BYTES, DataKey, new_secret

KEY = DataKey(new_secret())
WHOLE = CHUNK_BYTES + OVERHEAD_BYTES


def sealed(*parts: bytes) -> BytesIO:
    file = BytesIO()
    writer = SealedWriter(file, KEY, "attachment/1/a")
    for part in parts:
        writer.write(part)
    writer.end()
    return BytesIO(file.getvalue())


def opened(file: BytesIO, place: str = "attachment/1/a") -> bytes:
    return b"".join(unsealed(file, KEY, place))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_sealed__of_any_length__opens_again(size: int) -> None:
    plain = bytes(number % 251 for number in range(size))
    assert opened(sealed(plain[: size // 3], plain[size // 3 :])) == plain
    assert plain[:64] not in sealed(plain).getvalue() or size < 64


@given(st.lists(st.binary(max_size=100), max_size=8))
def test_writer__however_cut__tells_the_plain_contents_size_digest_and_head(parts: list[bytes]) -> None:
    writer = SealedWriter(BytesIO(), KEY, "x")
    writer.write(b"what broke off")
    writer.begin()
    for part in parts:
        writer.write(part)
    plain = b"".join(parts)
    assert (writer.size, writer.sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    assert writer.head == plain[:32]


def test_unsealed__chunk_left_out_swapped_added_or_of_another_file__is_refused() -> None:
    file = sealed(b"x" * (2 * CHUNK_BYTES + 5)).getvalue()
    first, second, last = file[:WHOLE], file[WHOLE : 2 * WHOLE], file[2 * WHOLE :]
    for wrong in (first + second, first + last, second + first + last, first + second + last + last, first, b""):
        with pytest.raises(StoreError, match="does not open"):
            opened(BytesIO(wrong))
    with pytest.raises(StoreError, match="does not open"):
        opened(BytesIO(file), "attachment/2/a")

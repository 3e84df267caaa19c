"""Sealing with AES-256-GCM: a master key wraps the data keys, a data key seals what one submission says. Pure.

A sealed value is one byte of format, twelve of nonce, then the ciphertext with its tag. The place it belongs to is
authenticated with it, so that it opens nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kobo_crc.errors import ConfigError, StoreError

KEY_BYTES = 32
CHECK_BYTES = 3
DEMO = "DEMO0"  # no key begins so: 0 is not among its letters
_FORMAT = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
# By how much a sealed value is longer than the plain one.
OVERHEAD_BYTES = len(_FORMAT) + _NONCE_BYTES + _TAG_BYTES
_GROUP = 4
_SEPARATORS = re.compile(r"[\s\-‐-―]+")


class DataKey:
    """What seals and opens the values of one submission."""

    __slots__ = ("_cipher",)

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def seal(self, plain: bytes, place: str) -> bytes:
        """The value, sealed for that place: `table/row`."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """The value again. StoreError when it was altered, or belongs to another place or key."""
        nonce, body = sealed[1 : _NONCE_BYTES + 1], sealed[_NONCE_BYTES + 1 :]
        try:
            if sealed[:1] != _FORMAT:
                raise InvalidTag
            return self._cipher.decrypt(nonce, body, place.encode())
        except (InvalidTag, ValueError):
            raise StoreError(
                f"The vault's value at {place} does not open: it was altered, or belongs elsewhere. Please restore the "
                "vault from the last backup, and find out who could write to it."
            ) from None


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that every data key of a vault is wrapped by. Its text goes to the secrets, its id may be seen."""

    secret: bytes = field(repr=False)
    demo: bool = False
    _cipher: DataKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", DataKey(self.secret))

    @classmethod
    def make(cls, *, demo: bool = False) -> MasterKey:
        """A new random key; `demo` marks one that protects nobody."""
        return cls(new_secret(), demo)

    @classmethod
    def read(cls, text: str) -> MasterKey:
        """The key that `text` wrote. Spaces, hyphens and small letters do not matter. ConfigError when mistyped."""
        demo = text.strip().upper().startswith(DEMO)
        return cls(_decode(text.strip()[len(DEMO) :] if demo else text, "vault key"), demo)

    @property
    def key_id(self) -> str:
        """Eight hexadecimal digits that tell keys apart and give nothing away."""
        return hashlib.sha256(b"kobo_crc master key" + self.secret).hexdigest()[:8]

    @property
    def text(self) -> str:
        """The key in groups of four letters and digits, the last of which check the others."""
        return (f"{DEMO}-" if self.demo else "") + _encode(self.secret)

    def wrap(self, secret: bytes, of: str) -> bytes:
        """Another key's secret, sealed for the place that it belongs to."""
        return self._cipher.seal(secret, of)

    def unwrap(self, wrapped: bytes, of: str) -> bytes:
        """The secret again. StoreError."""
        return self._cipher.unseal(wrapped, of)

    def split(self) -> tuple[str, str]:
        """Two texts for two people: each alone says nothing, both together are the key."""
        first = new_secret()
        return _encode(first), _encode(_xor(first, self.secret))

    @classmethod
    def join(cls, one: str, other: str) -> MasterKey:
        """The key of its two halves, in any order. ConfigError when one is mistyped."""
        return cls(_xor(_decode(one, "half of the key"), _decode(other, "half of the key")))


def new_secret() -> bytes:
    """The 32 random bytes of a new key."""
    return os.urandom(KEY_BYTES)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _encode(secret: bytes) -> str:
    letters = base64.b32encode(secret + _check(secret)).decode().rstrip("=")
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def _decode(text: str, what: str) -> bytes:
    letters = _SEPARATORS.sub("", text).upper()
    try:
        both = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        both = b""
    secret, check = both[:KEY_BYTES], both[KEY_BYTES:]
    if len(both) != KEY_BYTES + CHECK_BYTES or check != _check(secret):
        raise ConfigError(
            f"This is not a {what}, or a letter of it is wrong: {KEY_BYTES + CHECK_BYTES} bytes in 14 groups of four "
            "letters A-Z and digits 2-7 are expected. Please type or copy it again."
        )
    return secret


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(b"kobo_crc check" + secret).digest()[:CHECK_BYTES]

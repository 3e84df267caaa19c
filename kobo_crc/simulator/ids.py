"""Identifiers in the shapes that KoboToolbox uses, all from one seeded generator, so that runs repeat byte for byte."""

from __future__ import annotations

import random
import uuid

UID_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
UID_LENGTH = 21
KUID_LENGTH = 9


class Ids:
    """A source of identifiers: the same seed gives the same sequence."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def uid(self, prefix: str) -> str:
        """Return a server id such as `aH8DWDdegsStMEJFk3NvpG`: the prefix and 21 letters and digits."""
        return prefix + self._letters(UID_LENGTH)

    def kuid(self) -> str:
        """Return the id of one row of a form."""
        return self._letters(KUID_LENGTH)

    def uuid(self) -> str:
        """Return a random UUID with its dashes."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self) -> str:
        """Return a random UUID without dashes."""
        return self.uuid().replace("-", "")

    def _letters(self, count: int) -> str:
        return "".join(self._random.choices(UID_ALPHABET, k=count))

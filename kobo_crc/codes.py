"""Card and slip numbers: 12 digits, the first tells the kind, the last two check the others (ISO 7064 MOD 97-10).

Two tablets offline cannot share a sequence, so numbers are random; the same sum is done in XPath by the forms.
"""

from __future__ import annotations

import re
from random import Random
from typing import Final, Literal

Kind = Literal["1", "2", "3", "4"]
PERSON_CARD: Final = "1"  # pre-printed
REFERRAL_SLIP: Final = "2"  # pre-printed
TABLET_REFERRAL: Final = "3"  # made on the tablet, without a slip
TABLET_PERSON: Final = "4"  # made on the tablet, without a card
PERSON_KINDS: Final = frozenset({PERSON_CARD, TABLET_PERSON})
REFERRAL_KINDS: Final = frozenset({REFERRAL_SLIP, TABLET_REFERRAL})
BODY_DIGITS: Final = 10  # kind and nine random digits

_BODY = re.compile(rf"[0-9]{{{BODY_DIGITS}}}")
_NUMBER = re.compile(rf"[1-4][0-9]{{{BODY_DIGITS + 1}}}")


def check_digits(body: str) -> str:
    """The two check digits of a ten-digit body, from `02` to `98`; ValueError when it is not ten ASCII digits."""
    if not _BODY.fullmatch(body):
        raise ValueError(f"A number's body has {BODY_DIGITS} digits. Please give the kind digit and nine more.")
    return f"{98 - int(body) * 100 % 97:02}"


def is_valid(code: str) -> bool:
    """Whether a text is a card or slip number of any kind with right check digits; ASCII digits only, no spaces."""
    return bool(_NUMBER.fullmatch(code)) and int(code) % 97 == 1


def random_code(kind: Kind, rng: Random) -> str:
    """A number of that kind, as `forms/` make them on the tablet: neither random part begins with a zero."""
    body = f"{kind}{rng.randrange(1_000, 10_000)}{rng.randrange(10_000, 100_000)}"
    return body + check_digits(body)

"""Names and phones as they are compared: one spelling for the many in which people write them. Pure.

Arabic and Sorani letters of one sound fall together (rules of Lucene's Arabic and Sorani normalisers). What was typed
stays as it is; this is for finding pairs that a person then looks at, never for joining by itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from kobo_crc.casts import western_digits

_SORANI_E: Final = re.compile("ه\u200c")  # a letter of its own, written with a joiner; before joiners are dropped
# Hamza above and below, madda and vowel signs are dropped before.
_LETTERS: Final = str.maketrans(
    {
        "ٱ": "ا",
        **dict.fromkeys("ىیێ", "ي"),
        **dict.fromkeys("ةەھ", "ه"),
        **dict.fromkeys("ۆۇۊ", "و"),
        **{"ک": "ك", "گ": "ك", "ڕ": "ر", "ڵ": "ل", "چ": "ج", "پ": "ب", "ڤ": "ف", "ژ": "ز", "ء": "", "ـ": ""},
    }
)
_FIRST_SEAT: Final = re.compile(r"\bئ(?=\w)")  # Sorani begins a vowel with it, Arabic writes the vowel alone
_COMPOUNDS: Final = frozenset({"عبد", "ابو", "ام"})
_SONS: Final = frozenset({"بن", "ابن", "بنت"})
_ARTICLE: Final = "ال"
_SHORTEST_AFTER_ARTICLE: Final = 2
_PHONE_DIGITS: Final = 10


@lru_cache(maxsize=10_000)  # given names repeat: half of a load's time for them
def spelled(name: str) -> str:
    """The name's letters in one spelling, without blanks; "" for one that has none."""
    text = _FIRST_SEAT.sub("", unicodedata.normalize("NFKC", _SORANI_E.sub("ە", name)).casefold())
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    text = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    seen = (sign for sign in text if unicodedata.category(sign) != "Cf")
    words = "".join(sign if sign.isalpha() else " " for sign in seen).split()
    return "".join(_joined([word for word in words if word not in _SONS]))


def _joined(words: list[str]) -> list[str]:
    """Words without their article; what follows عبد or ابو belongs to it, article and all."""
    joined: list[str] = []
    compound = ""
    for word in words:
        if word in _COMPOUNDS:
            compound += word
            continue
        has_article = word.startswith(_ARTICLE) and len(word) > len(_ARTICLE) + _SHORTEST_AFTER_ARTICLE
        joined.append(compound + word if compound or not has_article else word.removeprefix(_ARTICLE))
        compound = ""
    return [*joined, compound] if compound else joined


def dialled(phone: str) -> str:
    """The last ten digits of a phone number, however its country was written; "" for a shorter one."""
    digits = re.sub(r"\D", "", western_digits(phone))
    return digits[-_PHONE_DIGITS:] if len(digits) >= _PHONE_DIGITS else ""

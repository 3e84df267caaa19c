"""The few words on cards and slips, in Arabic, Sorani and English. They tell no stranger what the number is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DIRECTIONS: Final[Mapping[str, str]] = {"ar": "rtl", "ckb": "rtl", "en": "ltr"}
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "bring": {
        "en": "Please bring this card with you.",
        "ar": "يرجى إحضار هذه البطاقة معك.",
        "ckb": "تکایە ئەم کارتە لەگەڵ خۆت بهێنە.",
    },
    "show": {
        "en": "Please show this number there.",
        "ar": "يرجى إظهار هذا الرقم هناك.",
        "ckb": "تکایە لەوێ ئەم ژمارەیە پیشان بدە.",
    },
    "where": {"en": "Where", "ar": "أين", "ckb": "لە کوێ"},
    "when": {"en": "Day and hour", "ar": "اليوم والساعة", "ckb": "ڕۆژ و کاتژمێر"},
}

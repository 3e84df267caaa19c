"""The words of summaries in Arabic, Sorani and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Each text as (English, Arabic, Sorani).
_TEXTS: dict[str, tuple[str, str, str]] = {
    "failed": ("the run failed", "فشل التشغيل", "کارپێکردنەکە سەرکەوتوو نەبوو"),
    "failed_because": (
        "The run failed, with this message:",
        "فشل التشغيل، مع هذه الرسالة:",
        "کارپێکردنەکە سەرکەوتوو نەبوو، لەگەڵ ئەم نامەیە:",
    ),
    "see_status": (
        "Nothing was lost. On the computer of the run, kobo-crc status and kobo-crc doctor tell more.",
        "لم يُفقد شيء. على حاسوب التشغيل يعطيك kobo-crc status وkobo-crc doctor المزيد.",
        "هیچ لەدەست نەچووە. لەسەر کۆمپیوتەری کارپێکردنەکە kobo-crc status و kobo-crc doctor زیاتر دەڵێن.",
    ),
    "see_list": (
        "Which ones: the worklists of the night, or kobo-crc referral list --overdue.",
        "أيها: في قوائم عمل الليلة، أو kobo-crc referral list --overdue.",
        "کامیان: لە لیستی کاری شەودا، یان kobo-crc referral list --overdue.",
    ),
    "now": ("what waits", "ما ينتظر", "ئەوەی چاوەڕێیە"),
    "nothing": ("Nothing waits.", "لا شيء ينتظر.", "هیچ چاوەڕێ نییە."),
    "overdue": ("overdue", "متأخرة", "دواکەوتوو"),
    "due_soon": ("due within two days", "تستحق خلال يومين", "لە ماوەی دوو ڕۆژدا"),
    "no_response": ("no receipt confirmed", "لم يُؤكد استلامها", "وەرگرتن پشتڕاست نەکراوەتەوە"),
    "comma": (", ", "، ", "، "),
    "no_centre": ("No known centre", "دون مركز معروف", "بێ ناوەندی ناسراو"),
}

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    key: {"en": en, "ar": ar, "ckb": ckb} for key, (en, ar, ckb) in _TEXTS.items()
}


def text(key: str, language: str) -> str:
    """The text of that key; KeyError for a key or language that is not there."""
    return TEXTS[key][language]

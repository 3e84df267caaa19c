"""The part of the catalogue of problems that is about feedback and sessions; `problems` has the whole."""

from __future__ import annotations

from kobo_crc.errors import DERIVE, NORMALISE, ProblemKind


def _texts(en: str, ar: str, ckb: str) -> dict[str, str]:
    return {"en": en, "ar": ar, "ckb": ckb}


ACTIVITY_PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "attendance_twice",
        DERIVE,
        _texts(
            "The session has cards as well as heads. Only the way of counting that it names was used.",
            "في الجلسة بطاقات وعدد رؤوس معاً. استُعملت طريقة العدّ المذكورة فيها فقط.",
            "دانیشتنەکە هەم کارت و هەم سەرژمێریی تێدایە. تەنها ئەو ڕێگەیەی ناوی هێناوە بەکارهێنرا.",
        ),
        _texts(
            "Please delete the figures of the other way in KoboToolbox.",
            "يرجى حذف أرقام الطريقة الأخرى في KoboToolbox.",
            "تکایە ژمارەکانی ڕێگەکەی دیکە لە KoboToolbox بسڕەوە.",
        ),
    ),
    ProblemKind(
        "answers_sealed",
        NORMALISE,
        _texts(
            "A sensitive complaint, or one without a known kind, came with more answers. None of them was taken over.",
            "وصلت شكوى حساسة، أو شكوى دون نوع معروف، ومعها إجابات أخرى. لم تُحفظ أي منها.",
            "سکاڵایەکی هەستیار، یان سکاڵایەک بەبێ جۆری ناسراو، لەگەڵ وەڵامی دیکە گەیشت. هیچیان پاشەکەوت نەکران.",
        ),
        _texts(
            "Please either correct the kind in KoboToolbox, or inform the focal point of the special channel, "
            "and delete the other answers there.",
            "يرجى إما تصحيح النوع في KoboToolbox، أو إبلاغ مسؤول القناة الخاصة، ثم حذف الإجابات الأخرى هناك.",
            "تکایە یان جۆرەکە لە KoboToolbox ڕاست بکەرەوە، یان بەرپرسی ڕێگەی تایبەت ئاگادار بکە، "
            "و وەڵامەکانی دیکە لەوێ بسڕەوە.",
        ),
    ),
)

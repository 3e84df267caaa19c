"""The words of paper forms in Arabic, Sorani and English. The questions' own words come from the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DIRECTIONS: Final[Mapping[str, str]] = {"ar": "rtl", "ckb": "rtl", "en": "ltr"}

# Each text as (English, Arabic, Sorani).
_TEXTS: dict[str, tuple[str, str, str]] = {
    "paper": (
        "Paper form, for when tablets do not work",
        "استمارة ورقية، للاستخدام عند تعطل الأجهزة اللوحية",
        "فۆرمی کاغەزی، بۆ کاتێک تابلێتەکان کار ناکەن",
    ),
    "care": (
        "This sheet names a person. Keep it locked away, type it into the tablet the same day if you can, then destroy "
        "it. Take no photo of it. Whoever says no is served all the same.",
        "هذه الورقة تحمل بيانات شخص. احفظها في مكان مقفل، وأدخلها في الجهاز في اليوم نفسه إن أمكن، ثم أتلفها. "
        "لا تصوّرها. من يقول «لا» يحصل على الخدمة كما هي.",
        "ئەم کاغەزە زانیاریی کەسێکی تێدایە. لە شوێنێکی قفڵدراودا هەڵیبگرە، ئەگەر دەکرێت هەمان ڕۆژ بیخەرە ناو "
        "تابلێتەکە، پاشان لەناوی ببە. وێنەی مەگرە. ئەوەی بڵێت «نەخێر» هەر خزمەتگوزاری وەردەگرێت.",
    ),
    "how": (
        "Square boxes: mark all that apply. Round ones: mark one. * must be answered, if the question is asked. Where "
        "nothing is known or wished to be said, leave it empty.",
        "المربعات: ضع علامة على كل ما ينطبق. الدوائر: اختر واحدة فقط. * سؤال لازم إذا طُرح. ما لا يُعرف أو لا يود "
        "الشخص قوله يبقى فارغاً.",
        "چوارگۆشەکان: هەموو ئەوانەی دەگونجێن نیشانە بکە. بازنەکان: تەنها یەکێک هەڵبژێرە. * پێویستە وەڵام "
        "بدرێتەوە ئەگەر پرسیارەکە کرا. ئەوەی نازانرێت یان کەسەکە نایەوێت بیڵێت، بەتاڵ دەمێنێتەوە.",
    ),
    "typed_in": ("Typed in on", "أُدخلت بتاريخ", "لە بەرواری … خرایە ناو تابلێت"),
    "by": ("by (staff code)", "بواسطة (رمز الموظف)", "لەلایەن (کۆدی کارمەند)"),
    "destroyed": ("Destroyed on", "أُتلفت بتاريخ", "لەناو برا لە بەرواری"),
    "again": (
        "For each further one, take another copy of this part.",
        "لكل عنصر إضافي استخدم نسخة أخرى من هذا القسم.",
        "بۆ هەر دانەیەکی تر، کۆپییەکی تری ئەم بەشە بەکاربهێنە.",
    ),
    "tablet_only": ("On the tablet only.", "على الجهاز اللوحي فقط.", "تەنها لەسەر تابلێت."),
    "from_list": ("As in the tablet's list:", "كما في قائمة الجهاز:", "وەک لە لیستی تابلێتەکەدا:"),
    "day": ("day", "اليوم", "ڕۆژ"),
    "month": ("month", "الشهر", "مانگ"),
    "year": ("year", "السنة", "ساڵ"),
    # A skip: `only_if` around conditions, which name a question by `question`.
    "only_if": ("Only if {condition}.", "فقط إذا {condition}.", "تەنها ئەگەر {condition}."),
    "part_only_if": (
        "This part only if {condition}.",
        "هذا القسم فقط إذا {condition}.",
        "ئەم بەشە تەنها ئەگەر {condition}.",
    ),
    "question": ("question {number}", "السؤال {number}", "پرسیاری {number}"),
    "is": (
        "{question} is {values}",
        "كان جواب {question} هو {values}",
        "وەڵامی {question} {values} بێت",
    ),
    "is_not": (
        "{question} is not {values}",
        "لم يكن جواب {question} هو {values}",
        "وەڵامی {question} {values} نەبێت",
    ),
    "empty": ("{question} is empty", "بقي {question} فارغاً", "{question} بەتاڵ بێت"),
    "at_least": (
        "{question} is {values} or more",
        "كان جواب {question} هو {values} أو أكثر",
        "وەڵامی {question} {values} یان زیاتر بێت",
    ),
    "at_most": (
        "{question} is {values} or less",
        "كان جواب {question} هو {values} أو أقل",
        "وەڵامی {question} {values} یان کەمتر بێت",
    ),
    "more": (
        "{question} is more than {values}",
        "كان جواب {question} أكثر من {values}",
        "وەڵامی {question} لە {values} زیاتر بێت",
    ),
    "less": (
        "{question} is less than {values}",
        "كان جواب {question} أقل من {values}",
        "وەڵامی {question} لە {values} کەمتر بێت",
    ),
    "applies": ("it applies", "كان ذلك ينطبق", "ئەمە بگونجێت"),
    "quoted": ("“{text}”", "«{text}»", "«{text}»"),
    "and": (" and ", " و", " و "),
    "or": (" or ", " أو ", " یان "),
}
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    key: {"en": english, "ar": arabic, "ckb": sorani} for key, (english, arabic, sorani) in _TEXTS.items()
}

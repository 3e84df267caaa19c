"""The words of receivers' workbooks, and why a row of one is refused, in Arabic, Sorani and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Each text as (English, Arabic, Sorani). Names of tabs have at most 31 characters. After Arabic letters a day has a
# mark before it, or its year would be shown last.
_TEXTS: dict[str, tuple[str, str, str]] = {
    "how": ("How to reply", "كيفية الرد", "چۆنیەتی وەڵامدانەوە"),
    "replies": ("Replies", "الردود", "وەڵامەکان"),
    "reference": ("Number", "الرقم", "ژمارە"),
    "service": ("Service", "الخدمة", "خزمەتگوزاری"),
    "priority": ("Priority", "الأولوية", "گرنگی"),
    "sent_on": ("Sent on", "أُرسلت في", "نێردراوە لە"),
    "state": ("State", "الحالة", "دۆخ"),
    "due_on": ("Answer by", "الرد حتى", "وەڵام تا"),
    "decision": ("Your answer", "ردكم", "وەڵامەکەتان"),
    "day": ("On which day", "في أي يوم", "لە کام ڕۆژ"),
    "reason": ("Reason", "السبب", "هۆکار"),
    "sensitive": ("sensitive: number only", "حساسة: الرقم فقط", "هەستیار: تەنها ژمارە"),
    "nothing": ("No referral is open.", "لا توجد إحالة مفتوحة.", "هیچ ڕەوانەکردنێکی کراوە نییە."),
    "for": ("For", "إلى", "بۆ"),
    "made_at": ("Made on, Baghdad time", "أُعد بتوقيت بغداد", "ئامادەکراوە بە کاتی بەغدا"),
    "step_1": (
        "One row for each open referral. Fill only the last three columns, and leave out rows without news.",
        "صف لكل إحالة مفتوحة. املأ الأعمدة الثلاثة الأخيرة فقط، واترك ما لا جديد فيه.",
        "بۆ هەر ڕەوانەکردنێکی کراوە ڕیزێک. تەنها سێ ستوونی کۆتایی پڕبکەرەوە، و ئەوەی هەواڵێکی نوێی نییە بەجێی بهێڵە.",
    ),
    "step_2": (
        "Choose the answer from the list, and write the day on which it happened: 2026-11-23.",
        "اختر الرد من القائمة، واكتب اليوم الذي حصل فيه: \u200e2026-11-23.",
        "وەڵامەکە لە لیستەکە هەڵبژێرە، و ئەو ڕۆژە بنووسە کە تێیدا ڕوویدا: \u200e2026-11-23.",
    ),
    "step_3": (
        "Not accepted or not served: choose a reason too.",
        "إذا لم تُقبل الإحالة أو لم يحصل الشخص على الخدمة: اختر السبب أيضاً.",
        "ئەگەر قبوڵ نەکرا یان خزمەتگوزاری وەرنەگیرا: هۆکارەکەش هەڵبژێرە.",
    ),
    "step_4": (
        "Write no names. Save under the same password and send the file back.",
        "لا تكتب أسماء. احفظ الملف بكلمة السر نفسها وأعده إلينا.",
        "ناو مەنووسە. پەڕگەکە بە هەمان وشەی نهێنی پاشەکەوت بکە و بۆمانی بنێرەوە.",
    ),
    "day_wrong": (
        "Please write a day like 2026-11-23.",
        "يرجى كتابة اليوم هكذا: \u200e2026-11-23.",
        "تکایە ڕۆژەکە بەم شێوەیە بنووسە: \u200e2026-11-23.",
    ),
    "choice_wrong": (
        "Please choose from the list.",
        "يرجى الاختيار من القائمة.",
        "تکایە لە لیستەکە هەڵبژێرە.",
    ),
    "reference_unknown": (
        "no referral has this number",
        "لا توجد إحالة بهذا الرقم",
        "هیچ ڕەوانەکردنێک ئەم ژمارەیەی نییە",
    ),
    "receiver_wrong": (
        "the referral of this number went to another receiver",
        "الإحالة بهذا الرقم أُرسلت إلى جهة أخرى",
        "ڕەوانەکردنی ئەم ژمارەیە بۆ لایەنێکی دیکە نێردراوە",
    ),
    "not_shared": (
        "the person did not agree that this receiver is told of the referral",
        "لم يوافق الشخص على إبلاغ هذه الجهة بالإحالة",
        "کەسەکە ڕازی نەبووە ئەم لایەنە لە ڕەوانەکردنەکە ئاگادار بکرێتەوە",
    ),
    "decision_unknown": (
        "the answer is missing or is none of the list",
        "الرد غير موجود أو ليس من القائمة",
        "وەڵامەکە نییە یان لە لیستەکەدا نییە",
    ),
    "day_unknown": (
        "the day is missing or is no day such as 2026-11-23",
        "اليوم غير موجود أو ليس تاريخاً مثل \u200e2026-11-23",
        "ڕۆژەکە نییە یان بەروارێکی وەک \u200e2026-11-23 نییە",
    ),
    "day_in_future": ("the day is still to come", "اليوم لم يأتِ بعد", "ئەو ڕۆژە هێشتا نەهاتووە"),
    "day_before_sending": (
        "the day is before that on which the referral was sent",
        "اليوم سابق ليوم إرسال الإحالة",
        "ڕۆژەکە پێش ڕۆژی ناردنی ڕەوانەکردنەکەیە",
    ),
    "reason_missing": (
        "a reason is needed for this answer, from the list",
        "هذا الرد يحتاج إلى سبب من القائمة",
        "ئەم وەڵامە پێویستی بە هۆکارێک لە لیستەکە هەیە",
    ),
    "reason_unfit": (
        "the reason does not belong to this answer",
        "السبب لا يناسب هذا الرد",
        "هۆکارەکە لەگەڵ ئەم وەڵامە ناگونجێت",
    ),
}

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    key: {"en": en, "ar": ar, "ckb": ckb} for key, (en, ar, ckb) in _TEXTS.items()
}


def text(key: str, language: str) -> str:
    """The text of that key; KeyError for a key or language that is not there."""
    return TEXTS[key][language]

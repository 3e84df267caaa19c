"""What ways and categories are called, in three languages: labels of codes from the store, the rest from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES
from kobo_crc.disclosure import SPECIALISED, SPECIALISED_NAME

# The code list whose labels name a way's categories.
LISTS: Final[Mapping[str, str]] = {
    "centre": "centre",
    "sex": "sex",
    "age": "age_band",
    "displacement": "displacement_status",
    "disability": "yes_no_unknown",
    "anonymous_sex": "sex",
    "anonymous_age": "age_band",
    "anonymous_displacement": "displacement_status",
    "visit_type": "visit_type",
    "channel": "channel",
    "service": "service",
    "priority": "priority",
    "receiver": "organization",
    "refusal": "event_reason",
    "failure": "event_reason",
    "kind": "session_kind",
    "category": "feedback_category",
}

# Each as (English, Arabic, Sorani): ways by name, then categories by way and code, "*" for any way.
_WAYS: dict[str, tuple[str, str, str]] = {
    "": ("Total", "المجموع", "کۆی گشتی"),
    "centre": ("Centre", "المركز", "ناوەند"),
    "sex": ("Sex", "الجنس", "ڕەگەز"),
    "age": ("Age", "العمر", "تەمەن"),
    "displacement": ("Displacement", "حالة النزوح", "دۆخی ئاوارەبوون"),
    "disability": ("Disability (Washington Group)", "الإعاقة (مجموعة واشنطن)", "کەمئەندامی (گرووپی واشنتن)"),
    "anonymous_sex": ("Not recorded: sex", "غير المسجلين: الجنس", "تۆمارنەکراو: ڕەگەز"),
    "anonymous_age": ("Not recorded: age", "غير المسجلين: العمر", "تۆمارنەکراو: تەمەن"),
    "anonymous_displacement": ("Not recorded: displacement", "غير المسجلين: حالة النزوح", "تۆمارنەکراو: ئاوارەبوون"),
    "visit_type": ("Kind of visit", "نوع الزيارة", "جۆری سەردان"),
    "channel": ("How they met", "كيف تم اللقاء", "چۆنیەتیی دیدار"),
    "answer": ("What was agreed to", "ما تمت الموافقة عليه", "ڕەزامەندی"),
    "service": ("Service", "الخدمة", "خزمەتگوزاری"),
    "priority": ("Priority", "الأولوية", "گرنگی"),
    "receiver": ("Receiver", "الجهة المستقبلة", "لایەنی وەرگر"),
    "outcome": ("How far they came", "إلى أين وصلت", "تا کوێ گەیشتوون"),
    "refusal": ("Why not accepted", "سبب عدم القبول", "هۆی قبوڵنەکردن"),
    "receipt": ("Receipt confirmed in time", "تأكيد الاستلام في وقته", "پشتڕاستکردنەوەی وەرگرتن لە کاتی خۆیدا"),
    "decision": ("Decided in time", "القرار في وقته", "بڕیار لە کاتی خۆیدا"),
    "silence": ("No feedback for", "دون رد منذ", "بێ وەڵام بۆ ماوەی"),
    "failure": ("Why not served", "سبب عدم تقديم الخدمة", "هۆی پێشکەشنەکردن"),
    "closed": ("Closed", "الإغلاق", "داخستن"),
    "follows": ("First or again", "أولى أم متكررة", "یەکەم یان دووبارە"),
    "kind": ("Kind of session", "نوع الجلسة", "جۆری دانیشتن"),
    "category": ("Kind of feedback", "نوع الملاحظة", "جۆری بۆچوون"),
    "closing": ("Closing", "الإغلاق", "داخستن"),
    "number": ("Number", "العدد", "ژمارە"),
    "share": ("Share", "النسبة", "ڕێژە"),
    "days_median": ("Days, median", "الأيام، الوسيط", "ڕۆژ، ناوەند"),
    "days_mean": ("Days, mean", "الأيام، المتوسط", "ڕۆژ، تێکڕا"),
    "days_p90": ("Days, 90th percentile", "الأيام، المئين 90", "ڕۆژ، سەدەکی 90"),
}
_STAGES: dict[str, tuple[str, str, str]] = {
    "acknowledged": ("to confirmed receipt", "حتى تأكيد الاستلام", "تا پشتڕاستکردنەوەی وەرگرتن"),
    "decided": ("to the decision", "حتى القرار", "تا بڕیار"),
    "served": ("to the service", "حتى الخدمة", "تا خزمەتگوزاری"),
    "closed": ("to closing", "حتى الإغلاق", "تا داخستن"),
}
_CATEGORIES: dict[tuple[str, str], tuple[str, str, str]] = {
    ("*", "not_known"): ("Not known", "غير معروف", "نەزانراو"),
    ("*", SPECIALISED): (SPECIALISED_NAME["en"], SPECIALISED_NAME["ar"], SPECIALISED_NAME["ckb"]),
    ("receiver", "not_named"): ("Not named", "لا تُذكر", "ناوی نابرێت"),
    ("answer", "agreed"): ("Recorded and counted", "سُجّل ووافق على احتسابه", "تۆمارکراو و ئەژمارکراو"),
    ("answer", "opted_out"): ("Recorded, not to be counted", "سُجّل ولا يُحتسب", "تۆمارکراو، ئەژمار ناکرێت"),
    ("answer", "not_recorded"): ("Not recorded", "لم يُسجَّل", "تۆمار نەکراوە"),
    ("outcome", "no_feedback"): ("No feedback", "دون رد", "بێ وەڵام"),
    ("outcome", "acknowledged"): ("Receipt confirmed", "تأكد الاستلام", "وەرگرتن پشتڕاستکراوەتەوە"),
    ("outcome", "accepted_open"): (
        "Accepted, not yet served",
        "مقبولة ولم تُقدَّم الخدمة بعد",
        "قبوڵکراو، هێشتا پێشکەش نەکراوە",
    ),
    ("outcome", "served"): ("Served", "قُدّمت الخدمة", "خزمەتگوزاری دراوە"),
    ("outcome", "not_served"): ("Accepted, not served", "مقبولة ولم تُقدَّم الخدمة", "قبوڵکراو، پێشکەش نەکرا"),
    ("outcome", "not_accepted"): ("Not accepted", "غير مقبولة", "قبوڵنەکراو"),
    ("outcome", "withdrawn"): ("Withdrawn", "مسحوبة", "کشێنراوەتەوە"),
    ("outcome", "closed_unknown"): ("Closed without an outcome", "أُغلقت دون نتيجة", "بێ ئەنجام داخراوە"),
    ("receipt", "in_time"): ("Within the limit", "ضمن المدة", "لە ماوەکەدا"),
    ("receipt", "late"): ("After the limit or not at all", "بعد المدة أو لم يحصل", "دوای ماوەکە یان هەرگیز"),
    ("receipt", "not_yet"): ("The limit has not passed", "المدة لم تنقضِ بعد", "ماوەکە هێشتا نەهاتووەتە سەر"),
    ("receipt", "no_limit"): ("No limit applies", "لا تنطبق أي مدة", "هیچ ماوەیەک نییە"),
    ("decision", "in_time"): ("Within the limit", "ضمن المدة", "لە ماوەکەدا"),
    ("decision", "late"): ("After the limit or not at all", "بعد المدة أو لم يحصل", "دوای ماوەکە یان هەرگیز"),
    ("decision", "not_yet"): ("The limit has not passed", "المدة لم تنقضِ بعد", "ماوەکە هێشتا نەهاتووەتە سەر"),
    ("decision", "no_limit"): ("No limit applies", "لا تنطبق أي مدة", "هیچ ماوەیەک نییە"),
    ("silence", "week"): ("Up to 7 days", "حتى 7 أيام", "تا 7 ڕۆژ"),
    ("silence", "month"): ("8 to 30 days", "من 8 إلى 30 يوماً", "لە 8 تا 30 ڕۆژ"),
    ("silence", "longer"): ("More than 30 days", "أكثر من 30 يوماً", "زیاتر لە 30 ڕۆژ"),
    ("closed", "closed"): ("Closed", "مغلقة", "داخراو"),
    ("closed", "not_closed"): ("Not closed", "غير مغلقة", "دانەخراو"),
    ("follows", "first"): ("First referral", "إحالة أولى", "یەکەم ڕەوانەکردن"),
    ("follows", "again"): ("Referred again", "إحالة متكررة", "دووبارە ڕەوانەکراوە"),
    ("closing", "closed_in_time"): ("Closed in time", "أُغلقت في وقتها", "لە کاتی خۆیدا داخرا"),
    ("closing", "closed_late"): ("Closed late", "أُغلقت متأخرة", "درەنگ داخرا"),
    ("closing", "closed"): ("Closed, no day was due", "أُغلقت دون موعد محدد", "داخرا، ڕۆژی دیاری نەکرابوو"),
    ("closing", "not_closed"): ("Open", "مفتوحة", "کراوە"),
    ("number", "sessions"): ("Sessions", "الجلسات", "دانیشتنەکان"),
    ("number", "places"): ("Services at places", "الخدمات في أماكنها", "خزمەتگوزاری لە شوێنەکان"),
    ("number", "places_fresh"): ("Assured within 90 days", "مؤكدة خلال 90 يوماً", "لە 90 ڕۆژدا دڵنیاکراوە"),
    ("number", "submissions"): ("Submissions", "الإرسالات", "ناردنەکان"),
    ("number", "with_problems"): ("With open problems", "فيها مشكلات مفتوحة", "کێشەی کراوەیان هەیە"),
    ("number", "late"): ("More than 7 days late", "متأخرة أكثر من 7 أيام", "زیاتر لە 7 ڕۆژ دواکەوتوو"),
    ("number", "orphans"): ("Follow-ups without referral", "متابعات دون إحالة", "بەدواداچوونی بێ ڕەوانەکردن"),
    ("number", "doubles"): ("Numbers used twice", "أرقام مستعملة مرتين", "ژمارەی دووجار بەکارهاتوو"),
    ("share", "refused_record"): ("Refused to be recorded", "رفضوا التسجيل", "تۆمارکردنیان ڕەت کردەوە"),
    ("share", "refused_report"): ("Opted out of reports", "رفضوا احتسابهم", "ئەژمارکردنیان ڕەت کردەوە"),
    ("share", "no_feedback"): ("No feedback", "دون رد", "بێ وەڵام"),
    ("share", "accepted"): ("Accepted", "مقبولة", "قبوڵکراو"),
    ("share", "not_accepted"): ("Not accepted", "غير مقبولة", "قبوڵنەکراو"),
    ("share", "served"): ("Served", "قُدّمت الخدمة", "خزمەتگوزاری دراوە"),
    ("share", "accepted_not_served"): (
        "Of the accepted: not served",
        "من المقبولة: لم تُقدَّم",
        "لە قبوڵکراوەکان: پێشکەش نەکراو",
    ),
    ("share", "acknowledged_in_time"): (
        "Receipt confirmed within the limit",
        "تأكد الاستلام ضمن المدة",
        "وەرگرتن لە ماوەکەدا پشتڕاستکراوەتەوە",
    ),
    ("share", "decided_in_time"): ("Decided within the limit", "حُسمت ضمن المدة", "لە ماوەکەدا بڕیاری لێدراوە"),
    ("share", "closed"): ("Closed", "مغلقة", "داخراو"),
    ("share", "again"): ("Referred again", "إحالة متكررة", "دووبارە ڕەوانەکراوە"),
    ("share", "closed_in_time"): ("Closed in time", "أُغلقت في وقتها", "لە کاتی خۆیدا داخرا"),
    ("share", "places_fresh"): ("Assured within 90 days", "مؤكدة خلال 90 يوماً", "لە 90 ڕۆژدا دڵنیاکراوە"),
    ("share", "with_problems"): ("With open problems", "فيها مشكلات مفتوحة", "کێشەی کراوەیان هەیە"),
} | {
    (measure, stage): words for measure in ("days_median", "days_mean", "days_p90") for stage, words in _STAGES.items()
}
# The ways of parting that one may ask for.
WAYS: Final = tuple(by for by in _WAYS if by not in ("", "number", "share", "days_median", "days_mean", "days_p90"))
_PLACE: Final[Mapping[str, int]] = {"en": 0, "ar": 1, "ckb": 2}


class Labels:
    """The names of ways and categories in one language."""

    def __init__(self, connection: sa.Connection, language: str) -> None:
        self._at = _PLACE[language]
        self._of_codes = {
            (way, code): label
            for way, codes in LISTS.items()
            for code, label in connection.execute(_labels(codes, language))
        }
        kinds = connection.execute(_labels("session_kind", language))
        self._of_codes |= {("number", f"sessions_{code}"): label for code, label in kinds}

    def way(self, by: str) -> str:
        """What a way of parting is called."""
        return _WAYS[by][self._at]

    def category(self, by: str, code: str) -> str:
        """What a category is called; the way's own name for a total, the code itself for one that has no label."""
        own = _CATEGORIES.get((by, code)) or _CATEGORIES.get(("*", code))
        if own:
            return own[self._at]
        return self._of_codes.get((by, code), code) if code else self.way(by)


def own_words() -> list[tuple[str, dict[str, str]]]:
    """Every name that is not a label of a code, with its place, by language."""
    ways = {f"way {by}": words for by, words in _WAYS.items() if by}
    categories = {f"{by}, {code}": words for (by, code), words in _CATEGORIES.items()}
    return [
        (place, {language: words[at] for language, at in _PLACE.items()})
        for place, words in (ways | categories).items()
    ]


def _labels(codes: str, language: str) -> sa.Select[str, str]:
    c = CODES[codes].c
    return sa.select(c.code, c[f"label_{language}"])

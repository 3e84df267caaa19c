"""The words of the worklists in Arabic, Sorani and English. Labels of codes come from the store instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Each text as (English, Arabic, Sorani). Names of tabs have at most 31 characters.
_TEXTS: dict[str, tuple[str, str, str]] = {
    "overview": ("Overview", "نظرة عامة", "پوختە"),
    "overdue": ("Overdue", "متأخرة", "دواکەوتوو"),
    "due_soon": ("Due within two days", "تستحق خلال يومين", "لە ماوەی دوو ڕۆژدا"),
    "no_response": ("No receipt confirmed", "لم يُؤكد استلامها", "وەرگرتن پشتڕاست نەکراوەتەوە"),
    "awaiting_service": ("Accepted, not served yet", "مقبولة ولم تُقدَّم الخدمة", "قبوڵکراو، هێشتا بێ خزمەتگوزاری"),
    "orphans": ("Follow-ups without referral", "متابعات دون إحالة", "بەدواداچوون بێ ڕەوانەکردن"),
    "problems": ("Answers to check", "إجابات تحتاج مراجعة", "وەڵام پێویستی بە پشکنینە"),
    "directory": ("Directory to assure again", "دليل يحتاج إلى تأكيد", "ڕێبەر بۆ پشتڕاستکردنەوە"),
    "about_overdue": (
        "The limit to decide, or once accepted to serve, has passed.",
        "انقضت المدة المحددة للقرار، أو للخدمة بعد القبول.",
        "ماوەی دیاریکراو بۆ بڕیار، یان دوای قبوڵکردن بۆ خزمەتگوزاری، تێپەڕیوە.",
    ),
    "about_due_soon": (
        "The next limit ends today, tomorrow or the day after.",
        "تنتهي المدة التالية اليوم أو غداً أو بعد غد.",
        "ماوەی داهاتوو ئەمڕۆ، سبەی یان دوو سبەی تەواو دەبێت.",
    ),
    "about_no_response": (
        "Sent, and the limit to confirm receipt has passed without a word.",
        "أُرسلت، وانقضت مدة تأكيد الاستلام دون أي رد.",
        "نێردراوە، و ماوەی پشتڕاستکردنەوەی وەرگرتن بێ هیچ وەڵامێک تێپەڕیوە.",
    ),
    "about_awaiting_service": (
        "The receiver has accepted, and nobody has said yet that the person was served.",
        "قبلتها الجهة، ولم يخبر أحد بعد أن الشخص حصل على الخدمة.",
        "لایەنەکە قبوڵی کردووە، و هێشتا کەس نەیگوتووە کە کەسەکە خزمەتگوزاریی وەرگرتووە.",
    ),
    "about_orphans": (
        "They name a referral that has not arrived: still on a tablet, or a mistyped number.",
        "تذكر إحالة لم تصل: ما زالت على جهاز لوحي، أو رقمها خاطئ.",
        "ناوی ڕەوانەکردنێک دەبەن کە نەگەیشتووە: هێشتا لەسەر تابلێتە، یان ژمارەکەی هەڵەیە.",
    ),
    "about_problems": (
        "By the staff who filled the form. Corrected in KoboToolbox, a row is gone after the next night.",
        "حسب الموظف الذي ملأ الاستمارة. بعد تصحيحها في KoboToolbox تختفي في الليلة التالية.",
        "بەپێی ئەو کارمەندەی فۆرمەکەی پڕکردووەتەوە. کە لە KoboToolbox ڕاست کرایەوە، لە شەوی داهاتوودا نامێنێت.",
    ),
    "about_directory": (
        "Nobody has asked the provider for 90 days whether this still holds.",
        "لم يسأل أحد الجهة منذ 90 يوماً إن كان هذا ما زال صحيحاً.",
        "90 ڕۆژە کەس لە لایەنەکە نەپرسیوە ئایا ئەمە هێشتا ڕاستە.",
    ),
    "list": ("List", "القائمة", "لیست"),
    "count": ("How many", "العدد", "ژمارە"),
    "meaning": ("What it holds", "ما فيها", "چی تێدایە"),
    "nothing": ("Nothing today.", "لا شيء اليوم.", "ئەمڕۆ هیچ نییە."),
    "made_at": ("Made on, Baghdad time", "أُعدت بتوقيت بغداد", "ئامادەکراوە بە کاتی بەغدا"),
    "for": ("For", "إلى", "بۆ"),
    "no_centre": ("No known centre", "دون مركز معروف", "بێ ناوەندی ناسراو"),
    "confidential": (
        "Confidential. Numbers and days only: ask the centre for everything else. Of sensitive referrals neither "
        "service nor receiver is shown.",
        "سري. أرقام وتواريخ فقط: اسأل المركز عن كل ما عداها. ولا تُعرض خدمة الإحالات الحساسة ولا جهتها.",
        "نهێنی. تەنها ژمارە و بەروار: بۆ هەر شتێکی دیکە لە ناوەندەکە بپرسە. خزمەتگوزاری و لایەنی ڕەوانەکردنە "
        "هەستیارەکان پیشان نادرێن.",
    ),
    "confidential_names": (
        "Strictly confidential: names and phones. Read the restrictions before you call. Keep the password apart from "
        "the file, and delete the file when the calls are made.",
        "سري للغاية: أسماء وهواتف. اقرأ القيود قبل أن تتصل. احفظ كلمة السر بعيداً عن الملف، واحذف الملف بعد الانتهاء "
        "من الاتصالات.",
        "زۆر نهێنی: ناو و تەلەفۆن. پێش پەیوەندیکردن سنوورەکان بخوێنەرەوە. وشەی نهێنی لە فایلەکە جیا هەڵبگرە، و کە "
        "پەیوەندییەکان تەواو بوون فایلەکە بسڕەوە.",
    ),
    "limits": ("Read first: do not", "اقرأ أولاً: ما يجب تجنبه", "سەرەتا بیخوێنەرەوە: چی نەکرێت"),
    "name": ("Name", "الاسم", "ناو"),
    "phone": ("Phone", "الهاتف", "تەلەفۆن"),
    "phone_owner": ("Whose phone", "لمن الهاتف", "تەلەفۆنی کێ"),
    "call_time": ("Best time to call", "أفضل وقت للاتصال", "باشترین کات بۆ پەیوەندی"),
    "caregiver": ("Caregiver", "مقدم الرعاية", "سەرپەرشتیار"),
    "caregiver_phone": ("Caregiver's phone", "هاتف مقدم الرعاية", "تەلەفۆنی سەرپەرشتیار"),
    "reference": ("Number", "الرقم", "ژمارە"),
    "centre": ("Centre", "المركز", "ناوەند"),
    "service": ("Service", "الخدمة", "خزمەتگوزاری"),
    "receiver": ("Receiver", "الجهة", "لایەن"),
    "priority": ("Priority", "الأولوية", "گرنگی"),
    "state": ("State", "الحالة", "دۆخ"),
    "since": ("Since", "منذ", "لە"),
    "sent_on": ("Sent on", "أُرسلت في", "نێردراوە لە"),
    "awaited": ("Awaited", "المنتظر", "چاوەڕوانکراو"),
    "due_on": ("By", "حتى", "تا"),
    "days_late": ("Days late", "أيام التأخير", "ڕۆژی دواکەوتن"),
    "followup_on": ("Follow-up agreed for", "موعد المتابعة المتفق عليه", "ڕۆژی ڕێککەوتوو بۆ بەدواداچوون"),
    "sensitive": ("sensitive: number only", "حساسة: الرقم فقط", "هەستیار: تەنها ژمارە"),
    "acknowledge": ("confirmation of receipt", "تأكيد الاستلام", "پشتڕاستکردنەوەی وەرگرتن"),
    "decide": ("decision", "القرار", "بڕیار"),
    "serve": ("service", "الخدمة", "خزمەتگوزاری"),
    "event": ("What happened", "ما الذي حصل", "چی ڕوویدا"),
    "event_on": ("On", "في", "لە"),
    "arrived_on": ("Arrived on", "وصلت في", "گەیشتووە لە"),
    "staff": ("Staff code", "رمز الموظف", "کۆدی کارمەند"),
    "form": ("Form", "الاستمارة", "فۆڕم"),
    "project": ("Project", "المشروع", "پڕۆژە"),
    "server_id": ("_id", "_id", "_id"),
    "question": ("Question", "السؤال", "پرسیار"),
    "path": ("Place in the form", "الموضع في الاستمارة", "شوێن لە فۆڕمەکەدا"),
    "cause": ("What is wrong", "المشكلة", "کێشەکە"),
    "remedy": ("What to do", "المطلوب", "چی بکرێت"),
    "organization": ("Organisation", "الجهة", "لایەن"),
    "place": ("Place", "المكان", "شوێن"),
    "status": ("On offer", "هل تُقدَّم", "پێشکەشکردن"),
    "assured_on": ("Last assured on", "آخر تأكيد في", "دوایین پشتڕاستکردنەوە"),
    "days": ("Days ago", "قبل أيام", "چەند ڕۆژ لەمەوبەر"),
}

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    key: {"en": en, "ar": ar, "ckb": ckb} for key, (en, ar, ckb) in _TEXTS.items()
}


def text(key: str, language: str) -> str:
    """The text of that key; KeyError for a key or language that is not there."""
    return TEXTS[key][language]

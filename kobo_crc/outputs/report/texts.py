"""The words of the report in Arabic, Sorani and English. Labels of codes come from the store instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final[Mapping[str, str]] = {"ar": "العربية", "ckb": "کوردی", "en": "English"}
DIRECTIONS: Final[Mapping[str, str]] = {"ar": "rtl", "ckb": "rtl", "en": "ltr"}

# Each text as (English, Arabic, Sorani).
_TEXTS: dict[str, tuple[str, str, str]] = {
    "title": ("Nightly report", "التقرير الليلي", "ڕاپۆرتی شەوانە"),
    "subtitle": ("Community resource centres", "مراكز الموارد المجتمعية", "ناوەندەکانی سەرچاوەکانی کۆمەڵگە"),
    "language": ("Language", "اللغة", "زمان"),
    "made_at": ("Data of", "بيانات", "داتای"),
    "baghdad": ("Baghdad time", "بتوقيت بغداد", "بە کاتی بەغدا"),
    "aged": (
        "This report is older than a day and a half. Please ask whether the nightly run still works.",
        "مضى على هذا التقرير أكثر من يوم ونصف. يرجى التأكد من أن التشغيل الليلي ما زال يعمل.",
        "ئەم ڕاپۆرتە لە ڕۆژ و نیوێک کۆنترە. تکایە دڵنیابە کە کارکردنی شەوانە هێشتا بەردەوامە.",
    ),
    "outcome_ok": (
        "The run went well.",
        "اكتمل التشغيل بنجاح.",
        "کارکردنەکە بە سەرکەوتوویی تەواو بوو.",
    ),
    "outcome_incomplete": (
        "The run is incomplete: deletions on the server were not followed tonight.",
        "التشغيل غير مكتمل: لم تُتابع الليلة عمليات الحذف على الخادم.",
        "کارکردنەکە ناتەواوە: ئەمشەو سڕینەوەکانی سەر سێرڤەر بەدوادا نەچوون.",
    ),
    "outcome_other": (
        "The run did not end well. The figures below may be those of an earlier night.",
        "لم ينتهِ التشغيل بنجاح. قد تكون الأرقام أدناه من ليلة سابقة.",
        "کارکردنەکە بە سەرکەوتوویی کۆتایی نەهات. لەوانەیە ژمارەکانی خوارەوە هی شەوێکی پێشتر بن.",
    ),
    "last_night": ("Last night", "الليلة الماضية", "دوێنێ شەو"),
    "new": ("new submissions", "إرسالات جديدة", "ناردنی نوێ"),
    "changed": ("changed", "معدّلة", "گۆڕدراو"),
    "deleted": ("deleted on the server", "محذوفة على الخادم", "سڕدراوە لە سێرڤەر"),
    "problems_now": ("answers to check", "إجابات تحتاج مراجعة", "وەڵام پێویستی بە پشکنینە"),
    "centres": ("What came in, by centre and week", "ما ورد حسب المركز والأسبوع", "هاتووەکان بەپێی ناوەند و هەفتە"),
    "centres_note": (
        "Visits by the week they reached the server; weeks begin on Sunday, and the last one is still running. "
        "Referrals are those sent in these weeks, of everyone; drafts and mistakes are left out.",
        "الزيارات حسب أسبوع وصولها إلى الخادم؛ يبدأ الأسبوع يوم الأحد، والأسبوع الأخير لم ينتهِ بعد. "
        "والإحالات هي ما أُرسل في هذه الأسابيع، للجميع؛ دون المسودات وما أُدخل خطأً.",
        "سەردانەکان بەپێی هەفتەی گەیشتنیان بە سێرڤەر؛ هەفتە لە یەکشەممەوە دەست پێ دەکات و دوایین هەفتە تەواو "
        "نەبووە. "
        "ڕەوانەکردنەکان ئەوانەن کە لەم هەفتانەدا نێردراون، هی هەمووان؛ بەبێ ڕەشنووس و هەڵە.",
    ),
    "centre": ("Centre", "المركز", "ناوەند"),
    "all_centres": ("All centres", "جميع المراكز", "هەموو ناوەندەکان"),
    "week_of": ("week of", "أسبوع", "هەفتەی"),
    "visits": ("Visits", "الزيارات", "سەردان"),
    "referrals": ("Referrals", "الإحالات", "ڕەوانەکردن"),
    "followups": ("Follow-ups", "المتابعات", "بەدواداچوون"),
    "latest": ("Latest visit", "آخر زيارة", "دوایین سەردان"),
    "silent": (
        "nothing for several working days",
        "لا شيء منذ عدة أيام عمل",
        "چەند ڕۆژێکی کارە هیچ نەهاتووە",
    ),
    "none": ("none", "لا يوجد", "نییە"),
    "standing": ("How referrals go", "كيف تسير الإحالات", "ڕەوانەکردنەکان چۆن دەڕۆن"),
    "standing_note": (
        "All referrals since the beginning, only of people who agreed to be counted in reports; drafts and "
        "mistakes are "
        "left out. The number is therefore another than the centres' above. Numbers here are rounded to "
        "multiples of "
        "{base}; small ones, zero too, are shown as",
        "جميع الإحالات منذ البداية، فقط لمن وافقوا على احتسابهم في التقارير؛ دون المسودات والأخطاء. لذلك "
        "يختلف العدد عن "
        "أعداد المراكز أعلاه. الأرقام هنا مقرّبة إلى مضاعفات {base}؛ والصغيرة منها، حتى الصفر، تظهر هكذا",
        "هەموو ڕەوانەکردنەکان لە سەرەتاوە، تەنها هی ئەوانەی ڕازی بوون لە ڕاپۆرتدا ئەژمار بکرێن؛ بەبێ ڕەشنووس "
        "و هەڵە. بۆیە "
        "ژمارەکە لەگەڵ هی ناوەندەکانی سەرەوە جیاوازە. ژمارەکانی ئێرە بۆ چەندجارەی {base} خڕ کراونەتەوە؛ "
        "بچووکەکان، سفریش، "
        "بەم شێوەیە دەردەکەون",
    ),
    "funnel": ("From sent to served", "من الإرسال إلى الخدمة", "لە ناردنەوە بۆ خزمەتگوزاری"),
    "funnel_sent": ("Sent", "أُرسلت", "نێردران"),
    "funnel_answered": ("Answered by the receiver", "ردّت عليها الجهة المستقبلة", "لایەنی وەرگر وەڵامی دایەوە"),
    "funnel_accepted": ("Accepted", "قُبلت", "قبوڵکران"),
    "funnel_served": ("Person served", "حصل الشخص على الخدمة", "کەسەکە خزمەتگوزاریی وەرگرت"),
    "outcomes": ("Where they stand", "أين وصلت", "لە کوێن"),
    "stages": ("Days from sending", "الأيام من الإرسال", "ڕۆژەکان لە ناردنەوە"),
    "stages_note": (
        "Half of those that reached a stage took at most the first number of days, nine of ten at most the second.",
        "نصف ما بلغ المرحلة استغرق العدد الأول من الأيام على الأكثر، وتسعة من عشرة استغرقت العدد الثاني على الأكثر.",
        "نیوەی ئەوانەی گەیشتوونەتە قۆناغەکە زۆرترین ژمارەی یەکەمی ڕۆژیان خایاند، نۆ لە دەیان زۆرترین ژمارەی دووەم.",
    ),
    "median": ("Half", "النصف", "نیوە"),
    "p90": ("Nine of ten", "تسعة من عشرة", "نۆ لە دە"),
    "overdue": ("Overdue, by where they came from", "المتأخرة، بحسب مصدرها", "دواکەوتووەکان، بەپێی شوێنی ناردن"),
    "overdue_note": (
        "Open referrals whose limit to decide, or once accepted to serve, has passed. Each centre's own stand in its "
        "worklist.",
        "إحالات مفتوحة انقضت المدة المحددة لقرارها، أو لخدمتها بعد القبول. وإحالات كل مركز في قائمة عمله.",
        "ڕەوانەکردنی کراوە کە ماوەی بڕیاریان، یان دوای قبوڵکردن ماوەی خزمەتگوزارییان، تێپەڕیوە. هی هەر ناوەندێک لە "
        "لیستی کاری خۆیدایە.",
    ),
    "refusals": ("Why referrals are not accepted", "لماذا لا تُقبل الإحالات", "بۆچی ڕەوانەکردن قبوڵ ناکرێت"),
    "lacking": ("Services that had no capacity", "خدمات لم تتوفر فيها قدرة", "ئەو خزمەتگوزارییانەی توانایان نەبوو"),
    "flows": ("Where referrals go", "إلى أين تذهب الإحالات", "ڕەوانەکردنەکان بۆ کوێ دەچن"),
    "origin": ("From the centres in", "من مراكز محافظة", "لە ناوەندەکانی"),
    "receiver": ("To", "إلى", "بۆ"),
    "count": ("Referrals", "الإحالات", "ڕەوانەکردن"),
    "most": ("Most often:", "الأكثر تكراراً:", "زۆرترین جار:"),
    "nothing_large": (
        "Nothing large enough to be shown.",
        "لا يوجد ما هو كبير بما يكفي لعرضه.",
        "هیچ شتێک نییە بەس گەورە بێت بۆ پیشاندان.",
    ),
    "trend": ("Referrals by week", "الإحالات حسب الأسبوع", "ڕەوانەکردنەکان بەپێی هەفتە"),
    "trend_note": (
        "Sent in each week, and people served in it. In the last full week:",
        "ما أُرسل في كل أسبوع، ومن حصلوا على الخدمة فيه. في آخر أسبوع كامل:",
        "ئەوەی لە هەر هەفتەیەکدا نێردراوە، و ئەوانەی تێیدا خزمەتگوزارییان وەرگرتووە. لە دوایین هەفتەی تەواودا:",
    ),
    "week": ("Week", "الأسبوع", "هەفتە"),
    "quality": (
        "Quality of the last eight weeks",
        "جودة البيانات في آخر ثمانية أسابيع",
        "چۆنایەتیی داتای هەشت هەفتەی دوایی",
    ),
    "submissions": ("submissions arrived", "إرسالات وصلت", "ناردن گەیشتوون"),
    "with_problems": (
        "of them with answers to check",
        "منها فيها إجابات تحتاج مراجعة",
        "لەوان وەڵامیان پێویستی بە پشکنینە",
    ),
    "late": ("visits more than 7 days late", "زيارات متأخرة أكثر من 7 أيام", "سەردانی زیاتر لە 7 ڕۆژ دواکەوتوو"),
    "orphans": ("follow-ups without their referral", "متابعات دون إحالتها", "بەدواداچوونی بێ ڕەوانەکردنی خۆی"),
    "doubles": ("numbers used twice", "أرقام مستعملة مرتين", "ژمارەی دووجار بەکارهاتوو"),
    "places": ("services in the directory", "خدمات في الدليل", "خزمەتگوزاری لە ڕێبەردا"),
    "places_fresh": (
        "of them assured within 90 days",
        "منها مؤكدة خلال 90 يوماً",
        "لەوان لە 90 ڕۆژدا دڵنیاکراونەتەوە",
    ),
    "problems": ("Answers to check", "إجابات تحتاج مراجعة", "وەڵامەکان کە پێویستییان بە پشکنینە"),
    "problems_note": (
        "One entry for each kind. The rest of each submission is in the store. Once corrected in "
        "KoboToolbox, a "
        "problem is gone after the next run.",
        "مدخل لكل نوع. بقية كل إرسال محفوظة. وعند التصحيح في KoboToolbox تختفي المشكلة بعد التشغيل التالي.",
        "تۆمارێک بۆ هەر جۆرێک. بەشەکانی دیکەی هەر ناردنێک پاشەکەوت کراون. کە لە KoboToolbox ڕاست کرایەوە، لە "
        "کارکردنی "
        "داهاتوودا نامێنێت.",
    ),
    "no_problems": ("Nothing to check.", "لا يوجد ما يحتاج مراجعة.", "هیچ شتێک پێویستی بە پشکنین نییە."),
    "to_list": ("To list them:", "لعرضها:", "بۆ پیشاندانیان:"),
    "freshness": ("How fresh the data is", "مدى حداثة البيانات", "داتاکان تا چەند نوێن"),
    "on_server": ("on the server", "على الخادم", "لەسەر سێرڤەر"),
    "in_store": ("in the store", "في المخزن", "لە کۆگا"),
    "even": (
        "The store holds every submission that the server has.",
        "يحتوي المخزن على كل الإرسالات الموجودة على الخادم.",
        "کۆگاکە هەموو ئەو ناردنانەی تێدایە کە لەسەر سێرڤەرن.",
    ),
    "uneven": (
        "The store and the server differ. Please run {command} again; if they still differ, ask for help.",
        "المخزن والخادم مختلفان. يرجى تشغيل {command} مرة أخرى؛ وإن بقي الاختلاف فاطلب المساعدة.",
        "کۆگا و سێرڤەر جیاوازن. تکایە دووبارە {command} کارپێ بکە؛ ئەگەر هەر جیاواز بوون، یارمەتی بخوازە.",
    ),
    "form": ("Form", "الاستمارة", "فۆڕم"),
    "form_intake": ("Intake", "الاستقبال", "پێشوازی"),
    "form_visit": (
        "Returning visit and information desk",
        "زيارة متكررة ومكتب المعلومات",
        "سەردانی دووبارە و مێزی زانیاری",
    ),
    "form_referral_followup": ("Referral follow-up", "متابعة الإحالات", "بەدواداچوونی ڕەوانەکردن"),
    "form_service": ("Individual services", "الخدمات الفردية", "خزمەتگوزارییە تاکەکەسییەکان"),
    "form_session": ("Group sessions", "الجلسات الجماعية", "دانیشتنە بەکۆمەڵەکان"),
    "form_feedback": ("Feedback", "الشكاوى والآراء", "سکاڵا و بۆچوون"),
    "form_directory": ("Service directory", "دليل الخدمات", "ڕێبەری خزمەتگوزاری"),
    "form_centre_day": ("Days of the centres", "أيام المراكز", "ڕۆژەکانی ناوەندەکان"),
    "form_handover_consent": ("Consent to a handover", "الموافقة على التسليم", "ڕەزامەندی بۆ ڕادەستکردن"),
    "difference": ("Difference", "الفرق", "جیاوازی"),
    "project": ("Project", "المشروع", "پڕۆژە"),
    "not_approved": ("Not approved", "غير معتمدة", "پەسەندنەکراو"),
    "removed": ("Deleted", "محذوفة", "سڕدراوە"),
    "last_arrival": ("Last arrival", "آخر وصول", "دوایین گەیشتن"),
    "rules": ("How to read this", "كيف تُقرأ هذه الأرقام", "چۆن ئەم ژمارانە دەخوێنرێنەوە"),
    "rule_small": (
        "Counts of people from 1 to 4 are shown as",
        "أعداد الأشخاص من 1 إلى 4 تظهر هكذا",
        "ژمارەی کەسان لە 1 تا 4 بەم شێوەیە دەردەکەوێت",
    ),
    "rule_plus": (
        "; a sum that leaves such counts out has a + behind it. Totals of submissions (≈) are rounded to tens.",
        "؛ والمجموع الذي لا يشملها تليه علامة +. ومجاميع الإرسالات (≈) مقرّبة إلى العشرات.",
        "؛ ئەو کۆیەی ئەوانەی تێدا نییە نیشانەی + ی لەدوایە. کۆی ناردنەکان (≈) بۆ دەیان خڕ کراوەتەوە.",
    ),
    "rule_left_out": (
        "Submissions deleted on the server or not approved are not counted. Services are never shown by centre.",
        "لا تُحسب الإرسالات المحذوفة على الخادم أو غير المعتمدة. ولا تُعرض الخدمات حسب المركز أبداً.",
        "ئەو ناردنانەی لە سێرڤەر سڕدراونەتەوە یان پەسەند نەکراون ئەژمار ناکرێن. خزمەتگوزارییەکان هەرگیز "
        "بەپێی ناوەند "
        "پیشان نادرێن.",
    ),
    "rule_referral": (
        "A referral is a person pointed to a named receiver for one service; it is not a transport.",
        "الإحالة هي توجيه شخص إلى جهة محددة للحصول على خدمة واحدة؛ وليست نقلاً.",
        "ڕەوانەکردن ئاراستەکردنی کەسێکە بۆ لایەنێکی دیاریکراو بۆ یەک خزمەتگوزاری؛ گواستنەوە نییە.",
    ),
}

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    key: {"en": en, "ar": ar, "ckb": ckb} for key, (en, ar, ckb) in _TEXTS.items()
}


def text(key: str, language: str) -> str:
    """The text of that key; KeyError for a key or language that is not there."""
    return TEXTS[key][language]

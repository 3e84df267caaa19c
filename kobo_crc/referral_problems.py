"""The part of the catalogue of problems that is about referrals and what follows them; `problems` has the whole."""

from __future__ import annotations

from kobo_crc.errors import DERIVE, ProblemKind


def _texts(en: str, ar: str, ckb: str) -> dict[str, str]:
    return {"en": en, "ar": ar, "ckb": ckb}


REFERRAL_PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "followup_orphan",
        DERIVE,
        _texts(
            "This follow-up names a referral that has not arrived.",
            "هذه المتابعة تذكر إحالة لم تصل بعد.",
            "ئەم بەدواداچوونە ناوی ڕەوانەکردنێک دەبات کە هێشتا نەگەیشتووە.",
        ),
        _texts(
            "Please either send the referral that is still on a tablet, or correct the referral number in KoboToolbox.",
            "يرجى إما إرسال الإحالة التي ما زالت على جهاز لوحي، أو تصحيح رقم الإحالة في KoboToolbox.",
            "تکایە یان ئەو ڕەوانەکردنە بنێرە کە هێشتا لەسەر تابلێتێکە، یان ژمارەکەی لە KoboToolbox ڕاست بکەرەوە.",
        ),
    ),
    ProblemKind(
        "reference_code_repeated",
        DERIVE,
        _texts(
            "Two referrals have the same number; follow-ups count for the earlier one.",
            "إحالتان تحملان الرقم نفسه؛ وتُحسب المتابعات للأقدم منهما.",
            "دوو ڕەوانەکردن هەمان ژمارەیان هەیە؛ بەدواداچوونەکان بۆ کۆنەکەیان ئەژمار دەکرێن.",
        ),
        _texts(
            "Please either delete the referral that was sent twice, or correct the wrong number in KoboToolbox.",
            "يرجى إما حذف الإحالة المرسلة مرتين، أو تصحيح الرقم الخطأ في KoboToolbox.",
            "تکایە یان ئەو ڕەوانەکردنە بسڕەوە کە دوو جار نێردراوە، یان ژمارە هەڵەکە لە KoboToolbox ڕاست بکەرەوە.",
        ),
    ),
    ProblemKind(
        "event_impossible",
        DERIVE,
        _texts(
            "This cannot have happened to the referral as it stood then, so it was not counted.",
            "لا يمكن أن يحدث هذا للإحالة بحالتها في ذلك الوقت، لذلك لم يُحسب.",
            "ئەمە ناکرێت بەسەر ڕەوانەکردنەکەدا هاتبێت بەو دۆخەی ئەو کات هەیبوو، بۆیە ئەژمار نەکرا.",
        ),
        _texts(
            "Please either correct this follow-up or an earlier one in KoboToolbox, or make a new referral.",
            "يرجى إما تصحيح هذه المتابعة أو متابعة سابقة في KoboToolbox، أو إنشاء إحالة جديدة.",
            "تکایە یان ئەم بەدواداچوونە یان یەکێکی پێشوو لە KoboToolbox ڕاست بکەرەوە، یان ڕەوانەکردنێکی نوێ بکە.",
        ),
    ),
    ProblemKind(
        "event_in_future",
        DERIVE,
        _texts(
            "The follow-up is dated after the day it reached the server; the day of arrival is used.",
            "تاريخ المتابعة لاحق ليوم وصولها إلى الخادم؛ وقد استُخدم يوم الوصول.",
            "بەرواری بەدواداچوونەکە دوای ڕۆژی گەیشتنییەتی بە سێرڤەر؛ ڕۆژی گەیشتن بەکارهێنرا.",
        ),
        _texts(
            "Please correct the day in KoboToolbox, and check the date of the tablet.",
            "يرجى تصحيح التاريخ في KoboToolbox، والتأكد من تاريخ الجهاز اللوحي.",
            "تکایە بەروارەکە لە KoboToolbox ڕاست بکەرەوە و بەرواری تابلێتەکە بپشکنە.",
        ),
    ),
    ProblemKind(
        "event_before_referral",
        DERIVE,
        _texts(
            "The follow-up is dated before the referral was sent; the referral's day is used.",
            "تاريخ المتابعة سابق لإرسال الإحالة؛ وقد استُخدم يوم الإحالة.",
            "بەرواری بەدواداچوونەکە پێش ناردنی ڕەوانەکردنەکەیە؛ ڕۆژی ڕەوانەکردن بەکارهێنرا.",
        ),
        _texts(
            "Please either correct the day of the follow-up in KoboToolbox, or its referral number.",
            "يرجى إما تصحيح تاريخ المتابعة في KoboToolbox، أو رقم الإحالة فيها.",
            "تکایە یان بەرواری بەدواداچوونەکە لە KoboToolbox ڕاست بکەرەوە، یان ژمارەی ڕەوانەکردنەکەی.",
        ),
    ),
    ProblemKind(
        "previous_unknown",
        DERIVE,
        _texts(
            "The earlier referral that this one names has not arrived, or is this one itself.",
            "الإحالة السابقة المذكورة في هذه الإحالة لم تصل بعد، أو هي الإحالة نفسها.",
            "ئەو ڕەوانەکردنە پێشووەی لێرەدا ناوی هاتووە هێشتا نەگەیشتووە، یان خودی ئەمەیە.",
        ),
        _texts(
            "Please either correct the number of the earlier referral in KoboToolbox, or clear it.",
            "يرجى إما تصحيح رقم الإحالة السابقة في KoboToolbox، أو حذفه.",
            "تکایە یان ژمارەی ڕەوانەکردنی پێشوو لە KoboToolbox ڕاست بکەرەوە، یان بیسڕەوە.",
        ),
    ),
    ProblemKind(
        "sharing_withdrawn",
        DERIVE,
        _texts(
            "The person does not agree that the receiver is told, yet the referral was sent; it counts as withdrawn.",
            "الشخص لا يوافق على إبلاغ الجهة، ومع ذلك أُرسلت الإحالة؛ وهي تُحسب مسحوبة.",
            "کەسەکە ڕازی نییە لایەنەکە ئاگادار بکرێتەوە، بەڵام ڕەوانەکردنەکە نێردراوە؛ وەک کشێنراوە ئەژمار دەکرێت.",
        ),
        _texts(
            "Please either ask the receiver to delete what it was told, or correct the answer in KoboToolbox, here or"
            " in the visit where it was taken back.",
            "يرجى إما الطلب من الجهة حذف ما أُبلغت به، أو تصحيح الإجابة في KoboToolbox، هنا أو في الزيارة التي سُحبت "
            "فيها.",
            "تکایە یان داوا لە لایەنەکە بکە ئەوەی پێی وتراوە بیسڕێتەوە، یان وەڵامەکە لە KoboToolbox ڕاست بکەرەوە، "
            "لێرە یان لەو سەردانەدا کە ڕەزامەندییەکەی تێدا کشێنرایەوە.",
        ),
    ),
    ProblemKind(
        "reply_doubtful",
        DERIVE,
        _texts(
            "A reply of the receiver does not fit this referral: its step was not counted, or another day was used.",
            "ردّ الجهة لا يناسب هذه الإحالة: لم تُحسب خطوته، أو استُخدم يوم آخر.",
            "وەڵامی لایەنەکە لەگەڵ ئەم ڕەوانەکردنە ناگونجێت: هەنگاوەکەی ئەژمار نەکرا، یان ڕۆژێکی دیکە بەکارهێنرا.",
        ),
        _texts(
            "Please ask the receiver, and import its workbook again with the right decision and day.",
            "يرجى سؤال الجهة، واستيراد ملفها من جديد بالقرار واليوم الصحيحين.",
            "تکایە لە لایەنەکە بپرسە، و پەڕگەکەی دووبارە بە بڕیار و ڕۆژی دروستەوە بهێنەرەوە.",
        ),
    ),
)

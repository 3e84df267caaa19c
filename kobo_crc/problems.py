"""The catalogue of problems: what each code means and what to do about it, in three languages. Never a value.

The place (submission, question, staff) is in the problem's own row; the catalogue gives cause and remedy.
"""

from __future__ import annotations

from kobo_crc.activity_problems import ACTIVITY_PROBLEMS
from kobo_crc.errors import ATTACHMENTS, DERIVE, NORMALISE, ProblemKind
from kobo_crc.referral_problems import REFERRAL_PROBLEMS

__all__ = ["ATTACHMENTS", "DERIVE", "NORMALISE", "PROBLEMS"]


def _texts(en: str, ar: str, ckb: str) -> dict[str, str]:
    return {"en": en, "ar": ar, "ckb": ckb}


_KINDS = (
    ProblemKind(
        "value_not_integer",
        NORMALISE,
        _texts(
            "The answer is not a whole number, so it was left out.",
            "الإجابة ليست عدداً صحيحاً، لذلك لم تُحفظ.",
            "وەڵامەکە ژمارەیەکی تەواو نییە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please correct it in KoboToolbox to a number such as 25, or clear it.",
            "يرجى تصحيحها في KoboToolbox إلى عدد مثل 25، أو حذفها.",
            "تکایە لە KoboToolbox بیگۆڕە بۆ ژمارەیەکی وەک 25، یان بیسڕەوە.",
        ),
    ),
    ProblemKind(
        "value_not_decimal",
        NORMALISE,
        _texts(
            "The answer is not a number, so it was left out.",
            "الإجابة ليست رقماً، لذلك لم تُحفظ.",
            "وەڵامەکە ژمارە نییە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please correct it in KoboToolbox to a number such as 12.5, or clear it.",
            "يرجى تصحيحها في KoboToolbox إلى رقم مثل 12.5، أو حذفها.",
            "تکایە لە KoboToolbox بیگۆڕە بۆ ژمارەیەکی وەک 12.5، یان بیسڕەوە.",
        ),
    ),
    ProblemKind(
        "value_not_date",
        NORMALISE,
        _texts(
            "The answer is not a day of the calendar, so it was left out.",
            "الإجابة ليست تاريخاً صحيحاً، لذلك لم تُحفظ.",
            "وەڵامەکە بەروارێکی دروست نییە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please correct it in KoboToolbox to a day written year-month-day, or clear it.",
            "يرجى تصحيحها في KoboToolbox إلى تاريخ بصيغة سنة-شهر-يوم، أو حذفها.",
            "تکایە لە KoboToolbox بیگۆڕە بۆ بەروارێک بە شێوەی ساڵ-مانگ-ڕۆژ، یان بیسڕەوە.",
        ),
    ),
    ProblemKind(
        "value_not_datetime",
        NORMALISE,
        _texts(
            "The answer is not a day and time, so it was left out.",
            "الإجابة ليست تاريخاً ووقتاً صحيحين، لذلك لم تُحفظ.",
            "وەڵامەکە بەروار و کاتێکی دروست نییە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please correct the day and time in KoboToolbox, or clear the answer.",
            "يرجى تصحيح التاريخ والوقت في KoboToolbox، أو حذف الإجابة.",
            "تکایە بەروار و کاتەکە لە KoboToolbox ڕاست بکەرەوە، یان وەڵامەکە بسڕەوە.",
        ),
    ),
    ProblemKind(
        "value_not_time",
        NORMALISE,
        _texts(
            "The answer is not a time of day, so it was left out.",
            "الإجابة ليست وقتاً صحيحاً من اليوم، لذلك لم تُحفظ.",
            "وەڵامەکە کاتێکی دروستی ڕۆژ نییە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please correct it in KoboToolbox to a time such as 08:30, or clear it.",
            "يرجى تصحيحها في KoboToolbox إلى وقت مثل 08:30، أو حذفها.",
            "تکایە لە KoboToolbox بیگۆڕە بۆ کاتێکی وەک 08:30، یان بیسڕەوە.",
        ),
    ),
    ProblemKind(
        "code_unknown",
        NORMALISE,
        _texts(
            "The answer's code is not in the list of this question, so it was left out.",
            "رمز الإجابة غير موجود في قائمة هذا السؤال، لذلك لم تُحفظ.",
            "کۆدی وەڵامەکە لە لیستی ئەم پرسیارەدا نییە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please either choose another answer in KoboToolbox, or add the code to its list in forms/codes.",
            "يرجى إما اختيار إجابة أخرى في KoboToolbox، أو إضافة الرمز إلى قائمته في forms/codes.",
            "تکایە یان وەڵامێکی دیکە لە KoboToolbox هەڵبژێرە، یان کۆدەکە بخەرە لیستەکەیەوە لە forms/codes.",
        ),
    ),
    ProblemKind(
        "number_out_of_range",
        NORMALISE,
        _texts(
            "The number is larger or smaller than is likely; it was kept.",
            "العدد أكبر أو أصغر من المتوقع؛ وقد حُفظ كما هو.",
            "ژمارەکە لە ئاسایی گەورەتر یان بچووکترە؛ وەک خۆی پاشەکەوت کرا.",
        ),
        _texts(
            "Please ask the member of staff, and correct the number in KoboToolbox.",
            "يرجى سؤال الموظف، ثم تصحيح العدد في KoboToolbox.",
            "تکایە لە کارمەندەکە بپرسە و ژمارەکە لە KoboToolbox ڕاست بکەرەوە.",
        ),
    ),
    ProblemKind(
        "date_in_future",
        NORMALISE,
        _texts(
            "The day is later than the day the form reached the server.",
            "التاريخ لاحق ليوم وصول الاستمارة إلى الخادم.",
            "بەروارەکە دوای ئەو ڕۆژەیە کە فۆڕمەکە گەیشتووەتە سێرڤەر.",
        ),
        _texts(
            "Please correct the day in KoboToolbox, and check the date of the tablet.",
            "يرجى تصحيح التاريخ في KoboToolbox، والتأكد من تاريخ الجهاز اللوحي.",
            "تکایە بەروارەکە لە KoboToolbox ڕاست بکەرەوە و بەرواری تابلێتەکە بپشکنە.",
        ),
    ),
    ProblemKind(
        "date_too_early",
        NORMALISE,
        _texts(
            "The day is too long ago to be right.",
            "التاريخ أقدم من أن يكون صحيحاً.",
            "بەروارەکە زۆر کۆنە و ناکرێت دروست بێت.",
        ),
        _texts(
            "Please correct the day in KoboToolbox.",
            "يرجى تصحيح التاريخ في KoboToolbox.",
            "تکایە بەروارەکە لە KoboToolbox ڕاست بکەرەوە.",
        ),
    ),
    ProblemKind(
        "check_digits_wrong",
        NORMALISE,
        _texts(
            "The check digits of the card or slip number do not fit: a digit was mistyped.",
            "أرقام التحقق في رقم البطاقة أو القسيمة غير مطابقة: كُتب أحد الأرقام خطأً.",
            "ژمارەکانی پشکنینی کارتەکە یان پسووڵەکە ناگونجێن: ژمارەیەک بە هەڵە نووسراوە.",
        ),
        _texts(
            "Please read the number from the card or slip again, and correct it in KoboToolbox.",
            "يرجى قراءة الرقم من البطاقة أو القسيمة مرة أخرى، وتصحيحه في KoboToolbox.",
            "تکایە ژمارەکە جارێکی دیکە لە کارتەکە یان پسووڵەکە بخوێنەوە و لە KoboToolbox ڕاستی بکەرەوە.",
        ),
    ),
    ProblemKind(
        "phone_invalid",
        NORMALISE,
        _texts(
            "This cannot be a phone number; it was kept as typed.",
            "لا يمكن أن يكون هذا رقم هاتف؛ وقد حُفظ كما كُتب.",
            "ئەمە ناکرێت ژمارەی تەلەفۆن بێت؛ وەک خۆی پاشەکەوت کرا.",
        ),
        _texts(
            "Please ask the centre for the right number, and correct it in KoboToolbox, or clear it.",
            "يرجى طلب الرقم الصحيح من المركز وتصحيحه في KoboToolbox، أو حذفه.",
            "تکایە ژمارە دروستەکە لە ناوەندەکە وەربگرە و لە KoboToolbox ڕاستی بکەرەوە، یان بیسڕەوە.",
        ),
    ),
    ProblemKind(
        "clock_wrong",
        NORMALISE,
        _texts(
            "The tablet's clock differs too much from the time the form reached the server.",
            "ساعة الجهاز اللوحي تختلف كثيراً عن وقت وصول الاستمارة إلى الخادم.",
            "کاتژمێری تابلێتەکە زۆر جیاوازە لەو کاتەی فۆڕمەکە گەیشتووەتە سێرڤەر.",
        ),
        _texts(
            "Please set the tablet to automatic date and time, and check the days in this form.",
            "يرجى ضبط الجهاز على التاريخ والوقت التلقائيين، ومراجعة التواريخ في هذه الاستمارة.",
            "تکایە تابلێتەکە لەسەر بەروار و کاتی خۆکار دابنێ و بەروارەکانی ئەم فۆڕمە بپشکنە.",
        ),
    ),
    ProblemKind(
        "staff_not_active",
        DERIVE,
        _texts(
            "The staff code was not in use on the day of the visit.",
            "رمز الموظف لم يكن فعالاً في يوم الزيارة.",
            "کۆدی کارمەندەکە لە ڕۆژی سەردانەکەدا چالاک نەبوو.",
        ),
        _texts(
            "Please either correct the staff code in KoboToolbox, or the dates in forms/codes/staff.csv.",
            "يرجى إما تصحيح رمز الموظف في KoboToolbox، أو التواريخ في forms/codes/staff.csv.",
            "تکایە یان کۆدی کارمەندەکە لە KoboToolbox ڕاست بکەرەوە، یان بەروارەکان لە forms/codes/staff.csv.",
        ),
    ),
    ProblemKind(
        "centre_elsewhere",
        NORMALISE,
        _texts(
            "The form names a centre that does not send to this project.",
            "تذكر الاستمارة مركزاً لا يرسل إلى هذا المشروع.",
            "فۆڕمەکە ناوی ناوەندێک دەبات کە بۆ ئەم پڕۆژەیە نانێرێت.",
        ),
        _texts(
            "Please correct the centre in KoboToolbox, or list it under `centres` of the project in the pipeline file.",
            "يرجى تصحيح المركز في KoboToolbox، أو إضافته إلى `centres` للمشروع في ملف التشغيل.",
            "تکایە ناوەندەکە لە KoboToolbox ڕاست بکەرەوە، یان لە پەڕگەی کارکردندا بیخەرە ژێر `centres` ی پڕۆژەکە.",
        ),
    ),
    ProblemKind(
        "version_unknown",
        DERIVE,
        _texts(
            "The submission was filled on a version of the form that the server has never deployed.",
            "عُبّئت الاستمارة بنسخة لم ينشرها الخادم قط.",
            "ناردنەکە بە وەشانێکی فۆڕمەکە پڕ کراوەتەوە کە سێرڤەر هەرگیز بڵاوی نەکردووەتەوە.",
        ),
        _texts(
            "Please update the form on that tablet, and compare the answers with the paper or the person.",
            "يرجى تحديث الاستمارة على ذلك الجهاز، ومقارنة الإجابات بالورق أو مع الشخص.",
            "تکایە فۆڕمەکە لەسەر ئەو تابلێتە نوێ بکەرەوە، و وەڵامەکان لەگەڵ کاغەز یان کەسەکە بەراورد بکە.",
        ),
    ),
    ProblemKind(
        "answer_unmapped",
        NORMALISE,
        _texts(
            "The submission holds an answer to a question that the form does not have; it is kept in the vault.",
            "في الإرسال إجابة عن سؤال غير موجود في الاستمارة؛ وهي محفوظة في الخزنة.",
            "ناردنەکە وەڵامی پرسیارێکی تێدایە کە لە فۆڕمەکەدا نییە؛ لە خەزنەکەدا پارێزراوە.",
        ),
        _texts(
            "Please either add the question to the form, or update the form on the tablets.",
            "يرجى إما إضافة السؤال إلى الاستمارة، أو تحديث الاستمارة على الأجهزة.",
            "تکایە یان پرسیارەکە بخەرە فۆڕمەکەوە، یان فۆڕمەکە لەسەر تابلێتەکان نوێ بکەرەوە.",
        ),
    ),
    ProblemKind(
        "text_expected",
        NORMALISE,
        _texts(
            "There are several answers where the form has a single question, so they were left out.",
            "توجد عدة إجابات في موضع سؤال واحد، لذلك لم تُحفظ.",
            "لە شوێنی یەک پرسیاردا چەند وەڵامێک هەیە، بۆیە پاشەکەوت نەکران.",
        ),
        _texts(
            "Please check that the form here is the one on the server, and deploy it if it is not.",
            "يرجى التأكد من أن الاستمارة هنا مطابقة للموجودة على الخادم، ونشرها إن لم تكن كذلك.",
            "تکایە دڵنیابە کە فۆڕمەکەی ئێرە هەمان فۆڕمی سەر سێرڤەرە، ئەگینا بڵاوی بکەرەوە.",
        ),
    ),
    ProblemKind(
        "repeat_expected",
        NORMALISE,
        _texts(
            "There is a single answer where the form repeats a group, so it was left out.",
            "توجد إجابة واحدة في موضع مجموعة متكررة، لذلك لم تُحفظ.",
            "لە شوێنی کۆمەڵەیەکی دووبارەبووەدا تەنها یەک وەڵام هەیە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please check that the form here is the one on the server, and deploy it if it is not.",
            "يرجى التأكد من أن الاستمارة هنا مطابقة للموجودة على الخادم، ونشرها إن لم تكن كذلك.",
            "تکایە دڵنیابە کە فۆڕمەکەی ئێرە هەمان فۆڕمی سەر سێرڤەرە، ئەگینا بڵاوی بکەرەوە.",
        ),
    ),
    ProblemKind(
        "person_registered_twice",
        DERIVE,
        _texts(
            "This person number was registered in more than one submission.",
            "رقم الشخص هذا مسجل في أكثر من إرسال واحد.",
            "ئەم ژمارەی کەسە لە زیاتر لە ناردنێکدا تۆمارکراوە.",
        ),
        _texts(
            "Please find out whether this is one person or two people with one card, and correct it in KoboToolbox.",
            "يرجى التحقق مما إذا كان شخصاً واحداً أو شخصين ببطاقة واحدة، وتصحيح ذلك في KoboToolbox.",
            "تکایە بزانە ئایا یەک کەسە یان دوو کەسن بە یەک کارت، و لە KoboToolbox ڕاستی بکەرەوە.",
        ),
    ),
    ProblemKind(
        "file_not_as_declared",
        ATTACHMENTS,
        _texts(
            "The file of this answer is not the kind of file it claims to be, so it was not kept.",
            "ملف هذه الإجابة ليس من النوع المُعلَن، لذلك لم يُحفظ.",
            "پەڕگەی ئەم وەڵامە لەو جۆرە نییە کە ڕاگەیەندراوە، بۆیە پاشەکەوت نەکرا.",
        ),
        _texts(
            "Please open the submission in KoboToolbox, look at the file, and send it again if it is damaged.",
            "يرجى فتح الإرسال في KoboToolbox والاطلاع على الملف، وإرساله من جديد إذا كان تالفاً.",
            "تکایە ناردنەکە لە KoboToolbox بکەرەوە و سەیری پەڕگەکە بکە، و ئەگەر تێکچووبوو دووبارە بینێرە.",
        ),
    ),
    ProblemKind(
        "file_missing",
        ATTACHMENTS,
        _texts(
            "The server names a file for this answer and has not given it for many days.",
            "يذكر الخادم ملفاً لهذه الإجابة ولم يسلّمه منذ أيام عديدة.",
            "سێرڤەر ناوی پەڕگەیەک بۆ ئەم وەڵامە دەبات و چەند ڕۆژێکە نایدات.",
        ),
        _texts(
            "Please ask the member of staff whether the tablet still holds the file, and send it from there.",
            "يرجى سؤال الموظف عما إذا كان الملف لا يزال على الجهاز اللوحي، وإرساله منه.",
            "تکایە لە کارمەندەکە بپرسە ئایا پەڕگەکە هێشتا لەسەر تابلێتەکەیە، و لەوێوە بینێرە.",
        ),
    ),
    ProblemKind(
        "file_lost",
        ATTACHMENTS,
        _texts(
            "A file of this answer was kept here, is gone from the folder `attachments`, and from the server too.",
            "كان ملف لهذه الإجابة محفوظاً هنا، ولم يعد في المجلد `attachments`، ولم يعد الخادم يملكه.",
            "پەڕگەیەکی ئەم وەڵامە لێرە پاشەکەوت کرابوو، لە بوخچەی `attachments`دا نەماوە، و سێرڤەریش نەیماوە.",
        ),
        _texts(
            "Please bring the folder back from its copy; the next night sees it. Without a copy the file is lost.",
            "يرجى إعادة المجلد من نسخته؛ تراه الليلة التالية. من دون نسخة ضاع الملف.",
            "تکایە بوخچەکە لە کۆپییەکەیەوە بگێڕەرەوە؛ شەوی داهاتوو دەیبینێت. بەبێ کۆپی پەڕگەکە ون بووە.",
        ),
    ),
)

PROBLEMS: dict[str, ProblemKind] = {kind.code: kind for kind in (*_KINDS, *REFERRAL_PROBLEMS, *ACTIVITY_PROBLEMS)}

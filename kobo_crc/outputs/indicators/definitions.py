"""The figures, each with its one definition in English, Arabic and Sorani. Shown beside the number wherever it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kobo_crc.outputs.indicators.people import (
    Reading,
    attendances,
    feedback,
    people,
    people_this_year,
    services,
    sessions,
    visits,
)
from kobo_crc.outputs.indicators.referrals import OUTCOMES, overdue, referrals
from kobo_crc.outputs.indicators.standing import directory, quality
from kobo_crc.outputs.indicators.tables import Share

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure: how it is read from the store, what it is called and what it counts, and its percentages."""

    key: str
    reading: Reading
    name: Words
    meaning: Words
    shares: tuple[Share, ...] = ()


def _words(en: str, ar: str, ckb: str) -> Words:
    return {"en": en, "ar": ar, "ckb": ckb}


def _outcomes(*codes: str) -> tuple[tuple[str, str], ...]:
    return tuple(("outcome", code) for code in codes)


def _limit_passed(by: str) -> tuple[tuple[str, str], ...]:
    return (by, "in_time"), (by, "late")


_ACCEPTED = ("accepted_open", "served", "not_served")
_ANSWERED = tuple(("answer", code) for code in ("agreed", "opted_out", "not_recorded"))
_CLOSED = tuple(("closing", code) for code in ("closed_in_time", "closed_late", "closed"))

DEFINITIONS: Final[Mapping[str, Definition]] = {
    one.key: one
    for one in (
        Definition(
            "people",
            people,
            _words("Unique people assisted", "الأشخاص المستفيدون (دون تكرار)", "کەسانی سوودمەند (بێ دووبارەبوونەوە)"),
            _words(
                "Different person numbers with a visit, a service or a card at a session in the month, by "
                "what was registered "
                "last; never added to visits. Only people who agreed to be counted; a centre's total, of the "
                "last contact, "
                "is of everyone. A range while numbers given out twice, or cards that may be one person's, are open.",
                "أرقام الأشخاص المختلفة التي سُجلت لها زيارة أو خدمة أو بطاقة في جلسة خلال الشهر، بحسب آخر "
                "تسجيل؛ ولا تُجمع مع الزيارات. "
                "فقط لمن وافقوا على احتسابهم؛ أما مجموع المركز (آخر اتصال) فللجميع. يظهر مدى ما دامت أرقام "
                "أُعطيت مرتين، أو بطاقات قد تكون لشخص واحد، قيد المراجعة.",
                "ژمارە جیاوازەکانی کەسان کە لە مانگەکەدا سەردان، خزمەتگوزاری یان کارتیان لە دانیشتنێکدا "
                "هەیە، بەپێی دوایین تۆمار؛ هەرگیز "
                "لەگەڵ سەردان کۆ ناکرێنەوە. تەنها ئەوانەی ڕازی بوون ئەژمار بکرێن؛ کۆی ناوەند (دوایین "
                "پەیوەندی) هی هەمووانە. تا ژمارەی "
                "دووجار دراو، یان کارتی ڕەنگە هی یەک کەس بن، یەکلایی نەبێتەوە، مەودا پیشان دەدرێت.",
            ),
        ),
        Definition(
            "people_this_year",
            people_this_year,
            _words(
                "Unique people since January",
                "الأشخاص دون تكرار منذ كانون الثاني",
                "کەسان بێ دووبارەبوونەوە لە کانوونی دووەمەوە",
            ),
            _words(
                "As above, each person once from January to the end of the month; only people who agreed to "
                "be counted.",
                "كما أعلاه، كل شخص مرة واحدة من كانون الثاني حتى نهاية الشهر؛ فقط لمن وافقوا على احتسابهم.",
                "وەک سەرەوە، هەر کەسێک یەکجار لە کانوونی دووەمەوە تا کۆتایی مانگ؛ تەنها ئەوانەی ڕازی بوون "
                "ئەژمار بکرێن.",
            ),
        ),
        Definition(
            "visits",
            visits,
            _words("Visits, and what was agreed to", "الزيارات وما وافق عليه الأشخاص", "سەردانەکان و ڕەزامەندییەکان"),
            _words(
                "Conversations on a day of the month, as staff state it. One person may come several times. "
                "Of those who were not "
                "recorded only sex, age group and displacement are known.",
                "المحادثات التي جرت في يوم من الشهر كما يذكره الموظف. قد يأتي الشخص عدة مرات. ولا يُعرف عمن "
                "لم يُسجَّلوا سوى الجنس والفئة "
                "العمرية وحالة النزوح.",
                "گفتوگۆکانی ڕۆژێکی مانگەکە، وەک کارمەند دەڵێت. کەسێک دەتوانێت چەند جار بێت. لەوانەی تۆمار "
                "نەکراون تەنها ڕەگەز، کۆمەڵەی "
                "تەمەن و دۆخی ئاوارەبوون دەزانرێت.",
            ),
            (
                Share("refused_record", (("answer", "not_recorded"),), _ANSWERED),
                Share("refused_report", (("answer", "opted_out"),), _ANSWERED),
            ),
        ),
        Definition(
            "services",
            services,
            _words("Services delivered", "الخدمات المقدَّمة", "خزمەتگوزارییە پێشکەشکراوەکان"),
            _words(
                "Services that the centre itself gave, whole or in part, during a visit or by the form for "
                "services. A service is not a "
                "person. Sensitive services share one category with other services.",
                "الخدمات التي قدمها المركز نفسه كلياً أو جزئياً، أثناء زيارة أو باستمارة الخدمات. الخدمة "
                "ليست شخصاً. الخدمات الحساسة مدمجة "
                "مع «خدمات أخرى» في فئة واحدة.",
                "ئەو خزمەتگوزارییانەی ناوەندەکە خۆی بە تەواوی یان بەشێکی داویەتی، لە سەردانێکدا یان بە فۆڕمی "
                "خزمەتگوزاری. خزمەتگوزاری کەس "
                "نییە. خزمەتگوزارییە هەستیارەکان لەگەڵ خزمەتگوزارییەکانی دیکە لە یەک پۆلدان.",
            ),
        ),
        Definition(
            "sessions",
            sessions,
            _words("Group sessions", "الجلسات الجماعية", "دانیشتنە بەکۆمەڵەکان"),
            _words(
                "Sessions held in the month. No numbers of people, so they are exact.",
                "الجلسات التي عُقدت في الشهر. ليست أعداد أشخاص، لذلك هي دقيقة.",
                "ئەو دانیشتنانەی لە مانگەکەدا کران. ژمارەی کەسان نین، بۆیە وردن.",
            ),
        ),
        Definition(
            "attendances",
            attendances,
            _words("Attendances at sessions", "الحضور في الجلسات", "ئامادەبوون لە دانیشتنەکان"),
            _words(
                "Cards shown or heads counted at sessions. One person may attend several: never unique people.",
                "البطاقات المعروضة أو الأشخاص الذين عُدّوا في الجلسات. قد يحضر الشخص عدة جلسات: ليست أشخاصاً دون تكرار.",
                "ئەو کارتانەی پیشان دراون یان سەرەکانی ژمێردراون لە دانیشتنەکاندا. کەسێک دەتوانێت لە چەند "
                "دانیشتنێک بێت: کەسانی بێ دووبارە نین.",
            ),
        ),
        Definition(
            "referrals",
            referrals,
            _words("Referrals made", "الإحالات", "ڕەوانەکردنەکان"),
            _words(
                "Referrals sent in the month, as they stand now; without drafts and mistakes. One person may "
                "have several. Days are counted "
                "from sending, of those that reached the stage, so the newest months look quicker than they "
                "will be. In time is counted of those whose limit has passed; limits are by priority, in hours or "
                "working days.",
                "الإحالات المرسلة في الشهر بحسب وضعها الآن؛ دون المسودات والأخطاء. قد يكون للشخص عدة إحالات. "
                "تُحسب الأيام من الإرسال لما بلغ "
                "المرحلة، لذلك تبدو الأشهر الأخيرة أسرع مما ستكون. ويُحسب الالتزام بالوقت مما انقضت مدته؛ والمدد "
                "بحسب الأولوية، بالساعات أو بأيام العمل.",
                "ئەو ڕەوانەکردنانەی لە مانگەکەدا نێردراون، وەک ئێستا هەن؛ بەبێ ڕەشنووس و هەڵە. کەسێک "
                "دەتوانێت چەند دانەی هەبێت. ڕۆژەکان لە "
                "ناردنەوە دەژمێردرێن، بۆ ئەوانەی گەیشتوونەتە قۆناغەکە، بۆیە مانگە نوێیەکان خێراتر دەردەکەون. «لە کاتی "
                "خۆیدا» لەوانە ئەژمار دەکرێت کە ماوەکەیان تێپەڕیوە؛ ماوەکان بەپێی گرنگین، بە کاتژمێر یان ڕۆژی کار.",
            ),
            (
                Share("no_feedback", _outcomes("no_feedback"), _outcomes(*OUTCOMES)),
                Share("accepted", _outcomes(*_ACCEPTED), _outcomes(*OUTCOMES)),
                Share("not_accepted", _outcomes("not_accepted"), _outcomes(*OUTCOMES)),
                Share("served", _outcomes("served"), _outcomes(*OUTCOMES)),
                Share("accepted_not_served", _outcomes("accepted_open", "not_served"), _outcomes(*_ACCEPTED)),
                Share("acknowledged_in_time", (("receipt", "in_time"),), _limit_passed("receipt")),
                Share("decided_in_time", (("decision", "in_time"),), _limit_passed("decision")),
                Share("closed", (("closed", "closed"),), (("closed", "closed"), ("closed", "not_closed"))),
                Share("again", (("follows", "again"),), (("follows", "first"), ("follows", "again"))),
            ),
        ),
        Definition(
            "overdue",
            overdue,
            _words("Overdue referrals", "الإحالات المتأخرة", "ڕەوانەکردنە دواکەوتووەکان"),
            _words(
                "Referrals sent in the month that are open now, and whose limit to decide, or once accepted to serve, "
                "has passed. Limits are by priority, in hours or working days.",
                "الإحالات المرسلة في الشهر وما زالت مفتوحة الآن، وقد انقضت المدة المحددة للقرار، أو للخدمة بعد القبول. "
                "المدد بحسب الأولوية، بالساعات أو بأيام العمل.",
                "ئەو ڕەوانەکردنانەی لە مانگەکەدا نێردراون و ئێستا کراوەن، و ماوەی بڕیار، یان دوای قبوڵکردن ماوەی "
                "خزمەتگوزاری، تێپەڕیوە. ماوەکان بەپێی گرنگین، بە کاتژمێر یان ڕۆژی کار.",
            ),
        ),
        Definition(
            "feedback",
            feedback,
            _words("Complaints and feedback", "الشكاوى والآراء", "سکاڵا و بۆچوونەکان"),
            _words(
                "Feedback received in the month, and whether it was closed by the day on which a reply was "
                "due. Complaints about "
                "exploitation, abuse or fraud go to their own channel and are in no figure.",
                "ما ورد من شكاوى وآراء في الشهر، وهل أُغلق حتى اليوم المحدد للرد. الشكاوى من الاستغلال أو "
                "الإساءة أو الاحتيال لها قناتها "
                "الخاصة ولا تدخل في أي رقم.",
                "سکاڵا و بۆچوونەکانی مانگەکە، و ئایا تا ڕۆژی دیاریکراوی وەڵام داخراون. سکاڵای چەوساندنەوە، "
                "خراپ مامەڵەکردن یان ساختەکاری "
                "کەناڵی خۆی هەیە و لە هیچ ژمارەیەکدا نییە.",
            ),
            (Share("closed_in_time", _CLOSED[:1], (*_CLOSED, ("closing", "not_closed"))),),
        ),
        Definition(
            "directory",
            directory,
            _words("Directory of services", "دليل الخدمات", "ڕێبەری خزمەتگوزاری"),
            _words(
                "Services at their places, and those that the provider assured in the 90 days before the end "
                "of the month.",
                "الخدمات في أماكنها، وما أكدته الجهة المقدمة خلال 90 يوماً قبل نهاية الشهر.",
                "خزمەتگوزارییەکان لە شوێنەکانیان، و ئەوانەی دابینکەر لە 90 ڕۆژی پێش کۆتایی مانگدا دڵنیای کردووەتەوە.",
            ),
            (Share("places_fresh", (("number", "places_fresh"),), (("number", "places"),)),),
        ),
        Definition(
            "quality",
            quality,
            _words("Quality of the data", "جودة البيانات", "چۆنایەتیی داتا"),
            _words(
                "Submissions that arrived in the month, those with open problems, visits that arrived more "
                "than 7 days late, follow-ups "
                "without their referral, and numbers used twice.",
                "الإرسالات التي وصلت في الشهر، وما فيه مشكلات مفتوحة، والزيارات التي وصلت متأخرة أكثر من 7 "
                "أيام، والمتابعات دون إحالتها، "
                "والأرقام المستعملة مرتين.",
                "ئەو ناردنانەی لە مانگەکەدا گەیشتوون، ئەوانەی کێشەی کراوەیان هەیە، سەردانەکانی زیاتر لە 7 "
                "ڕۆژ دواکەوتوون، بەدواداچوونەکانی "
                "بێ ڕەوانەکردن، و ژمارەکانی دووجار بەکارهاتوون.",
            ),
            (Share("with_problems", (("number", "with_problems"),), (("number", "submissions"),)),),
        ),
    )
}

"""Common Arabic and Kurdish names, and the ways in which one name gets written. No real person is meant.

Family names are trades and towns: nothing here says tribe, religion or ethnicity.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

ARABIC_MALE = (
    "أحمد", "محمد", "علي", "حسين", "عمر", "مصطفى", "إبراهيم", "يوسف", "خالد", "محمود", "عبد الله", "عبد الرحمن",
    "سعد", "سعيد", "ياسر", "طارق", "زياد", "وليد", "فراس", "مهند", "ليث", "حيدر", "كريم", "جاسم", "ناصر", "سلام",
    "صباح", "عدنان", "غسان", "رائد", "بشار", "أنس", "بلال", "حسام", "قصي", "عمار", "أسامة", "رعد", "نبيل", "هيثم",
    "سامي", "فيصل", "عادل", "ماجد", "أيمن", "مروان", "عبد الكريم", "عبد القادر", "إسماعيل", "يعقوب", "شاكر", "صالح",
)  # fmt: skip
ARABIC_FEMALE = (
    "فاطمة", "زينب", "مريم", "عائشة", "نور", "سارة", "هدى", "أمل", "سعاد", "رنا", "شيماء", "إيمان", "هناء", "سميرة",
    "ليلى", "منى", "رغد", "دعاء", "نادية", "ابتسام", "خديجة", "آمنة", "وفاء", "سهى", "رشا", "أسماء", "إسراء", "زهراء",
    "بشرى", "انتصار", "كوثر", "نجلاء", "سناء", "رحمة", "حنان", "ميساء", "غفران", "هبة", "شهد", "سلمى", "نهى", "رقية",
)  # fmt: skip
ARABIC_FAMILY = (
    "الحداد", "النجار", "الخياط", "الصباغ", "البزاز", "الخباز", "العطار", "الصائغ", "القصاب", "الحلاق", "البناء",
    "الموصلي", "البغدادي", "الفلوجي", "الجلولائي", "التكريتي", "الخانقيني", "السنجاري", "الراوي", "الهيتي", "العاني",
    "الساعاتي", "الدباغ", "الوراق", "الفلاح", "الملاح", "الكاتب", "المعلم",
)  # fmt: skip
KURDISH_MALE = (
    "ئازاد", "ڕێبوار", "هێمن", "ئاراس", "شوان", "کاروان", "دلێر", "سەردار", "هیوا", "ئاکۆ", "ڕزگار", "بەختیار",
    "سۆران", "زانا", "ڕێکەوت", "هەردی", "گۆران", "نەوزاد", "فەرهاد", "بێستون", "محەمەد", "ئەحمەد", "عومەر", "عەلی",
    "حەسەن", "کەریم", "ڕەشید", "جەمال", "عوسمان", "یوسف", "هۆشیار", "ڕێبین",
)  # fmt: skip
KURDISH_FEMALE = (
    "شیلان", "هێرۆ", "ڕووناک", "ژیان", "نەسرین", "گوڵاڵە", "بێریڤان", "شنۆ", "هەناسە", "پەروین", "ئاڤان", "تارا",
    "سازان", "چنار", "لانە", "ڕێزان", "دڵنیا", "نیان", "شادان", "سروە", "کەژاڵ", "فاتیمە", "زەینەب", "مەریەم",
)  # fmt: skip
KURDISH_FAMILY = (
    "خانەقینی", "جەلەولایی", "کفری", "هەڵەبجەیی", "سلێمانی", "هەولێری", "کەرکووکی", "دهۆکی", "بەرزنجی", "نەجاڕ",
    "ئاسنگەر", "وەستا", "باخەوان", "شوانکار",
)  # fmt: skip

# Prefix of the number by carrier, with the share of each.
CARRIERS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "Korek": (("750", 12), ("751", 6)),
    "Omnnea": (("760", 2),),
    "Asiacell": (("770", 22), ("771", 12), ("773", 8)),
    "Zain": (("780", 16), ("781", 12), ("782", 8), ("790", 2)),
}
_PREFIXES, _WEIGHTS = zip(*(pair for pairs in CARRIERS.values() for pair in pairs), strict=True)
_EASTERN_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
# How hurried fingers write the same Arabic name; none of them changes who is meant.
_SPELLINGS = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ة", "ه"), ("ى", "ي"), ("عبد ال", "عبدال"), ("ئ", "ي"), ("ی", "ي"))


@dataclass(frozen=True, slots=True)
class FullName:
    """A name as asked in Iraq: given, father's, grandfather's, and a family name that may be empty."""

    given: str
    father: str
    grandfather: str
    family: str


def full_name(rng: random.Random, language: str, female: bool) -> FullName:
    """A name in Arabic (`ar`) or Sorani (`ckb`); many go without the family name, most of all in Sorani."""
    kurdish = language == "ckb"
    men = KURDISH_MALE if kurdish else ARABIC_MALE
    women = KURDISH_FEMALE if kurdish else ARABIC_FEMALE
    family = KURDISH_FAMILY if kurdish else ARABIC_FAMILY
    given = rng.choice(women if female else men)
    has_family = rng.random() < (0.3 if kurdish else 0.75)
    return FullName(given, rng.choice(men), rng.choice(men), rng.choice(family) if has_family else "")


def respelled(name: str, rng: random.Random) -> str:
    """The same name as another officer might type it; unchanged when it has no other spelling."""
    possible = [(old, new) for old, new in _SPELLINGS if old in name]
    if not possible:
        return name
    old, new = rng.choice(possible)
    return name.replace(old, new)


def phone(rng: random.Random) -> str:
    """A mobile number that an Iraqi carrier may give, local form with the trunk 0: eleven digits."""
    prefix: str = rng.choices(_PREFIXES, _WEIGHTS)[0]
    return f"0{prefix}{rng.randrange(10**7):07d}"


def written_phone(number: str, rng: random.Random) -> str:
    """The same number as people write it: with the country code, without the 0, or in Arabic-Indic digits."""
    way = rng.random()
    if way < 0.7:
        return number
    if way < 0.82:
        return number.translate(_EASTERN_DIGITS)
    if way < 0.92:
        return "+964" + number[1:]
    return number[1:]

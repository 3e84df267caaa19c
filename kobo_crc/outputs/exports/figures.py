"""Published figures as flat rows, and as who does what, where, when and for whom. Nothing that was not published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES
from kobo_crc.outputs.exports.tables import Column, Row, Table
from kobo_crc.outputs.indicators.definitions import DEFINITIONS
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.publication import Figures
from kobo_crc.outputs.indicators.words import Labels

FIGURES = (
    Column("month", "text", {"en": "Calendar month", "ar": "الشهر", "ckb": "مانگ"}, "#date+month"),
    Column("figure", "text", {"en": "Code of the figure", "ar": "رمز المؤشر", "ckb": "کۆدی پێوەر"}, "#indicator+code"),
    Column("figure_name", "text", {"en": "Its name", "ar": "اسم المؤشر", "ckb": "ناوی پێوەر"}, "#indicator+name"),
    Column("way", "text", {"en": "By what it is parted", "ar": "أساس التقسيم", "ckb": "بنەمای دابەشکردن"}, "#meta+way"),
    Column("category", "text", {"en": "Code of the part", "ar": "رمز الفئة", "ckb": "کۆدی پۆل"}, "#meta+category+code"),
    Column("category_name", "text", {"en": "Its name", "ar": "اسم الفئة", "ckb": "ناوی پۆل"}, "#meta+category+name"),
    Column(
        "value",
        "number",
        {
            "en": "The count, rounded; empty where it is small or no count",
            "ar": "العدد مقرّباً؛ فارغ إن كان صغيراً أو ليس عدداً",
            "ckb": "ژمارە بە خڕکراوی؛ بەتاڵە ئەگەر بچووک بێت یان ژمارە نەبێت",
        },
        "#value+num",
    ),
    Column("shown", "text", {"en": "As it was published", "ar": "كما نُشر", "ckb": "وەک بڵاوکراوەتەوە"}, "#value+text"),
)
FIVE_WS = (
    Column("who", "text", {"en": "Who", "ar": "من", "ckb": "کێ"}, "#org+prog"),
    Column("what", "text", {"en": "What", "ar": "ماذا", "ckb": "چی"}, "#activity"),
    Column("where", "text", {"en": "Where", "ar": "أين", "ckb": "لە کوێ"}, "#loc+name"),
    Column("governorate", "text", {"en": "P-code", "ar": "رمز المحافظة", "ckb": "کۆدی پارێزگا"}, "#adm1+code"),
    Column("district", "text", {"en": "P-code", "ar": "رمز القضاء", "ckb": "کۆدی قەزا"}, "#adm2+code"),
    Column("from", "date", {"en": "First day", "ar": "أول يوم", "ckb": "یەکەم ڕۆژ"}, "#date+start"),
    Column("to", "date", {"en": "Last day", "ar": "آخر يوم", "ckb": "دوایین ڕۆژ"}, "#date+end"),
    Column("whom", "text", {"en": "For whom", "ar": "لمن", "ckb": "بۆ کێ"}, "#population+group"),
    Column("output", "number", {"en": "Units of work", "ar": "وحدات العمل", "ckb": "یەکەکانی کار"}, "#output+num"),
    Column("reached", "number", {"en": "People", "ar": "الأشخاص", "ckb": "کەسان"}, "#reached+ind"),
)
# Figures of work, whose counts are outputs; the figure of people gives those who were reached.
WORK = {"services": ("service", "centre"), "attendances": ("kind", "centre"), "referrals": ("service", "centre")}
REACHED = ("", "sex", "age", "displacement", "disability", "centre")
ADM1, ADM2 = 5, 8  # letters of a p-code
WHO = {
    "en": "Community resource centres",
    "ar": "مراكز الموارد المجتمعية",
    "ckb": "ناوەندەکانی سەرچاوەکانی کۆمەڵگە",
}
EVERYWHERE = {"en": "All centres", "ar": "جميع المراكز", "ckb": "هەموو ناوەندەکان"}

Published = Mapping[Month, Figures]


def flat(published: Published, labels: Labels, language: str) -> Table:
    """Every published number as a row: made for pivot tables."""
    rows = tuple(
        (
            str(month),
            figure,
            DEFINITIONS[figure].name[language],
            labels.way(line.by),
            line.category,
            labels.category(line.by, line.category),
            line.value or None,
            line.text,
        )
        for month, figures in published.items()
        for figure, lines in figures.items()
        for line in lines
    )
    return Table("figures", "public", FIGURES, rows)


def five_ws(connection: sa.Connection, published: Published, labels: Labels, language: str) -> Table:
    """Who does what, where, when and for whom. Ways of parting never cross, so a row says where, or what, "
    "or for whom."""
    centre = CODES["centre"].c
    places = {code: place or "" for code, place in connection.execute(sa.select(centre.code, centre.place))}
    rows = tuple(_five_ws(published, labels, places, language))
    return Table("5w", "public", FIVE_WS, rows)


def _five_ws(published: Published, labels: Labels, places: Mapping[str, str], language: str) -> Iterator[Row]:
    for month, figures in published.items():
        for figure, ways in (*WORK.items(), ("people", REACHED)):
            for line in figures.get(figure, ()):
                if line.value and line.by in ways:
                    name = labels.category(line.by, line.category)
                    cells = _cells(figure, line.by, line.category, name, places, language)
                    yield (WHO[language], *cells[:4], *_days(month), *_counts(figure, cells[4], line.value))


def _cells(
    figure: str, by: str, category: str, name: str, places: Mapping[str, str], language: str
) -> tuple[str | None, ...]:
    """What, where, governorate, district and for whom."""
    at = places.get(category, "") if by == "centre" else ""
    activity = DEFINITIONS[figure].name[language]
    what = f"{activity}: {name}" if by in ("service", "kind") else activity
    whom = name if figure == "people" and by not in ("", "centre") else None
    where = name if by == "centre" else EVERYWHERE[language]
    return what, where, at[:ADM1] or None, at[:ADM2] if len(at) >= ADM2 else None, whom


def _days(month: Month) -> tuple[date, date]:
    return month.first, month.last


def _counts(figure: str, whom: str | None, value: int) -> Sequence[str | int | None]:
    return (whom, None, value) if figure == "people" else (whom, value, None)

"""What the fields of the directory's HSDS file mean, by object; each that the export writes is here, and no other."""

from __future__ import annotations

from typing import Final, Literal

from kobo_crc.outputs.exports.tables import Column, Table

Kind = Literal["text", "number", "date"]


def _field(name: str, en: str, ar: str, ckb: str, kind: Kind = "text") -> Column:
    return Column(name, kind, {"en": en, "ar": ar, "ckb": ckb})


def _id() -> Column:
    return _field(
        "id",
        "Identifier; the same in every export",
        "معرّف؛ هو نفسه في كل تصدير",
        "ناسێنەر؛ لە هەموو هەناردەیەکدا هەمانە",
    )


_SERVICE: Final = (
    _id(),
    _field("organization_id", "The organisation's identifier", "معرّف الجهة", "ناسێنەری لایەنەکە"),
    _field("name", "Name of the service", "اسم الخدمة", "ناوی خزمەتگوزاری"),
    _field(
        "status",
        "Whether it is on offer: active, inactive, defunct or temporarily closed",
        "هل تُقدَّم: active أو inactive أو defunct أو temporarily closed",
        "ئایا پێشکەش دەکرێت: active یان inactive یان defunct یان temporarily closed",
    ),
    _field("application_process", "How to get it", "كيفية الحصول عليها", "چۆنیەتی وەرگرتنی"),
    _field("fees_description", "What it costs", "كلفتها", "تێچووی"),
    _field("eligibility_description", "Who can get it", "من يستطيع الحصول عليها", "کێ دەتوانێت وەریبگرێت"),
    _field(
        "minimum_age",
        "Youngest age in years, the lowest of its places",
        "أدنى عمر بالسنوات، الأدنى بين أماكنها",
        "کەمترین تەمەن بە ساڵ، نزمترینی شوێنەکانی",
        "number",
    ),
    _field(
        "maximum_age",
        "Oldest age in years, the highest of its places",
        "أعلى عمر بالسنوات، الأعلى بين أماكنها",
        "زۆرترین تەمەن بە ساڵ، بەرزترینی شوێنەکانی",
        "number",
    ),
    _field(
        "assured_date",
        "Day on which the provider last said that it holds",
        "آخر يوم أكدت فيه الجهة صحتها",
        "دوایین ڕۆژ کە لایەنەکە پشتڕاستی کردووەتەوە",
        "date",
    ),
    _field("organization", "The organisation, as an object", "الجهة، كعنصر", "لایەنەکە، وەک ئۆبجێکت"),
    _field("service_at_locations", "Its places", "أماكنها", "شوێنەکانی"),
    _field("required_documents", "Papers to bring", "الوثائق المطلوبة", "بەڵگەنامە پێویستەکان"),
)
_ORGANIZATION: Final = (
    _id(),
    _field("name", "Name of the organisation or office", "اسم المنظمة أو الدائرة", "ناوی ڕێکخراو یان فەرمانگە"),
    _field("description", "The same name", "الاسم نفسه", "هەمان ناو"),
)
_AT_LOCATION: Final = (
    _id(),
    _field("service_id", "The service's identifier", "معرّف الخدمة", "ناسێنەری خزمەتگوزارییەکە"),
    _field("location_id", "The place's identifier", "معرّف المكان", "ناسێنەری شوێنەکە"),
    _field("location", "The place, as an object", "المكان، كعنصر", "شوێنەکە، وەک ئۆبجێکت"),
    _field("schedules", "Opening hours", "أوقات الدوام", "کاتەکانی کارکردن"),
)
_LOCATION: Final = (
    _id(),
    _field("location_type", "Always physical", "دائماً physical", "هەمیشە physical"),
    _field(
        "name",
        "The centre, else the sub-district or district",
        "المركز، وإلا فالناحية أو القضاء",
        "ناوەندەکە، یان ناحیە یان قەزا",
    ),
    _field("external_identifier", "P-code of the place", "رمز المكان", "کۆدی شوێنەکە"),
    _field("external_identifier_type", "Always P-code", "دائماً P-code", "هەمیشە P-code"),
)
_SCHEDULE: Final = (
    _id(),
    _field("freq", "Always WEEKLY", "دائماً WEEKLY", "هەمیشە WEEKLY"),
    _field("wkst", "The week begins on Sunday", "يبدأ الأسبوع يوم الأحد", "هەفتە لە یەکشەممەوە دەست پێدەکات"),
    _field("timezone", "Hours before UTC", "ساعات قبل التوقيت العالمي", "کاتژمێر پێش UTC", "number"),
    _field("byday", "Days of the week", "أيام الأسبوع", "ڕۆژەکانی هەفتە"),
    _field("opens_at", "Opens at", "يفتح في", "دەکرێتەوە لە"),
    _field("closes_at", "Closes at", "يغلق في", "دادەخرێت لە"),
)
_DOCUMENT: Final = (_id(), _field("document", "Which paper", "أي وثيقة", "کام بەڵگەنامە"))

OBJECTS: Final = tuple(
    Table(name, "open", columns, ())
    for name, columns in {
        "service": _SERVICE,
        "organization": _ORGANIZATION,
        "service_at_location": _AT_LOCATION,
        "location": _LOCATION,
        "schedule": _SCHEDULE,
        "required_document": _DOCUMENT,
    }.items()
)

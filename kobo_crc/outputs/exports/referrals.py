"""Referrals as rows for one receiver: no names, no card, no day; numbers of their own, and nobody who stands out."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES
from kobo_crc.disclosure import SPECIALISED, shared
from kobo_crc.outputs.exports.tables import Column, Table
from kobo_crc.outputs.indicators.months import Month
from kobo_crc.outputs.indicators.reading import Reader, days_between
from kobo_crc.outputs.indicators.referrals import reached, sent
from kobo_crc.referrals.lifecycle import day_of

ADM2 = 8  # letters of a district's p-code


class Case(NamedTuple):
    """One referral. The fields from `month` to `disability` could tell who it is, the most useful first."""

    referral: str
    person: str | None
    month: str
    service: str | None
    district: str | None
    sex: str | None
    age: str | None
    displacement: str | None
    disability: str | None
    priority: str | None
    outcome: str
    reason: str | None
    days_to_decision: int | None
    days_to_service: int | None


QUASI = slice(Case._fields.index("month"), Case._fields.index("disability") + 1)
# The question that a column comes from, whose HXL tag it takes: table and column of the store.
ASKED: Mapping[str, str] = {
    "service": "need.service_code",
    "sex": "registration.sex_code",
    "age": "registration.age_years",
    "displacement": "registration.displacement_code",
    "priority": "referral.priority_code",
    "outcome": "referral.status_code",
}
TAGS: Mapping[str, str] = {
    "referral": "#meta+id+referral",
    "person": "#meta+id+person",
    "month": "#date+month",
    "service": "#service+code",
    "district": "#adm2+code",
    "disability": "#meta+disability",
    "reason": "#status+reason",
    "days_to_decision": "#indicator+days+decision",
    "days_to_service": "#indicator+days+service",
}
MEANINGS: Mapping[str, tuple[str, str, str]] = {
    "referral": (
        "The referral, by a number for this receiver alone",
        "الإحالة برقم لهذه الجهة وحدها",
        "ڕەوانەکردن بە ژمارەیەکی تایبەتی ئەم لایەنە",
    ),
    "person": ("The person, likewise", "الشخص كذلك", "کەسەکە بە هەمان شێوە"),
    "month": ("Month of sending", "شهر الإرسال", "مانگی ناردن"),
    "service": (
        "Service asked for; never a sensitive one",
        "الخدمة المطلوبة؛ لا خدمات حساسة",
        "خزمەتگوزاریی داواکراو؛ هەستیار نییە",
    ),
    "district": ("District of the centre", "قضاء المركز", "قەزای ناوەند"),
    "sex": ("Sex", "الجنس", "ڕەگەز"),
    "age": ("Age band in years", "الفئة العمرية بالسنوات", "کۆمەڵەی تەمەن بە ساڵ"),
    "displacement": ("Displacement status", "حالة النزوح", "دۆخی ئاوارەبوون"),
    "disability": (
        "Disability by the Washington Group",
        "الإعاقة بحسب مجموعة واشنطن",
        "کەمئەندامی بەپێی گرووپی واشنتن",
    ),
    "priority": ("Priority", "الأولوية", "گرنگی"),
    "outcome": ("How far it came", "إلى أين وصلت", "تا کوێ گەیشتووە"),
    "reason": ("Why it was not accepted or served", "سبب عدم القبول أو التقديم", "هۆی قبوڵنەکردن یان پێشکەشنەکردن"),
    "days_to_decision": ("Days to the decision", "الأيام حتى القرار", "ڕۆژ تا بڕیار"),
    "days_to_service": ("Days to the service", "الأيام حتى الخدمة", "ڕۆژ تا خزمەتگوزاری"),
}


def columns(tags: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of the table; `tags` are the forms' HXL tags by table and column of the store."""
    return tuple(
        Column(
            name,
            "number" if name.startswith("days_") else "text",
            dict(zip(("en", "ar", "ckb"), MEANINGS[name], strict=True)),
            tags.get(ASKED.get(name, ""), "") or TAGS.get(name, ""),
        )
        for name in Case._fields
    )


def table(cases: Iterable[Case], key: bytes, few: int, tags: Mapping[str, str]) -> Table:
    """The referrals with the receiver's own numbers; what fewer than `few` people share is left empty. No rows at all
    of few people."""
    kept = list(cases)
    fields = [_field(index) for index in range(QUASI.start, QUASI.stop)]
    shown = shared(kept, fields, few, _whose) if len(set(map(_whose, kept))) >= few else []
    rows = (_row(case, count, key) for case, count in zip(kept[: len(shown)], shown, strict=True))
    # In the order of the numbers, which is another for each receiver: places in the file tell nothing.
    return Table("referrals", "confidential", columns(tags), tuple(sorted(rows)))


def cases(connection: sa.Connection, reader: Reader, months: Iterable[Month]) -> Iterator[Case]:
    """Referrals sent in these months, of people who agreed to be counted, and of no sensitive service.

    Nor of `other`: its rows, counted, would leave the sensitive ones of the category that both share in figures.
    """
    centre = CODES["centre"].c
    districts = {
        code: place[:ADM2]
        for code, place in connection.execute(sa.select(centre.code, centre.place))
        if place and len(place) >= ADM2
    }
    for month in months:
        for row in sent(reader, month):
            specialised = reader.service(row.service_code, row.sensitive_code) == SPECIALISED
            if not specialised and reader.reporting.allows(row.person_code, row.submission_id):
                yield _case(row, month, reader, districts)


def pseudonym(key: bytes, kind: str, number: str) -> str:
    """A number that only who has the key could make: the same for the same thing, another for another "
    "receiver."""
    digest = hmac.digest(key, f"{kind}:{number}".encode(), hashlib.sha256)
    return b32encode(digest[:10]).decode().lower()


def _case(row: sa.Row[Any], month: Month, reader: Reader, districts: Mapping[str, str]) -> Case:
    traits = reader.person(row.person_code).traits(month.year)
    sent_on = day_of(row.sent_at)
    return Case(
        referral=row.reference_code,
        person=row.person_code and reader.whose(row.person_code),
        month=str(month),
        service=row.service_code,
        district=districts.get(row.centre_code or ""),
        priority=row.priority_code,
        outcome=reached(row.state_code, row.outcome_code),
        reason=row.reason_code,
        days_to_decision=days_between(sent_on, row.decided_on),
        days_to_service=days_between(sent_on, row.served_on),
        **traits,
    )


def _whose(case: Case) -> str:
    """The person; who stayed unknown is another for each referral."""
    return case.person or case.referral


def _field(index: int) -> Callable[[Case], object]:
    return lambda case: case[index]


def _row(case: Case, count: int, key: bytes) -> tuple[str | int | None, ...]:
    told: tuple[str | int | None, ...] = tuple(case)
    quasi = (value if place < count else None for place, value in enumerate(told[QUASI]))
    person = case.person and pseudonym(key, "person", case.person)
    return (pseudonym(key, "referral", case.referral), person or None, *quasi, *told[QUASI.stop :])

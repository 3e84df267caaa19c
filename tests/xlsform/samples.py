"""A small form, tables and code lists that check without findings; tests change one thing at a time."""

from __future__ import annotations

import re

from kobo_crc.schema.tables import Column, Table
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.lists import CodeRow
from kobo_crc.xlsform.read import from_sheets
from kobo_crc.xlsform.sheets import parse_markdown

FACTS = (
    Table(
        "visit",
        "one visit",
        (
            Column("visited_on", "date", "none", "day of the visit"),
            Column("started_at", "datetime", "none", "start"),
            Column("centre_code", "code", "none", "centre", codes="centre"),
            Column("remark", "text", "quasi", "remark"),
        ),
    ),
    Table(
        "registration",
        "one person",
        (
            Column("age_years", "integer", "quasi", "age"),
            Column("sex_code", "code", "quasi", "sex", codes="sex"),
        ),
    ),
    Table("referral", "one referral", (Column("reference_code", "text", "quasi", "slip number"),)),
    Table("need", "one need", (Column("service_code", "code", "sensitive", "service", codes="service"),), link=True),
    Table("identity", "names", (Column("given_name", "text", "direct", "given name"),), vault=True),
)


def _codes(**lists: str) -> dict[str, list[CodeRow]]:
    return {
        list_name: [
            CodeRow(line, name, {"ar": f"عربي {name}", "ckb": f"کوردی {name}", "en": name}, "", "", {"region": "n"})
            for line, name in enumerate(names.split(), 2)
        ]
        for list_name, names in lists.items()
    }


CODES = _codes(centre="mosul baiji", sex="f m", service="health legal")

LABELS = "label::العربية (ar) | label::کوردی (ckb) | label::English (en)"
FORM = f"""
| survey |
| | type                    | name     | {LABELS} | store | pii | calculation | constraint | default |
| | start                   | start    | | | | visit.started_at | none | | | |
| | date                    | day      | يوم | ڕۆژ | Day | visit.visited_on | none | | . <= today() | |
| | calculate               | centre   | | | | visit.centre_code | none | 'mosul' | | |
| | note                    | hello    | مرحبا | سڵاو | Hello | - | | | | |
| | begin_group             | client   | | | | registration | | | | |
| | text                    | given    | اسم | ناو | Name | identity.given_name | direct | | | |
| | integer                 | age      | عمر | تەمەن | Age | registration.age_years | quasi | | | |
| | select_one sex          | sex      | جنس | ڕەگەز | Sex | registration.sex_code | quasi | | | |
| | end_group               |          | | | | | | | | |
| | select_multiple service | needs    | خدمات | خزمەتگوزاری | Needs | need.service_code | sensitive | | | |
| | begin_repeat            | referral | إحالة | ڕەوانە | Referral | referral | | | | |
| | calculate               | slip     | | | | referral.reference_code | quasi | once(uuid()) | | |
| | text                    | why      | سبب | هۆکار | Why | | | | | |
| | end_repeat              |          | | | | | | | | |
| settings |
| | form_id | version | default_language |
| | sample  | 1       | العربية (ar)     |
"""


def form_of(markdown: str, name: str = "sample") -> Form:
    """The form of the Markdown, with the code lists above. Rows may leave empty cells at their end out."""
    return from_sheets(name, parse_markdown(padded(markdown), name), CODES)


def padded(markdown: str) -> str:
    """The tables with every row as long as its header."""
    lines, width = [], 0
    for line in markdown.split("\n"):
        bars = len(re.findall(r"(?<!\\)\|", line))
        width = 0 if bars == 2 else width or bars
        lines.append(line + " |" * (width - bars if bars else 0))
    return "\n".join(lines)


def changed(old: str, new: str, markdown: str = FORM) -> Form:
    """The sample form with one text replaced, which must be there exactly once."""
    assert markdown.count(old) == 1, old
    return form_of(markdown.replace(old, new))


def with_row(row: str, before: str = "| | end_repeat") -> Form:
    """The sample form with one more row.

    Its cells: type, name, three labels, store, pii, calculation, constraint, default.
    """
    return changed(before, f"{row}\n{before}")

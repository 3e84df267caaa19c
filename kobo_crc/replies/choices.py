"""The answers and reasons that a receiver may choose, by code and by label, from the store's code lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES, LABEL_COLUMNS

# What a receiver can tell; that a referral is closed, withdrawn or a mistake is for the centre to say.
ANSWERS: Final = ("acknowledge", "accept", "decline", "wait", "start", "serve", "fail")
WITH_REASON: Final = frozenset({"decline", "fail"})
BOTH: Final = "both"


@dataclass(frozen=True, slots=True)
class Choices:
    """Labels by code in the workbook's language, and every label in any language with its code.

    `fits` holds for each reason's code the answers that it explains.
    """

    answers: Mapping[str, str]
    reasons: Mapping[str, str]
    fits: Mapping[str, frozenset[str]]
    answer_of: Mapping[str, str]
    reason_of: Mapping[str, str]


def choices(connection: sa.Connection, language: str, today: date) -> Choices:
    """What may be chosen, with labels in that language; codes that left their lists are read but not offered."""
    events, reasons = CODES["referral_event"], CODES["event_reason"]
    answers = [row for row in connection.execute(sa.select(events)).mappings() if row["code"] in ANSWERS]
    answers.sort(key=lambda row: ANSWERS.index(row["code"]))
    why = list(connection.execute(sa.select(reasons)).mappings())
    return Choices(
        _offered(answers, language, today),
        _offered(why, language, today),
        {row["code"]: WITH_REASON if row["event"] == BOTH else frozenset({row["event"] or ""}) for row in why},
        _codes(answers),
        _codes(why),
    )


def _offered(rows: list[sa.RowMapping], language: str, today: date) -> dict[str, str]:
    kept = (row for row in rows if row["retired_on"] is None and (row["valid_to"] or today) >= today)
    return {row["code"]: row[f"label_{language}"] or row["code"] for row in kept}


def _codes(rows: list[sa.RowMapping]) -> dict[str, str]:
    """Every text that stands for a code, the code itself included."""
    return {row[name]: row["code"] for row in rows for name in (*LABEL_COLUMNS, "code") if row[name]}

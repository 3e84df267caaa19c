"""Whether a row of a receiver's workbook can be taken: pure, row by row. A refusal names the reason, never a value."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from kobo_crc.casts import CastError, to_date, western_digits
from kobo_crc.consent import may_share
from kobo_crc.referrals.replies import Reply
from kobo_crc.replies.choices import WITH_REASON, Choices


class Row(NamedTuple):
    """The cells that count of one row, as the workbook has them; `line` is its number there."""

    line: int
    reference: Any
    decision: Any
    day: Any
    reason: Any


class Known(NamedTuple):
    """What the store knows of a referral that a reply is held against."""

    receiver_code: str | None
    share_code: str | None
    sent_on: date | None


class Refused(NamedTuple):
    """A row that was not taken; `why` is a key of the texts."""

    line: int
    why: str


def judge(row: Row, receiver: str, known: Mapping[str, Known], choices: Choices, today: date) -> Reply | Refused | None:
    """The reply that the row holds, why it is refused, or None for a row without news. `today` is Baghdad's."""
    if not any(_text(cell) for cell in (row.decision, row.day, row.reason)):
        return None
    code = number(row.reference)
    referral = known.get(code)
    why = _of_referral(referral, receiver)
    if referral is None or why:
        return Refused(row.line, why)
    event = choices.answer_of.get(_text(row.decision))
    if event is None:
        return Refused(row.line, "decision_unknown")
    day = _day(row.day)
    reason = choices.reason_of.get(_text(row.reason), "")
    why = _of_day(day, referral, today) or _of_reason(event, _text(row.reason), reason, choices)
    return Refused(row.line, why) if why or day is None else Reply(code, receiver, event, day, reason)


def number(cell: Any) -> str:
    """A referral's number as the store writes it, however the cell holds it."""
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    return western_digits(_text(whole)).translate(str.maketrans("", "", " -'"))


def _text(cell: Any) -> str:
    """The cell's text without spaces around it and without invisible signs of direction."""
    seen = "" if cell is None else str(cell)
    return "".join(sign for sign in seen if sign in "\u200c\u200d" or unicodedata.category(sign) != "Cf").strip()


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(to_date(_text(cell)))
    except CastError:
        return None


def _of_referral(referral: Known | None, receiver: str) -> str:
    if referral is None:
        return "reference_unknown"
    if referral.receiver_code != receiver:
        return "receiver_wrong"
    return "" if may_share(referral.share_code) else "not_shared"


def _of_day(day: date | None, referral: Known, today: date) -> str:
    if day is None:
        return "day_unknown"
    if day > today:
        return "day_in_future"
    return "day_before_sending" if referral.sent_on is None or day < referral.sent_on else ""


def _of_reason(event: str, typed: str, reason: str, choices: Choices) -> str:
    if event not in WITH_REASON:
        return "reason_unfit" if typed else ""
    if not reason:
        return "reason_missing"
    return "" if event in choices.fits.get(reason, ()) else "reason_unfit"

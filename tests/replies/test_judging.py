"""Rows of receivers' workbooks, one by one: what is taken, and why another is not."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest

from kobo_crc.referrals.replies import Reply
from kobo_crc.replies.choices import WITH_REASON, Choices
from kobo_crc.replies.judging import Known, Refused, Row, judge, number
from kobo_crc.replies.texts import TEXTS
from kobo_crc.xlsform.form import LANGUAGES

TODAY = date(2026, 11, 23)
SENT_ON = date(2026, 11, 1)
CODE = "200000000101"
KNOWN = {
    CODE: Known("drc", "yes", SENT_ON),
    "2": Known("nrc", "yes", SENT_ON),
    "3": Known("drc", "no", SENT_ON),
    "4": Known("drc", None, SENT_ON),
    "5": Known("drc", "yes", None),
}
CHOICES = Choices(
    answers={},
    reasons={},
    fits={"no_capacity": WITH_REASON, "no_show": frozenset({"fail"}), "odd": frozenset({""})},
    answer_of={"Accepted": "accept", "تم قبول الإحالة": "accept", "decline": "decline", "fail": "fail"},
    reason_of={"No capacity": "no_capacity", "no_show": "no_show", "odd": "odd"},
)


def judged(
    reference: Any = CODE, decision: Any = "Accepted", day: Any = TODAY, reason: Any = None
) -> Reply | Refused | None:
    return judge(Row(7, reference, decision, day, reason), "drc", KNOWN, CHOICES, TODAY)


@pytest.mark.parametrize(
    ("cells", "reply"),
    [
        ({}, Reply(CODE, "drc", "accept", TODAY)),
        ({"decision": " تم قبول الإحالة "}, Reply(CODE, "drc", "accept", TODAY)),
        ({"decision": "\u200fتم قبول الإحالة\u200f"}, Reply(CODE, "drc", "accept", TODAY)),
        ({"day": datetime(2026, 11, 5, 14, 30)}, Reply(CODE, "drc", "accept", date(2026, 11, 5))),
        ({"day": "2026-11-05"}, Reply(CODE, "drc", "accept", date(2026, 11, 5))),
        ({"day": "٢٠٢٦-١١-٠٥"}, Reply(CODE, "drc", "accept", date(2026, 11, 5))),
        ({"day": SENT_ON}, Reply(CODE, "drc", "accept", SENT_ON)),
        ({"decision": "decline", "reason": "No capacity"}, Reply(CODE, "drc", "decline", TODAY, "no_capacity")),
        ({"decision": "fail", "reason": "no_show"}, Reply(CODE, "drc", "fail", TODAY, "no_show")),
    ],
)
def test_judge__good_row__is_a_reply(cells: dict[str, Any], reply: Reply) -> None:
    assert judged(**cells) == reply


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"reference": "200000000999"}, "reference_unknown"),
        ({"reference": None}, "reference_unknown"),
        ({"reference": "2"}, "receiver_wrong"),
        ({"reference": "3"}, "not_shared"),
        ({"reference": "4"}, "not_shared"),
        ({"decision": None}, "decision_unknown"),
        ({"decision": "Perhaps"}, "decision_unknown"),
        ({"day": None}, "day_unknown"),
        ({"day": "05/11/2026"}, "day_unknown"),
        ({"day": "2026-02-30"}, "day_unknown"),
        ({"day": 46337}, "day_unknown"),
        ({"day": date(2026, 11, 24)}, "day_in_future"),
        ({"day": date(2026, 10, 31)}, "day_before_sending"),
        ({"reference": "5"}, "day_before_sending"),
        ({"decision": "decline"}, "reason_missing"),
        ({"decision": "decline", "reason": "Because"}, "reason_missing"),
        ({"decision": "decline", "reason": "no_show"}, "reason_unfit"),
        ({"decision": "decline", "reason": "odd"}, "reason_unfit"),
        ({"reason": "No capacity"}, "reason_unfit"),
        ({"reason": "Because"}, "reason_unfit"),
    ],
)
def test_judge__bad_row__is_refused_with_its_line_and_reason(cells: dict[str, Any], why: str) -> None:
    assert judged(**cells) == Refused(7, why)
    assert TEXTS[why].keys() == set(LANGUAGES)


@pytest.mark.parametrize("empty", [None, "", "  ", "\u200f"])
def test_judge__row_without_news__is_none(empty: str | None) -> None:
    assert judged(decision=empty, day=empty, reason=empty) is None


@pytest.mark.parametrize(
    "cell", [CODE, int(CODE), float(CODE), f" {CODE}\u200e", "2000 0000 0101", "2000-0000-0101", "'200000000101",
             "٢٠٠٠٠٠٠٠٠١٠١"],
)  # fmt: skip
def test_number__however_the_cell_holds_it__is_the_stores(cell: Any) -> None:
    assert number(cell) == CODE


@pytest.mark.parametrize("key", TEXTS)
def test_text__each__is_there_in_three_languages(key: str) -> None:
    assert TEXTS[key].keys() == set(LANGUAGES)
    assert all(TEXTS[key].values())
    for language in ("ar", "ckb"):
        assert not re.search("(?<!\u200e)2[0-9]{3}-", TEXTS[key][language])

"""Names that people write in several ways come to one spelling, and different names do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.spelling import dialled, spelled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أحمد", "احمد"),
        ("إيمان", "ايمان"),
        ("آمنة", "امنه"),
        ("مصطفى", "مصطفي"),
        ("فاطمة", "فاطمه"),
        ("مُحَمَّد", "محمد"),
        ("محـــمد", "محمد"),
        ("عبد الله", "عبدالله"),
        ("عبد الرحمن", "عبدالرحمن"),
        ("أبو بكر", "ابوبكر"),
        ("الحسن", "حسن"),
        ("علي بن حسين", "علي حسين"),
        ("عائشة", "عايشة"),
        ("رؤى", "روى"),
        ("ئازاد", "آزاد"),
        ("شێرکۆ", "شيركو"),
        ("گوڵ", "كول"),
        ("ژیان", "زيان"),
        ("سه\u200cردار", "سەردار"),
        (" علی ", "علي"),
        ("José", "jose"),
        ("ﻣﺤﻤﺪ", "محمد"),
    ],
)
def test_spelled__two_ways_of_one_name__are_the_same(one: str, other: str) -> None:
    assert spelled(one) == spelled(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("أحمد", "حمد"), ("حسن", "حسين"), ("علي", "عالي"), ("آل", "علي"), ("نور", "نورا"), ("الي", "ي")]
)
def test_spelled__two_names__differ(one: str, other: str) -> None:
    assert spelled(one) != spelled(other)


@given(st.text(max_size=30))
def test_spelled__anything__has_letters_alone(text: str) -> None:
    once = spelled(text)
    assert once == "" or once.isalpha()


@pytest.mark.parametrize(
    "typed",
    [
        "07701234567",
        "0770 123 4567",
        "+964 770 123 4567",
        "009647701234567",
        "٠٧٧٠١٢٣٤٥٦٧",
        "9647701234567",
        "7701234567",
    ],
)
def test_dialled__ways_of_one_number__are_the_same(typed: str) -> None:
    assert dialled(typed) == "7701234567"


def test_dialled__too_short_to_tell__is_nothing() -> None:
    assert dialled("12345") == "" == dialled("")

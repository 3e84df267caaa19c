"""Card and slip numbers: what the check digits catch, and that the forms' own sum agrees."""

from __future__ import annotations

from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.codes import PERSON_KINDS, REFERRAL_KINDS, Kind, check_digits, is_valid, random_code

KINDS = st.sampled_from(get_args(Kind))
CODES = st.builds(random_code, KINDS, st.integers().map(Random))
BODIES = st.builds("".join, st.tuples(KINDS, st.from_regex(r"\A[0-9]{9}\Z")))


@given(BODIES)
def test_check_digits__any_body__number_mod_97_is_1(body: str) -> None:
    assert len(check_digits(body)) == 2
    assert int(body + check_digits(body)) % 97 == 1
    assert is_valid(body + check_digits(body))


@pytest.mark.parametrize(("body", "digits"), [("1000000000", "93"), ("2999999999", "86"), ("3123456789", "63")])
def test_check_digits__worked_by_hand__same(body: str, digits: str) -> None:
    assert check_digits(body) == digits


@pytest.mark.parametrize("body", ["", "123456789", "12345678901", "12345 7890", "١٢٣٤٥٦٧٨٩٠", "123456789\n"])
def test_check_digits__not_ten_ascii_digits__refused(body: str) -> None:
    with pytest.raises(ValueError, match="10 digits"):
        check_digits(body)


@given(CODES, st.integers(0, 11), st.integers(1, 9))
def test_is_valid__one_digit_mistyped__refused(code: str, place: int, shift: int) -> None:
    wrong = str((int(code[place]) + shift) % 10)
    assert not is_valid(code[:place] + wrong + code[place + 1 :])


@given(CODES, st.integers(0, 11), st.integers(0, 11))
def test_is_valid__two_digits_swapped__refused(code: str, first: int, second: int) -> None:
    digits = list(code)
    digits[first], digits[second] = digits[second], digits[first]
    assert is_valid("".join(digits)) == (digits == list(code))


@given(CODES, st.integers(0, 11), st.sampled_from("0123456789"))
def test_is_valid__digit_lost_or_doubled__refused(code: str, place: int, digit: str) -> None:
    assert not is_valid(code[:place] + digit + code[place:])
    assert not is_valid(code[:place] + code[place + 1 :])


@pytest.mark.parametrize(
    "code",
    ["", "0000000000", "000000000001", "500000000073", " 100000000093", "100000000093\n", "100000000092"],
)
def test_is_valid__not_a_number_of_ours__refused(code: str) -> None:
    assert not is_valid(code)


@given(KINDS, st.integers())
def test_random_code__any_seed__valid_of_its_kind_and_repeatable(kind: Kind, seed: int) -> None:
    code = random_code(kind, Random(seed))
    assert is_valid(code)
    assert code[0] == kind
    assert code == random_code(kind, Random(seed))


def test_kinds__persons_and_referrals__told_apart() -> None:
    assert set(get_args(Kind)) == PERSON_KINDS | REFERRAL_KINDS
    assert not PERSON_KINDS & REFERRAL_KINDS

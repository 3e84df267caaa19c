"""Text to value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.casts import CASTS, CastError, to_date, to_datetime, to_decimal, to_integer, to_time


@pytest.mark.parametrize(
    ("text", "value"),
    [("25", 25), ("٢٥", 25), ("۲۵", 25), ("-3", -3), ("+4", 4), ("25.0", 25), (" 7 ", 7), ("9" * 9, 999999999)],
)
def test_integer__whole_number_in_any_digits__is_read(text: str, value: int) -> None:
    assert to_integer(text) == value


@pytest.mark.parametrize("text", ["", "twelve", "2.5", "1e3", "0x10", "1_000", "9" * 10, "+2147483648", "²"])
def test_integer__anything_else__is_refused(text: str) -> None:
    with pytest.raises(CastError) as error:
        to_integer(text)
    assert error.value.code == "value_not_integer"


@pytest.mark.parametrize(("text", "value"), [("1250.50", 1250.5), ("١٢٫٥", 12.5), ("1٬250", 1250.0), (".5", 0.5)])
def test_decimal__number_in_any_digits__is_read(text: str, value: float) -> None:
    assert to_decimal(text) == value


@pytest.mark.parametrize("text", ["nan", "inf", "1,5", "", "٫"])
def test_decimal__anything_else__is_refused(text: str) -> None:
    with pytest.raises(CastError):
        to_decimal(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", "2026-11-23"),
        ("٢٠٢٦-١١-٢٣", "2026-11-23"),
        ("2026-11-23T23:30:00.000+03:00", "2026-11-23"),
    ],
)
def test_date__day_or_moment__gives_its_own_day(text: str, day: str) -> None:
    assert to_date(text) == day


@pytest.mark.parametrize("text", ["2026-02-30", "23/11/2026", "", "yesterday", "2026-11"])
def test_date__no_such_day__is_refused(text: str) -> None:
    with pytest.raises(CastError):
        to_date(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T01:30:00.000+03:00", "2026-11-22 22:30:00"),
        ("2026-11-23T13:32:57", "2026-11-23 13:32:57"),
        ("2026-11-23T13:32:57Z", "2026-11-23 13:32:57"),
    ],
)
def test_datetime__any_zone__is_utc(text: str, moment: str) -> None:
    assert to_datetime(text) == moment


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("08:30:00.000+03:00", "08:30:00"),
        ("23:59:58Z", "23:59:58"),
        (" ٠٨:٣٠ ", "08:30:00"),
        ("14:05:00.000-0430", "14:05:00"),
    ],
)
def test_time__as_tablets_and_people_write_it__is_that_of_the_wall(text: str, time: str) -> None:
    assert to_time(text) == time


@pytest.mark.parametrize("text", ["24:00", "8:30", "08:60", "08:30 pm", "2026-11-23T08:30:00", "0830", ""])
def test_time__anything_else__is_refused(text: str) -> None:
    with pytest.raises(CastError, match="value_not_time"):
        to_time(text)


@given(st.text(max_size=30), st.sampled_from(sorted(CASTS)))
def test_casts__any_text__give_a_value_or_a_coded_refusal_without_the_text(text: str, kind: str) -> None:
    try:
        value = CASTS[kind](text)
    except CastError as error:
        assert error.code.startswith("value_not_")
        assert error.args == (error.code,)
    else:
        assert "\x00" not in str(value)

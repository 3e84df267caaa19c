"""Small counts are hidden, and no sum gives them away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.outputs.report.figures import Figure, about, figure, percent, total


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (999, "999"), (1204, "1,204"), (1234567, "1,234,567")]
)
def test_figure__count__is_shown_or_hidden(count: int, text: str) -> None:
    assert figure(count).text == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([], "0"),
        ([10, 20], "30"),
        ([10, 4], "10+"),
        ([3], "<5"),
        ([3, 0], "<5"),
        ([4, 4], "<9"),
        ([1000, 1, 2], "1,000+"),
    ],
)
def test_total__with_hidden_cells__says_so(counts: list[int], text: str) -> None:
    assert total(figure(count) for count in counts).text == text


COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=8)


@given(counts=COUNTS, place=st.integers(0, 7), other=st.integers(1, 4))
def test_total__another_hidden_count__gives_the_same(counts: list[int], place: int, other: int) -> None:
    cells = [figure(count) for count in counts]
    hidden = place % len(counts)
    if cells[hidden].few:
        cells[hidden] = figure(other)
    assert total(cells) == total(figure(count) for count in counts)


@given(counts=COUNTS)
def test_total__few_hidden__text_is_true(counts: list[int]) -> None:
    whole, text = sum(counts), total(figure(count) for count in counts).text
    if text.startswith("<"):
        assert 0 < whole < int(text[1:])
    elif text.endswith("+"):
        assert whole > int(text[:-1])
    else:
        assert whole == int(text)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (4, "<5"), (5, "≈ 10"), (14, "≈ 10"), (15, "≈ 20"), (1574, "≈ 1,570")]
)
def test_about__number__to_the_nearest_ten(number: int, text: str) -> None:
    assert about(number) == text


def test_percent__of_nothing__is_zero() -> None:
    assert (percent(Figure(), Figure()), percent(Figure(1), Figure(3))) == (0, 33)

"""Items made one ahead: in turn while making them is no waiting, in another thread once it is."""

from __future__ import annotations

from collections.abc import Iterator
from threading import current_thread

import pytest

from kobo_crc.errors import Fatal
from kobo_crc.sources import ahead as room
from kobo_crc.sources.ahead import ahead


@pytest.mark.parametrize("worth", [0.0, 60.0], ids=["ahead", "in_turn"])
def test_ahead__caller_stops_early__makes_one_more_at_most(worth: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WORTH_A_THREAD_S", worth)
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1, 10):
            made.append(number)
            yield number

    items = ahead(numbers())
    assert next(items) == 1
    items.close()
    assert made in ([1], [1, 2])


@pytest.mark.parametrize("worth", [0.0, 60.0], ids=["ahead", "in_turn"])
def test_ahead__fault_in_an_item__reaches_the_caller_after_what_came_before(
    worth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "WORTH_A_THREAD_S", worth)

    def items() -> Iterator[int]:
        yield 1
        raise Fatal("gone")

    came = ahead(items())
    assert next(came) == 1
    with pytest.raises(Fatal, match="gone"):
        next(came)


def test_ahead__server_that_makes_us_wait__works_on_the_next_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock says that the first item took a second; from then on another thread makes them."""
    makers: list[str] = []

    def named() -> Iterator[int]:
        for number in range(3):
            makers.append(current_thread().name)
            yield number

    monkeypatch.setattr(room, "monotonic", iter([0.0, 1.0]).__next__)
    assert list(ahead(named())) == [0, 1, 2]
    assert makers == [current_thread().name, "next-page", "next-page"]

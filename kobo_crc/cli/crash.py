"""An error that nobody foresaw, told without its words: they may quote an answer."""

from __future__ import annotations

import traceback
from collections.abc import Iterator


def told(error: BaseException) -> str:
    """Where it happened and of which kind it is, with what led to it; never its message or a variable."""
    lines = [line for each in _chain(error) for line in _lines(each)]
    return "\n".join(
        [
            "This is an error of kobo-crc itself. Its words are left out, because they may quote what a person said:",
            *lines,
            "Nothing is half written. Please report these lines, and run again.",
        ]
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error after those that it came from."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _chain(earlier)
    yield error


def _lines(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"

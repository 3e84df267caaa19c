"""Where a card's number stands in a submission's answers, and the answers without the repeats that hold it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kobo_crc.casts import western_digits

WHOLE = ""  # the path of what stands outside every repeat: all of the submission
_BETWEEN_DIGITS = str.maketrans("", "", " -")


def plain(text: str) -> str:
    """A number as the centres compare it: western digits, nothing between them."""
    return western_digits(text).translate(_BETWEEN_DIGITS)


def places(answers: Mapping[str, Any], is_theirs: Callable[[str], bool], within: str = WHOLE) -> Iterator[str]:
    """The repeat around each answer that is theirs, by its path without numbers; WHOLE where there is none.

    What the server adds, under names that begin with `_`, is no answer.
    """
    for path, value in answers.items():
        if path.startswith("_"):
            continue
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from places(item, is_theirs, path)
        elif isinstance(value, str) and is_theirs(plain(value)):
            yield within


def without(answers: Mapping[str, Any], repeat: str, is_theirs: Callable[[str], bool]) -> dict[str, Any]:
    """The answers without those items of that repeat that hold an answer which is theirs."""
    kept: dict[str, Any] = {}
    for path, value in answers.items():
        if not isinstance(value, list) or path.startswith("_"):
            kept[path] = value
        elif path == repeat:
            kept[path] = [item for item in value if next(places(item, is_theirs, repeat), None) is None]
        else:
            kept[path] = [without(item, repeat, is_theirs) if isinstance(item, dict) else item for item in value]
    return kept

"""Where a card's number stands in a submission's answers, and the answers without the repeats that hold it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kobo_crc.casts import western_digits

FILES = "_attachments"  # where the server lists a submission's files
WHOLE = ""  # the path of what stands outside every repeat: all of the submission
# Blanks of every width, hyphens, line ends, and the invisible marks that a phone puts around digits in Arabic text.
_BETWEEN_DIGITS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """A number as the centres compare it: western digits, nothing between, before or after them but letters."""
    return _BETWEEN_DIGITS.sub("", western_digits(text))


def texts(answers: Mapping[str, Any]) -> Iterator[str]:
    """Every answer that is a text, in repeats too. What the server adds is none."""
    return (text for _, text in _said(answers, WHOLE))


def places(answers: Mapping[str, Any], is_theirs: Callable[[str], bool], within: str = WHOLE) -> Iterator[str]:
    """The repeat around each answer that is theirs, by its path without numbers; WHOLE where there is none.

    What the server adds, under names that begin with `_`, is no answer.
    """
    return (repeat for repeat, text in _said(answers, within) if is_theirs(plain(text)))


def _said(answers: Mapping[str, Any], within: str) -> Iterator[tuple[str, str]]:
    """Every answer that is a text, with the repeat around it."""
    for path, value in answers.items():
        if path.startswith("_"):
            continue
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from _said(item, path)
        elif isinstance(value, str):
            yield within, value


def items(
    answers: Mapping[str, Any], repeat: str, is_theirs: Callable[[str], bool], above: tuple[str, str] = ("", "")
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those items of that repeat that hold an answer which is theirs, each with its path, numbered as `referral[2]`.

    `above` is the repeat around the answers: its path without numbers, and with them.
    """
    for path, value in answers.items():
        if not isinstance(value, list) or path.startswith("_"):
            continue
        for number, item in enumerate(value, start=1):
            place = f"{above[1]}{path.removeprefix(above[0])}[{number}]"
            if isinstance(item, dict) and path != repeat:
                yield from items(item, repeat, is_theirs, (path, place))
            elif isinstance(item, dict) and next(places(item, is_theirs, repeat), None) is not None:
                yield place, item


def without(answers: Mapping[str, Any], repeat: str, is_theirs: Callable[[str], bool]) -> dict[str, Any]:
    """The answers without those items of that repeat that hold an answer which is theirs, and without their files.

    Files of the items after them are numbered as those are from then on.
    """
    kept = _without(answers, repeat, is_theirs)
    if files := answers.get(FILES):
        gone = files_of(answers, repeat, is_theirs)
        left = [place for place, _ in items(answers, repeat, is_theirs)]
        kept[FILES] = [_closed_up(file, left) for file in files if file not in gone]
    return kept


def _closed_up(file: Mapping[str, Any], left: list[str]) -> Mapping[str, Any]:
    """The server's entry of a file, its question numbered as if those items had never been; ascending as they were."""
    question: str = file.get("question_xpath") or ""
    for place in reversed(left):
        stem, _, number = place.removesuffix("]").rpartition("[")
        if after := re.match(rf"{re.escape(stem)}\[(\d+)\]", question):
            here = int(after[1]) - (int(after[1]) > int(number))
            question = f"{stem}[{here}]{question[after.end() :]}"
    return {**file, "question_xpath": question} if question else file


def files_of(answers: Mapping[str, Any], repeat: str, is_theirs: Callable[[str], bool]) -> list[Mapping[str, Any]]:
    """The server's entries of the files that belong to items which hold an answer that is theirs."""
    theirs = list(items(answers, repeat, is_theirs))
    return [file for file in answers.get(FILES) or () if any(_is_of(file, *item) for item in theirs)]


def _is_of(file: Mapping[str, Any], place: str, item: Mapping[str, Any]) -> bool:
    """Whether the file answers a question of the item. Servers of old name no question: then by its name."""
    question = file.get("question_xpath")
    return question.startswith(f"{place}/") if question else file.get("media_file_basename") in item.values()


def _without(answers: Mapping[str, Any], repeat: str, is_theirs: Callable[[str], bool]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for path, value in answers.items():
        if not isinstance(value, list) or path.startswith("_"):
            kept[path] = value
        elif path == repeat:
            kept[path] = [item for item in value if next(places(item, is_theirs, repeat), None) is None]
        else:
            kept[path] = [_without(item, repeat, is_theirs) if isinstance(item, dict) else item for item in value]
    return kept

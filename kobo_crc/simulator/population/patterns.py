"""Makes a text that a regular expression accepts: the subset that form constraints use."""

from __future__ import annotations

import random
import re

_CLASSES = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyz0123456789", "s": " "}
_MOST_EXTRA = 6
_QUANTIFIER = re.compile(r"\{(\d+)(,?)(\d*)\}|[*+?]")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})")


def sample(pattern: str, rng: random.Random) -> str:
    """A text made after a pattern; what the subset does not know comes out literally, so test the result."""
    pattern = _CODE_POINT.sub(lambda match: chr(int(match[1], 16)), pattern)
    text, _ = _alternatives(pattern, 0, rng)
    return text


def _alternatives(pattern: str, at: int, rng: random.Random) -> tuple[str, int]:
    texts = []
    text, at = _sequence(pattern, at, rng)
    texts.append(text)
    while at < len(pattern) and pattern[at] == "|":
        text, at = _sequence(pattern, at + 1, rng)
        texts.append(text)
    return rng.choice(texts), at


def _sequence(pattern: str, at: int, rng: random.Random) -> tuple[str, int]:
    made = ""
    while at < len(pattern) and pattern[at] not in "|)":
        if pattern[at] in "^$":
            at += 1
            continue
        start = at
        text, at = _atom(pattern, at, rng)
        quantifier = _QUANTIFIER.match(pattern, at)
        if quantifier is None:
            made += text
            continue
        at = quantifier.end()
        made += "".join(_atom(pattern, start, rng)[0] for _ in range(_times(quantifier, rng)))
    return made, at


def _atom(pattern: str, at: int, rng: random.Random) -> tuple[str, int]:
    letter = pattern[at]
    if letter == "(":
        at += 3 if pattern.startswith("(?:", at) else 1
        text, at = _alternatives(pattern, at, rng)
        return text, at + 1
    if letter == "[":
        letters, at = _set(pattern, at + 1)
        return rng.choice(letters), at
    if letter == "\\" and at + 1 < len(pattern):
        return rng.choice(_CLASSES.get(pattern[at + 1], pattern[at + 1])), at + 2
    return (rng.choice(_CLASSES["w"]) if letter == "." else letter), at + 1


def _set(pattern: str, at: int) -> tuple[str, int]:
    negated = pattern.startswith("^", at)
    at += negated
    letters = ""
    while at < len(pattern) and (pattern[at] != "]" or not letters):
        if pattern[at] == "\\" and at + 1 < len(pattern):
            letters += _CLASSES.get(pattern[at + 1], pattern[at + 1])
            at += 2
        elif pattern.startswith("-", at + 1) and pattern[at + 2 : at + 3] not in ("", "]"):
            letters += "".join(map(chr, range(ord(pattern[at]), ord(pattern[at + 2]) + 1)))
            at += 3
        else:
            letters += pattern[at]
            at += 1
    if negated:
        letters = "".join(sorted(set(_CLASSES["w"]) - set(letters))) or "?"
    return letters, at + 1


def _times(quantifier: re.Match[str], rng: random.Random) -> int:
    sign = quantifier[0]
    if sign in "*+?":
        return {"*": rng.randrange(4), "+": rng.randrange(1, 5), "?": rng.randrange(2)}[sign]
    least = int(quantifier[1])
    if not quantifier[2]:
        return least
    return rng.randint(least, int(quantifier[3]) if quantifier[3] else least + _MOST_EXTRA)

"""Texts made after a pattern are taken by it."""

import random
import re

import pytest

from kobo_crc.simulator.population.patterns import sample


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{2}-[0-9]{4}$",
        r"^(\+964|00964|0)?7[3-9][0-9]{8}$",
        r"^(19|20)[0-9][0-9]$",
        r"^[^0-9]+$",
        r"^\d{1,3}(\.\d{2})?$",
        r"^(?:a|bc)*x?\.[\w-]{2,}$",
        "^[\\u0600-\\u06FF ]+$",
    ],
)
def test_sample__pattern_of_forms__matches(pattern: str) -> None:
    rng = random.Random(1)
    texts = {sample(pattern, rng) for _ in range(50)}
    assert all(re.fullmatch(pattern, text) for text in texts)
    assert len(texts) > 5

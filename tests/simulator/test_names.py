"""Names, phones and people are plausible, seeded and writable in more than one way."""

import random
from collections import Counter

import phonenumbers
import pytest

from kobo_crc.codes import is_valid
from kobo_crc.simulator.population import names
from kobo_crc.simulator.population.people import AGE_BANDS, CENTRES, band_of, make_person

KURDISH_LETTERS = set("ڕڵێۆەگچپژڤھیک")


@pytest.mark.parametrize("seed", range(5))
def test_phone__any__valid_number_of_an_iraqi_carrier(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        number = names.phone(rng)
        parsed = phonenumbers.parse(number, "IQ")
        assert phonenumbers.is_valid_number(parsed)
        assert number[1:4] in {prefix for pairs in names.CARRIERS.values() for prefix, _ in pairs}


def test_written_phone__every_way__same_number() -> None:
    rng = random.Random(1)
    written = {names.written_phone("07701234567", rng) for _ in range(100)}
    assert written == {"07701234567", "٠٧٧٠١٢٣٤٥٦٧", "+9647701234567", "7701234567"}
    assert {phonenumbers.parse(text, "IQ").national_number for text in written} == {7701234567}


def test_respelled__arabic_name__other_spelling_of_same_length_or_joined() -> None:
    rng = random.Random(1)
    assert names.respelled("أحمد", rng) == "احمد"
    assert names.respelled("عبد الله", rng) == "عبدالله"
    assert names.respelled("سلام", rng) == "سلام"


def test_full_name__sorani__written_in_sorani_letters() -> None:
    rng = random.Random(2)
    letters = set("".join(names.full_name(rng, "ckb", female=True).given for _ in range(60)))
    assert letters & KURDISH_LETTERS
    arabic = set("".join(names.full_name(rng, "ar", female=True).given for _ in range(200)))
    assert not arabic & KURDISH_LETTERS


def test_make_person__many__plausible_and_varied() -> None:
    rng = random.Random(3)
    people = [make_person(rng, rng.choice(CENTRES)) for _ in range(600)]
    cards = [person.card for person in people if person.card]
    assert len(set(cards)) == len(cards) and all(map(is_valid, cards))
    assert 0.8 < len(cards) / len(people) < 0.97
    assert {person.status for person in people} == {"returnee", "idp", "host", "refugee"}
    for person in people:
        assert person.household[("f" if person.female else "m", band_of(person.age))] >= 1
        assert set(person.difficulties.values()) <= {0, 1, 2, 3}
    kurdish = Counter(person.centre.code for person in people if person.language == "ckb")
    assert kurdish["jalawla"] > kurdish["mosul_jadeda"] and kurdish["fallujah"] == 0


def test_make_person__same_seed__same_person() -> None:
    assert make_person(random.Random(7), CENTRES[0]) == make_person(random.Random(7), CENTRES[0])


def test_band_of__edges__inside_their_band() -> None:
    assert [band_of(age) for pair in AGE_BANDS for age in pair] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_centres__shares__whole() -> None:
    assert sum(centre.share for centre in CENTRES) == pytest.approx(1)

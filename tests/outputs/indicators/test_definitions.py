"""Every figure is defined once, in three languages, and every category it may have is named."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from kobo_crc.errors import ConfigError
from kobo_crc.outputs.indicators.definitions import DEFINITIONS
from kobo_crc.outputs.indicators.months import Month, months, read_month
from kobo_crc.outputs.indicators.printed import FACES
from kobo_crc.outputs.indicators.tables import lines
from kobo_crc.outputs.indicators.words import WAYS, Labels
from tests.outputs.indicators.conftest import OCTOBER, Centre

LANGUAGES = ("en", "ar", "ckb")


NAMES = [words for one in DEFINITIONS.values() for words in (one.name, one.meaning)]


@pytest.mark.parametrize("words", [*NAMES, *FACES.values()])
def test_words__each__stands_in_three_languages(words: dict[str, str]) -> None:
    assert set(words) == set(LANGUAGES) and len(set(words.values())) == 3 and all(words.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels__every_line_of_every_figure__is_named(centre: Centre, language: str) -> None:
    centre.referral("a", "closed", outcome_code="served", days=3)
    labels = Labels(centre.store.connection, language)
    for one in DEFINITIONS.values():
        for line in lines(one.reading(centre.reader, OCTOBER), one.shares, None):
            name = labels.category(line.by, line.category)
            assert name and name != line.category and labels.way(line.by), (line.by, line.category)
            if language != "en" and line.by not in ("centre", "receiver"):
                assert re.search("[\u0600-\u06ff]", name), (line.by, line.category)


def test_ways__each__parts_some_figure(centre: Centre) -> None:
    used = {way.by for one in DEFINITIONS.values() for way in one.reading(centre.reader, OCTOBER).ways}
    assert used == set(WAYS)


def test_shares__each__is_of_categories_that_its_figure_has(centre: Centre) -> None:
    centre.referral("a")
    for one in DEFINITIONS.values():
        shown = lines(one.reading(centre.reader, OCTOBER), one.shares, None)
        places = {(line.by, line.category) for line in shown}
        for share in one.shares:
            assert {*share.part, *share.whole} <= places and ("share", share.key) in places


def test_month__goes_over_the_year() -> None:
    assert [str(month) for month in months(Month(2026, 11), Month(2027, 1))] == ["2026-11", "2026-12", "2027-01"]
    assert (str(Month(2027, 1).before), Month(2026, 2).last.day) == ("2026-12", 28)
    assert Month(2026, 10).begins_at.isoformat() == "2026-09-30T21:00:00"


@pytest.mark.parametrize("text", ["2026", "2026-13", "10-2026", "2026-1", "1926-10", "yesterday"])
def test_read_month__anything_else__says_how_to_write_it(text: str) -> None:
    assert read_month(" 2026-10 ") == Month(2026, 10)
    with pytest.raises(ConfigError, match="such as 2026-10"):
        read_month(text)


def test_months__wrong_way_round__refused() -> None:
    with pytest.raises(ConfigError, match="--from"):
        list(months(Month(2026, 10), Month(2026, 9)))


def test_tables_read__none_is_of_the_vault(centre: Centre) -> None:
    """The store fixture has no vault: a reading that asked for it would fail above."""
    assert "vault" not in sa.inspect(centre.store.connection).get_schema_names()

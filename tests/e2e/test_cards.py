"""Printed numbers: each once, whatever happens between two prints, and readable by another program's eye."""

from __future__ import annotations

import base64
import io
import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image

from kobo_crc import numbering
from kobo_crc.backups import back_up, restore
from kobo_crc.codes import PERSON_CARD, REFERRAL_SLIP, Kind, is_valid
from kobo_crc.config import Settings
from kobo_crc.custody import rotate
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import AUDIT, CARD_RANGE
from kobo_crc.errors import ConfigError
from kobo_crc.opening import opened
from kobo_crc.outputs.cards import in_fours
from kobo_crc.pipeline import rebuild, run
from kobo_crc.printing import print_numbers
from tests.e2e.centre import Centre

NOW = datetime(2026, 11, 27, 9, 0)


def taken(settings: Settings, count: int, kind: Kind = PERSON_CARD, now: datetime = NOW, seed: int = 1) -> list[str]:
    with opened(settings) as database, database.writing() as connection:
        return numbering.take(connection, database.keys, kind, count, now, Random(seed))


def codes_of(page: Path) -> list[str]:
    """What a reader sees in the codes of the page."""
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page.read_text(encoding="utf-8"))
    seen = [zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(picture)))) for picture in pictures]
    return [one.text for [one] in seen]


def test_print__codes_and_digits__say_the_same_valid_numbers(centre: Centre, tmp_path: Path) -> None:
    page = print_numbers(centre.settings, PERSON_CARD, 12, tmp_path, NOW)
    codes = codes_of(page)
    digits = re.findall(r'<div class="digits">([\d ]+)</div>', page.read_text(encoding="utf-8"))
    assert len(set(codes)) == 12 and digits == [in_fours(code) for code in codes]
    assert all(is_valid(code) and code.startswith(PERSON_CARD) for code in codes)
    slips = codes_of(print_numbers(centre.settings, REFERRAL_SLIP, 3, tmp_path, NOW))
    assert all(is_valid(code) and code.startswith(REFERRAL_SLIP) for code in slips)


def test_print__page__has_no_logo_no_name_and_asks_no_network(centre: Centre, tmp_path: Path) -> None:
    text = print_numbers(centre.settings, REFERRAL_SLIP, 1, tmp_path, NOW).read_text(encoding="utf-8")
    assert text.count("<img") == 1 and "http" not in text
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL).lower()
    assert not re.search("centre|community|iom|kobo|مركز|منظمة", words)


def test_take__again_and_again__never_a_number_twice_and_none_to_be_guessed(centre: Centre) -> None:
    numbers = [number for _ in range(3) for number in taken(centre.settings, 50)]
    assert len(set(numbers)) == 150
    assert len({number[:5] for number in numbers}) == 1  # one block
    bodies = [int(number[5:10]) for number in numbers]
    steps = {later - earlier for earlier, later in pairwise(bodies)}
    assert len(steps) > 140


def test_take__after_rebuild_rotation_and_a_night__goes_on_in_its_block(centre: Centre) -> None:
    first = taken(centre.settings, 5)
    run(centre.settings, "nightly")
    rebuild(centre.settings, "nightly")
    with opened(centre.settings) as database:
        rotate(database, centre.settings, NOW)
    again = taken(centre.settings, 5)
    assert {number[:5] for number in (*first, *again)} == {first[0][:5]} and not set(first) & set(again)


def test_take__after_a_backup_was_put_back__leaves_the_block_of_which_it_lost_count(
    centre: Centre, tmp_path: Path
) -> None:
    first = taken(centre.settings, 5)
    copy = back_up(centre.settings, tmp_path / "copies", 30, NOW + timedelta(hours=1))
    lost = taken(centre.settings, 5, now=NOW + timedelta(hours=2))
    restore(centre.settings, copy.path, NOW + timedelta(hours=3))
    again = taken(centre.settings, 5, now=NOW + timedelta(hours=4), seed=2)
    assert lost[0][:5] == first[0][:5] != again[0][:5]
    assert taken(centre.settings, 1, now=NOW + timedelta(hours=5), seed=3)[0][:5] == again[0][:5]


def test_take__more_than_a_block_has__goes_on_in_another(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "IN_BLOCK", range(10_000, 10_007))
    numbers = taken(centre.settings, 16)
    assert len(set(numbers)) == 16 and len({number[:5] for number in numbers}) == 3


def test_take__block_seen_on_tablets__belongs_to_another_computer(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "BLOCKS", range(1_234, 1_236))
    theirs = {"referral": [{"referral/number": "212345678955"}]}
    row = {"_uuid": "a", "meta/rootUuid": "uuid:a", "_submission_time": "2026-11-23T10:00:00"}
    centre.world.load(centre.world.projects[centre.asset_uid], [row | theirs])
    run(centre.settings, "nightly")
    assert {taken(centre.settings, 1, REFERRAL_SLIP, seed=seed)[0][:5] for seed in range(3)} == {"21235"}


def test_print__page_that_cannot_be_written__repeats_no_number(centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        print_numbers(centre.settings, PERSON_CARD, 2, tmp_path / "file", NOW)
    with Database.of(centre.settings) as database, database.reading() as connection:
        ranges = connection.execute(sa.select(CARD_RANGE.c.first_place, CARD_RANGE.c.number_count)).all()
        told = connection.execute(sa.select(AUDIT.c.action, AUDIT.c.scope, AUDIT.c.row_count)).all()
    assert (ranges, told) == ([(0, 2)], [("cards", "new cards", 2)])


@pytest.mark.parametrize("count", [0, 2_001])
def test_print__no_sensible_number__is_refused(centre: Centre, tmp_path: Path, count: int) -> None:
    with pytest.raises(ConfigError, match="from 1 to 2000"):
        print_numbers(centre.settings, PERSON_CARD, count, tmp_path, NOW)

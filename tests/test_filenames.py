"""Names that tablets give to files, made safe for every system and still readable."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.filenames import NAME_BYTES_MOST, folded, free_name, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("صورة الهوية.jpg", "صورة الهوية.jpg"),
        ("وێنەی ناسنامە ١.png", "وێنەی ناسنامە ١.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\x\\a:b?.jpg", "a_b_.jpg"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("CON.jpg", "_CON.jpg"),
        ("lpt1", "_lpt1"),
        ("aux .txt", "_aux.txt"),
        ("console.jpg", "console.jpg"),
        ("photo. . ", "photo"),
        ("bill\u202egpj.exe", "billgpj.exe"),
        ("a\x00b\n.pdf", "ab.pdf"),
    ],
)
def test_safe_name__what_tablets_and_strangers_write__is_readable_and_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_safe_name__any_text__is_one_plain_name(name: str) -> None:
    safe = safe_name(name)
    assert safe and safe not in {".", ".."} and not re.search(r'[\x00-\x1f<>:"/\\|?*]', safe)
    assert safe[-1] not in ". " and safe[0] != "." and len(safe.encode()) <= NAME_BYTES_MOST + 1
    assert safe_name(safe) == safe


def test_safe_name__very_long__keeps_its_ending() -> None:
    assert safe_name("ص" * 300 + ".jpeg").endswith("ص.jpeg")


def test_free_name__taken_in_capitals_or_another_writing__gets_a_number() -> None:
    assert free_name("Photo.JPG", ["photo.jpg"]) == "Photo (2).JPG"
    assert free_name("é.jpg", [unicodedata.normalize("NFD", "é.jpg")]) == "é (2).jpg"
    assert free_name("a.jpg", ["a.jpg", "A (2).jpg"]) == "a (3).jpg"


@given(st.lists(st.sampled_from(["a.jpg", "A.jpg", "a (2).jpg", "á.jpg", "../a.jpg", "أ.jpg"]), max_size=8))
def test_free_name__any_clashes__differ_where_capitals_do_not_count(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        taken.append(free_name(name, taken))
    assert len({folded(name) for name in taken}) == len(names)

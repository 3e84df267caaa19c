"""Keys and what they seal: nothing opens at another place, under another key, or altered; a mistyped key is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.errors import ConfigError, StoreError
from kobo_crc.sealing import DataKey, MasterKey, new_secret

PLACE = "identity/7/person"


@given(st.binary(max_size=300))
def test_seal__any_bytes__open_again_at_their_place(plain: bytes) -> None:
    key = DataKey(new_secret())
    assert key.unseal(key.seal(plain, PLACE), PLACE) == plain


def test_seal__twice__gives_different_texts() -> None:
    key = DataKey(new_secret())
    assert key.seal(b"same", PLACE) != key.seal(b"same", PLACE)


@pytest.mark.parametrize("place", ["identity/8/person", "identity/7/person/caregiver", "answer/7/person"])
def test_unseal__at_another_place__is_refused(place: str) -> None:
    key = DataKey(new_secret())
    with pytest.raises(StoreError, match="does not open"):
        key.unseal(key.seal(b"name", PLACE), place)


@given(st.data())
def test_unseal__one_bit_altered_or_cut__is_refused(data: st.DataObject) -> None:
    key = DataKey(new_secret())
    sealed = bytearray(key.seal(b"name", PLACE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    for wrong in (bytes(sealed), bytes(sealed[: bit // 8])):
        with pytest.raises(StoreError, match="does not open"):
            key.unseal(wrong, PLACE)


def test_unseal__under_another_key__is_refused_without_the_value() -> None:
    sealed = DataKey(new_secret()).seal(b"secret-name", PLACE)
    with pytest.raises(StoreError) as refused:
        DataKey(new_secret()).unseal(sealed, PLACE)
    assert "secret-name" not in str(refused.value)


def test_unwrap__key_of_another_submission__is_refused() -> None:
    master = MasterKey.make()
    with pytest.raises(StoreError):
        master.unwrap(master.wrap(new_secret(), "data_key/1"), "data_key/2")


@pytest.mark.parametrize("demo", [False, True])
def test_master_key__its_text__reads_back_however_it_is_typed(demo: bool) -> None:
    master = MasterKey.make(demo=demo)
    typed = master.text.lower().replace("-", "  ")
    assert MasterKey.read(typed) == MasterKey.read(f" {master.text}\n") == master
    assert master.demo is demo


@given(st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_master_key__one_letter_wrong__is_refused(position: int, letter: str) -> None:
    text = MasterKey.make().text.replace("-", "")
    wrong = text[:position] + letter + text[position + 1 :]
    if wrong != text:
        with pytest.raises(ConfigError, match="a letter of it is wrong"):
            MasterKey.read(wrong)


@pytest.mark.parametrize("text", ["", "abc", "A" * 56, "0" * 56, "ź" * 56])
def test_master_key__no_key_at_all__is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        MasterKey.read(text)


def test_halves__in_any_order__are_the_key_and_alone_are_not() -> None:
    master = MasterKey.make()
    one, other = master.split()
    assert MasterKey.join(one, other) == MasterKey.join(other, one) == master
    assert MasterKey.read(one) != master != MasterKey.read(other)
    assert master.split() != (one, other)


def test_master_key__printed__shows_nothing_of_it() -> None:
    master = MasterKey.make()
    assert master.text not in repr(master) and repr(master.secret) not in repr(master)
    assert master.key_id not in master.text.lower()

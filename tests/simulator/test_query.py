"""The subset of MongoDB's query language: by example, and against plain Python for ranges of ids."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_crc.simulator.query import matches
from kobo_crc.simulator.submissions import Row, Store

RECORD: dict[str, Any] = {
    "_id": 7,
    "n": "1",
    "client/name": "فاطمة علي",
    "_validation_status": {"uid": "validation_status_on_hold"},
    "need": [{"need/kind": "health"}, {"need/kind": "legal"}],
}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"n": "1"},
        {"n": {"$ne": "2"}, "_id": 7},
        {"_id": {"$gte": 7, "$lte": 7}},
        {"_id": {"$in": [7, 8]}},
        {"_id": {"$nin": [8]}},
        {"client/name": {"$regex": "^فاطمة"}},
        {"client/name": {"$regex": "علي$", "$options": "i"}},
        {"meta/deprecatedID": {"$exists": False}},
        {"meta/deprecatedID": None},
        {"_validation_status.uid": "validation_status_on_hold"},
        {"need": {"$elemMatch": {"need/kind": "legal"}}},
        {"$or": [{"n": "2"}, {"n": "1"}]},
        {"$and": [{"n": "1"}, {"_id": {"$lt": 8}}]},
    ],
)
def test_matches__query_that_fits__true(query: dict[str, Any]) -> None:
    assert matches(RECORD, query)


@pytest.mark.parametrize(
    "query",
    [
        {"n": 1},
        {"_id": {"$gt": "3"}},
        {"n": {"$gt": 0}},
        {"need/kind": "health"},
        {"n": {"$foo": "1"}},
        {"$where": "1==1"},
        {"nosuch": {"$gt": 0}},
        {"nosuch": {"$exists": True}},
        {"$or": []},
        {"$and": [{"n": "1"}, {"n": "2"}]},
        {"need": {"$elemMatch": {"need/kind": "cash"}}},
        {"client/name": {"$regex": "عمر"}},
    ],
)
def test_matches__query_that_does_not_fit__false(query: dict[str, Any]) -> None:
    assert not matches(RECORD, query)


def store_of(ids: list[int]) -> Store:
    store = Store()
    for number in ids:
        row = Row(b"", {}, "2026-11-23T00:00:00+00:00")
        row.write({"_id": number, "_uuid": f"u{number}", "meta/rootUuid": f"uuid:u{number}"})
        store.add(row)
    return store


BOUNDS = st.dictionaries(st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), st.integers(-1, 31), min_size=1)


@given(ids=st.lists(st.integers(0, 30), unique=True), bounds=BOUNDS)
def test_select__range_of_ids__same_as_a_scan(ids: list[int], bounds: dict[str, int]) -> None:
    found = store_of(ids).select({"_id": bounds})
    assert list(found) == [number for number in sorted(ids) if matches({"_id": number}, {"_id": bounds})]


def test_add__ids_out_of_order__listed_in_order() -> None:
    assert store_of([1127, 1129, 1128]).ids == [1127, 1128, 1129]


def test_remove__row__leaves_nothing() -> None:
    store = store_of([1, 2])
    store.remove(store.by_id[1])
    assert (store.ids, store.find("1"), store.find("u1")) == ([2], None, None)
    assert store.select({"_id": {"$in": [1, 2]}}) == [2]


def test_order__two_keys__ties_by_second() -> None:
    store = store_of([1, 2, 3])
    for number, at in ((1, "b"), (2, "a"), (3, "b")):
        row = store.by_id[number]
        row.write(row.record | {"_submission_time": at})
    assert store.order(store.ids, {"_submission_time": 1, "_id": -1}) == [2, 3, 1]
    assert store.order(store.ids, {"_submission_time": -1}) == [1, 3, 2]

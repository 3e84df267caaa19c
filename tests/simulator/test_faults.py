"""The simulator fails on order, as servers and proxies do."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from kobo_crc.simulator.faults import Faults, UnknownFault
from tests.simulator.forms import Client


def order(client: Client, *faults: dict[str, Any]) -> None:
    assert client.call("POST", "/_simulator/faults", json=list(faults)).status_code == 200


def test_strike__nth_and_times__only_these_requests_fail() -> None:
    faults = Faults()
    faults.order([{"path": "*/data/*", "method": "GET", "nth": 2, "times": 2}])
    asked = [("GET", "/a/data/"), ("POST", "/a/data/"), *[("GET", "/a/data/?x=1")] * 3, ("GET", "/a/files/")]
    assert [faults.strike(*request) is not None for request in asked] == [False, False, True, True, False, False]


def test_strike__times_0__for_ever_until_cleared() -> None:
    faults = Faults()
    faults.order([{"times": 0}])
    assert all(faults.strike("GET", "/") for _ in range(5))
    faults.clear()
    assert faults.strike("GET", "/") is None


@pytest.mark.parametrize("wish", [{"kind": "earthquake"}, {"colour": "red"}])
def test_order__unknown_word__refused_and_nothing_kept(wish: dict[str, Any]) -> None:
    faults = Faults()
    with pytest.raises(UnknownFault):
        faults.order([{}, wish])
    assert faults.ordered == []


def test_fault__429_with_retry_after__once(client: Client) -> None:
    order(client, {"path": "*/data/*", "status": 429, "retry_after": "7"})
    first, second = client.call("GET", "data/"), client.call("GET", "data/")
    assert (first.status_code, first.headers["Retry-After"], second.status_code) == (429, "7", 200)


def test_fault__html__page_with_this_status(client: Client) -> None:
    order(client, {"kind": "html", "status": 502})
    reply = client.call("GET", "data/")
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


def test_fault__truncate__whole_reply_with_broken_json(client: Client) -> None:
    order(client, {"kind": "truncate"})
    reply = client.call("GET", "data/")
    assert reply.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        reply.json()


def test_fault__cut__connection_ends_in_the_body(client: Client) -> None:
    order(client, {"kind": "cut"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.call("GET", "data/")
    assert client.call("GET", "data/").status_code == 200


def test_fault__delay__client_times_out_then_served(client: Client) -> None:
    order(client, {"kind": "delay", "seconds": 0.5})
    with pytest.raises(requests.Timeout):
        requests.get(f"{client.server.url}/api/v2/assets/{client.uid}/data/", headers=client.headers, timeout=0.1)
    assert client.call("GET", "data/").status_code == 200


def test_fault__repeat__page_before_again_once(client: Client) -> None:
    client.submit("1")
    client.submit("2")
    order(client, {"kind": "repeat", "path": "*/data/*", "nth": 2})
    pages = [[row["_id"] for row in client.rows(limit="1", start=start)] for start in ("0", "1", "1")]
    assert pages == [[1], [1], [2]]


def test_fault__unknown_word__400_with_the_known_ones(client: Client) -> None:
    reply = client.call("POST", "/_simulator/faults", json=[{"kind": "earthquake"}])
    assert reply.status_code == 400 and "truncate" in reply.json()["detail"]

"""Validation statuses as a real server tells them."""

from __future__ import annotations

import pytest
import responses

from kobo_crc.errors import Fatal
from kobo_crc.sources.http import Client
from kobo_crc.sources.statuses import MOST, ON_HOLD, Status, Statuses
from tests.sources.conftest import recorded

DATA = "/api/v2/assets/aX/data/"


@responses.activate
def test_hold__recorded_reply__gives_the_servers_time(client: Client) -> None:
    told = recorded("valid_02_patch")
    responses.patch(f"{client.server_url}{DATA}2/validation_status/", json=told["body"])
    assert Statuses(client, "aX").hold(2) == told["body"]["timestamp"]


@responses.activate
def test_get__some_have_none_and_one_is_gone(client: Client) -> None:
    held = {"uid": ON_HOLD, "timestamp": 1795440839, "by_whom": "alice", "label": "On Hold"}
    rows = [{"_id": 2, "_validation_status": held}, {"_id": 3, "_validation_status": {}}]
    responses.get(f"{client.server_url}{DATA}", json={"count": 2, "results": rows})
    assert Statuses(client, "aX").get([2, 3, 4]) == {2: Status(ON_HOLD, 1795440839), 3: Status("", 0)}


@responses.activate
@pytest.mark.parametrize("said", [[], {"results": [{"_id": 9}]}, {"detail": "?"}])
def test_get__answer_about_something_else__is_refused(client: Client, said: object) -> None:
    responses.get(f"{client.server_url}{DATA}", json=said)
    with pytest.raises(Fatal, match="not about the submissions"):
        Statuses(client, "aX").get([2])


def test_get__more_than_an_address_holds__is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="At most"):
        Statuses(client, "aX").get(range(MOST + 1))

"""The server as others use it: start, stop, restart, seeds, clock, page cap, rows loaded ready-made."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import requests

from kobo_crc.simulator.server import Running, running, running_apart
from kobo_crc.simulator.world import World
from tests.simulator.forms import Client, xlsx

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANSWERS = "<card>1</card><client><age>3</age></client><need><kind>health</kind><photo>a.jpg</photo></need>"


def test_running__same_seed_and_clock__same_bytes() -> None:
    def bytes_of_a_run() -> bytes:
        with running(seed=5, clock=lambda: NOON) as server:
            client = Client(server).deploy()
            client.submit("1", ANSWERS, a=b"photo")
            text = client.call("GET", "data/").text + client.call("GET", "").text
            return text.replace(server.url, "").encode("utf-8")

    assert bytes_of_a_run() == bytes_of_a_run()


def test_running__other_seed__other_ids() -> None:
    uids = []
    for seed in (1, 2):
        with running(seed=seed) as server:
            uids.append(Client(server).deploy().uid)
    assert uids[0] != uids[1]


def test_running__world_given__goes_on_at_its_address() -> None:
    with running() as first:
        client = Client(first).deploy()
        client.submit("1", ANSWERS)
    with pytest.raises(requests.ConnectionError):
        client.call("GET", "data/")
    with running(world=first.world) as second:
        assert second.url == first.url
        assert [row["_uuid"] for row in client.rows()] == ["1"]


def fill(world: World) -> None:
    project = world.add_xlsform(xlsx(), "small")
    world.load(project, [])


def test_running_apart__filled__serves_from_another_process() -> None:
    with running_apart(fill=fill) as (url, token):
        reply = requests.get(f"{url}/api/v2/assets/", headers={"Authorization": f"Token {token}"}, timeout=20)
    assert reply.json()["count"] == 1


def fail(world: World) -> None:
    raise SystemExit(1)


def test_running_apart__fill_fails__said() -> None:
    with pytest.raises(RuntimeError, match="did not start"), running_apart(fill=fail):
        pass


def test_clock__advanced__later_submission(simulator: Running) -> None:
    client = Client(simulator).deploy()
    before = simulator.world.now()
    client.call("POST", "/_simulator/clock", json={"seconds": 86400})
    client.submit("1", ANSWERS)
    at = datetime.fromisoformat(client.rows()[0]["_submission_time"]).replace(tzinfo=UTC)
    assert (at - before).days == 1 or (at - before).total_seconds() > 86000


def test_reset__filled_world__empty(client: Client) -> None:
    client.call("POST", "/_simulator/reset")
    assert client.call("GET", "/api/v2/assets/").json()["count"] == 0


def test_import__polls__processing_first() -> None:
    with running(import_polls=2) as server:
        client = Client(server)
        task = client.call("POST", "/api/v2/imports/", files={"file": ("a.xlsx", xlsx())}).json()
        told = [client.call("GET", f"/api/v2/imports/{task['uid']}/").json()["status"] for _ in range(3)]
    assert told == ["processing", "processing", "complete"]


def load(client: Client, count: int) -> None:
    project = client.server.world.projects[client.uid]
    client.server.world.load(
        project, ({"_uuid": f"u{n}", "meta/rootUuid": f"uuid:u{n}", "n": str(n)} for n in range(count))
    )


def test_list__limit_above_cap__cut_silently(client: Client) -> None:
    load(client, 1203)
    reply = client.call("GET", "data/", params={"limit": "30000"}).json()
    assert (reply["count"], len(reply["results"])) == (1203, 1000)


def test_list__cap_of_this_server__obeyed() -> None:
    with running(page_limit=7) as server:
        client = Client(server).deploy()
        load(client, 20)
        assert len(client.rows(limit="1000")) == 7


def test_list__keyset_pages__every_row_once(client: Client) -> None:
    load(client, 250)
    found: list[int] = []
    while rows := client.rows(query=json.dumps({"_id": {"$gt": found[-1] if found else 0}}), sort='{"_id":1}'):
        found += [row["_id"] for row in rows]
    assert found == list(range(1, 251))


def test_load__then_submit__ids_go_on(client: Client) -> None:
    load(client, 3)
    client.submit("1", ANSWERS)
    assert [row["_id"] for row in client.rows()] == [1, 2, 3, 4]


def test_edit__loaded_row__as_any_other(client: Client) -> None:
    load(client, 1)
    client.call("PATCH", "data/bulk/", json={"payload": {"submission_ids": [1], "data": {"n": "9"}}})
    row = client.rows()[0]
    assert (row["n"], row["meta/rootUuid"]) == ("9", "uuid:u0")
    assert client.submit(row["_uuid"].replace("-", ""), ANSWERS, replaces=row["_uuid"]).status_code == 201


def test_submit__photo_later_and_changed__latest_bytes_served(client: Client) -> None:
    client.submit("1", ANSWERS)
    assert client.rows()[0]["_attachments"] == []
    client.submit("1", ANSWERS, a=b"first")
    client.submit("1", ANSWERS, a=b"second")
    (file,) = client.rows()[0]["_attachments"]
    reply = requests.get(file["download_url"], headers=client.headers, timeout=20)
    assert (file["question_xpath"], reply.content) == ("need[1]/photo", b"second")


def test_submit__answer_that_is_no_place__taken(client: Client) -> None:
    client.submit("1", "<place>here and there</place>")
    assert client.rows()[0]["_geolocation"] == [None, None]


def test_submit__place_answered__placed(client: Client) -> None:
    client.submit("1", "<place>36.1 43.9 0 0</place>")
    assert client.rows()[0]["_geolocation"] == [36.1, 43.9]


def test_edit__new_uuid__status_kept_and_history_written(client: Client) -> None:
    client.submit("1", ANSWERS)
    client.call("PATCH", "data/1/validation_status/", json={"validation_status.uid": "validation_status_approved"})
    client.submit("2", ANSWERS, replaces="1")
    row = client.rows()[0]
    assert (row["_id"], row["_uuid"], row["_validation_status"]["label"]) == (1, "2", "Approved")
    history = client.call("GET", "history/", params={"q": "action:modify-submission"}).json()
    assert history["count"] == 2

"""A project's pages, glimpses and fetches, from scripted answers and recorded rows of a real server."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from pydantic import SecretStr

from kobo_crc.errors import Fatal, Retriable
from kobo_crc.sources.http import Client
from kobo_crc.sources.kobo import Asset, FormVersion, Glimpse, glimpse_of, submission_of
from tests.sources.conftest import HURRIED, TOKEN, ScriptedServer, recorded, reply

REAL = "https://kobo.example.org"


def rows(*ids: int) -> list[dict[str, Any]]:
    at = "2026-11-23T10:00:00"
    return [{"_id": n, "_uuid": f"u{n}", "meta/rootUuid": f"uuid:u{n}", "_submission_time": at} for n in ids]


def page(total: int, *ids: int) -> bytes:
    return reply({"count": total, "next": None, "previous": None, "results": rows(*ids)})


def asked(request: str) -> dict[str, Any]:
    """The query parameters of a raw request, JSON ones parsed."""
    given = parse_qs(urlsplit(request.split(" ")[1]).query)
    return {name: json.loads(values[0]) for name, values in given.items()}


def real_asset(name: str, **replaced: Any) -> Asset:
    """An asset whose next answer is the recorded one, with some of its fields replaced."""
    exchange = recorded(name)
    uid = exchange["request"]["url"].split("/")[6]
    address = urlsplit(exchange["request"]["url"])
    responses.add("GET", f"{REAL}{address.path}", json={**exchange["body"], **replaced})
    return Asset(Client(REAL, SecretStr(TOKEN), HURRIED), uid)


@pytest.fixture
def asset(client: Client) -> Asset:
    return Asset(client, "aX", page_size=3)


def test_pages__server_cuts_pages_short__all_rows_by_key(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(5, 4, 7), page(3, 8, 9), page(1, 12)]
    assert [[row.server_id for row in one] for one in asset.pages(3)] == [[4, 7], [8, 9], [12]]
    questions = [asked(request) for request in server.requests]
    assert [question["query"] for question in questions] == [{"_id": {"$gt": after}} for after in (3, 7, 9)]
    assert all(q["sort"] == {"_id": 1} and q["start"] == 0 and q["limit"] == 3 for q in questions)


def test_pages__rows_vanish_between_pages__ends_on_an_empty_page(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(5, 1, 2, 3), page(0)]
    assert [len(one) for one in asset.pages()] == [3]


def test_pages__no_submissions__no_page(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(0)]
    assert list(asset.pages()) == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("second", [page(3, 2, 3), page(3, 4, 6, 5), page(3, 4, 4), page(3, 1)])
def test_pages__repeat_or_go_backwards__fatal(server: ScriptedServer, asset: Asset, second: bytes) -> None:
    server.script = [page(6, 1, 2, 3), second]
    pages = asset.pages()
    assert len(next(pages)) == 3
    with pytest.raises(Fatal, match="ascending order"):
        next(pages)


@pytest.mark.parametrize(
    "strange",
    [[], {"count": 1}, {"results": []}, {"count": 1, "results": [{"_id": "7"}]}, {"count": 1, "results": [{}]}],
)
def test_pages__not_kobotoolbox__fatal(server: ScriptedServer, asset: Asset, strange: object) -> None:
    server.script = [reply(strange)]
    with pytest.raises(Fatal, match=r"Project aX on http://127.0.0.1:\d+: .* Please"):
        list(asset.pages())


def test_pages__second_page_fails__first_kept_then_fault(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(6, 1, 2, 3), reply(b"", 503)]
    pages = asset.pages()
    assert len(next(pages)) == 3
    with pytest.raises(Retriable):
        next(pages)


def test_sweep__light_rows__only_what_shows_a_change(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(2, 1, 2)]
    assert list(asset.sweep(up_to=2)) == [[Glimpse(1, "u1", "u1", "", "", ""), Glimpse(2, "u2", "u2", "", "", "")]]
    question = asked(server.requests[0])
    assert question["query"] == {"_id": {"$lte": 2, "$gt": 0}}
    light = {"_id", "_uuid", "meta/rootUuid", "_validation_status", "_attachments", "_date_modified"}
    assert set(question["fields"]) == light


def test_count__up_to_an_id__of_the_server(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(41, 1)]
    assert (asset.count(up_to=99), asset.count()) == (41, 41)
    assert asked(server.requests[0])["query"] == {"_id": {"$lte": 99}}
    assert "query" not in asked(server.requests[1])
    assert asked(server.requests[0])["limit"] == 1


def test_fetch__many_ids__addresses_stay_short(server: ScriptedServer, asset: Asset) -> None:
    wanted = range(500_000_000, 500_001_500)
    server.script = [page(0)]
    assert list(asset.fetch([*wanted, *wanted])) == []
    assert all(len(request.split("\r\n")[0]) < 6000 for request in server.requests)
    batches = [asked(request)["query"]["_id"]["$in"] for request in server.requests]
    assert [server_id for batch in batches for server_id in batch] == list(wanted)
    assert 1 < len(batches) < 6


def test_fetch__server_caps_a_batch__asks_for_the_rest(server: ScriptedServer, asset: Asset) -> None:
    server.script = [page(3, 5, 6), page(1, 9)]
    assert [[row.server_id for row in one] for one in asset.fetch([9, 5, 6])] == [[5, 6], [9]]
    assert asked(server.requests[1])["query"] == {"_id": {"$in": [5, 6, 9], "$gt": 6}}


def test_fetch__nothing_wanted__nothing_asked(server: ScriptedServer, asset: Asset) -> None:
    assert list(asset.fetch([])) == []
    assert server.requests == []


@responses.activate
def test_describe__owner_and_viewer__permissions_told() -> None:
    info = real_asset("assets_03_detail_deployed").describe()
    assert (info.name, info.owner, info.active) == ("Referral intake", "alice", True)
    assert info.deployed_version == info.version == "vEH3dzpXP4RoWvqP6S3hsy"
    assert info.url == f"{REAL}/#/forms/aH8DWDdegsStMEJFk3NvpG"
    assert info.sees_all and "manage_asset" in info.permissions
    responses.reset()
    viewer = real_asset("perm_04_bob_asset").describe()
    assert viewer.sees_all and viewer.permissions == {"view_asset", "view_submissions"}


@pytest.mark.parametrize(
    "codenames", [[], ["view_asset", "partial_submissions"], ["view_submissions", "partial_submissions"]]
)
@responses.activate
def test_describe__partial_permission__does_not_see_all(codenames: list[str]) -> None:
    asset = real_asset("perm_04_bob_asset", effective_permissions=[{"codename": name} for name in codenames])
    assert not asset.describe().sees_all


@responses.activate
def test_versions__of_a_real_server__newest_first_and_each_with_its_form() -> None:
    [version] = real_asset("versions_01_list").get_versions()
    assert version == FormVersion("vEH3dzpXP4RoWvqP6S3hsy", "1", "2026-11-23T13:29:30.125134Z")
    content = real_asset("versions_02_detail").get_content(version.uid)
    assert content["survey"][0]["name"] == "start"


@responses.activate
def test_versions__no_list__is_not_kobotoolbox() -> None:
    with pytest.raises(Fatal, match="a list of versions"):
        real_asset("versions_01_list", results=None).get_versions()


@responses.activate
def test_describe__before_deployment__no_version() -> None:
    info = real_asset("assets_02_detail_predeploy").describe()
    assert (info.active, info.deployed_version) == (False, "")


@responses.activate
def test_pages__recorded_rows__kept_as_given() -> None:
    (given,) = real_asset("perm_14_bob_partial_data").pages()
    raw = recorded("perm_14_bob_partial_data")["body"]["results"]
    assert [one.payload for one in given] == raw
    first = given[0]
    assert (first.server_id, first.root_uuid) == (1, "00781b3e-814c-4404-a8e3-a247152a8e32")
    assert (first.uuid, first.form_version) == (raw[0]["_uuid"], "vEH3dzpXP4RoWvqP6S3hsy")
    assert (first.submitted_at, first.validation_status) == ("2026-11-23T13:32:57", "")


@responses.activate
def test_sweep__validation_status__its_uid() -> None:
    ((glimpse,),) = real_asset("data_04_fields_with_validation").sweep(up_to=2)
    assert glimpse.validation_status == "validation_status_on_hold"
    assert glimpse.root_uuid == "0d0f9ac1-3ff3-4d4a-86c7-453a5b49b703"


def test_submission_of__no_root_uuid__falls_back_to_the_id() -> None:
    assert submission_of({"_id": 7, "_uuid": "x"}).root_uuid == "_id:7"


def with_files(*files: dict[str, Any]) -> Glimpse:
    return glimpse_of(submission_of({"_id": 1, "_attachments": list(files)}))


def test_glimpse__attachments__urls_and_order_do_not_count() -> None:
    one, two = {"uid": "a1", "is_deleted": False}, {"uid": "a2", "is_deleted": False}
    assert with_files({**one, "download_url": "https://x"}, two) == with_files(two, {**one, "download_url": "http://y"})
    assert len({with_files(), with_files(one), with_files(one, two), with_files({**one, "is_deleted": True})}) == 4


@responses.activate
def test_glimpse_of__whole_row__equals_the_swept_one() -> None:
    whole = [one for part in real_asset("perm_14_bob_partial_data").pages() for one in part]
    swept = [one for part in real_asset("perm_14_bob_partial_data").sweep(10_000) for one in part]
    assert [glimpse_of(one) for one in whole] == swept
    assert any(one.attachments for one in swept)


@responses.activate
def test_pages__encrypted_row__envelope_kept() -> None:
    ((row,),) = real_asset("enc_05_data").pages()
    assert row.form_version == "" and row.payload["encryptedXmlFile"] == "submission.xml.enc"


@pytest.mark.parametrize("missing", ["_submission_time", "_id"])
def test_fetch__an_earlier_page_in_place_of_the_one_asked_for__fatal(
    server: ScriptedServer, asset: Asset, missing: str
) -> None:
    """A glimpse landed as a whole submission would empty it."""
    [glimpse] = rows(5)
    glimpse = {key: value for key, value in glimpse.items() if key != missing} if missing != "_id" else rows(7)[0]
    server.script = [reply({"count": 1, "next": None, "previous": None, "results": [glimpse]})]
    with pytest.raises(Fatal, match="the submissions that were asked for, whole"):
        list(asset.fetch([5]))

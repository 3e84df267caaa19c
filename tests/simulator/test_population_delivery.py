"""Tablets fetch the server's own forms, send what people filled, edit and delete, over real HTTP."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from kobo_crc.errors import Fatal
from kobo_crc.simulator.population.campaign import FOLLOW_UP, INTAKE, Campaign
from kobo_crc.simulator.population.delivery import Filled, Tablets, deliver
from kobo_crc.simulator.population.second_night import Night, second_night
from kobo_crc.simulator.server import Running, running
from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.write import write_xlsx

FORMS = Path(__file__).parents[2] / "forms"
SUBMISSIONS = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def tablets(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Tablets:
    folder = tmp_path_factory.mktemp("forms")
    assets = {}
    for name in (INTAKE, FOLLOW_UP):
        write_xlsx(read(FORMS / f"{name}.md", FORMS / "codes"), folder / f"{name}.xlsx")
        assets[name] = server.world.add_xlsform((folder / f"{name}.xlsx").read_bytes(), name).uid
    return Tablets(server.url, server.token, assets)


def call(server: Running, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Token {server.token}"}
    reply = requests.request(method, server.url + path, headers=headers, timeout=20, **more)
    assert reply.ok, reply.text
    return reply.json()


def rows(server: Running, tablets: Tablets, form: str) -> dict[str, dict[str, Any]]:
    found = call(server, "GET", f"/api/v2/assets/{tablets.assets[form]}/data/?format=json&limit=1000")["results"]
    return {row["meta/rootUuid"].removeprefix("uuid:"): row for row in found}


@pytest.fixture(scope="module")
def delivered(server: Running, tablets: Tablets) -> tuple[Campaign, list[Filled], list[Filled], list[tuple[int, int]]]:
    for uid in tablets.assets.values():
        call(server, "POST", f"/api/v2/assets/{uid}/deployment/", json={"active": True})
    forms = {name: tablets.get_xform(name) for name in tablets.assets}
    campaign = Campaign(2, SUBMISSIONS, 3, date(2026, 3, 1), forms)
    first = campaign.run()
    calls: list[tuple[int, int]] = []
    assert deliver(first, tablets, len(first), lambda done, total: calls.append((done, total))) == SUBMISSIONS
    later = second_night(campaign, first, Night(new=6, late=3, cleared=2, changed=2, shrunk=1, deleted=3))
    deliver(later, tablets)
    return campaign, first, later, calls


def test_deliver__two_nights__server_holds_what_was_left(
    server: Running, tablets: Tablets, delivered: tuple[Campaign, list[Filled], list[Filled], list[tuple[int, int]]]
) -> None:
    _, first, later, _ = delivered
    held = {root for form in tablets.assets for root in rows(server, tablets, form)}
    gone = {action.root_uuid for action in later if action.kind == "deleted"}
    assert held == {action.root_uuid for action in (*first, *later)} - gone
    assert len(gone) == 3


def test_deliver__edits__new_uuid_same_root(
    server: Running, tablets: Tablets, delivered: tuple[Campaign, list[Filled], list[Filled], list[tuple[int, int]]]
) -> None:
    edits = [action for action in delivered[2] if action.kind in ("cleared", "changed", "shrunk")]
    assert len(edits) >= 4
    for action in edits:
        row = rows(server, tablets, action.form)[action.root_uuid]
        assert row["_uuid"] != action.root_uuid
        assert row["meta/deprecatedID"] == f"uuid:{action.root_uuid}"


def test_deliver__form_of_the_server__id_version_and_form_uuid_in_every_row(
    server: Running, tablets: Tablets, delivered: tuple[Campaign, list[Filled], list[Filled], list[tuple[int, int]]]
) -> None:
    form = delivered[0].forms[INTAKE]
    assert form.form_id == tablets.assets[INTAKE] and form.version
    for row in rows(server, tablets, INTAKE).values():
        assert row["formhub/uuid"] and row["__version__"]
        assert row["_xform_id_string"] == tablets.assets[INTAKE]


def test_deliver__progress__one_call_for_each(
    delivered: tuple[Campaign, list[Filled], list[Filled], list[tuple[int, int]]],
) -> None:
    assert delivered[3] == [(done, SUBMISSIONS) for done in range(1, SUBMISSIONS + 1)]


def test_get_xform__form_not_on_the_server__says_to_deploy(tablets: Tablets) -> None:
    lost = Tablets(tablets.url, tablets.token, {"intake": "aNone"})
    with pytest.raises(Fatal, match=r"lists no form aNone \(intake\)"):
        lost.get_xform("intake")


def test_send__wrong_token__fatal_without_the_token(
    tablets: Tablets, delivered: tuple[Any, list[Filled], Any, Any]
) -> None:
    stranger = Tablets(tablets.url, "stranger", tablets.assets)
    with pytest.raises(Fatal, match="was answered with 401") as caught:
        stranger.send(delivered[1][0])
    assert "stranger" not in str(caught.value) + repr(stranger)


def test_send__delete_of_unknown__fatal(tablets: Tablets, delivered: tuple[Any, list[Filled], Any, Any]) -> None:
    with pytest.raises(Fatal, match="no submission nobody to delete"):
        tablets.send(Filled(INTAKE, b"", "nobody", delivered[1][0].sent_at, kind="deleted"))

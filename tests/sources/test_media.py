"""Lists beside a form, over real HTTP: put, replaced, cut in between, and what tablets then fetch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr

from kobo_crc.config import Project
from kobo_crc.deploy import Deployed, Deployer
from kobo_crc.errors import Fatal
from kobo_crc.lookups import OPEN_REFERRALS, listed
from kobo_crc.rollout import workbook_of
from kobo_crc.simulator.server import Running, running
from kobo_crc.sources.http import Client, Limits
from kobo_crc.sources.media import Media, digest_of
from kobo_crc.xlsform.read import read

STATE = "instance('open_referrals')/root/item[reference_code=${number}]/state_code"
FORM = f"""
| survey |              |                |       |             |
|        | type         | name           | label | calculation |
|        | csv-external | open_referrals |       |             |
|        | csv-external | of_their_own   |       |             |
|        | text         | number         | الرقم |             |
|        | calculate    | state          |       | {STATE}     |
"""
EMPTY = listed(OPEN_REFERRALS, ())
FULL = listed(OPEN_REFERRALS, [("200000000088", "health", "normal", "2026-12-01", "sent")])


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def client(simulator: Running) -> Iterator[Client]:
    simulator.world.reset()
    client = Client(simulator.url, SecretStr(simulator.token), Limits(connect_s=5, read_s=10, retries=1, backoff_s=0))
    yield client
    client.close()


@pytest.fixture
def deployed(client: Client, tmp_path: Path) -> Deployed:
    return deploy(client, tmp_path)


def deploy(client: Client, tmp_path: Path) -> Deployed:
    (tmp_path / "codes").mkdir(exist_ok=True)
    path = tmp_path / "followup.md"
    path.write_text(FORM, encoding="utf-8")
    form = read(path, tmp_path / "codes")
    return Deployer(client, Project(name="main"), tmp_path / "deployed.toml", 0).deploy(form, workbook_of(form))


def on_tablets(simulator: Running) -> list[str]:
    """What a tablet fetches with the form."""
    headers = {"Authorization": f"Token {simulator.token}"}
    manifest = requests.get(f"{simulator.url}/xformsManifest/1", headers=headers, timeout=5).text
    addresses = [part.partition("<")[0] for part in manifest.split("<downloadUrl>")[1:]]
    return [requests.get(address, headers=headers, timeout=5).text for address in addresses]


def redeploy(client: Client, deployed: Deployed) -> None:
    path = f"assets/{deployed.asset_uid}/deployment/"
    client.patch(path, {"active": True, "version_id": deployed.version})


def test_deploy__form_with_a_list__comes_with_the_list_without_rows(deployed: Deployed, simulator: Running) -> None:
    assert on_tablets(simulator) == [EMPTY.decode()]


def test_deploy__same_form_whose_list_was_deleted__brings_it_again(
    deployed: Deployed, client: Client, simulator: Running, tmp_path: Path
) -> None:
    simulator.world.projects[deployed.asset_uid].files.clear()
    redeploy(client, deployed)
    assert on_tablets(simulator) == []
    assert deploy(client, tmp_path).changed
    assert on_tablets(simulator) == [EMPTY.decode()]
    assert not deploy(client, tmp_path).changed


def test_put__tablets_get_it_with_the_next_deployment(deployed: Deployed, client: Client, simulator: Running) -> None:
    assert Media(client, deployed.asset_uid).put(OPEN_REFERRALS, FULL)
    assert on_tablets(simulator) == [EMPTY.decode()]
    redeploy(client, deployed)
    assert on_tablets(simulator) == [FULL.decode()]


def test_put__same_again__sends_nothing(deployed: Deployed, client: Client, simulator: Running) -> None:
    media = Media(client, deployed.asset_uid)
    media.put(OPEN_REFERRALS, FULL)
    before = len(simulator.world.projects[deployed.asset_uid].history)
    assert not media.put(OPEN_REFERRALS, FULL)
    assert len(simulator.world.projects[deployed.asset_uid].history) == before


def test_put__cut_after_the_old_one_went__the_next_call_puts_it(
    deployed: Deployed, client: Client, simulator: Running
) -> None:
    media = Media(client, deployed.asset_uid)
    simulator.world.faults.order([{"kind": "status", "status": 403, "method": "POST"}])
    with pytest.raises(Fatal):
        media.put(OPEN_REFERRALS, FULL)
    assert media.digests() == {}
    assert media.put(OPEN_REFERRALS, FULL) and media.digests() == {OPEN_REFERRALS: digest_of(FULL)}


def test_put__account_that_may_only_look__is_a_fault(deployed: Deployed, simulator: Running) -> None:
    project = simulator.world.projects[deployed.asset_uid]
    project.grant("bob", "view_asset", None)
    client = Client(simulator.url, SecretStr("b0" * 20), Limits(retries=0))
    with pytest.raises(Fatal):
        Media(client, deployed.asset_uid).put(OPEN_REFERRALS, FULL)
    client.close()

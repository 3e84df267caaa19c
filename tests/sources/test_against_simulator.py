"""Pulling over real HTTP from the simulator: many pages, rows that vanish meanwhile, a server that fails."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from kobo_crc.errors import Fatal, Retriable
from kobo_crc.model import Submission
from kobo_crc.simulator.projects import Project
from kobo_crc.simulator.server import Running, running
from kobo_crc.sources.http import Client, Limits
from kobo_crc.sources.kobo import Asset, glimpse_of
from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.write import write_xlsx

ROWS = 2500
HURRIED = Limits(connect_s=5, read_s=10, retries=3, backoff_s=0)
BOB = "b0" * 20
FORM = """
| survey |      |      |        |
|        | type | name | label  |
|        | text | need | الحاجة |
"""


def record(number: int) -> dict[str, Any]:
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    # Every third `_id` is left out, as on a server that serves other projects too.
    return {"_id": number + number // 2, "_uuid": uuid, "meta/rootUuid": f"uuid:{uuid}", "need": f"حاجة {number}"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("form")
    (folder / "form.md").write_text(FORM, encoding="utf-8")
    write_xlsx(read(folder / "form.md", folder), folder / "form.xlsx")
    return (folder / "form.xlsx").read_bytes()


@pytest.fixture
def project(simulator: Running, workbook: bytes) -> Project:
    world = simulator.world
    world.reset()
    made = world.add_xlsform(workbook, "Intake")
    client = Client(simulator.url, SecretStr(simulator.token), HURRIED)
    client.post(f"assets/{made.uid}/deployment/", {"active": True})
    client.close()
    world.load(made, [record(number) for number in range(1, ROWS + 1)])
    return made


@pytest.fixture
def asset(simulator: Running, project: Project) -> Iterator[Asset]:
    client = Client(simulator.url, SecretStr(simulator.token), HURRIED)
    yield Asset(client, project.uid)
    client.close()


def ids_of(pages: Iterator[list[Any]]) -> list[int]:
    return [row.server_id for page in pages for row in page]


def remove(project: Project, *server_ids: int) -> None:
    for server_id in server_ids:
        project.store.remove(project.store.by_id[server_id])


def test_pages__2500_rows__each_once_in_order(asset: Asset, project: Project) -> None:
    sizes = [len(page) for page in asset.pages()]
    assert sizes == [1000, 1000, 500]
    assert ids_of(asset.pages()) == project.store.ids
    assert ids_of(asset.pages(after=project.store.ids[-3])) == project.store.ids[-2:]


def test_pages__page_after_page__at_most_two_in_memory(simulator: Running, project: Project) -> None:
    client = Client(simulator.url, SecretStr(simulator.token), HURRIED)
    alive = []
    for page in Asset(client, project.uid, page_size=500).pages():
        assert len(page) == 500
        alive.append(sum(type(thing) is Submission for thing in gc.get_objects()))
    client.close()
    assert len(alive) == 5 and max(alive) <= 1000


def test_pages__rows_deleted_meanwhile__no_other_is_skipped(asset: Asset, project: Project) -> None:
    expected = list(project.store.ids)
    pages = asset.pages()
    got = [row.server_id for row in next(pages)]
    # The next page may be under way: only rows behind it and beyond it vanish for sure before they are asked for.
    gone_behind, gone_beyond = got[:10], expected[-10:]
    remove(project, *gone_behind, *gone_beyond)
    got += ids_of(pages)
    assert got == expected[:-10]


def test_sweep__whole_project__equals_what_pages_give(asset: Asset, project: Project) -> None:
    highest = project.store.ids[-1]
    swept = [glimpse for page in asset.sweep(highest) for glimpse in page]
    assert swept == [glimpse_of(row) for page in asset.pages() for row in page]
    assert len(swept) == asset.count(highest) == asset.count() == ROWS


def test_count_and_sweep__up_to_an_id__leave_later_rows_out(asset: Asset, project: Project) -> None:
    middle = project.store.ids[1200]
    assert asset.count(middle) == 1201
    assert ids_of(asset.sweep(middle)) == project.store.ids[:1201]


def test_fetch__some_gone__the_others_whole(asset: Asset, project: Project) -> None:
    wanted = project.store.ids[::2]
    remove(project, wanted[3], wanted[-1])
    fetched = [row for page in asset.fetch(reversed(wanted)) for row in page]
    assert [row.server_id for row in fetched] == [n for n in wanted if n in project.store.by_id]
    assert all(row.payload["need"].startswith("حاجة") for row in fetched)


def test_sweep__validated_and_edited__only_those_differ(asset: Asset, project: Project) -> None:
    highest = project.store.ids[-1]
    before = {glimpse.server_id: glimpse for page in asset.sweep(highest) for glimpse in page}
    validated, edited = project.store.ids[5], project.store.ids[1700]
    path = f"assets/{project.uid}/data/{validated}/validation_status/"
    asset._client.patch(path, {"validation_status.uid": "validation_status_not_approved"})
    bulk = {"payload": {"submission_ids": [edited], "data": {"need": "أخرى"}}}
    asset._client.patch(f"assets/{project.uid}/data/bulk/", bulk)
    after = {glimpse.server_id: glimpse for page in asset.sweep(highest) for glimpse in page}
    assert {server_id for server_id in after if after[server_id] != before[server_id]} == {validated, edited}
    assert after[validated].validation_status == "validation_status_not_approved"
    assert after[edited].root_uuid == before[edited].root_uuid
    whole = {row.server_id: glimpse_of(row) for page in asset.fetch([validated, edited]) for row in page}
    assert whole == {server_id: after[server_id] for server_id in (validated, edited)}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after": "0"},
        {"status": 502},
        {"kind": "html", "status": 504},
        {"kind": "html", "status": 200},
        {"kind": "truncate"},
        {"kind": "cut"},
    ],
    ids=str,
)
def test_pages__server_fails_for_a_while__all_rows_all_the_same(
    asset: Asset, project: Project, simulator: Running, fault: dict[str, Any]
) -> None:
    simulator.world.faults.order([{"path": "*/data/*", "nth": 2, "times": 2, **fault}])
    assert ids_of(asset.pages()) == project.store.ids
    assert simulator.world.faults.ordered[0].seen == 5


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 429}, "slow down"),
        ({"status": 503}, "the server failed"),
        ({"kind": "html", "status": 200}, "a web page came"),
        ({"kind": "truncate"}, "not the JSON"),
        ({"kind": "cut"}, "broke in the middle"),
    ],
    ids=str,
)
def test_pages__server_stays_broken__first_page_then_one_sentence(
    asset: Asset, simulator: Running, fault: dict[str, Any], words: str
) -> None:
    simulator.world.faults.order([{"path": "*/data/*", "nth": 2, "times": 0, **fault}])
    pages = asset.pages()
    assert len(next(pages)) == 1000
    with pytest.raises(Retriable, match=words):
        next(pages)


def test_describe__partial_permission__seen_as_such(asset: Asset, project: Project, simulator: Running) -> None:
    assert asset.describe().sees_all
    view = f"{simulator.url}/api/v2/permissions/view_submissions/"
    grant = {
        "user": f"{simulator.url}/api/v2/users/bob/",
        "permission": f"{simulator.url}/api/v2/permissions/partial_submissions/",
        "partial_permissions": [{"url": view, "filters": [{"need": "حاجة 7"}]}],
    }
    asset._client.post(f"assets/{project.uid}/permission-assignments/", grant)
    bob = Client(simulator.url, SecretStr(BOB), HURRIED)
    theirs = Asset(bob, project.uid)
    assert not theirs.describe().sees_all
    assert theirs.count() == 1
    bob.close()


@pytest.mark.parametrize(("token", "words"), [("wrong", r"\(401\)"), (BOB, r"\(404\)")])
def test_pages__token_of_nobody_or_of_a_stranger__fatal(
    project: Project, simulator: Running, token: str, words: str
) -> None:
    client = Client(simulator.url, SecretStr(token), HURRIED)
    for ask in (Asset(client, project.uid).count, Asset(client, project.uid).describe):
        with pytest.raises(Fatal, match=words):
            ask()
    client.close()


def test_count__project_not_there__fatal(simulator: Running, asset: Asset) -> None:
    with pytest.raises(Fatal, match=r"nothing is there.*\. Please"):
        Asset(asset._client, "aNowhere").count()

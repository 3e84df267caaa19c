"""Forms to a server, over real HTTP against the simulator, and what deployed.toml remembers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from pydantic import SecretStr

from kobo_crc.config import Project
from kobo_crc.deploy import Deployed, DeployedForm, Deployer, Outlook, read_deployed, write_deployed
from kobo_crc.errors import ConfigError, CrcError, Fatal, FormError, Retriable
from kobo_crc.simulator.server import Running, running
from kobo_crc.sources.http import Client, Limits
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.read import read
from kobo_crc.xlsform.write import write_xlsx
from tests.sources.conftest import recorded

MAIN = Project(name="main")
UNHURRIED = Limits(connect_s=5, read_s=10, retries=1, backoff_s=0)
FORM = """
| survey |           |            |               |               |
|        | type      | name       | label         | calculation   |
|        | {type:9} | {question} | ما هي الحاجة؟ |               |
|        | calculate | one        |               | {calculation} |

| settings |               |         |
|          | form_title    | form_id |
|          | نموذج الإحالة | intake  |
"""


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def server(simulator: Running) -> Running:
    simulator.world.reset()
    return simulator


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    client = Client(server.url, SecretStr(server.token), UNHURRIED)
    yield client
    client.close()


class Office:
    """A data officer's folder: deploys the form from it, each time with a fresh Deployer."""

    def __init__(self, folder: Path, client: Client) -> None:
        self.folder, self.client = folder, client
        self.path = folder / "deployed.toml"
        (folder / "codes").mkdir(parents=True, exist_ok=True)

    def deploy(
        self,
        question: str = "need",
        calculation: str = "1",
        project: Project = MAIN,
        type: str = "text",
        **options: bool,
    ) -> Deployed:
        form, xlsx = self.form(question, calculation, type), (self.folder / "intake.xlsx").read_bytes()
        return Deployer(self.client, project, self.path, pause_s=0).deploy(form, xlsx, **options)

    def look(self, question: str = "need", **options: bool) -> Outlook:
        form, xlsx = self.form(question), (self.folder / "intake.xlsx").read_bytes()
        return Deployer(self.client, MAIN, self.path, pause_s=0).look(form, xlsx, **options)

    def form(self, question: str, calculation: str = "1", type: str = "text") -> Form:
        """The form, its workbook written beside it."""
        source = self.folder / "intake.md"
        source.write_text(FORM.format(question=question, calculation=calculation, type=type), encoding="utf-8")
        form = read(source, self.folder / "codes")
        write_xlsx(form, self.folder / "intake.xlsx")
        return form

    @property
    def entry(self) -> DeployedForm:
        return read_deployed(self.path)["main"]["intake"]


@pytest.fixture
def office(tmp_path: Path, client: Client) -> Office:
    return Office(tmp_path / "مركز البصرة", client)


def order(server: Running, **fault: object) -> None:
    server.world.faults.order([fault])


def test_deploy__first_time__tablets_get_it_and_the_file_remembers(office: Office, server: Running) -> None:
    done = office.deploy()
    (project,) = server.world.projects.values()
    assert done == Deployed(project.uid, project.latest.uid, changed=True)
    assert (project.name, project.kind) == ("نموذج الإحالة", "survey")
    assert project.deployment is not None and project.deployment.active
    assert (office.entry.asset_uid, office.entry.version) == (done.asset_uid, done.version)
    assert f'[main.intake]\nasset_uid = "{done.asset_uid}"\n' in office.path.read_text(encoding="utf-8")


def test_deploy__same_form_again__nothing_changes(office: Office, server: Running) -> None:
    first = office.deploy()
    before = office.path.read_bytes()
    assert office.deploy() == Deployed(first.asset_uid, first.version, changed=False)
    assert [len(project.versions) for project in server.world.projects.values()] == [1]
    assert office.path.read_bytes() == before


def test_deploy__same_content_under_a_version_not_known_here__makes_no_new_version(
    office: Office, server: Running
) -> None:
    first = office.deploy()
    known = office.entry
    write_deployed(office.path, {"main": {"intake": DeployedForm(asset_uid=first.asset_uid)}})
    assert office.deploy() == Deployed(first.asset_uid, first.version, changed=False)
    assert [len(project.versions) for project in server.world.projects.values()] == [1]
    assert office.entry == known


def test_deploy__project_renamed_on_the_server__is_no_change_of_the_form(office: Office, server: Running) -> None:
    first = office.deploy()
    office.client.patch(f"assets/{first.asset_uid}/", {"name": "ours, 2026"})
    [project] = server.world.projects.values()
    assert project.latest.uid != first.version
    assert office.look().action == "waiting"
    assert office.deploy().changed and len(project.versions) == 2
    assert not office.deploy().changed and project.name == "ours, 2026"


def test_look__each_state__says_what_deploying_would_do_and_does_nothing(office: Office, server: Running) -> None:
    assert office.look() == Outlook("new") and not server.world.projects
    first = office.deploy()
    assert office.look().action == "unchanged"
    before = office.path.read_bytes()
    outlook = office.look("urgent_need")
    assert outlook.action == "changed"
    assert [(one.place, one.what) for one in outlook.changes] == [
        ("urgent_need", "added (text)"),
        ("need", "gone (text)"),
    ]
    assert office.path.read_bytes() == before
    assert [version.uid for version in server.world.projects[first.asset_uid].versions] == [first.version]


def test_deploy__changed_form__replaces_in_the_same_project(office: Office, server: Running) -> None:
    first = office.deploy()
    second = office.deploy("urgent_need")
    assert second.asset_uid == first.asset_uid and second.version != first.version and second.changed
    (project,) = server.world.projects.values()
    assert project.deployment is not None and project.deployment.version_uid == second.version
    assert not office.deploy("urgent_need").changed


def test_deploy__broken_form__server_words_and_then_mended(office: Office, server: Running) -> None:
    with pytest.raises(FormError, match=r"does not accept the form intake: .*nope.* Please correct"):
        office.deploy(calculation="${nope}")
    assert office.deploy().asset_uid == office.entry.asset_uid
    assert len(server.world.projects) == 1


def test_deploy__question_of_another_type__is_refused_and_nothing_is_sent(office: Office, server: Running) -> None:
    first = office.deploy()
    with pytest.raises(FormError, match=r"row 2: need was a text .*\nNothing was sent to the project"):
        office.deploy(type="integer")
    (project,) = server.world.projects.values()
    assert [version.uid for version in project.versions] == [first.version]
    assert office.deploy("age", type="integer").changed


def test_deploy__broken_change__tablets_keep_the_old_form(office: Office, server: Running) -> None:
    first = office.deploy()
    with pytest.raises(FormError, match="nope"):
        office.deploy(calculation="${nope}")
    (project,) = server.world.projects.values()
    assert project.deployment is not None and project.deployment.version_uid == first.version
    assert office.deploy().changed


def test_deploy__not_a_workbook__form_error_with_the_server_words(office: Office) -> None:
    office.deploy()
    form = office.form("another_question")
    with pytest.raises(FormError, match="Unsupported format, or corrupt file"):
        Deployer(office.client, MAIN, office.path, pause_s=0).deploy(form, b"not an excel")


def test_deploy__changed_by_others_on_the_server__refused_until_overwrite(office: Office, server: Running) -> None:
    first = office.deploy()
    before = office.path.read_bytes()
    laptop = Office(office.folder / "other", office.client)
    write_deployed(laptop.path, {"main": {"intake": DeployedForm(asset_uid=first.asset_uid)}})
    theirs = laptop.deploy("their_question")
    for question in ("need", "our_question"):
        with pytest.raises(FormError, match=r"changed on the server .* --overwrite"):
            office.deploy(question)
    assert office.path.read_bytes() == before
    assert server.world.projects[first.asset_uid].latest.uid == theirs.version
    assert office.deploy(overwrite=True).changed


def test_deploy__lost_deployed_toml__no_second_project(office: Office, server: Running) -> None:
    first = office.deploy()
    office.path.unlink()
    with pytest.raises(ConfigError, match=rf'asset_uid = "{first.asset_uid}"'):
        office.deploy()
    assert len(server.world.projects) == 1
    write_deployed(office.path, {"main": {"intake": DeployedForm(asset_uid=first.asset_uid)}})
    assert office.deploy().asset_uid == first.asset_uid
    office.path.unlink()
    assert office.deploy(another=True).asset_uid != first.asset_uid


def test_deploy__two_projects_of_one_account__one_each(office: Office, server: Running) -> None:
    first = office.deploy()
    second = office.deploy(project=Project(name="partner"))
    assert first.asset_uid != second.asset_uid
    assert set(read_deployed(office.path)) == {"main", "partner"}


def test_deploy__uid_of_the_pipeline_file__goes_first(office: Office, server: Running) -> None:
    first = office.deploy()
    office.path.unlink()
    named = Project(name="main", assets={"intake": first.asset_uid})
    assert office.deploy(project=named).asset_uid == first.asset_uid
    assert not office.deploy(project=named).changed


def test_deploy__archived_project__refused(office: Office) -> None:
    first = office.deploy()
    office.client.patch(f"assets/{first.asset_uid}/deployment/", {"active": False})
    for question in ("need", "other"):
        with pytest.raises(Fatal, match=r"is archived\. Please unarchive"):
            office.deploy(question)


def test_deploy__not_kobotoolbox__fatal(office: Office, server: Running) -> None:
    with responses.RequestsMock() as fake:
        fake.add("GET", f"{server.url}/api/v2/assets/", json={"hello": 1})
        with pytest.raises(Fatal, match=r"no `results`.*`server_url`"):
            office.deploy()


class Real:
    """A real server's recorded replies, by method and path."""

    def __init__(self, fake: responses.RequestsMock) -> None:
        self._fake = fake

    def answers(self, name: str, **replaced: object) -> None:
        exchange = recorded(name)
        request, body = exchange["request"], exchange["body"]
        self._fake.add(
            request["method"], request["url"].split("?")[0], json={**body, **replaced}, status=exchange["status"]
        )


@pytest.fixture
def real() -> Iterator[Real]:
    with responses.RequestsMock() as fake:
        yield Real(fake)


@pytest.fixture
def real_office(tmp_path: Path) -> Office:
    return Office(tmp_path, Client("https://kobo.example.org", SecretStr("0a1b" * 10), UNHURRIED))


def test_deploy__real_replies__first_time(real: Real, real_office: Office) -> None:
    real.answers("assets_01_list")
    real.answers("imports_03_file_library_false")
    real.answers("imports_04_result_library_false", status="processing", messages={})
    real.answers("imports_04_result_library_false")
    real.answers("assets_02_detail_predeploy")
    real.answers("deploy_01_post_active_true")
    assert real_office.deploy() == Deployed("aH8DWDdegsStMEJFk3NvpG", "vEH3dzpXP4RoWvqP6S3hsy", changed=True)


def test_deploy__real_replies__imported_version_not_yet_live(real: Real, real_office: Office) -> None:
    info = recorded("replace_03_asset_before_redeploy")["body"]
    real.answers("replace_03_asset_before_redeploy")
    real.answers("imports_13_garbage")
    real.answers("imports_14_garbage", status="complete", messages={"updated": [{"uid": info["uid"], "kind": "asset"}]})
    real.answers("replace_04_patch_old_version")
    write_deployed(real_office.path, {"main": {"intake": DeployedForm(asset_uid=info["uid"])}})
    with pytest.raises(Retriable, match=r"\(500\)"):
        real_office.deploy()
    assert real_office.entry.version == info["version_id"] != info["deployed_version_id"]


def test_deploy__real_replies__unreadable_file(real: Real, real_office: Office) -> None:
    real.answers("assets_01_list")
    real.answers("imports_13_garbage")
    real.answers("imports_14_garbage")
    with pytest.raises(FormError, match=r"form intake: Unsupported format, or corrupt file\. Please"):
        real_office.deploy()


def test_deploy__real_replies__bad_reference(real: Real, real_office: Office) -> None:
    uid = recorded("deploy_04_bad_ref")["request"]["url"].split("/")[6]
    real.answers("assets_01_list")
    real.answers("imports_13_garbage")
    real.answers("imports_14_garbage", status="complete", messages={"created": [{"uid": uid, "kind": "asset"}]})
    responses_asset = {**recorded("assets_02_detail_predeploy")["body"], "uid": uid}
    real._fake.add("GET", f"https://kobo.example.org/api/v2/assets/{uid}/", json=responses_asset)
    real.answers("deploy_04_bad_ref")
    with pytest.raises(FormError, match=r"intake: There has been a problem trying to replace \$\{nope\}.* Please"):
        real_office.deploy()
    assert real_office.entry.asset_uid == uid


@pytest.mark.parametrize("first_time", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        {"method": "POST", "path": "*/imports/"},
        {"method": "POST", "path": "*/imports/", "kind": "cut"},
        {"method": "GET", "path": "*/imports/*", "times": 2},
        {"method": "GET", "path": "*/assets/a*", "times": 2},
        {"method": "*", "path": "*/deployment/"},
        {"method": "*", "path": "*/deployment/", "kind": "cut"},
    ],
    ids=str,
)
def test_deploy__fails_on_the_way__a_second_try_ends_well(
    office: Office, server: Running, fault: dict[str, object], first_time: bool
) -> None:
    if not first_time:
        office.deploy("before")
    methods = ["POST", "PATCH"] if fault["method"] == "*" else [fault["method"]]
    for method in methods:
        order(server, **{**fault, "method": method})
    with pytest.raises(Retriable, match="Please "):
        office.deploy()
    server.world.faults.clear()
    done = office.deploy()
    project = server.world.projects[done.asset_uid]
    assert project.deployment is not None and project.deployment.version_uid == done.version == project.latest.uid
    assert len([one for one in server.world.projects.values() if one.deployment]) == 1
    if "imports" not in str(fault["path"]):
        assert len(server.world.projects) == 1
    assert not office.deploy().changed


def test_deploy__permission_refused__not_blamed_on_the_form(office: Office, server: Running) -> None:
    order(server, method="POST", path="*/imports/", status=403)
    with pytest.raises(Fatal, match=r"lacks the permission for this \(403\)"):
        office.deploy()


def test_deploy__viewer__says_permission(office: Office, server: Running) -> None:
    first = office.deploy()
    office.client.post(
        f"assets/{first.asset_uid}/permission-assignments/",
        {"user": f"{server.url}/api/v2/users/bob/", "permission": f"{server.url}/api/v2/permissions/view_asset/"},
    )
    bob = Client(server.url, SecretStr("b0" * 20), UNHURRIED)
    with pytest.raises(CrcError):
        Office(office.folder, bob).deploy("other")
    bob.close()
    assert len(server.world.projects[first.asset_uid].versions) == 1


def test_deployed_toml__any_names__come_back_the_same(tmp_path: Path) -> None:
    names = ["main", "مركز البصرة", 'a "b" \\ c', "tab\tdel\x7f", "dot.ted"]
    entry = DeployedForm(asset_uid="aX", version="v1", digest="d")
    deployed = {name: {"intake": entry, "x y": DeployedForm(asset_uid="aY")} for name in names}
    write_deployed(tmp_path / "d.toml", deployed)
    assert read_deployed(tmp_path / "d.toml") == deployed
    assert [file.name for file in tmp_path.iterdir()] == ["d.toml"]


def test_deployed_toml__folder_gone__says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"deployed\.toml: the file cannot be written .* Please close it"):
        write_deployed(tmp_path / "gone" / "deployed.toml", {})


def test_deployed_toml__written_by_hand__read(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text('# ours\n[main.intake]\nasset_uid = "aHand"\n', encoding="utf-8")
    assert read_deployed(tmp_path / "d.toml") == {"main": {"intake": DeployedForm(asset_uid="aHand")}}
    assert read_deployed(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[main.intake]\nasset_id = "aX"\n', "unknown key `main.intake.asset_id` (did you mean `asset_uid`?)"),
        ('[main.intake]\nversion = "v"\n', "the key `main.intake.asset_uid` is missing"),
        ('[main.intake]\nasset_uid = "https://kf.org/#/forms/aX"\n', "`main.intake.asset_uid`"),
        ('intake = "aX"\n', "`intake`"),
    ],
)
def test_deployed_toml__wrong__named_with_the_remedy(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "d.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="Please ") as caught:
        read_deployed(tmp_path / "d.toml")
    assert words in str(caught.value)

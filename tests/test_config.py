"""Settings, pipeline files and tokens: what loads, and the sentence for what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_crc.config import (
    SETTINGS_FILE,
    Settings,
    load_pipeline,
    load_settings,
    secret,
    settings_template,
)
from kobo_crc.errors import ConfigError
from kobo_crc.tomlfile import read_toml

ROOT = Path(__file__).parent.parent
SERVER = 'server_url = "https://kf.kobotoolbox.org"\n'
TOKEN = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An officer's folder, with an Arabic name."""
    made = tmp_path / "مراكز الموارد"
    (made / "pipelines").mkdir(parents=True)
    return made


def settings(folder: Path, text: str = SERVER) -> Settings:
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    return load_settings(folder / SETTINGS_FILE)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError, match=r"Please ") as caught:
        settings(folder, text)
    return str(caught.value)


def pipeline_refusal(folder: Path, text: str) -> str:
    (folder / "pipelines" / "x.toml").write_text(text, encoding="utf-8")
    loaded = settings(folder)
    with pytest.raises(ConfigError, match=r"Please ") as caught:
        load_pipeline(loaded, "x")
    return str(caught.value)


def test_load_settings__only_the_server__defaults_beside_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = settings(folder)
    assert loaded.store == folder / "store.db"
    assert (loaded.language, loaded.time_zone, loaded.page_size) == ("ar", "Asia/Baghdad", 1000)


def test_load_settings__paths__relative_to_the_file_and_absolute_kept(folder: Path, tmp_path: Path) -> None:
    loaded = settings(folder, SERVER + f"store = 'data/s.db'\nvault = '{tmp_path / 'v.db'}'\n")
    assert (loaded.store, loaded.vault) == (folder / "data" / "s.db", tmp_path / "v.db")


def test_settings_template__as_written__loads_with_the_defaults(folder: Path) -> None:
    loaded = settings(folder, settings_template())
    assert loaded == settings(folder, SERVER)


def test_settings_template__every_key__there_once_and_usable(folder: Path) -> None:
    template = settings_template()
    for name in Settings.model_fields:
        assert [line for line in template.splitlines() if line.removeprefix("# ").startswith(f"{name} = ")] != []
    keys = tuple(f"# {name} = " for name in Settings.model_fields)
    live = "".join(
        line.removeprefix("# ") if line.startswith(keys) else line for line in template.splitlines(keepends=True)
    )
    assert set(read_toml_text(folder, live)) == set(Settings.model_fields)
    assert settings(folder, live) == settings(folder, SERVER)


def read_toml_text(folder: Path, text: str) -> dict[str, object]:
    (folder / "t.toml").write_text(text, encoding="utf-8")
    return read_toml(folder / "t.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SERVER + 'storee = "x.db"\n', "unknown key `storee` (did you mean `store`?)"),
        (SERVER + "banana = 1\n", "unknown key `banana`. Please"),
        ("", "the key `server_url` is missing"),
        (SERVER + 'language = "fr"\n', "`language` should be 'ar', 'ckb' or 'en'"),
        (SERVER + 'time_zone = "Asia/Bagdad"\n', "`time_zone` should be a time zone's name"),
        (SERVER + 'opening_hours = "16:00-08:00"\n', "`opening_hours` should be from when until when"),
        (SERVER + 'opening_hours = "8-16"\n', "`opening_hours` should be from when until when, such as 08:00-16:00"),
        (SERVER + 'time_zone = "../x"\n', "`time_zone` should be a time zone's name"),
        (SERVER + "page_size = 0\n", "`page_size` should be greater than or equal to 1"),
        (SERVER + 'page_size = "many"\n', "`page_size` should be a whole number, without quotes"),
        (SERVER + 'store = "postgresql://u:pw@host/db"\n', "`store` should be a file or folder"),
        ('server_url = "https://kf.kobotoolbox.org/#/forms/aX"\n', "the server's address alone"),
        ('server_url = "kf.kobotoolbox.org"\n', "the server's address alone"),
        ('server_url = "http://kf.kobotoolbox.org"\n', "should begin with https"),
        ('server_url = "https://me:pw@kf.kobotoolbox.org"\n', "the server's address alone"),
        (SERVER + "store = \n", "line 2"),
        (SERVER + 'store = "C:\\Users\\x"\n', "'single quotes'"),
    ],
)
def test_load_settings__wrong__named_with_the_remedy(folder: Path, text: str, words: str) -> None:
    said = refusal(folder, text)
    assert words in said and SETTINGS_FILE in said
    assert "pw" not in said


def test_load_settings__two_findings__both_named(folder: Path) -> None:
    said = refusal(folder, SERVER + 'languge = "en"\nreport_path = "x"\n')
    assert "`languge` (did you mean `language`?)" in said and "`report_path`" in said


@pytest.mark.parametrize("key", ["token", "kobo_crc_token", "API_TOKEN", "password"])
def test_load_settings__token_in_the_file__refused_by_name(folder: Path, key: str) -> None:
    said = refusal(folder, SERVER + f'{key} = "{TOKEN}"\n')
    assert f"`{key}`" in said and "KOBO_CRC_TOKEN" in said and TOKEN not in said


def test_load_settings__no_file__says_init(folder: Path) -> None:
    with pytest.raises(ConfigError, match="kobo-crc init"):
        load_settings(folder / "none.toml")


def test_load_settings__saved_by_windows__read(folder: Path) -> None:
    (folder / SETTINGS_FILE).write_bytes(b"\xef\xbb\xbf" + SERVER.replace("\n", "\r\n").encode())
    assert load_settings(folder / SETTINGS_FILE).server_url == "https://kf.kobotoolbox.org"


def test_read_toml__not_utf8__says_so(folder: Path) -> None:
    (folder / "x.toml").write_bytes("title = 'مركز'".encode("cp1256"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read_toml(folder / "x.toml")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://localhost", "http://[::1]:1"])
def test_settings__simulator_on_loopback__plain_http_passes(url: str) -> None:
    assert Settings(server_url=url).server_url == url.rstrip("/")


def test_load_pipeline__nightly__as_shipped(folder: Path) -> None:
    (folder / "pipelines" / "nightly.toml").write_bytes((ROOT / "pipelines" / "nightly.toml").read_bytes())
    pipeline = load_pipeline(settings(folder), "nightly")
    assert pipeline.forms[:3] == ("intake", "visit", "referral_followup")
    asked_only_when_planned = {"handover_consent"}
    assert {*pipeline.forms} | asked_only_when_planned == {path.stem for path in (ROOT / "forms").glob("*.md")}
    assert not {*pipeline.forms} & asked_only_when_planned
    assert pipeline.steps == ("pull", "load", "derive", "publish", "report", "worklists")
    assert [(project.name, project.token) for project in pipeline.projects] == [("main", "KOBO_CRC_TOKEN")]


def test_load_pipeline__nightly__its_commented_projects_work(folder: Path) -> None:
    shipped = (ROOT / "pipelines" / "nightly.toml").read_text(encoding="utf-8")
    head, mark, tail = shipped.partition("# [[projects]]")
    live = head + "\n".join(line.removeprefix("# ").removeprefix("#") for line in (mark + tail).splitlines())
    (folder / "pipelines" / "many.toml").write_text(live, encoding="utf-8")
    basra, partner = load_pipeline(settings(folder), "many").projects
    assert (basra.name, basra.token, basra.server_url) == ("basra", "KOBO_TOKEN_BASRA", None)
    assert partner.server_url == "https://eu.kobotoolbox.org"
    assert partner.assets == {"intake": "aBcDeFgHiJkLmNoPqRsTuV"}


HEAD = 'title = "T"\nforms = ["intake"]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + 'step = ["pull"]\n', "unknown key `step` (did you mean `steps`?)"),
        ('forms = ["intake"]\n', "the key `title` is missing"),
        ('title = "T"\nforms = []\n', "`forms`"),
        ('title = "T"\nforms = ["intake", "intake"]\n', "should name each form once"),
        (
            HEAD + 'steps = ["load", "pull"]\n',
            "in the order pull, load, attachments, derive, publish, report, worklists",
        ),
        (HEAD + 'steps = ["pull", "pull"]\n', "at most once"),
        (
            HEAD + 'steps = ["print"]\n',
            "should be 'pull', 'load', 'attachments', 'derive', 'publish', 'report' or 'worklists'",
        ),
        (
            HEAD + 'steps = ["pull", "load", "attachments"]\nattachments = []\n',
            "`attachments` should list privacy classes",
        ),
        (HEAD + 'attachments = ["none"]\n', "steps should have attachments"),
        (HEAD + 'attachments = ["secret"]\n', "`attachments.1` should be 'none', 'quasi', 'sensitive' or 'direct'"),
        (HEAD + "accept_deletions = 5\n", "`accept_deletions` should be less than or equal to 1"),
        (HEAD + '[[projects]]\nname = "a"\ntoke = "X"\n', "unknown key `projects.1.toke` (did you mean `token`?)"),
        (HEAD + '[[projects]]\nname = "a"\n[[projects]]\nname = "a"\n', "a name of its own"),
        (HEAD + '[[projects]]\nname = "a"\nassets = {intak = "aX"}\n', "only for the forms above, not for intak"),
        (HEAD + '[[projects]]\nname = "a"\nassets = {intake = "../x"}\n', "`projects.1.assets.intake`"),
        (HEAD + f'[[projects]]\nname = "a"\ntoken = "{TOKEN}"\n', "the name of an environment variable"),
        (HEAD + f'token = "{TOKEN}"\n', "`token` does not belong"),
    ],
)
def test_load_pipeline__wrong__named_with_the_remedy(folder: Path, text: str, words: str) -> None:
    said = pipeline_refusal(folder, text)
    assert words in said and "x.toml" in said and TOKEN not in said


def test_load_pipeline__unknown_name__lists_the_known(folder: Path) -> None:
    (folder / "pipelines" / "nightly.toml").write_text(HEAD, encoding="utf-8")
    loaded = settings(folder)
    for name in ("nightli", "../nightly"):
        with pytest.raises(ConfigError, match="Please name one of: nightly"):
            load_pipeline(loaded, name)


def test_secret__environment__before_named_file_before_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "kobo_crc_token").write_text("from-folder\n", encoding="utf-8")
    (folder / "elsewhere").write_text("\ufefffrom-file\r\n", encoding="utf-8")
    monkeypatch.delenv("KOBO_CRC_TOKEN", raising=False)
    found = [secret("KOBO_CRC_TOKEN", folder)]
    monkeypatch.setenv("KOBO_CRC_TOKEN_FILE", str(folder / "elsewhere"))
    found.append(secret("KOBO_CRC_TOKEN", folder))
    monkeypatch.setenv("KOBO_CRC_TOKEN", "from-env")
    found.append(secret("KOBO_CRC_TOKEN", folder))
    assert [one.get_secret_value() for one in found] == ["from-folder", "from-file", "from-env"]
    assert "from" not in repr(found)


def test_secret__nowhere__says_where_to_put_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOBO_TOKEN_BASRA", raising=False)
    with pytest.raises(ConfigError, match=r"KOBO_TOKEN_BASRA is not set, .*kobo_token_basra.* Please"):
        secret("KOBO_TOKEN_BASRA", folder)

"""What a newcomer meets: steps in another order, mistyped codes, a server that does not answer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import uvicorn

from kobo_crc import notices
from kobo_crc.audit import DIFFERENT, EQUAL, UNDECIDED, Finding, verdict
from kobo_crc.config import SETTINGS_FILE, load_settings
from kobo_crc.custody import recover
from kobo_crc.database.database import Database
from kobo_crc.errors import CrcError, Fatal, Retriable
from kobo_crc.model import Origin
from kobo_crc.notices.waiting import Waiting
from kobo_crc.sealing import MasterKey
from kobo_crc.sources.faults import BAD_TOKEN, MISSING, UNREACHABLE, told_once
from tests.commands import Command

NO_SERVER = 'server_url = "http://127.0.0.1:9"\nlanguage = "ar"\nretries = 0\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kobo_crc: Command) -> Path:
    """A folder fresh from `init`, with forms that are said to be deployed to a server that is not there."""
    folder = tmp_path / "مركز بيجي"
    assert kobo_crc("init", str(folder)).code == 0
    monkeypatch.chdir(folder)
    (folder / SETTINGS_FILE).write_text(NO_SERVER, encoding="utf-8")
    monkeypatch.setenv("KOBO_CRC_TOKEN", "anything")
    pipeline = 'title = "Test"\nforms = ["intake", "visit"]\n[[projects]]\nname = "main"\n'
    assets = 'assets = { intake = "aIntake", visit = "aVisit" }\n'
    (folder / "pipelines" / "nightly.toml").write_text(pipeline + assets, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "words", [("run", "nightly"), ("verify",), ("backup", "copies"), ("cards", "--people", "10"), ("vault", "status")]
)
def test_command__before_the_key_is_made__names_it_and_leaves_no_empty_vault(
    folder: Path, kobo_crc: Command, words: tuple[str, ...]
) -> None:
    said = kobo_crc(*words)
    assert said.code == 1 and "kobo-crc vault init" in said.error
    assert not [path.name for path in folder.iterdir() if path.suffix == ".db"]
    assert "There is no store" in kobo_crc("status").error


def test_problems__of_a_store_without_tables__says_to_run(folder: Path, kobo_crc: Command) -> None:
    (folder / "store.db").touch()
    said = kobo_crc("problems")
    assert said.code == 1 and said.error.rstrip().endswith("Please run: kobo-crc run nightly")


def test_recover__where_no_vault_is_yet__leaves_none(folder: Path, kobo_crc: Command) -> None:
    settings, key = load_settings(folder / SETTINGS_FILE), MasterKey.make()
    with Database.of(settings) as database:
        recover(database, settings, key.split())
    assert not settings.vault.exists() and (settings.secrets / "kobo_crc_vault_key").exists()


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("referral", "list", "--centre", "baji"), "centre.csv has no code baji. Did you mean baiji?"),
        (("referral", "list", "--receiver", "ncr"), "organization.csv has no code ncr."),
        (("referral", "list", "--priority", "urgnt"), "Did you mean urgent?"),
        (("problems", "--code", "code_unkown"), "no kind of problem code_unkown. Did you mean code_unknown?"),
        (("replies", "make", "dcr"), "organization.csv has no code dcr."),
        (("replies", "import", "drc.xlsx"), "There is no file drc.xlsx."),
        (("worklist", "--centre", "baji", "--contacts", "--purpose", "calls"), "Did you mean baiji?"),
        (("handover", "--to", "jcm", "--purpose", "agreed"), "Did you mean jcmc?"),
    ],
)
def test_command__mistyped_code__is_named_before_anything_else(
    folder: Path, kobo_crc: Command, words: tuple[str, ...], remedy: str
) -> None:
    said = kobo_crc(*words)
    assert said.code == 1 and remedy in said.error and "password" not in said.error


def test_status__server_away__asks_it_once(folder: Path, kobo_crc: Command) -> None:
    assert kobo_crc("vault", "init").code == 0
    kobo_crc("run", "nightly")
    said = kobo_crc("status").out
    assert said.count("the server cannot be reached. Please check") == 1 + 1  # of the run, and of now
    assert said.count("    not asked") == 1


def test_run__server_away__says_so_once(folder: Path, kobo_crc: Command) -> None:
    assert kobo_crc("vault", "init").code == 0
    said = kobo_crc("run", "nightly")
    assert said.code == 1
    assert said.error.count("cannot be reached") == 1 and "So it was with" in said.error


def test_told_once__faults_of_one_form__each_stay() -> None:
    faults: list[CrcError] = [
        Retriable(UNREACHABLE.format(place="GET a")),
        Fatal(MISSING.format(place="GET b")),
        Fatal(MISSING.format(place="GET c")),
        Retriable(UNREACHABLE.format(place="GET d")),
        Fatal(BAD_TOKEN.format(place="GET e")),
    ]
    lines = told_once(faults).splitlines()
    assert [line[:5] for line in lines] == ["GET a", "GET b", "GET c", "GET e"]
    assert lines[0].endswith("run again. So it was with 1 more request.")


def test_verdict__nothing_compared__is_not_called_different() -> None:
    origin = Origin("intake", "main", "aX")
    same, other, unknown = Finding(origin), Finding(origin, changed=[1]), Finding(origin, fault="no answer")
    assert [verdict(found) for found in ([same], [same, unknown], [unknown, other, same], [])] == [
        EQUAL,
        UNDECIDED,
        DIFFERENT,
        EQUAL,
    ]


def test_summary__in_arabic__has_arabic_commas() -> None:
    [line] = notices._table([Waiting("بيجي", 2, 1, 0)], "ar")
    assert line == "بيجي: متأخرة 2، تستحق خلال يومين 1، لم يُؤكد استلامها 0"


def test_simulate__port_in_use__says_so_and_promises_nothing(kobo_crc: Command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = kobo_crc("simulate", "--port", str(other.getsockname()[1]))
    assert said.code == 1 and "cannot be used" in said.error and "answers on" not in said.out


def test_simulate__port_is_free__says_where_it_answers(kobo_crc: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda _server, sockets: [one.close() for one in sockets])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    said = kobo_crc("simulate", "--port", port)
    assert said.code == 0 and f"answers on http://127.0.0.1:{port}" in said.out


def test_forms_build__folder_cannot_be_written__one_sentence(folder: Path, kobo_crc: Command) -> None:
    workbook = folder / "forms" / "xlsx" / "centre_day.xlsx"
    workbook.unlink(missing_ok=True)
    workbook.mkdir(parents=True)
    said = kobo_crc("forms", "build")
    assert said.code == 1 and "centre_day.xlsx" in said.error and "error of kobo-crc itself" not in said.error


def test_summary__sent_nowhere__is_no_success(folder: Path, kobo_crc: Command) -> None:
    assert kobo_crc("vault", "init").code == 0
    kobo_crc("run", "nightly")
    said = kobo_crc("summary", "--send")
    assert said.code == 1 and "Nothing was sent" in said.error
    assert kobo_crc("summary").code == 0


def test_run__damaged_file__is_named_with_its_own_remedy(folder: Path, kobo_crc: Command) -> None:
    assert kobo_crc("vault", "init").code == 0
    whole = (folder / "store.db").read_bytes()
    (folder / "store.db").write_bytes(b"no database" * 1000)
    assert "move store.db away and run: kobo-crc rebuild nightly" in kobo_crc("run", "nightly").error
    assert "restore FILE" not in kobo_crc("status").error
    (folder / "store.db").write_bytes(whole)
    (folder / "vault.db").write_bytes(b"no database" * 1000)
    said = kobo_crc("run", "nightly").error
    assert "kobo-crc restore FILE" in said and "rebuild" not in said


def test_run__vault_gone_and_store_there__does_not_ask_for_a_new_vault_first(folder: Path, kobo_crc: Command) -> None:
    assert kobo_crc("vault", "init").code == 0
    (folder / "vault.db").rename(folder / "elsewhere.db")
    said = kobo_crc("run", "nightly")
    assert said.code == 1 and "put the vault back" in said.error
    assert not (folder / "vault.db").exists()

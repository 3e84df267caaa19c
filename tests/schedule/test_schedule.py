"""The nightly run on a schedule: a missed night is made up for where it can be, and no secret is ever in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kobo_crc import schedule
from kobo_crc.config import Settings
from kobo_crc.errors import ConfigError
from kobo_crc.schedule import machine as machines
from kobo_crc.schedule.cron import MISSED, line
from kobo_crc.schedule.job import Job, job
from kobo_crc.schedule.machine import Done
from kobo_crc.schedule.systemd import LINGER, service, timer
from kobo_crc.schedule.tasks import LOGGED_IN, NAMESPACE, document
from tests.commands import Command
from tests.schedule.conftest import Computer

NO_CRONTAB = Done(1, "no crontab for kobo")
T = f"{{{NAMESPACE}}}"


def units(computer: Computer) -> Path:
    return computer.machine.home / ".config" / "systemd" / "user"


def kept(settings: Settings, *names: str) -> None:
    """Save secrets of these names, for the own account alone."""
    settings.secrets.mkdir(exist_ok=True)
    for name in names:
        path = settings.secrets / name
        path.touch(mode=0o600)
        path.write_text("very secret", encoding="utf-8")


def test_systemd__units__say_what_runs_where_and_make_up_for_a_missed_night(nightly: Job) -> None:
    folder = str(nightly.folder).replace("%", "%%")
    lines = service(nightly).splitlines()
    assert f"WorkingDirectory={folder}" in lines and "UMask=0077" in lines
    assert f"EnvironmentFile=-{folder}/secrets/environment" in lines
    quoted = folder.replace('"', '\\"').replace("$", "$$")
    assert f'ExecStart="/opt/kobo/bin/python" "-m" "kobo_crc" "run" "nightly" "--folder" "{quoted}"' in lines
    assert {"OnCalendar=*-*-* 01:30:00", "Persistent=true"} <= set(timer(nightly).splitlines())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this computer has no systemd")
def test_systemd__units__are_what_systemd_takes(tmp_path: Path, nightly: Job) -> None:
    runnable = Job("nightly", nightly.folder, nightly.at, Path(sys.executable), nightly.variables)
    for suffix, text in (("service", service(runnable)), ("timer", timer(runnable))):
        (tmp_path / f"x.{suffix}").write_text(text, encoding="utf-8")
    words = ["systemd-analyze", "verify", "--user", "--man=no", str(tmp_path / "x.timer"), str(tmp_path / "x.service")]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert (done.returncode, [one for one in done.stderr.splitlines() if "x." in one]) == (0, [])


def test_systemd__install_show_and_remove__leave_nothing_behind(
    tmp_path: Path, settings: Settings, nightly: Job
) -> None:
    computer = Computer(tmp_path / "home")
    computer.answers["systemctl --user list-timers"] = Done(0, "NEXT tomorrow")
    assert schedule.show(computer.machine, nightly) == []
    said = schedule.install(settings, computer.machine, nightly, "")
    assert "every day at 01:30; a night that was missed is made up for" in said[0]
    assert {path.suffix for path in units(computer).iterdir()} == {".timer", ".service"}
    wanted = [("daemon-reload",), ("enable", "--now", f"{nightly.name}.timer")]
    assert [words[2:] for words in computer.asked if words[:2] == ("systemctl", "--user")][-2:] == wanted
    assert schedule.show(computer.machine, nightly) == [("systemd", "NEXT tomorrow")]
    assert schedule.remove(computer.machine, nightly) == ["systemd"]
    assert ("systemctl", "--user", "disable", "--now", f"{nightly.name}.timer") in computer.asked
    assert list(units(computer).iterdir()) == [] and schedule.remove(computer.machine, nightly) == []


def test_systemd__account_that_may_not_linger__is_told(tmp_path: Path, settings: Settings, nightly: Job) -> None:
    computer = Computer(tmp_path)
    assert LINGER not in schedule.install(settings, computer.machine, nightly, "systemd")
    computer.answers["loginctl"] = Done(1, "")
    assert LINGER in schedule.install(settings, computer.machine, nightly, "systemd")


def test_systemd__that_refuses__is_one_sentence(tmp_path: Path, settings: Settings, nightly: Job) -> None:
    computer = Computer(tmp_path)
    computer.answers["systemctl --user enable"] = Done(1, "Unit is bad")
    with pytest.raises(ConfigError, match="Unit is bad"):
        schedule.install(settings, computer.machine, nightly, "")


def test_cron__line__is_one_command_for_its_shell(nightly: Job) -> None:
    minute, hour, *_ = line(nightly).split()
    assert (minute, hour) == ("30", "1")
    command = (
        line(nightly).removeprefix("30 1 * * * ").replace(r"\%", "%").replace("/opt/kobo/bin/python", "printf '%s\\n'")
    )
    if os.name == "posix":
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace(">/dev/null", "")], capture_output=True, encoding="utf-8"
        )
        assert done.stdout.splitlines() == list(nightly.words[1:])
    assert r"100\%" in line(nightly)
    assert " umask 077; " in line(nightly)


def test_cron__install_and_remove__leave_the_other_lines_alone(
    tmp_path: Path, settings: Settings, nightly: Job
) -> None:
    computer = Computer(tmp_path, programs=["crontab"])
    computer.answers["systemctl"] = Done(1, "")
    old = line(job("nightly", nightly.folder, "23:15", nightly.python, settings.secrets))
    computer.answers["crontab -l"] = Done(0, f"# mine\n0 5 * * * backup\n{old}")
    assert MISSED in schedule.install(settings, computer.machine, nightly, "")
    assert computer.given[-1] == f"# mine\n0 5 * * * backup\n{line(nightly)}\n"
    assert schedule.show(computer.machine, nightly) == [("cron", old)]
    assert schedule.remove(computer.machine, nightly) == ["cron"]
    assert computer.given[-1] == "# mine\n0 5 * * * backup\n"


def test_cron__no_crontab_yet__begins_one(tmp_path: Path, settings: Settings, nightly: Job) -> None:
    computer = Computer(tmp_path, programs=["crontab"])
    computer.answers["crontab -l"] = NO_CRONTAB
    schedule.install(settings, computer.machine, nightly, "cron")
    assert computer.given[-1] == f"{line(nightly)}\n"


@pytest.mark.parametrize("command", ["crontab -l", "crontab -"])
def test_cron__that_refuses__is_one_sentence(tmp_path: Path, settings: Settings, nightly: Job, command: str) -> None:
    computer = Computer(tmp_path, programs=["crontab"])
    computer.answers = {"crontab -l": NO_CRONTAB, command: Done(1, "you are not allowed")}
    with pytest.raises(ConfigError, match="not allowed"):
        schedule.install(settings, computer.machine, nightly, "cron")


def test_windows__task__needs_no_administrator_and_makes_up_for_a_missed_night(nightly: Job) -> None:
    content = document(nightly)
    assert content.startswith((b"\xff\xfe", b"\xfe\xff"))
    task = ElementTree.fromstring(content)

    def text(path: str) -> str | None:
        return task.findtext("/".join(f"{T}{part}" for part in path.split("/")))

    assert text("Principals/Principal/LogonType") == "InteractiveToken"
    assert text("Principals/Principal/RunLevel") == "LeastPrivilege"
    assert text("Triggers/CalendarTrigger/StartBoundary") == "2026-01-01T01:30:00"
    assert text("Triggers/CalendarTrigger/ScheduleByDay/DaysInterval") == "1"
    assert (text("Settings/StartWhenAvailable"), text("Settings/MultipleInstancesPolicy")) == ("true", "IgnoreNew")
    assert text("Settings/DisallowStartIfOnBatteries") == "false"
    assert text("Actions/Exec/Command") == str(nightly.python)
    assert text("Actions/Exec/Arguments") == subprocess.list2cmdline(nightly.words[1:])
    assert text("Actions/Exec/WorkingDirectory") == str(nightly.folder)


def test_windows__install_show_and_remove__by_schtasks(tmp_path: Path, settings: Settings, nightly: Job) -> None:
    computer = Computer(tmp_path, windows=True)
    assert LOGGED_IN in schedule.install(settings, computer.machine, nightly, "")
    create = computer.asked[-1]
    assert create[:5] == ("schtasks", "/Create", "/TN", nightly.name, "/XML") and create[-1] == "/F"
    assert not Path(create[5]).exists()  # it was only for schtasks to read
    computer.answers["schtasks /Query"] = Done(0, "Next Run Time: tomorrow")
    assert ("windows", "Next Run Time: tomorrow") in schedule.show(computer.machine, nightly)
    schedule.remove(computer.machine, nightly)
    assert ("schtasks", "/Delete", "/TN", nightly.name, "/F") in computer.asked


@pytest.mark.parametrize("command", ["/Create", "/Delete"])
def test_windows__that_refuses__is_one_sentence(tmp_path: Path, settings: Settings, nightly: Job, command: str) -> None:
    computer = Computer(tmp_path, windows=True)
    computer.answers = {"schtasks /Query": Done(0, "there"), f"schtasks {command}": Done(1, "Access is denied.")}
    with pytest.raises(ConfigError, match=r"Access is denied\."):
        schedule.install(settings, computer.machine, nightly, "windows")
        schedule.remove(computer.machine, nightly)


@pytest.mark.parametrize("name", ["", "cron", "systemd", "windows", "at"])
def test_chosen__nothing_answers__says_what_to_do(tmp_path: Path, name: str) -> None:
    computer = Computer(tmp_path)
    computer.answers["systemctl"] = Done(1, "Failed to connect to bus")
    with pytest.raises(ConfigError, match="--with systemd"):
        schedule.chosen(computer.machine, name)


def test_install__no_secret__is_in_any_file_or_command(tmp_path: Path, settings: Settings, nightly: Job) -> None:
    kept(settings, "kobo_crc_token", "kobo_crc_vault_key", "environment")
    for computer in (
        Computer(tmp_path / "a"),
        Computer(tmp_path / "b", windows=True),
        Computer(tmp_path / "c", programs=["crontab"]),
    ):
        for one in schedule.schedulers(computer.machine):
            one.install(nightly)
        texts = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.service")]
        assert "very secret" not in str([texts, computer.asked, computer.given, document(nightly).decode("utf-16")])


def test_missing__secrets_of_this_terminal_alone__are_named_with_their_place(
    tmp_path: Path, settings: Settings, nightly: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBO_CRC_TOKEN", "very secret")
    token, key = schedule.missing(settings, nightly, ["systemd"])
    assert str(settings.secrets / "kobo_crc_token") in token and "keyring" not in token
    assert str(settings.secrets / "kobo_crc_vault_key") in key and "keyring" in key
    assert "very secret" not in token
    kept(settings, "kobo_crc_token", "kobo_crc_vault_key")
    assert schedule.missing(settings, nightly, ["systemd"]) == []


def test_missing__in_the_file_of_variables__is_found_by_systemd_alone(settings: Settings, nightly: Job) -> None:
    kept(settings, "kobo_crc_vault_key", "environment")
    nightly.variables.write_text("# mine\nKOBO_CRC_TOKEN_FILE=/run/token\n", encoding="utf-8")
    assert schedule.missing(settings, nightly, ["systemd"]) == []
    assert len(schedule.missing(settings, nightly, ["cron"])) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in the folder")
def test_missing__secret_that_others_may_read__is_told(settings: Settings, nightly: Job) -> None:
    kept(settings, "kobo_crc_token", "kobo_crc_vault_key")
    (settings.secrets / "kobo_crc_token").chmod(0o644)
    [said] = schedule.missing(settings, nightly, ["cron"])
    assert said.startswith("Others may read") and "chmod 600" in said


@pytest.mark.parametrize("at", ["", "25:00", "noon", "1:30"])
def test_job__time_that_is_none__is_refused(settings: Settings, at: str) -> None:
    with pytest.raises(ConfigError, match="01:30"):
        job("nightly", settings.store.parent, at, Path("python"), settings.secrets)


def test_job__of_another_folder_or_pipeline__has_another_name(tmp_path: Path) -> None:
    def name(folder: Path, pipeline: str = "nightly") -> str:
        return job(pipeline, folder, "01:30", Path("python"), tmp_path).name

    assert name(tmp_path / "a") == name(tmp_path / "b" / ".." / "a")
    assert len({name(tmp_path / "a"), name(tmp_path / "b"), name(tmp_path / "a", "weekly")}) == 3


def test_cli__install_show_remove__say_what_is_so(
    tmp_path: Path, settings: Settings, kobo_crc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    computer = Computer(tmp_path / "home")
    monkeypatch.setattr(machines, "this_machine", lambda: computer.machine)
    folder = settings.store.parent
    (folder / "kobo_crc.toml").write_text('server_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    words = ("--folder", str(folder))
    said = kobo_crc("schedule", "show", *words)
    assert said.code == 1 and said.out.endswith("Not on the schedule. Please run: kobo-crc schedule install\n")
    said = kobo_crc("schedule", "install", "--at", "02:15", *words)
    assert said.code == 0 and "every day at 02:15" in said.out and "nightly.log" in said.out
    assert kobo_crc("schedule", "show", *words).code == 0
    assert kobo_crc("schedule", "remove", *words).out == "Removed from systemd.\n"
    assert kobo_crc("schedule", "remove", *words).out == "Nothing of this folder was on the schedule.\n"
    assert "There is no pipeline weekly" in kobo_crc("schedule", "install", "--pipeline", "weekly", *words).error


def test_this_machine__program_that_is_not_there__is_an_answer() -> None:
    here = machines.this_machine()
    assert here.python.exists() and not here.has("no-such-program")
    assert here.run(["no-such-program"], "").code == machines.NOT_FOUND
    assert here.run([sys.executable, "-c", "print(input())"], "سلام") == Done(0, "سلام")

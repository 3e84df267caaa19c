"""The wheel as a stranger gets it: built, installed away from the checkout, and tried from an empty folder."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from kobo_crc.templates import KINDS, copy_into, packaged
from tests.test_docs import commands

ROOT = Path(__file__).parent.parent
SHIPPED = {"kobo_crc": "kobo_crc", "forms": "kobo_crc/share/forms", "pipelines": "kobo_crc/share/pipelines"}
BUILD_FILES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")
# Each of these takes longer to import than a person waits for --help.
SLOW_TO_IMPORT = {"alembic", "lxml", "numpy", "pandas", "pydantic", "pyxform", "requests", "sqlalchemy", "starlette"}
ARABIC_FOLDER = "مركز الفلوجة"
# Used by name only: the zones that Windows lacks, and the parser that starlette looks for.
NEVER_IMPORTED = {"tzdata", "python-multipart", "keyring"}  # the last one by name, by `custody`

ASK_ALL_HELP = """
import sys
from kobo_crc.cli import main
for words in {words}:
    sys.argv = ["kobo-crc", *words, "--help"]
    try:
        main()
    except SystemExit as ending:
        assert not ending.code, words
    print(end="\\f")
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that nothing built earlier gets into it."""
    source = tmp_path_factory.mktemp("source")
    for name in BUILD_FILES:
        shutil.copy(ROOT / name, source)
    for folder in SHIPPED:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    target = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(target), str(source))
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    pip("install", "--no-deps", "--no-index", "--no-compile", "--target", str(folder), str(wheel))
    return folder


def pip(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "-q", *words], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def run(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed command, started in `folder`; a warning is an error."""
    (script,) = (site / "bin").glob("kobo-crc*")
    return started(site, folder, str(script), *words)


def started(site: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOBO_CRC")}
    environment |= {"PYTHONPATH": str(site), "PYTHONWARNINGS": "error", "PYTHONUTF8": "0", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8"
    )


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(folder).parts)
    }


def test_wheel__all_files__are_those_of_checkout(wheel: Path) -> None:
    expected = {f"{inside}/{name}" for folder, inside in SHIPPED.items() for name in files_below(ROOT / folder)}
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == expected


def test_wheel__installed__is_what_runs(site: Path, tmp_path: Path) -> None:
    done = started(site, tmp_path, sys.executable, "-c", "import kobo_crc; print(kobo_crc.__file__)")
    assert Path(done.stdout.strip()) == site / "kobo_crc" / "__init__.py"


def test_help__installed__names_every_command(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in commands():
        assert re.search(rf"^\W*{command.split()[1]}\b", done.stdout, re.MULTILINE), command


def test_help__narrow_window__keeps_the_first_steps_apart(site: Path, tmp_path: Path) -> None:
    steps = re.findall(r"^ +\d (kobo-crc \w+|cd)", run(site, tmp_path, "--help").stdout, re.MULTILINE)
    assert steps == ["kobo-crc init", "cd", "kobo-crc deploy", "kobo-crc vault", "kobo-crc run"]


def test_help__each_command__gives_an_example(site: Path, tmp_path: Path) -> None:
    words = [command.split()[1:] for command in sorted(commands())]
    assert len(words) > 8
    done = started(site, tmp_path, sys.executable, "-c", ASK_ALL_HELP.format(words=words))
    assert (done.returncode, done.stderr) == (0, "")
    for asked, answer in zip(words, done.stdout.split("\f")[:-1], strict=True):
        assert f"kobo-crc {' '.join(asked)}" in answer.partition("Example")[2], asked


def test_help__installed__imports_nothing_slow(site: Path, tmp_path: Path) -> None:
    ask = "import sys; sys.argv = ['kobo-crc', '--help']; from kobo_crc.cli import main; main()"
    done = started(site, tmp_path, sys.executable, "-X", "importtime", "-c", ask)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert imported & SLOW_TO_IMPORT == set()


def test_init__arabic_folder__brings_settings_forms_and_pipelines(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "init", ARABIC_FOLDER)
    assert (done.returncode, done.stderr) == (0, "")
    assert "server_url" in (tmp_path / ARABIC_FOLDER / "kobo_crc.toml").read_text(encoding="utf-8")
    for kind in KINDS:
        assert files_below(tmp_path / ARABIC_FOLDER / kind) == files_below(ROOT / kind)


def test_init__in_arabic_folder__its_forms_check(site: Path, tmp_path: Path) -> None:
    (tmp_path / ARABIC_FOLDER).mkdir()
    assert run(site, tmp_path / ARABIC_FOLDER, "init").returncode == 0
    done = run(site, tmp_path / ARABIC_FOLDER, "forms", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK: ")


def test_init__second_time__keeps_what_was_changed(site: Path, tmp_path: Path) -> None:
    run(site, tmp_path, "init")
    changed = tmp_path / "pipelines" / "nightly.toml"
    changed.write_text("# ours", encoding="utf-8")
    done = run(site, tmp_path, "init")
    assert done.returncode == 0
    assert changed.read_text(encoding="utf-8") == "# ours"
    assert "nightly.toml" in done.stdout and "kobo_crc.toml" in done.stdout


def test_run__no_settings__ends_with_one_sentence(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "run", "nightly")
    assert done.returncode == 1
    assert "Please" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_packaged__checkout__is_its_own_folder() -> None:
    assert [Path(str(packaged(kind))) for kind in KINDS] == [ROOT / kind for kind in KINDS]


def test_copy_into__new_folder__keeps_nothing(tmp_path: Path) -> None:
    assert copy_into(tmp_path / "a" / "b") == []
    assert files_below(tmp_path / "a" / "b" / "forms") == files_below(ROOT / "forms")


def test_copy_into__left_behind_by_tools__stays_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = tmp_path / "forms"
    for name in (".cache/a", "__pycache__/a", "~$intake.xlsx", "codes/sex.csv"):
        (forms / name).parent.mkdir(parents=True, exist_ok=True)
        (forms / name).write_bytes(b"a")
    monkeypatch.setattr("kobo_crc.templates.packaged", {"forms": forms, "pipelines": tmp_path / "forms"}.__getitem__)
    copy_into(tmp_path / "target")
    assert [path.name for path in (tmp_path / "target" / "forms").rglob("*")] == ["codes", "sex.csv"]


def test_copy_into__some_files_there__keeps_and_names_them(tmp_path: Path) -> None:
    ours = tmp_path / "pipelines" / "nightly.toml"
    ours.parent.mkdir()
    ours.write_bytes(b"ours")
    assert copy_into(tmp_path) == [ours]
    assert ours.read_bytes() == b"ours"
    assert len(copy_into(tmp_path)) == sum(len(files_below(ROOT / kind)) for kind in KINDS)


def test_setup__declared_requirements__are_those_imported() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"] + setup["options.extras_require"]["simulator"]
    declared = {canonical(re.split(r"[<>=\[]", line)[0]) for line in lines.split("\n") if line.strip()}
    owners = packages_distributions()
    used = {canonical(owner) for name in imported_names() for owner in owners.get(name, [name])}
    assert used - {"kobo-crc"} == declared - NEVER_IMPORTED


def imported_names() -> Iterator[str]:
    """The first word of every import in the package that is not Python's own."""
    for path in (ROOT / "kobo_crc").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            firsts = {name.partition(".")[0] for name in names}
            yield from firsts - sys.stdlib_module_names - {"kobo_crc"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()

"""The house rules that no tool checks: which room may import which, and what the package must never do.

Every rule is a function from source text to findings, tried on a small bad snippet as well as on the package.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "kobo_crc"

# Top to bottom. A room imports only from floors below its own; within a room (a folder), all but circles are free.
# A new module fails until it has a floor here: put it where docs/architecture.md shows it.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(floor.split())
    for floor in (
        "__main__",
        "cli",
        "demo",
        "bars enquiries doctor workbooks versions adopting watched offboard handover",
        "rollout backfill verify standing replies delivery retention printing tablets outreach notices",
        "pipeline serverhealth",
        "erasure backups upkeep access",
        "graves",
        "outputs publish deploy burial",
        "people referrals activities wishes",
        "mirror loading attachments files earlier audit opening moving",
        "projects remake custody",
        "landing vault store runs fetched ledger numbering disclosed schedule sealed_files",
        "matching holdings",
        "sources normalise exports tombstones",
        "seals redaction",
        "simulator",
        "xlsform",
        "database",
        "config",
        "schema consent disclosure",
        "rules",
        "spelling",
        "casts model",
        "problems",
        "activity_problems referral_problems tomlfile chunks",
        "textfile sealing logbook",
        "errors codes progress templates filenames signatures lookups addresses account",
    )
)
# The simulator serves the demo and training: no part of the real way of the data may come to need it.
ONLY_FOR = {"simulator": {"cli", "demo"}, "demo": {"cli"}, "bars": {"cli"}, "cli": {"__main__"}}
DRAWS_ON_TERMINAL = "bars"
# `kobo_crc.read` brings pandas only when it is asked for, `custody` the keyring when no file has the key; Alembic comes
# only when there is something to migrate.
MAY_IMPORT_BY_NAME = {"kobo_crc", "kobo_crc.custody", "kobo_crc.database.migrate"}
MODULE_LINES = 400
FROZEN = "kobo_crc.database.migrations."  # generated once, never edited
FUNCTION_LINES = 80
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
# For writing forms and reading tables by hand: half of a quiet night's CPU, if the nightly run imported them too.
NOT_IN_A_NIGHT = {"alembic", "keyring", "numpy", "openpyxl", "pandas", "pyxform", "starlette", "typer"}
# What Windows lacks, or what would hand a text to a shell.
UNIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}
OS_CALLS = {"fork", "forkpty", "system", "popen", "getuid", "geteuid", "setsid", "killpg", "mkfifo", "chown"}
TEXT_CALLS = {"open", "read_text", "write_text"}
NOT_FILES = {"webbrowser"}
KNOWN_HOSTS = re.compile(
    r"(?:[\w-]+\.)*(?:kobotoolbox\.org|getodk\.org|opendatakit\.org|xlsform\.org|w3\.org|openrosa\.org|hxlstandard\.org"
    r"|example(?:\.org|\.com|\.net)?|iom\.int|un\.org|reliefweb\.int|unocha\.org|humdata\.org|openreferral\.org"
    r"|washingtongroup-disability\.com|sqlite\.org|sqlalchemy\.org|iso\.org|unicode\.org|wikipedia\.org|github\.com"
    r"|schemas\.microsoft\.com|localhost|127\.0\.0\.1|orx)|(?=[{<]).*"
)


def package_modules() -> dict[str, str]:
    """The package's modules: dotted name to source text."""
    return {module_name(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """`kobo_crc.sources.kobo` lives in `sources`; the package itself in ``."""
    return module.partition(".")[2].partition(".")[0]


def floor_of(room: str) -> int | None:
    """How high a room lies (0 is the ground), None for a room that has no floor yet."""
    return next((len(FLOORS) - 1 - depth for depth, rooms in enumerate(FLOORS) if room in rooms), None)


def imported_by(module: str, tree: ast.AST, modules: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Line and full name of every module of the package that `module` imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{origin(module, node, modules)}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "kobo_crc":
                yield node.lineno, name if name in modules else name.rpartition(".")[0]


def origin(module: str, node: ast.ImportFrom, modules: Mapping[str, str]) -> str:
    """The module that a `from … import` names, its leading dots resolved."""
    if not node.level:
        return node.module or ""
    is_package = any(name.startswith(f"{module}.") for name in modules)
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def imports_run_down(module: str, source: str, modules: Mapping[str, str]) -> Iterator[str]:
    """Imports that run up or sideways, and modules without a floor."""
    room = room_of(module)
    floor = floor_of(room)
    if room and floor is None:
        yield f"{module} has no floor: please give it one in FLOORS"
        return
    for line, target in imported_by(module, ast.parse(source), modules):
        other = room_of(target)
        if not other or other == room:
            continue
        below = floor_of(other)
        if below is None or floor is None or below >= floor:
            yield f"{module}:{line} imports {target}, which is not on a floor below"
        elif room not in ONLY_FOR.get(other, {room}):
            yield f"{module}:{line} imports {target}: only {' and '.join(sorted(ONLY_FOR[other]))} may"


def circles(modules: Mapping[str, str]) -> Iterator[str]:
    """Modules that import each other in a circle, whatever their rooms."""
    graph = {
        name: {target for _, target in imported_by(name, ast.parse(source), modules)} & modules.keys()
        for name, source in modules.items()
    }
    while leaves := [name for name, targets in graph.items() if not targets]:
        for leaf in leaves:
            del graph[leaf]
        graph = {name: targets.difference(leaves) for name, targets in graph.items()}
    ring = {name for name in graph if any(name in targets for targets in graph.values())}
    if ring:
        yield "a circle of imports runs through " + ", ".join(sorted(ring))


def hidden_imports(module: str, tree: ast.Module) -> Iterator[str]:
    if room_of(module) == "cli":
        return
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{module}:{node.lineno} hides an import in {function.name}"
    for call, name, _ in calls(tree):
        if name in {"import_module", "__import__"} and module not in MAY_IMPORT_BY_NAME:
            yield f"{module}:{call.lineno} imports by name, which no rule here can follow"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Every call with what is called (`open`) and on what (`path`, "" for a bare name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id, ""
            elif isinstance(node.func, ast.Attribute):
                yield node, node.func.attr, ast.unparse(node.func.value)


def keywords(call: ast.Call) -> dict[str, str]:
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg}


def runs_on_windows(module: str, tree: ast.Module) -> Iterator[str]:
    """No fork, no Unix-only module, no shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for name in UNIX_MODULES.intersection(names):
                yield f"{module}:{node.lineno} imports {name}, which Windows lacks"
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                for name in OS_CALLS.intersection(alias.name for alias in node.names):
                    yield f"{module}:{node.lineno} takes {name} from os"
    for call, name, owner in calls(tree):
        if owner == "os" and name in OS_CALLS:
            yield f"{module}:{call.lineno} calls os.{name}"
        if keywords(call).get("shell", "False") != "False":
            yield f"{module}:{call.lineno} starts a shell"
        if name in {"getoutput", "getstatusoutput"} or "'fork'" in map(ast.unparse, call.args):
            yield f"{module}:{call.lineno} calls {name}, which forks or starts a shell"


def names_its_encoding(module: str, tree: ast.Module) -> Iterator[str]:
    for call, name, owner in calls(tree):
        if name not in TEXT_CALLS or owner in NOT_FILES or "encoding" in keywords(call):
            continue
        place = 0 if owner else 1
        mode = keywords(call).get("mode", "".join(map(ast.unparse, call.args[place : place + 1])))
        if name == "open" and re.fullmatch(r"'[rwxa+]*b[rwxa+]*'", mode):
            continue
        yield f"{module}:{call.lineno} calls {name} without encoding="


def speaks_through_cli(module: str, tree: ast.Module) -> Iterator[str]:
    """Only cli prints and ends the process."""
    if room_of(module) == "cli":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = ast.unparse(node)
            drawn = name.endswith(".print") and room_of(module) != DRAWS_ON_TERMINAL
            if drawn or name in {"print", "exit", "quit", "sys.exit", "os._exit", "SystemExit"}:
                yield f"{module}:{node.lineno} uses {name}: only cli may"


def leaves_environment_alone(module: str, tree: ast.Module) -> Iterator[str]:
    """Only config reads the environment."""
    if room_of(module) == "config":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"}:
            yield f"{module}:{node.lineno} reads the environment: only config may"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            for name in {"environ", "getenv"}.intersection(alias.name for alias in node.names):
                yield f"{module}:{node.lineno} takes {name} from os: only config may"


def is_short(module: str, tree: ast.Module) -> Iterator[str]:
    if module.startswith(FROZEN):
        return
    lines = max((node.end_lineno or 0 for node in ast.walk(tree) if isinstance(node, ast.stmt)), default=0)
    if lines >= MODULE_LINES:
        yield f"{module} has {lines} lines: please part it"
    for function in functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length >= FUNCTION_LINES:
            yield f"{module}:{function.lineno} {function.name} has {length} lines: please part it"


def says_what_it_is(module: str, tree: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield f"{module} has no docstring"
    if BANNED_NAMES.intersection(module.split(".")):
        yield f"{module}: please name it for what it holds"


def foreign_places(name: str, text: str) -> Iterator[str]:
    """Folders of somebody's machine, and hosts that are no part of the field."""
    for number, line in enumerate(text.splitlines(), start=1):
        for place in re.findall(r"(?:(?<![\w.~:/])/(?:work|root(?!/item)|home|tmp|Users)/|\.\./shared)\S*", line):
            yield f"{name}:{number} names {place}, which is on nobody else's machine"
        for host in re.findall(r"https?://(?:[^/@\s]*@)?([^\s/:\"'`)>|\\]+)", line):
            if not KNOWN_HOSTS.fullmatch(host.rstrip(".,;")):
                yield f"{name}:{number} names the host {host}"


def written_texts() -> dict[str, str]:
    """What strangers read: the package, the forms, the documents."""
    suffixes = {".py", ".md", ".csv", ".toml", ".cfg", ".jinja", ".html"}
    folders = ("kobo_crc", "forms", "pipelines", "docs")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    paths += [path for path in ROOT.iterdir() if path.suffix in suffixes or path.name == "Makefile"]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


Rule = Callable[[str, ast.Module], Iterator[str]]
RULES: tuple[Rule, ...] = (
    hidden_imports,
    runs_on_windows,
    names_its_encoding,
    speaks_through_cli,
    leaves_environment_alone,
    is_short,
    says_what_it_is,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_package__each_module__keeps_rule(rule: Rule) -> None:
    assert [
        finding for module, source in package_modules().items() for finding in rule(module, ast.parse(source))
    ] == []


def test_package__all_imports__run_down() -> None:
    modules = package_modules()
    assert [finding for name, source in modules.items() for finding in imports_run_down(name, source, modules)] == []


def test_package__all_imports__make_no_circle() -> None:
    assert list(circles(package_modules())) == []


def test_pipeline__imported__brings_no_library_that_a_night_does_not_need() -> None:
    command = "import sys, kobo_crc.pipeline; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert "sqlalchemy" in done.stdout.split()
    assert NOT_IN_A_NIGHT.intersection(done.stdout.split()) == set()


def test_texts__all_places__are_known_to_strangers() -> None:
    assert [finding for name, text in written_texts().items() for finding in foreign_places(name, text)] == []


def test_floors__each_room__stands_once() -> None:
    rooms = [room for floor in FLOORS for room in floor]
    assert len(rooms) == len(set(rooms))


BAD_IMPORTS = {
    "up": ("kobo_crc.store", "from kobo_crc.pipeline import run"),
    "up, a module": ("kobo_crc.xlsform.plan", "from kobo_crc import store"),
    "up, relative": ("kobo_crc.sources.kobo", "from ..store import replace"),
    "up, in a function": ("kobo_crc.casts", "def f() -> None:\n    import kobo_crc.store"),
    "sideways": ("kobo_crc.landing", "from kobo_crc.vault import replace"),
    "simulator": ("kobo_crc.pipeline", "from kobo_crc.simulator.web import serve"),
    "cli": ("kobo_crc.pipeline", "import kobo_crc.cli"),
    "no floor": ("kobo_crc.attic", "import json"),
}


@pytest.mark.parametrize("module, source", BAD_IMPORTS.values(), ids=BAD_IMPORTS.keys())
def test_imports_run_down__bad_import__is_found(module: str, source: str) -> None:
    names = ["store", "pipeline", "vault", "cli", "simulator.web", "xlsform.plan", "sources.kobo", "casts", "landing"]
    modules = dict.fromkeys((f"kobo_crc.{name}" for name in names), "") | {"kobo_crc": ""}
    assert len(list(imports_run_down(module, source, modules))) == 1


@pytest.mark.parametrize(
    "module, source",
    [
        ("kobo_crc.store", "from kobo_crc import casts"),
        ("kobo_crc.cli", "from kobo_crc.simulator.web import serve"),
        ("kobo_crc.sources.kobo", "from .http import Client"),
        ("kobo_crc.casts", "from kobo_crc import __version__"),
    ],
)
def test_imports_run_down__good_import__passes(module: str, source: str) -> None:
    modules = dict.fromkeys(["kobo_crc", "kobo_crc.casts", "kobo_crc.simulator.web", "kobo_crc.sources.http"], "")
    assert list(imports_run_down(module, source, modules)) == []


def test_circles__two_modules_of_one_room__are_found() -> None:
    modules = {"kobo_crc.x.a": "from kobo_crc.x import b", "kobo_crc.x.b": "from . import a", "kobo_crc.x": ""}
    assert list(circles(modules)) == ["a circle of imports runs through kobo_crc.x.a, kobo_crc.x.b"]


BAD_SNIPPETS: dict[str, tuple[Rule, str]] = {
    "import in a function": (hidden_imports, "def f():\n    import json"),
    "import in a method": (hidden_imports, "class A:\n    def f(self):\n        from json import loads"),
    "import by name": (hidden_imports, "import importlib\nimportlib.import_module('json')"),
    "fcntl": (runs_on_windows, "import fcntl"),
    "from pwd": (runs_on_windows, "from pwd import getpwnam"),
    "fork": (runs_on_windows, "import os\nos.fork()"),
    "from os import fork": (runs_on_windows, "from os import fork"),
    "os.system": (runs_on_windows, "os.system('ls')"),
    "shell": (runs_on_windows, "subprocess.run('ls', shell=True)"),
    "shell by name": (runs_on_windows, "subprocess.run('ls', shell=quick)"),
    "getoutput": (runs_on_windows, "subprocess.getoutput('ls')"),
    "fork context": (runs_on_windows, "multiprocessing.get_context('fork')"),
    "open": (names_its_encoding, "open('a')"),
    "open to write": (names_its_encoding, "open('a', 'w')"),
    "open a b": (names_its_encoding, "open('b')"),
    "path open": (names_its_encoding, "path.open()"),
    "path open to write": (names_its_encoding, "path.open(mode='w')"),
    "read_text": (names_its_encoding, "path.read_text()"),
    "write_text": (names_its_encoding, "path.write_text('b')"),
    "print": (speaks_through_cli, "print('a')"),
    "console print": (speaks_through_cli, "console.print('a')"),
    "sys.exit": (speaks_through_cli, "sys.exit(1)"),
    "SystemExit": (speaks_through_cli, "raise SystemExit(1)"),
    "environ": (leaves_environment_alone, "os.environ['A']"),
    "getenv": (leaves_environment_alone, "os.getenv('A')"),
    "from os import environ": (leaves_environment_alone, "from os import environ"),
    "long module": (is_short, "a = 1\n" * MODULE_LINES),
    "long function": (is_short, "def f():\n" + "    a = 1\n" * FUNCTION_LINES),
    "no docstring": (says_what_it_is, "a = 1"),
}


@pytest.mark.parametrize("rule, source", BAD_SNIPPETS.values(), ids=BAD_SNIPPETS.keys())
def test_rule__bad_snippet__is_found(rule: Rule, source: str) -> None:
    assert len(list(rule("kobo_crc.store", ast.parse(source)))) == 1


GOOD_SNIPPETS: dict[str, tuple[Rule, str]] = {
    "bytes": (names_its_encoding, "open('a', 'rb'); path.open('wb'); path.open(mode='xb')"),
    "encoding": (names_its_encoding, "open('a', encoding='utf-8'); path.read_text(encoding='utf-8')"),
    "browser": (names_its_encoding, "webbrowser.open(url)"),
    "no shell": (runs_on_windows, "subprocess.run(['java'], shell=False)"),
    "short": (is_short, "def f():\n    return 1"),
}


@pytest.mark.parametrize("rule, source", GOOD_SNIPPETS.values(), ids=GOOD_SNIPPETS.keys())
def test_rule__good_snippet__passes(rule: Rule, source: str) -> None:
    assert list(rule("kobo_crc.store", ast.parse(source))) == []


def test_says_what_it_is__vague_name__is_found() -> None:
    assert list(says_what_it_is("kobo_crc.store.utils", ast.parse('"""Things."""')))


@pytest.mark.parametrize("rule", [hidden_imports, speaks_through_cli])
def test_rule__cli__may(rule: Rule) -> None:
    assert list(rule("kobo_crc.cli", ast.parse("def f():\n    import json\n    print(json)\n    sys.exit(0)"))) == []


def test_leaves_environment_alone__config__may() -> None:
    assert list(leaves_environment_alone("kobo_crc.config", ast.parse("os.environ['A']"))) == []


@pytest.mark.parametrize(
    "text",
    ["see /work/notes.md", "`/home/me/a`", "../shared/a.csv", "https://registry.invalid/simple", "http://10.0.0.1/"],
)
def test_foreign_places__foreign__is_found(text: str) -> None:
    assert len(list(foreign_places("a.md", text))) == 1


@pytest.mark.parametrize(
    "text", ["https://kf.kobotoolbox.org/api/v2", "http://127.0.0.1:8000/", "/path/to/python3", "f'https://{host}/a'"]
)
def test_foreign_places__known__passes(text: str) -> None:
    assert list(foreign_places("a.md", text)) == []

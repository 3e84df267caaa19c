"""Ours next to a hand-written floor and to a peer, on one server in one run: `python benchmarks/run.py`.

Each runs in a process of its own, in turns; CPU seconds and peak memory are what the operating system counted for it.
This process imports nothing heavy: a child's peak memory is counted from its parent's on.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(HERE.parent)}
PACKAGE = HERE.parent / "kobo_crc"
FLOOR, FIRST, NIGHT, PEER = "floor", "first load", "unchanged night", "koboextractor"
BARE = "first load, nothing sealed"
DLT_SQLITE, DLT_POSTGRES = "dlt, SQLite", "dlt, PostgreSQL"
# What is run for each, in turns, with its words.
CONTESTANTS = {
    FLOOR: ["floor.py"],
    FIRST: ["ours.py"],
    NIGHT: ["ours.py"],
    BARE: ["bare.py"],
    PEER: ["peer.py"],
    DLT_SQLITE: ["dlt_peer.py", "sqlite", "merge"],
    DLT_POSTGRES: ["dlt_peer.py", "postgres", "merge"],
}
# What only ours writes: its bookkeeping, and what it derives.
OURS_ALONE = {
    "alembic_version",
    "attachment",
    "attachment_mark",
    "audit",
    "data_key",
    "erased",
    "form_version",
    "gone_code",
    "mark",
    "match_key",
    "person_card",
    "person_link",
    "person_reporting",
    "problem",
    "purpose_key",
    "referral_state",
    "run",
    "source",
    "submission_key",
    "vault_key",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost: CPU and wall-clock seconds, and its peak memory in MB (10^6 bytes)."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def main() -> None:
    """Measure every size, print the tables, and write them into README.md."""
    parser = argparse.ArgumentParser(description="Measure the nightly run next to a floor and a peer.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000], help="submissions on the server")
    parser.add_argument("--repeats", type=int, nargs="+", default=[3, 1], help="how often each size is measured")
    parser.add_argument("--no-write", action="store_true", help="leave README.md as it is")
    asked = parser.parse_args()
    # As `pip install` leaves a package: else each start would compile it anew where Python may write no bytecode.
    compileall.compile_dir(PACKAGE, quiet=1)
    measured: dict[int, dict[str, list[Cost]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size, repeats in zip(asked.sizes, asked.repeats, strict=True):
            measured[size] = measure(Path(folder), size, repeats)
            print(table(size, measured[size]), flush=True)
    if not asked.no_write:
        write(measured)


def measure(folder: Path, size: int, repeats: int) -> dict[str, list[Cost]]:
    """The costs of each contestant at that size, one of each in every repeat."""
    costs: dict[str, list[Cost]] = {name: [] for name in CONTESTANTS}
    with serving(folder / str(size), size, folder / "filled.jsonl") as place:
        for _ in range(repeats):
            empty(place)
            subprocess.run([sys.executable, HERE / "layout.py", place], check=True, env=ENVIRONMENT)
            for name, words in CONTESTANTS.items():
                costs[name].append(cost_of(words, place))
                print(f"{size} {name}: {costs[name][-1]}", flush=True)
            refuse_other_rows(place)
    return costs


@contextmanager
def serving(place: Path, size: int, cache: Path) -> Iterator[Path]:
    """A server with that many submissions, and the data officer's folder for it."""
    command = [sys.executable, str(HERE / "serve.py"), str(place), str(size), str(cache)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT) as server:
        assert server.stdin is not None and server.stdout is not None
        if server.stdout.readline().strip() != b"ready":
            raise RuntimeError("The server did not start. Please look at the lines above.")
        yield place
        server.stdin.close()


def empty(place: Path) -> None:
    """Remove what an earlier repeat left."""
    for path in [*place.glob("store.db*"), *place.glob("vault.db*")]:
        path.unlink()
    for name in ("floor", "peer", "dlt", "bare"):
        shutil.rmtree(place / name, ignore_errors=True)


def cost_of(words: list[str], place: Path) -> Cost:
    """Run one contestant to its end. What a database server does is not counted."""
    script, *options = words
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, HERE / script, place, *options], env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{script} failed. Please look at the lines above.")
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, peak_bytes / 1e6)


def refuse_other_rows(place: Path) -> None:
    """Ours and the floor must have made the same number of rows in each table: else the comparison is void."""
    for file in ("store.db", "vault.db"):
        ours, floor = rows_of(place / file), rows_of(place / "floor" / file)
        differing = {name for name in ours if name not in OURS_ALONE and ours[name] != floor[name]}
        if differing:
            raise RuntimeError(
                f"Ours and the floor differ in {', '.join(sorted(differing))}. Please correct the floor."
            )


def rows_of(file: Path) -> dict[str, int]:
    """How many rows each table of a database has."""
    connection = sqlite3.connect(file)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    connection.close()
    return counts


def table(size: int, costs: dict[str, list[Cost]]) -> str:
    """Medians as a Markdown table; ratios are medians of each repeat's own ratio, for its parts ran side by side."""
    lines = [
        f"### {size:,} submissions, measured {times(len(costs[FLOOR]))}",
        "",
        "| | CPU s | to the floor | wall s | peak MB |",
        "|---|---|---|---|---|",
    ]
    for name, runs in costs.items():
        ratio = of_each(runs, costs[FLOOR])
        cpu, wall, peak = (statistics.median(getattr(run, part) for run in runs) for part in Cost.__slots__)
        lines.append(f"| {name} | {cpu:.2f} | {ratio:.2f} | {wall:.1f} | {peak:.0f} |")
    night, sealed = of_each(costs[NIGHT], costs[FIRST]), of_each(costs[FIRST], costs[BARE])
    said = (
        f"An unchanged night costs {night:.2f} of the first load, which takes {sealed:.2f} of what it would unsealed."
    )
    return "\n".join([*lines, "", said])


def of_each(runs: list[Cost], others: list[Cost]) -> float:
    """The median of the ratios of CPU seconds, run by run."""
    return statistics.median(one.cpu_s / other.cpu_s for one, other in zip(runs, others, strict=True))


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def write(measured: dict[int, dict[str, list[Cost]]]) -> None:
    """Put the tables between README.md's markers."""
    readme = HERE / "README.md"
    head, _, rest = readme.read_text(encoding="utf-8").partition("<!-- results -->\n")
    tail = rest.partition("<!-- end of results -->")[2]
    described = subprocess.run(
        [sys.executable, HERE / "machine.py"], check=True, env=ENVIRONMENT, capture_output=True, encoding="utf-8"
    ).stdout
    tables = "\n\n".join(table(size, costs) for size, costs in measured.items())
    readme.write_text(
        f"{head}<!-- results -->\n{described}\n{tables}\n\n<!-- end of results -->{tail}", encoding="utf-8"
    )


if __name__ == "__main__":
    main()

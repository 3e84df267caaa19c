"""Four things that happen to submissions, and whose copy tells of them after a second night.

`python benchmarks/correctness.py` prints the table of README.md: edited, blanked, shrunk, deleted.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serve import Row, deployed, kept, load, settle

from kobo_crc.simulator.server import running
from kobo_crc.simulator.world import World

HERE = Path(__file__).parent
HELD = 400
PURPOSE, HEARD, REPEAT = "visit/visit_purpose", "visit/how_heard", "referral"
CHECKS = ("edited", "blanked", "shrunk", "deleted")
# The `_id` that each thing happens to.
Chosen = dict[str, int]
Count = Callable[[sqlite3.Connection, int], Any]


def main() -> None:
    """Load once, change four submissions, load again, look."""
    rows = {name: [] for name in contestants()}
    with tempfile.TemporaryDirectory() as folder, running(seed=1) as server:
        place = Path(folder) / "place"
        settings = settle(place, server)
        assets = deployed(settings)
        load(server, assets, kept(Path(folder) / "filled.jsonl")[:HELD])
        subprocess.run([sys.executable, HERE / "layout.py", place], check=True)
        for words, _ in contestants().values():
            night(words, place)
        chosen = change(server.world, assets["intake"])
        for name, (words, look) in contestants().items():
            if words[0] == "peer.py":
                shutil.rmtree(place / "peer")  # its users load all anew
            night(words, place)
            rows[name] = look(place, chosen)
    print("| | " + " | ".join(CHECKS) + " |\n|---|" + "---|" * len(CHECKS))
    for name, told in rows.items():
        print(f"| {name} | " + " | ".join("yes" if one else "**no**" for one in told) + " |")


def contestants() -> dict[str, tuple[list[str], Callable[[Path, Chosen], list[bool]]]]:
    """Each contestant's words, and how to look into its copy."""
    ways = {
        "dlt, merge from the newest `_submission_time` on": "incremental",
        "dlt, merge of everything": "merge",
        "dlt, replace": "replace",
    }
    dlts = {name: (["dlt_peer.py", "sqlite", way], look_dlt(way)) for name, way in ways.items()}
    return {"kobo_crc": (["ours.py"], look_ours), "koboextractor + pandas, all anew": (["peer.py"], look_peer)} | dlts


def night(words: list[str], place: Path) -> None:
    """One load; each way of dlt has a home of its own."""
    script, *options = words
    if script == "dlt_peer.py":
        home = place.with_name(options[-1])
        home.mkdir(exist_ok=True)
        for part in ("kobo_crc.toml", "secrets", "floor"):
            if not (home / part).exists():
                (home / part).symlink_to(place / part)
        place = home
    subprocess.run([sys.executable, HERE / script, place, *options], check=True, stdout=subprocess.DEVNULL)


def change(world: World, uid: str) -> Chosen:
    """Edit one submission, clear an answer of another, shorten a repeat, delete one."""
    store = world.projects[uid].store
    records = [row.record for row in store.by_id.values()]
    several = next(one for one in records if len(one.get(REPEAT, ())) > 1)
    others = [one for one in records if one.get(PURPOSE) == "information" and HEARD in one and one is not several]
    edited, blanked, deleted = others[:3]
    replace(world, uid, {**edited, PURPOSE: "complaint"})
    replace(world, uid, {key: value for key, value in blanked.items() if key != HEARD})
    replace(world, uid, {**several, REPEAT: several[REPEAT][:-1]})
    store.remove(store.by_id[deleted["_id"]])
    return {"edited": edited["_id"], "blanked": blanked["_id"], "shrunk": several["_id"], "deleted": deleted["_id"]} | {
        "items": len(several[REPEAT]) - 1
    }


def replace(world: World, uid: str, record: Row) -> None:
    """An edit as the server does it: `_uuid` changes, `_id` and `_submission_time` stay."""
    store = world.projects[uid].store
    store.replace(store.by_id[record["_id"]], {**record, "_uuid": f"edited-{record['_id']}"})


def told(connection: sqlite3.Connection, chosen: Chosen, queries: dict[str, str]) -> list[bool]:
    """Whether the copy tells of each, in the order of CHECKS. Every query takes an `_id` and gives one value."""
    values = {name: connection.execute(queries[name], (chosen[name],)).fetchone() for name in CHECKS}
    connection.close()
    found = {name: row[0] if row else None for name, row in values.items()}
    return [
        found["edited"] == "complaint",
        found["blanked"] is None,
        found["shrunk"] == chosen["items"],
        found["deleted"] == 0,
    ]


def look_ours(place: Path, chosen: Chosen) -> list[bool]:
    """Into the store."""
    of = "JOIN submission USING (submission_id) WHERE form = 'intake' AND server_id = ?"
    queries = {
        "edited": f"SELECT purpose_code FROM visit {of}",
        "blanked": f"SELECT heard_code FROM visit {of}",
        "shrunk": f"SELECT count(*) FROM referral {of}",
        "deleted": f"SELECT count(*) FROM visit {of}",
    }
    return told(sqlite3.connect(place / "store.db"), chosen, queries)


def look_peer(place: Path, chosen: Chosen) -> list[bool]:
    """Into pandas' tables."""
    queries = {
        "edited": f'SELECT "{PURPOSE}" FROM intake WHERE _id = ?',
        "blanked": f'SELECT "{HEARD}" FROM intake WHERE _id = ?',
        "shrunk": "SELECT count(*) FROM intake_referral WHERE _id = ?",
        "deleted": "SELECT count(*) FROM intake WHERE _id = ?",
    }
    return told(sqlite3.connect(place / "peer" / "store.db"), chosen, queries)


def look_dlt(way: str) -> Callable[[Path, Chosen], list[bool]]:
    """Into dlt's tables."""
    queries = {
        "edited": "SELECT visit_visit_purpose FROM kobo.intake WHERE _id = ?",
        "blanked": "SELECT visit_how_heard FROM kobo.intake WHERE _id = ?",
        "shrunk": "SELECT count(*) FROM kobo.intake__referral JOIN kobo.intake p ON _dlt_parent_id = p._dlt_id "
        "WHERE p._id = ?",
        "deleted": "SELECT count(*) FROM kobo.intake WHERE _id = ?",
    }

    def look(place: Path, chosen: Chosen) -> list[bool]:
        home = place.with_name(way) / "dlt"
        connection = sqlite3.connect(home / "store.db")
        connection.execute("ATTACH DATABASE ? AS kobo", (str(home / "store__kobo.db"),))
        return told(connection, chosen, queries)

    return look


if __name__ == "__main__":
    main()

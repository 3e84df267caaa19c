"""The server of a benchmark, in a process of its own: some filled forms, multiplied, served until its input closes.

`python benchmarks/serve.py FOLDER N` makes FOLDER a data officer's folder for that server, then prints `ready`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from kobo_crc.config import SETTINGS_FILE, TOKEN, Settings, load_settings
from kobo_crc.rollout import roll_out
from kobo_crc.simulator.population.campaign import Campaign
from kobo_crc.simulator.population.delivery import Tablets
from kobo_crc.simulator.population.multiply import multiply
from kobo_crc.simulator.server import Running, running
from kobo_crc.templates import copy_into

SEED = 1
FILLED = 2000
WEEKS = 6
START = date(2026, 9, 27)
PIPELINE = "nightly"
STEPS = """title = "Benchmark"
forms = ["intake", "referral_followup"]
steps = ["pull", "load", "derive"]
"""
Row = dict[str, Any]


def main(folder: Path, count: int, cache: Path) -> None:
    """Serve `count` submissions on loopback until standard input closes; the filled forms are kept in `cache`."""
    rows = kept(cache)
    with running(seed=SEED) as server:
        assets = deployed(settle(folder, server))
        load(server, assets, islice(multiply(rows, -(-count // len(rows)), SEED), count))
        print("ready", flush=True)
        sys.stdin.read()


def kept(cache: Path) -> list[Row]:
    """The filled forms as the server's JSON, by `_id`; filled by the population when the cache is not there yet."""
    if not cache.exists():
        cache.write_bytes(b"\n".join(map(orjson.dumps, filled(cache.parent / "filling"))))
    return [orjson.loads(line) for line in cache.read_bytes().splitlines()]


def filled(folder: Path) -> list[Row]:
    """FILLED intakes and follow-ups of six weeks; `_xform_id_string` holds the form's name, for want of a uid."""
    moments = [datetime.combine(START, datetime.min.time(), UTC)]
    with running(seed=SEED, clock=lambda: moments[-1]) as server:
        assets = deployed(settle(folder, server))
        tablets = Tablets(server.url, server.token, assets)
        campaign = Campaign(SEED, FILLED, WEEKS, START, {form: tablets.get_xform(form) for form in assets})
        for submission in campaign:
            moments.append(max(moments[-1], submission.sent_at.astimezone(UTC)))
            tablets.send(submission)
        held = [(form, row) for form, uid in assets.items() for row in server.world.projects[uid].store.by_id.values()]
    return [row.record | {"_xform_id_string": form} for form, row in sorted(held, key=lambda pair: pair[1].id)]


def load(server: Running, assets: dict[str, str], rows: Iterable[Row]) -> None:
    """Put each row into the project of its form."""
    world = server.world
    for row in rows:
        project = world.projects[assets[row["_xform_id_string"]]]
        world.load(project, [row | {"_xform_id_string": project.uid, "__version__": project.latest.uid}])


def settle(folder: Path, server: Running) -> Settings:
    """A data officer's folder whose server is this one."""
    copy_into(folder)
    (folder / "pipelines" / f"{PIPELINE}.toml").write_text(STEPS, encoding="utf-8")
    (folder / "deployed.toml").unlink(missing_ok=True)
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / TOKEN.lower()).write_text(server.token, encoding="utf-8")
    (folder / SETTINGS_FILE).write_text(f'server_url = "{server.url}"\n', encoding="utf-8")
    return load_settings(folder / SETTINGS_FILE)


def deployed(settings: Settings) -> dict[str, str]:
    """Deploy the forms; the project's uid of each."""
    return {form: project.asset_uid for _, form, project in roll_out(settings, PIPELINE)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))

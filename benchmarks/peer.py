"""The peer: koboextractor and pandas, as their users load a form into a database: whole tables, every answer text.

`python benchmarks/peer.py FOLDER` writes FOLDER/peer/store.db: one table a form and one a repeat.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
from koboextractor import KoboExtractor

PAGE = 1000


def main(folder: Path) -> None:
    """Load every form, whole."""
    url = tomllib.loads((folder / "kobo_crc.toml").read_text(encoding="utf-8"))["server_url"]
    token = (folder / "secrets" / "kobo_crc_token").read_text(encoding="utf-8")
    kobo = KoboExtractor(token, f"{url}/api/v2")
    layout = json.loads((folder / "floor" / "layout.json").read_text(encoding="utf-8"))
    (folder / "peer").mkdir()
    with sqlite3.connect(folder / "peer" / "store.db") as connection:
        for form in layout["forms"]:
            rows = responses(kobo, form["uid"])
            repeats = [path for path in form["places"] if path]
            frame = pd.json_normalize(rows).drop(columns=[*repeats, "_attachments", "_geolocation"], errors="ignore")
            frame.to_sql(form["name"], connection, index=False)
            for repeat in repeats:
                holders = [row for row in rows if repeat in row]
                items = pd.json_normalize(holders, record_path=repeat, meta="_id")
                items.to_sql(f"{form['name']}_{repeat}", connection, index=False)


def responses(kobo: KoboExtractor, uid: str) -> list[dict[str, Any]]:
    """All rows of a project: the server gives at most a thousand at a time."""
    rows: list[dict[str, Any]] = []
    while True:
        page = kobo.get_data(uid, start=len(rows), limit=PAGE)
        rows += page["results"]
        if not page["next"]:
            return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What the floor is told beforehand: an empty store and vault of the project's own schema, and which answer goes where.

`python benchmarks/layout.py FOLDER` makes FOLDER/floor with store.db, vault.db and layout.json.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kobo_crc import store
from kobo_crc.config import SETTINGS_FILE, Settings, load_settings
from kobo_crc.custody import set_up
from kobo_crc.database.database import Database
from kobo_crc.database.migrate import upgrade
from kobo_crc.deploy import read_deployed
from kobo_crc.opening import locked
from kobo_crc.schema.facts import FACTS
from kobo_crc.schema.tables import Table
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.plan import Plan, plan
from kobo_crc.xlsform.read import read

TABLES = {table.name: table for table in FACTS}


def main(folder: Path) -> None:
    """Make the floor's folder."""
    settings, target = load_settings(folder / SETTINGS_FILE), folder / "floor"
    seal(settings)
    bare = shutil.ignore_patterns("*.db*", "floor", "peer", "dlt", "report")
    shutil.copytree(folder, folder / "bare", ignore=bare)
    seal(load_settings(folder / "bare" / SETTINGS_FILE))
    target.mkdir()
    with Database(target / "store.db", target / "vault.db") as database:
        upgrade(database)
        with database.writing() as connection:
            store.sync_codes(connection, read_codes(settings.forms / "codes"), gone=())
    layout = {
        "widths": {qualified(table): 6 if table.vault else 3 + len(table.columns) for table in FACTS},
        "forms": [form_layout(settings, uid, name) for name, uid in projects(settings)],
    }
    (target / "layout.json").write_text(json.dumps(layout), encoding="utf-8")


def seal(settings: Settings) -> None:
    """Give the vault its key, as `kobo-crc vault init` does once."""
    with locked(settings) as database:
        set_up(database, settings, datetime.now(UTC).replace(tzinfo=None))


def projects(settings: Settings) -> list[tuple[str, str]]:
    """Each form and its project's uid."""
    return [(form, entry.asset_uid) for form, entry in read_deployed(settings.deployed)["main"].items()]


def form_layout(settings: Settings, uid: str, name: str) -> dict[str, Any]:
    """For the submission itself (path "") and each repeat: its rows, its select_multiple rows, and what has no cell."""
    made = plan(read(settings.forms / f"{name}.md", settings.forms / "codes"), FACTS)
    repeats = ["", *(scope.path for scope in made.scopes.values() if scope.repeat)]
    return {"name": name, "uid": uid, "places": {path: place_layout(made, path, repeats) for path in repeats}}


def place_layout(made: Plan, repeat: str, repeats: list[str]) -> dict[str, Any]:
    """`rows` are [table, rest of the row path, path of each column, positions of times, paths that make the row]."""
    inside = {path for path in made.labels if nearest(path, repeats) == repeat}
    cells = [cell for path, cell in made.cells.items() if path in inside]
    opened = [(s.table, s.path) for s in made.scopes.values() if s.table and nearest(s.path, repeats) == repeat]
    keys = dict.fromkeys([(cell.table, cell.scope) for cell in cells if not cell.many] + opened)
    return {
        "rows": [row_layout(made, table, scope, repeat) for table, scope in keys],
        "links": [[qualified(TABLES[cell.table]), cell.path, bool(cell.scope)] for cell in cells if cell.many],
        "rest": sorted(inside - made.cells.keys() - made.ignored),
    }


def row_layout(made: Plan, name: str, scope: str, repeat: str) -> list[Any]:
    """One table's row at one place."""
    table = TABLES[name]
    cells = {cell.column: cell for cell in made.cells.values() if (cell.table, cell.scope) == (name, scope)}
    paths = [cells[column.name].path if column.name in cells else None for column in table.columns]
    times = [number for number, column in enumerate(table.columns) if column.type == "datetime"]
    makers = [path for path in made.answered if scope and path.startswith(scope + "/")]
    makers += [cell.path for cell in cells.values() if cell.answered and not scope]
    return [qualified(table), scope[len(repeat) :], paths, times, makers]


def nearest(path: str, repeats: list[str]) -> str:
    """The innermost repeat that holds the path, or is it."""
    return max((r for r in repeats if not r or path == r or path.startswith(r + "/")), key=len)


def qualified(table: Table) -> str:
    """The table's name in SQL."""
    return f"vault.{table.name}" if table.vault else table.name


if __name__ == "__main__":
    main(Path(sys.argv[1]))

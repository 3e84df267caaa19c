"""What people do to submissions on the server, and the nights that follow, cut short or whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from kobo_crc import pipeline, vault
from kobo_crc.codes import random_code
from kobo_crc.config import Settings
from kobo_crc.custody import open_vault, set_up
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import DATA_KEY, RUN, STORE
from kobo_crc.opening import locked
from kobo_crc.runs import Run
from kobo_crc.simulator.world import World
from kobo_crc.sources.http import Client
from tests.postgres import Postgres
from tests.stores import Stores, lay_tables

# What a rebuild makes again, and what a fresh pull makes again under other numbers.
NOT_COMPARED = {"run", "mark"}
STOPPED = 130
NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


@dataclass
class Centre:
    """A folder with settings and forms, and the server that its tablets send to."""

    settings: Settings
    world: World
    asset_uid: str
    random: Random = field(default_factory=lambda: Random(7))
    postgresql: Postgres | None = None

    @property
    def _project(self) -> Any:
        return self.world.projects[self.asset_uid]

    def live_ids(self) -> list[int]:
        """The `_id`s on the server, ascending."""
        return list(self._project.store.ids)

    def submit(self, referrals: int = 1, **answers: Any) -> int:
        """A new submission; returns its `_id`."""
        uuid = self._uuid()
        row = {
            "_uuid": uuid,
            "meta/instanceID": f"uuid:{uuid}",
            "meta/rootUuid": f"uuid:{uuid}",
            "__version__": self._project.latest.uid,
            "_submission_time": "2026-11-23T10:00:00",
            "_validation_status": {},
            "_attachments": [],
            "visit/centre": "jalawla",
            "visit/day": "2026-11-23",
            "given": f"name-{uuid[:4]}",
            "needs": "health cash",
            "referral": [self._referral() for _ in range(referrals)],
        }
        self.world.load(self._project, [row | answers])
        return self.live_ids()[-1]

    def _referral(self) -> dict[str, str]:
        return {"referral/number": random_code("2", self.random), "referral/service": "health"}

    def change(self, server_id: int, edit: Callable[[dict[str, Any]], None]) -> None:
        """An edit on the server: `_uuid` changes, `_id` and root do not."""
        row = self._project.store.by_id[server_id]
        record = row.record
        edit(record)
        record["_uuid"] = self._uuid()
        record["meta/instanceID"] = f"uuid:{record['_uuid']}"
        self._project.store.replace(row, record)

    def delete(self, server_id: int) -> None:
        """A deletion on the server: nothing is left of it."""
        self._project.store.remove(self._project.store.by_id[server_id])

    def record(self, server_id: int) -> dict[str, Any]:
        """The submission as the server holds it."""
        record: dict[str, Any] = self._project.store.by_id[server_id].record
        return record

    def put_back(self, record: dict[str, Any]) -> None:
        """The submission as it was, under its own `_id`, whatever came since."""
        self.world.load(self._project, [record])

    def validate(self, server_id: int, status: str) -> None:
        """Set or clear ("") the validation status: `_uuid` stays."""
        row = self._project.store.by_id[server_id]
        record = row.record
        record["_validation_status"] = {"uid": status, "label": status} if status else {}
        self._project.store.replace(row, record)

    def _uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def begin_anew(self) -> None:
        """An empty store and vault."""
        for path in self.settings.store.parent.glob("*.db*"):
            path.unlink()
        if self.postgresql is not None:
            self.postgresql.remove(self.settings.store_url, "store", "vault")
        seal(self.settings)

    def lose_store(self) -> None:
        """No store any more, the vault as it was."""
        for path in self.settings.store.parent.glob("store.db*"):
            path.unlink()
        if self.postgresql is not None:
            self.postgresql.remove(self.settings.store_url, "store")

    def lose_vault(self) -> None:
        """No vault any more, the store as it was."""
        self.settings.vault.unlink(missing_ok=True)
        if self.postgresql is not None:
            self.postgresql.remove(self.settings.store_url, "vault")

    def vault_untouched(self) -> object:
        """What is the same as long as nobody writes into the vault."""
        if self.postgresql is not None:
            return self.postgresql.written(self.settings.store_url, "vault")
        return self.settings.vault.read_bytes()

    def vault_bytes(self) -> bytes:
        """Every byte of the vault's own files, SQLite's logs included."""
        return Stores(self.postgresql).vault_bytes(self.settings)

    def on_disk(self) -> bytes:
        """Every byte of the folder, and of the server's files where the store is there."""
        files = [path for path in sorted(self.settings.store.parent.rglob("*")) if path.is_file()]
        if self.postgresql is not None:
            files += self.postgresql.files(self.settings.store_url)
        return b"".join(path.read_bytes() for path in files)

    def night(self, **options: Any) -> Run:
        """One whole run."""
        return pipeline.run(self.settings, "nightly", now=NOW, **options)

    def rebuild(self) -> Run:
        """Store and derived tables made again from the vault."""
        return pipeline.rebuild(self.settings, "nightly")

    def cut_night(self, step: int) -> bool:
        """A run killed by SIGKILL at its n-th request or commit; False when it ended before that."""
        return self.cut(self.night, step)

    def stopped_night(self, step: int) -> bool:
        """A run that meets Ctrl+C at its n-th request or commit; False when it ended before that."""
        return self.cut(self.night, step, signal.SIGINT)

    def cut(self, work: Callable[[], object], step: int, by: signal.Signals = signal.SIGKILL) -> bool:
        """The same of any work."""
        child = os.fork()
        if child == 0:
            stopped = False
            try:
                with _killed_at(step, by):
                    work()
            except KeyboardInterrupt:
                stopped = True
            finally:
                os._exit(STOPPED if stopped else 0)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == (STOPPED if by == signal.SIGINT else -signal.SIGKILL)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of store and vault but the diary of runs, sorted."""
        return everything(self.settings)

    def outcomes(self) -> list[str]:
        """How the runs ended, in their order."""
        with Database.of(self.settings) as database, database.reading() as connection:
            return list(connection.execute(sa.select(RUN.c.outcome).order_by(RUN.c.run_id)).scalars())

    def facts_by_root(self) -> dict[str, dict[str, list[tuple[Any, ...]]]]:
        """Fact rows by the submission's root uuid, without the numbers that another store would give otherwise."""
        rows = self.rows()
        roots = {row[0]: row[5] for row in rows["submission"] if row[11] is None}
        own = {"submission", "problem", "answer"}
        kept: dict[str, dict[str, list[tuple[Any, ...]]]] = {root: {} for root in roots.values()}
        for table, listed in rows.items():
            if table.startswith("code_") or table in own or table == "referral_state":
                continue
            for row in listed:
                if row[0] in roots:
                    kept[roots[row[0]]].setdefault(table, []).append(row[1:-2] if table == "identity" else row[1:])
        return kept


def seal(settings: Settings) -> None:
    """Give the centre's vault its key, as `kobo-crc vault init` does."""
    lay_tables(settings)
    with locked(settings) as database:
        set_up(database, settings, NOW.replace(tzinfo=None))


def everything(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of store and vault but the diary of runs, sorted, the vault's opened."""
    with unsealed(settings) as database, database.reading() as connection:
        rows = {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in STORE.sorted_tables
            if table.name not in NOT_COMPARED
        }
        numbers = list(connection.execute(sa.select(DATA_KEY.c.submission_id)).scalars())
        sealed = vault.opened(connection, database.keys, numbers)
    return rows | {name: sorted(listed, key=repr) for name, listed in sealed.items()}


@contextmanager
def unsealed(settings: Settings) -> Iterator[Database]:
    """Store and vault, to look into what is sealed."""
    with Database.of(settings) as database:
        open_vault(database, settings)
        yield database


@contextmanager
def _killed_at(step: int, by: signal.Signals) -> Iterator[None]:
    """Signal this process, as the operating system would, before or after its n-th request or commit."""
    passed = 0
    commit, get = sa.Connection.commit, Client.get

    def count() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), by)

    def counted_commit(self: sa.Connection) -> None:
        count()
        commit(self)
        count()

    def counted_get(self: Client, *args: Any, **options: Any) -> Any:
        count()
        answer = get(self, *args, **options)
        count()
        return answer

    sa.Connection.commit, Client.get = counted_commit, counted_get  # type: ignore[method-assign]
    yield

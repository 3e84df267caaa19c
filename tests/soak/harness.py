"""Drives whole nights through a schedule and compares the store with the server by a reading of its own.

A night ends equal to the server, or it failed in a sentence and the next clean one makes it equal. No other exception,
no deletion of what is on the server, no difference between what grew night by night and what a rebuild makes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from kobo_crc import pipeline
from kobo_crc.config import Settings
from kobo_crc.errors import CrcError
from kobo_crc.rollout import roll_out
from kobo_crc.runs import OK
from kobo_crc.simulator.history import Entry
from kobo_crc.simulator.server import Running, running
from kobo_crc.sources import http
from kobo_crc.sources.http import Client
from kobo_crc.templates import copy_into
from tests.e2e.centre import NOW, Centre
from tests.e2e.test_crashes import edit_of
from tests.soak.schedules import Act, Night, schedule

SMALL = Path(__file__).parents[1] / "e2e" / "small.md"
PIPELINE = 'title = "Soak"\nforms = ["small"]\nsteps = ["pull", "load", "derive"]\nfull_sweep_days = {days}\n'
STATUSES = ("", "validation_status_not_approved", "validation_status_on_hold")
FAILED, KILLED = "failed", "killed"


class Violation(AssertionError):
    """A promise that was broken; the text says in which schedule and night."""


@dataclass
class Story:
    """A centre whose server can be stopped and started, and what was deleted on it."""

    centre: Centre
    server: Server
    sweep_days: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    gone: list[dict[str, Any]] = field(default_factory=list)

    def act(self, act: Act) -> None:
        """Do what people do, and write the line of history that the server would write."""
        centre, number = self.centre, act.number
        ids = centre.live_ids()
        if act.what == "submit" or not ids:
            centre.submit(referrals=number % 4, remark=f"remark {number}")
        elif act.what in ("return", "late"):
            if self.gone:
                centre.put_back(self.gone.pop(number % len(self.gone)))
        else:
            self._on_one(act, ids[number % len(ids)])

    def _on_one(self, act: Act, server_id: int) -> None:
        centre = self.centre
        record = centre.record(server_id)
        if act.what == "status":
            centre.validate(server_id, STATUSES[act.number % len(STATUSES)])
        elif act.what == "file":
            self._file(server_id, act.number)
        elif act.what == "delete":
            self.gone.append(dict(record))
            centre.delete(server_id)
            self._log("delete-submission", record)
        else:
            centre.change(server_id, edit_of(act.what, act.number))
            self._log("modify-submission", record)

    def _file(self, server_id: int, number: int) -> None:
        store = self.centre.world.projects[self.centre.asset_uid].store
        row = store.by_id[server_id]
        files = [
            {"uid": f"att{number}", "filename": "a/p.jpg", "mimetype": "image/jpeg", "is_deleted": number % 3 == 0}
        ]
        store.replace(row, row.record | {"_attachments": files})

    def _log(self, action: str, record: dict[str, Any]) -> None:
        world = self.centre.world
        metadata = {"submission": {"root_uuid": str(record["meta/rootUuid"]).removeprefix("uuid:")}}
        project = world.projects[self.centre.asset_uid]
        project.history.append(Entry(action, "alice", NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), metadata))

    def live(self, night: Night) -> str:
        """One night; returns its outcome. Raises Violation."""
        for act in night.before:
            self.act(act)
        self.centre.world.faults.order(list(night.faults))
        try:
            outcome = self._killed(night) if night.kill else self._run(night)
        finally:
            self.centre.world.faults.clear()
        self.outcomes[outcome] += 1
        if outcome == OK and not night.during:
            self.compare(statuses=night.clock_days >= self.sweep_days)
        if night.rebuild and outcome == OK:
            self.same_when_rebuilt()
        return outcome

    def _killed(self, night: Night) -> str:
        return KILLED if self.centre.cut(lambda: self._whole(night), night.kill) else "outlived"

    def _run(self, night: Night) -> str:
        with pytest.MonkeyPatch.context() as patch:
            self._hinder(night, patch)
            try:
                return self._whole(night).outcome
            except CrcError as fault:
                if "Please" not in str(fault):
                    raise Violation(f"no remedy in: {fault}") from fault
                return FAILED

    def _whole(self, night: Night) -> Any:
        now = NOW + timedelta(days=night.clock_days)
        return pipeline.run(self.centre.settings, "nightly", now=now, accept_deletions=True)

    def _hinder(self, night: Night, patch: pytest.MonkeyPatch) -> None:
        """People at work during the run, a server that restarts, a disk that fills up."""
        get, commit, passed = Client.get, sa.Connection.commit, Counter[str]()

        def asked(client: Client, *args: Any, **options: Any) -> Any:
            passed["requests"] += 1
            for act in night.during:
                if act.request == passed["requests"]:
                    self.act(act)
            if night.restart == passed["requests"]:
                self.server.restart()
            return get(client, *args, **options)

        def committed(connection: sa.Connection) -> None:
            passed["commits"] += 1
            if night.full and passed["commits"] >= night.full:
                for home in ("main", "vault"):
                    connection.exec_driver_sql(f"PRAGMA {home}.max_page_count = 1")  # SQLite makes it what there is
            commit(connection)

        patch.setattr(Client, "get", asked)
        patch.setattr(sa.Connection, "commit", committed)

    def compare(self, *, statuses: bool = True) -> None:
        """Violation when the store says other than the server, read here without any code of the product.

        Without `statuses` those are left out: no line of the server's history tells of them.
        """
        there = [dict(row.record) for row in self.centre.world.projects[self.centre.asset_uid].store.by_id.values()]
        expected, held = expected_rows(there), held_rows(self.centre.settings)
        if not statuses:
            expected, held = (
                {**rows, "submission": {row[:2] for row in rows["submission"]}} for rows in (expected, held)
            )
        for name, rows in expected.items():
            if rows != held[name]:
                raise Violation(f"{name}: missing {sorted(rows - held[name])}, too many {sorted(held[name] - rows)}")

    def same_when_rebuilt(self) -> None:
        """Violation when a rebuild from the vault makes other rows."""
        grown = self.centre.rows()
        self.centre.rebuild()
        if self.centre.rows() != grown:
            raise Violation("a rebuild makes other rows")


Rows = dict[str, set[tuple[Any, ...]]]


def expected_rows(records: list[dict[str, Any]]) -> Rows:
    """What the store has to say of these records."""
    known = {"jalawla"}
    rows: Rows = {name: set() for name in ("submission", "visit", "identity", "need", "referral")}
    for one in records:
        root = str(one["meta/rootUuid"]).removeprefix("uuid:")
        rows["submission"].add((root, one["_id"], (one.get("_validation_status") or {}).get("uid", "")))
        centre, day = one.get("visit/centre"), one.get("visit/day")
        if centre or day:
            day = day if day and day.startswith("2026-") else None
            rows["visit"].add((root, centre if centre in known else None, day))
        if one.get("given"):
            rows["identity"].add((root, one["given"]))
        rows["need"] |= {(root, code) for code in one.get("needs", "").split()}
        items = enumerate(one.get("referral", ()), 1)
        rows["referral"] |= {(root, f"referral[{number}]", item["referral/number"]) for number, item in items}
    return rows


QUERIES = {
    "submission": "SELECT root_uuid, server_id, validation_status FROM submission WHERE deleted_on IS NULL",
    "visit": "SELECT root_uuid, centre_code, visited_on FROM visit JOIN submission USING (submission_id)",
    "need": "SELECT root_uuid, service_code FROM need JOIN submission USING (submission_id)",
    "referral": "SELECT root_uuid, row_path, reference_code FROM referral JOIN submission USING (submission_id)",
    "identity": "SELECT root_uuid, given_name FROM vault.identity i JOIN submission s ON s.submission_id = "
    "i.submission_id AND s.version_id = i.version_id AND s.plan = i.plan",
}


def held_rows(settings: Settings) -> Rows:
    """What the store says."""
    connection = sqlite3.connect(settings.store)
    try:
        connection.execute("ATTACH DATABASE ? AS vault", (str(settings.vault),))
        return {name: set(connection.execute(query)) for name, query in QUERIES.items()}
    finally:
        connection.close()


class Server:
    """The simulated server, which can be stopped and started at its address with what it holds."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.running: Running = self._stack.enter_context(running(page_limit=5))

    def restart(self) -> None:
        """Stop, and start again."""
        world = self.running.world
        self.close()
        self.running = self._stack.enter_context(running(world=world))

    def close(self) -> None:
        """Stop."""
        self._stack.close()


@contextmanager
def story(folder: Path) -> Iterator[Story]:
    """A centre with one small form, on a server of its own; the client's pauses take no time."""
    server = Server()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.random, "uniform", lambda _least, _most: 0.0)
        patch.setenv("KOBO_CRC_TOKEN", server.running.token)
        copy_into(folder)
        (folder / "forms" / "small.md").write_bytes(SMALL.read_bytes())
        settings = Settings.model_validate(
            {"server_url": server.running.url, "page_size": 5, "retries": 2, "read_timeout_s": 0.3},
            context={"folder": folder},
        )
        write_pipeline(settings, 0)
        [(_, _, deployed)] = roll_out(settings, "nightly")
        yield Story(Centre(settings, server.running.world, deployed.asset_uid), server)
    server.close()


def write_pipeline(settings: Settings, days: int) -> None:
    """The pipeline file, with that many days between two full sweeps."""
    (settings.pipelines / "nightly.toml").write_text(PIPELINE.format(days=days), encoding="utf-8")


def live_through(told: Story, seed: int) -> Counter[str]:
    """The schedule of that seed from an empty server and store, then a clean night. Raises Violation with the seed."""
    _begin_anew(told, seed)
    nights = schedule(seed)
    try:
        for number, night in enumerate(nights):
            _naming(f"night {number}", lambda night=night: told.live(night))  # type: ignore[misc]
        if (outcome := told.live(Night(clock_days=told.sweep_days))) != OK:
            raise Violation(f"the clean night ended as {outcome}")
        told.same_when_rebuilt()
        told.compare()
    except Exception as error:
        lines = "\n".join(map(repr, nights))
        raise Violation(f"seed {seed}: {type(error).__name__}: {error}\n{lines}") from error
    return told.outcomes


def _naming(place: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Violation as violation:
        raise Violation(f"{place}: {violation}") from violation


def _begin_anew(told: Story, seed: int) -> None:
    centre = told.centre
    for path in centre.settings.store.parent.glob("*.db*"):
        path.unlink()
    for server_id in centre.live_ids():
        centre.delete(server_id)
    centre.world.projects[centre.asset_uid].history.clear()
    centre.random = Random(seed)
    told.gone.clear()
    told.outcomes.clear()
    told.sweep_days = 7 * (seed % 2)  # every other schedule reads the history between sweeps
    write_pipeline(centre.settings, told.sweep_days)

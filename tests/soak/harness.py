"""Drives whole nights through a schedule and compares the store with the server by a reading of its own.

A night ends equal to the server, or it failed in a sentence and the next clean one makes it equal. No other exception,
no deletion of what is on the server, no difference between what grew night by night and what a rebuild makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
from kobo_crc.runs import INCOMPLETE, OK, Run
from kobo_crc.simulator.history import Entry
from kobo_crc.sources.http import Client
from kobo_crc.templates import copy_into
from tests.e2e.centre import NOW, Centre, seal
from tests.e2e.test_crashes import edit_of
from tests.soak.reading import expected_rows, held_rows, root_of, tombstones
from tests.soak.schedules import Act, Night, schedule
from tests.soak.shrink import shrunk
from tests.soak.stage import Server, quota

SMALL = Path(__file__).parents[1] / "e2e" / "small.md"
PIPELINE = 'title = "Soak"\nforms = ["small"]\nsteps = ["pull", "load", "derive"]\nfull_sweep_days = {days}\n'
STATUSES = ("", "validation_status_not_approved", "validation_status_on_hold")
FAILED, KILLED = "failed", "killed"
IMPATIENT_S = 0.3


class Violation(AssertionError):
    """A promise that was broken; the text says in which schedule and night."""


@dataclass
class Story:
    """A centre whose server can be stopped and started; what was deleted on it, and what is there and not seen yet.

    `present` are the roots that are on the server all through the night, `buried` those that the vault held as deleted
    when it began.
    """

    centre: Centre
    server: Server
    sweep_days: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    gone: list[dict[str, Any]] = field(default_factory=list)
    unseen: list[dict[str, Any]] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    buried: set[str] = field(default_factory=set)

    def act(self, act: Act) -> None:
        """Do what people do, and write the line of history that the server would write."""
        centre, number = self.centre, act.number
        ids = centre.live_ids()
        if act.what == "submit" or not ids:
            centre.submit(referrals=number % 4, remark=f"remark {number}")
        elif act.what == "return":
            if self.gone:
                centre.put_back(self.gone.pop(number % len(self.gone)))
        elif act.what == "late":
            self._late(number)
        else:
            self._on_one(act, ids[number % len(ids)])

    def _late(self, number: int) -> None:
        """A submission takes its `_id` and is not to be seen; or one of those becomes visible."""
        if self.unseen and number % 2:
            self.centre.put_back(self.unseen.pop())
        else:
            server_id = self.centre.submit(referrals=number % 4)
            self.unseen.append(dict(self.centre.record(server_id)))
            self.centre.delete(server_id)

    def _on_one(self, act: Act, server_id: int) -> None:
        centre = self.centre
        record = centre.record(server_id)
        if act.what == "status":
            centre.validate(server_id, STATUSES[act.number % len(STATUSES)])
        elif act.what == "file":
            self._file(server_id, act.number)
        elif act.what == "delete":
            self.gone.append(dict(record))
            self.present.discard(root_of(record))
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
        project.history.append(Entry(action, "alice", world.now().strftime("%Y-%m-%dT%H:%M:%SZ"), metadata))

    def live(self, night: Night) -> str:
        """One night; returns its outcome. Raises Violation."""
        for act in night.before:
            self.act(act)
        self.present = {root_of(record) for record in self._records()}
        self.centre.world.faults.order(list(night.faults))
        try:
            outcome = self._killed(night) if night.kill else self._run(night)
        finally:
            self.centre.world.faults.clear()
            self.server.start()
        self.outcomes[outcome] += 1
        self.look_for_false_tombstones()
        if outcome == OK and not night.during:
            self.compare(statuses=night.clock_days >= self.sweep_days)
        if night.rebuild and outcome == OK:
            self.same_when_rebuilt()
        return outcome

    def _records(self) -> list[dict[str, Any]]:
        """What is on the server."""
        return [dict(row.record) for row in self.centre.world.projects[self.centre.asset_uid].store.by_id.values()]

    def look_for_false_tombstones(self) -> None:
        """Violation when the night, however it ended, buried what was on the server all through it."""
        before, self.buried = self.buried, tombstones(self.centre.settings.vault)
        if false := (self.buried - before) & self.present:
            raise Violation(f"on the server, and buried here: {sorted(false)}")

    def _killed(self, night: Night) -> str:
        return KILLED if self.centre.cut(lambda: self._whole(night), night.kill) else "outlived"

    def _run(self, night: Night) -> str:
        with pytest.MonkeyPatch.context() as patch:
            self._hinder(night, patch)
            try:
                with quota(night.quota):
                    run = self._whole(night)
                if run.outcome == INCOMPLETE and not run.note:
                    raise Violation("incomplete without a word")
                return run.outcome
            except CrcError as fault:
                if "Please" not in str(fault):
                    raise Violation(f"no remedy in: {fault}") from fault
                return FAILED

    def _whole(self, night: Night) -> Run:
        now, settings = NOW + timedelta(days=night.clock_days), self.centre.settings
        if any(fault["kind"] == "delay" for fault in night.faults):  # else a busy machine would look like a slow server
            settings = settings.model_copy(update={"read_timeout_s": IMPATIENT_S})
        return pipeline.run(settings, "nightly", now=now, accept_deletions=True)

    def _hinder(self, night: Night, patch: pytest.MonkeyPatch) -> None:
        """People at work during the run, a server that restarts, a disk that fills up."""
        get, commit, passed = Client.get, sa.Connection.commit, Counter[str]()

        def asked(client: Client, *args: Any, **options: Any) -> Any:
            passed["requests"] += 1
            for act in night.during:
                if act.request == passed["requests"]:
                    self.act(act)
            if night.restart == passed["requests"]:
                self.server.stop()
                self.server.start()
            if night.down == passed["requests"]:
                self.server.stop()
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

        Without `statuses` those and the files are left out: no line of the server's history tells of them.
        """
        expected = expected_rows(self._records(), statuses=statuses)
        held = held_rows(self.centre.settings, statuses=statuses)
        for name, rows in expected.items():
            if rows != held[name]:
                raise Violation(f"{name}: missing {sorted(rows - held[name])}, too many {sorted(held[name] - rows)}")

    def same_when_rebuilt(self) -> None:
        """Violation when a rebuild from the vault makes other rows."""
        grown = self.centre.rows()
        self.centre.rebuild()
        if self.centre.rows() != grown:
            raise Violation("a rebuild makes other rows")


@contextmanager
def story(folder: Path) -> Iterator[Story]:
    """A centre with one small form, on a server of its own; the client's pauses take no time."""
    server = Server()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("random.uniform", lambda _least, _most: 0.0)
        patch.setenv("KOBO_CRC_TOKEN", server.running.token)
        copy_into(folder)
        (folder / "forms" / "small.md").write_bytes(SMALL.read_bytes())
        settings = Settings.model_validate(
            {"server_url": server.running.url, "page_size": 5, "retries": 2},
            context={"folder": folder},
        )
        write_pipeline(settings, 0)
        [(_, _, deployed)] = roll_out(settings, "nightly")
        seal(settings)
        yield Story(Centre(settings, server.running.world, deployed.asset_uid), server)
    server.stop()


def write_pipeline(settings: Settings, days: int) -> None:
    """The pipeline file, with that many days between two full sweeps."""
    (settings.pipelines / "nightly.toml").write_text(PIPELINE.format(days=days), encoding="utf-8")


def live_through(told: Story, seed: int) -> Counter[str]:
    """The schedule of that seed, from an empty server and store. Raises Violation with the seed and what breaks it."""
    nights = schedule(seed)
    try:
        _live(told, seed, nights)
    except Exception as error:
        least = shrunk(nights, lambda fewer: _breaks(told, seed, fewer))
        lines = "\n".join([*map(repr, nights), "The least that breaks a promise:", *map(repr, least)])
        raise Violation(f"seed {seed}: {type(error).__name__}: {error}\n{lines}") from error
    return told.outcomes


def _live(told: Story, seed: int, nights: Sequence[Night]) -> None:
    """These nights, then a clean one, after which all must be equal."""
    _begin_anew(told, seed)
    for number, night in enumerate(nights):
        _naming(f"night {number}", lambda night=night: told.live(night))  # type: ignore[misc]
    while told.unseen:
        told.centre.put_back(told.unseen.pop())
    if (outcome := told.live(Night(clock_days=told.sweep_days))) != OK:
        raise Violation(f"the clean night ended as {outcome}")
    told.same_when_rebuilt()
    told.compare()


def _breaks(told: Story, seed: int, nights: Sequence[Night]) -> bool:
    try:
        _live(told, seed, nights)
    except Exception:
        return True
    return False


def _naming(place: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Violation as violation:
        raise Violation(f"{place}: {violation}") from violation


def _begin_anew(told: Story, seed: int) -> None:
    centre = told.centre
    centre.begin_anew()
    for server_id in centre.live_ids():
        centre.delete(server_id)
    centre.world.projects[centre.asset_uid].history.clear()
    centre.random = Random(seed)
    told.gone.clear()
    told.unseen.clear()
    told.buried.clear()
    told.outcomes.clear()
    told.sweep_days = 7 * (seed % 2)  # every other schedule reads the history between sweeps
    write_pipeline(centre.settings, told.sweep_days)

"""What happens in some nights, drawn from a seed: people on the server, and everything that can go wrong meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

# What people do on the server, with a number that picks the submission. `late`: one takes its `_id` and is seen later.
PEOPLE = ("submit", "submit", "edit", "clear", "shrink", "status", "file", "delete", "return", "late")
TROUBLES = (
    *("none", "faults", "faults", "faults", "kill", "kill", "full", "quota", "quota"),
    *("restart", "down", "during", "during", "clock"),
)
DATA, ASSET = "*/data/*", "*/assets/*"
MOST_STEPS = 60
# What a busy server may send in `Retry-After`: seconds, a date, nonsense of a proxy.
RETRY_AFTER = ("0", "Mon, 01 Jan 2001 00:00:00 GMT", "soon")


@dataclass(frozen=True, slots=True)
class Act:
    """Something people do; during a run, just before its `request`-th request (0: between two nights)."""

    what: str
    number: int
    request: int = 0


@dataclass(frozen=True, slots=True)
class Night:
    """One run: what people did before and do during it, what the server does wrong, and what ends or hinders it.

    `kill` is the request or commit at which the process is killed, `full` the commit from which on the database may
    not grow, `quota` the byte at which the operating system breaks every write of a file off, `restart` the request
    before which the server stops and starts again, `down` that before which it stops for the night; 0 for none.
    `clock_days` moves our clock.
    """

    before: tuple[Act, ...] = ()
    during: tuple[Act, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    kill: int = 0
    full: int = 0
    quota: int = 0
    restart: int = 0
    down: int = 0
    clock_days: int = 0
    rebuild: bool = False


def schedule(seed: int) -> list[Night]:
    """The nights of that seed."""
    random = Random(seed)
    return [_night(random) for _ in range(random.randint(2, 5))]


def _night(random: Random) -> Night:
    before = tuple(Act(random.choice(PEOPLE), random.randrange(99)) for _ in range(random.randint(0, 6)))
    trouble = random.choice(TROUBLES)
    during = tuple(
        Act(random.choice(PEOPLE), random.randrange(99), random.randint(1, 12)) for _ in range(random.randint(1, 3))
    )
    return Night(
        before=before,
        during=during if trouble == "during" else (),
        faults=_faults(random) if trouble == "faults" or random.random() < 0.2 else (),
        kill=random.randint(1, MOST_STEPS) if trouble == "kill" else 0,
        full=random.randint(1, 12) if trouble == "full" else 0,
        quota=random.randint(4_000, 600_000) if trouble == "quota" else 0,
        restart=random.randint(1, 12) if trouble == "restart" else 0,
        down=random.randint(1, 12) if trouble == "down" else 0,
        clock_days=random.choice((-400, -2, 1, 40)) if trouble == "clock" else 0,
        rebuild=random.random() < 0.1,
    )


def _faults(random: Random) -> tuple[Mapping[str, Any], ...]:
    """One to three faults of the server; some pass while the client still tries, others outlast it."""
    return tuple(_fault(random) for _ in range(random.randint(1, 3)))


def _fault(random: Random) -> Mapping[str, Any]:
    kind = random.choice(("busy", "asked", "error", "error", "html", "truncate", "cut", "repeat", "slow"))
    place = {"path": random.choice((DATA, DATA, ASSET)), "nth": random.randint(1, 10)}
    times = random.choice((1, 1, 2, 0))
    match kind:
        case "busy":
            return {**place, "kind": "status", "status": 429, "times": times}
        case "asked":
            asked = random.choice(RETRY_AFTER)
            return {
                **place,
                "kind": "status",
                "status": random.choice((429, 503)),
                "times": times,
                "retry_after": asked,
            }
        case "error":
            return {**place, "kind": "status", "status": random.choice((500, 502, 503, 504)), "times": times}
        case "html":
            return {**place, "kind": "html", "status": random.choice((200, 404, 502)), "times": times}
        case "slow":
            return {**place, "kind": "delay", "seconds": 0.5, "times": 1}
    return {**place, "kind": kind, "times": times}

"""`python -m tests.soak N [FIRST]`: N schedules of faults, one after the other.

Prints each broken promise and goes on; exit code 1 when there was one.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.progress import track

from tests.soak.harness import Violation, live_through, story


def main(count: int, first: int) -> int:
    """Run them, say how they ended, and return how many broke a promise."""
    outcomes: Counter[str] = Counter()
    broken: list[int] = []
    with tempfile.TemporaryDirectory() as folder, story(Path(folder) / "مركز") as told:
        for seed in track(range(first, first + count), f"{count} schedules"):
            try:
                outcomes += live_through(told, seed)
            except Violation as violation:
                broken.append(seed)
                print(violation, flush=True)
    nights = sum(outcomes.values())
    ends = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())
    verdict = f"BROKEN by the seeds {broken}" if broken else "OK"
    print(f"{verdict}: {count} schedules from seed {first}, {nights} nights: {ends}.")
    return len(broken)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0) > 0)

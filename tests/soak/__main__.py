"""`python -m tests.soak N [FIRST]`: N schedules of faults, one after the other; stops at the first broken promise."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.progress import track

from tests.soak.harness import live_through, story


def main(count: int, first: int) -> None:
    """Run them and say how they ended."""
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, story(Path(folder) / "مركز") as told:
        for seed in track(range(first, first + count), f"{count} schedules"):
            outcomes += live_through(told, seed)
    nights = sum(outcomes.values())
    ends = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())
    print(f"OK: {count} schedules from seed {first}, {nights} nights: {ends}.")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)

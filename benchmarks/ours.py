"""One night of ours, as `kobo-crc run` does it: `python benchmarks/ours.py FOLDER`. Store and vault stay in FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from kobo_crc import pipeline
from kobo_crc.config import SETTINGS_FILE, load_settings


def memory() -> str:
    """This process's own peak, where Linux tells it: what `wait4` says counts from the parent's on."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return "".join(f"; peak {int(line.split()[1]) * 1024 / 1e6:.0f} MB" for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    run = pipeline.run(load_settings(Path(sys.argv[1]) / SETTINGS_FILE), "nightly")
    print(f"{run.outcome}: {run.new_count} new, {run.changed_count} changed, {run.problem_count} problems{memory()}")

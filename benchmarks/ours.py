"""One night of ours, `kobo-crc run nightly`: `python benchmarks/ours.py FOLDER`. Store and vault stay in FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from kobo_crc.__main__ import main


def memory() -> str:
    """This process's own peak, where Linux tells it: what `wait4` says counts from the parent's on."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return "".join(f"peak {int(line.split()[1]) * 1024 / 1e6:.0f} MB" for line in lines if line.startswith("VmHWM"))


def night(folder: Path) -> None:
    """Give the command."""
    sys.argv[1:] = ["run", "nightly", "--folder", str(folder)]
    try:
        main()
    finally:
        print(memory())


if __name__ == "__main__":
    night(Path(sys.argv[1]))

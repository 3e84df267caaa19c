"""One night of ours, as `kobo-crc run` does it: `python benchmarks/ours.py FOLDER`. Store and vault stay in FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from kobo_crc import pipeline
from kobo_crc.config import SETTINGS_FILE, load_settings

if __name__ == "__main__":
    run = pipeline.run(load_settings(Path(sys.argv[1]) / SETTINGS_FILE), "nightly")
    print(f"{run.outcome}: {run.new_count} new, {run.changed_count} changed, {run.problem_count} problems")

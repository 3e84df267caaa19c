"""The computer that a job is put on: its system, its home folder, and how its programs are asked. No shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

PATIENCE_SECONDS: Final = 60
NOT_FOUND: Final = 127


class Done(NamedTuple):
    """How a program ended, and all that it said."""

    code: int
    said: str


# The words of a command, and what it reads from its standard input.
Runner = Callable[[Sequence[str], str], Done]


@dataclass(frozen=True, slots=True)
class Machine:
    """`has` says whether a program is installed."""

    windows: bool
    home: Path
    python: Path
    run: Runner
    has: Callable[[str], bool]


def this_machine() -> Machine:
    """The computer that this runs on."""
    python = Path(sys.executable)
    silent = python.with_name("pythonw.exe")  # Windows': without a window that opens at night
    return Machine(
        windows=sys.platform == "win32",
        home=Path.home(),
        python=silent if silent.exists() else python,
        run=_run,
        has=lambda program: shutil.which(program) is not None,
    )


def _run(words: Sequence[str], given: str) -> Done:
    try:
        done = subprocess.run(
            list(words),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return Done(NOT_FOUND, f"{words[0]} is not installed")
    except subprocess.TimeoutExpired:
        return Done(NOT_FOUND, f"{words[0]} gave no answer")
    return Done(done.returncode, done.stdout.strip())

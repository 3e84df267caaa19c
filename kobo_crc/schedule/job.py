"""The nightly job: what is run, where, and when. It holds no secret, and no place of one but the folder's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from kobo_crc.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Job:
    """A pipeline run every day at a time of this computer's clock.

    `variables` is a file of NAME=VALUE that need not be there.
    """

    pipeline: str
    folder: Path
    at: time
    python: Path
    variables: Path

    @property
    def name(self) -> str:
        """Its name on this computer: another folder's job has another."""
        return f"kobo-crc-{self.pipeline}-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"

    @property
    def title(self) -> str:
        """What it is, for people who look at the computer's jobs."""
        return f"kobo_crc: {self.pipeline} in {self.folder}"

    @property
    def words(self) -> tuple[str, ...]:
        """The command, in words."""
        return (str(self.python), "-m", "kobo_crc", "run", self.pipeline, "--folder", str(self.folder))


def job(pipeline: str, folder: Path, at: str, python: Path, secrets: Path) -> Job:
    """The job; `at` is such as 01:30. ConfigError for a time that is none, or a path that no schedule can hold."""
    try:
        clock = time.fromisoformat(at)
    except ValueError:
        raise ConfigError("The time is none. Please give --at as hours and minutes, such as 01:30.") from None
    made = Job(
        pipeline,
        folder.resolve(),
        clock.replace(second=0, microsecond=0, tzinfo=None),
        python,
        secrets / "environment",
    )
    if any(sign in word for word in made.words for sign in "\n\r\0"):
        raise ConfigError("The folder's name has a line break, which no schedule can hold. Please rename it.")
    return made

"""What the nights stand on, and what breaks under them: the server, and the disk."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from kobo_crc.simulator.server import Running, running
from tests.e2e.centre import NOW


class Server:
    """The simulated server, which can be stopped and started at its address with what it holds."""

    def __init__(self) -> None:
        self._up: AbstractContextManager[Running] | None = running(page_limit=5, clock=lambda: NOW)
        self.running = self._up.__enter__()

    def start(self) -> None:
        """Start it again, unless it runs."""
        if self._up is None:
            self._up = running(world=self.running.world)
            self._up.__enter__()

    def stop(self) -> None:
        """Stop it, unless it is stopped."""
        up, self._up = self._up, None
        if up is not None:
            up.__exit__(None, None, None)


@contextmanager
def quota(most_bytes: int) -> Iterator[None]:
    """The operating system refuses to write any file beyond so many bytes, as a disk that is full in the middle of a
    write does; 0 for no limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

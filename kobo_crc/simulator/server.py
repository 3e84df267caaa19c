"""Starting and stopping the simulated server: in a thread, in a process of its own, in the foreground."""

from __future__ import annotations

import logging
import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

import uvicorn

from kobo_crc.simulator.app import create_app
from kobo_crc.simulator.world import TOKEN, Clock, ServerSettings, World, system_clock

LOOPBACK = "127.0.0.1"
START_TIMEOUT_SECONDS = 20
POLL_SECONDS = 0.005
DID_NOT_START = "The simulated server did not start. Please look at the lines above."


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up: its address, the owner's token, and its world for direct use by tests and benchmarks."""

    url: str
    token: str
    world: World


@contextmanager
def running(
    *,
    seed: int = 1,
    page_limit: int = 1000,
    import_polls: int = 0,
    clock: Clock = system_clock,
    port: int = 0,
    world: World | None = None,
) -> Iterator[Running]:
    """Serve from a thread of this process, on 127.0.0.1, until the block ends.

    The world is fresh and empty on a free port, unless one is given: that one goes on at its old address.
    """
    if world is not None:
        port = int(world.settings.public_url.rpartition(":")[2])
    listener = _listen(LOOPBACK, port)
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    world = world or World(ServerSettings(url, page_limit, seed, clock, import_polls))
    server = _server(world)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait(lambda: server.started, thread.is_alive)
        yield Running(url, TOKEN, world)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def running_apart(
    *, seed: int = 1, page_limit: int = 1000, fill: Callable[[World], None] | None = None
) -> Iterator[tuple[str, str]]:
    """Serve from a process of its own until the block ends; gives (url, token).

    `fill` is a function of a module (or a partial of one) that fills the world before it is served; the time that
    takes is not limited, only that the process lives.
    """
    with _listen(LOOPBACK, 0) as probe:
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_serve_filled, args=(port, seed, page_limit, fill, ready), daemon=True)
    process.start()
    try:
        _wait_for_child(ready, process)
        yield f"http://{LOOPBACK}:{port}", TOKEN
    finally:
        process.terminate()
        process.join()


def _serve_filled(port: int, seed: int, page_limit: int, fill: Callable[[World], None] | None, ready: Event) -> None:
    listener = _listen(LOOPBACK, port)
    listener.listen()
    world = World(ServerSettings(f"http://{LOOPBACK}:{port}", page_limit, seed))
    if fill is not None:
        fill(world)
    ready.set()
    _server(world).run(sockets=[listener])


def _wait_for_child(ready: Event, process: BaseProcess) -> None:
    while not ready.wait(POLL_SECONDS * 20):
        if not process.is_alive():
            raise RuntimeError(DID_NOT_START)


def serve(host: str = LOOPBACK, port: int = 8765, *, on_listening: Callable[[], None] = lambda: None) -> None:
    """Serve a fresh, empty world in the foreground until interrupted; OSError when the port cannot be had."""
    serve_world(new_world(host, port), on_listening)


def new_world(host: str, port: int, *, seed: int = 1, page_limit: int = 1000) -> World:
    """Return an empty world that will be served at this address, to be filled before `serve_world`."""
    return World(ServerSettings(f"http://{host}:{port}", page_limit, seed))


def serve_world(world: World, on_listening: Callable[[], None] = lambda: None) -> None:
    """Serve a world in the foreground at its own address until interrupted; `on_listening` once the port is had."""
    host, _, port = world.settings.public_url.removeprefix("http://").partition(":")
    listener = _listen(host, int(port))
    on_listening()
    try:
        _server(world).run(sockets=[listener])
    finally:
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio sends small answers at once (TCP_NODELAY) only where it is: 40 ms each.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # a server that restarts takes its address again at once
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _server(world: World) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(_is_not_on_order)
    config = uvicorn.Config(
        create_app(world), log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    return uvicorn.Server(config)


def _is_not_on_order(record: logging.LogRecord) -> bool:
    """Keep faults that were ordered out of the log."""
    return record.exc_info is None or "CutConnection" not in repr(record.exc_info)


def _wait(is_up: Callable[[], bool], is_alive: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not is_up():
        if not is_alive() or time.monotonic() > deadline:
            raise RuntimeError(DID_NOT_START)
        time.sleep(POLL_SECONDS)

"""A server that follows a script, byte for byte, and the recorded replies of a real one."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from kobo_crc.sources.http import Client, Limits

TOKEN = "s3cr3t0123456789abcdef"
RECORDED = Path(__file__).parent.parent / "recorded" / "kobo"
HURRIED = Limits(connect_s=2, read_s=2, retries=2, backoff_s=0)


def recorded(name: str) -> dict[str, Any]:
    """A recorded exchange with a real server: request, status, headers, body."""
    exchange: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return exchange


def reply(body: bytes | object, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer; a `length` above the body's own makes it break off."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw) if length is None else length}", "Connection: close"]
    lines += [
        f"{name.replace('_', '-')}: {value}" for name, value in {"Content_Type": "application/json", **headers}.items()
    ]
    return "\r\n".join([*lines, "", ""]).encode() + raw


class Stalled(bytes):
    """The beginning of an answer, after which nothing comes and the connection stays open."""


class ScriptedServer:
    """Gives each answer of `script` once, in order, and keeps the requests; the last answer repeats."""

    def __init__(self) -> None:
        self.script: list[bytes] = []
        self.requests: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                request = connection.recv(65536)
                if not request:
                    return
                self.requests.append(request.decode("latin-1"))
                answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                connection.sendall(answer)
                if isinstance(answer, Stalled):
                    connection.recv(1)

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._socket.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def other_server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[Client]:
    client = Client(server.url, SecretStr(TOKEN), HURRIED)
    yield client
    client.close()

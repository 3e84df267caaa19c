"""One session to one server: token, retries, time-outs and JSON. What cannot be had is a SourceError in plain words.

The token travels to the server's own scheme, host and port only, and is in no message and no repr.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import orjson
import requests
import urllib3
import urllib3.exceptions
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util.retry import Retry

from kobo_crc import __version__
from kobo_crc.config import Project, Settings, secret
from kobo_crc.errors import ConfigError, Retriable
from kobo_crc.sources.faults import (
    CUT,
    Answer,
    BrokenBody,
    fault_of_answer,
    fault_of_body,
    fault_of_exception,
    looks_like_html,
    place_of,
)

API = "/api/v2/"
CHUNK_BYTES = 65_536
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
# A file's length can be compared with what came only when nothing between packs it.
AS_IT_IS = {"Accept": "*/*", "Accept-Encoding": "identity"}
# A file of an upload: its name, its bytes and its media type.
Upload = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient the client is. Times in seconds; `retries` counts the further attempts after the first.

    `until_s` is the moment of the process's monotonic clock after which no request begins.
    The server itself gives up on a request after 120 s, so a longer `read_s` only waits for the network.
    """

    connect_s: float = 10.0
    read_s: float = 130.0
    retries: int = 5
    backoff_s: float = 1.0
    backoff_most_s: float = 60.0
    retry_after_most_s: int = 300
    until_s: float = inf


class _Token(AuthBase):
    """Adds the token to requests to its own server, and to no other."""

    def __init__(self, server: SplitResult, token: SecretStr) -> None:
        self._server = server
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if _origin(urlsplit(request.url or "")) == _origin(self._server):
            request.headers["Authorization"] = f"Token {self._token.get_secret_value().strip()}"
        return request


class Sink(Protocol):
    """What takes a download: `begin` forgets what came so far, of which there are `size` bytes."""

    @property
    def size(self) -> int: ...

    def begin(self) -> None: ...

    def write(self, plain: bytes, /) -> None: ...


class Client:
    """A KoboToolbox server as seen by one account. Safe to share between two threads."""

    def __init__(self, server_url: str, token: SecretStr, limits: Limits | None = None) -> None:
        self.server_url = server_url.rstrip("/")
        self._limits = limits or Limits()
        self._token = checked_token(token)
        self._session = requests.Session()
        # An auth object, not a bare header: a header would lose to a machine's .netrc entry for the same host.
        self._session.auth = _Token(urlsplit(self.server_url), self._token)
        # Without a cache between: an old page looks like a true one.
        headers = {"Accept": "application/json", "Cache-Control": "no-cache", "User-Agent": f"kobo_crc/{__version__}"}
        self._session.headers.update(headers)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=4, max_retries=_retry(self._limits)))

    def __repr__(self) -> str:
        return f"Client({self.server_url!r})"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def url(self, path: str) -> str:
        """The address of a path below the API, such as `assets/aX/data/`."""
        return f"{self.server_url}{API}{path}"

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """The parsed answer to a GET. An answer that arrives broken is asked for again.

        Raises Retriable or Fatal.
        """
        for attempt in range(self._limits.retries):
            try:
                return self._json("GET", path, params=params)
            except BrokenBody:
                self._pause(attempt)
        return self._json("GET", path, params=params)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, Upload] | None = None,
    ) -> Any:
        """The parsed answer to a POST of JSON (`body`) or of a form with files. Never repeated. Raises SourceError."""
        if body is not None:
            return self._json("POST", path, json=body)
        return self._json("POST", path, data=fields, files=files)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """The parsed answer to a PATCH of JSON. Never repeated. Raises SourceError."""
        return self._json("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Delete what is at the path. Never repeated. Raises SourceError."""
        self._send("DELETE", path)

    def ask_version(self) -> tuple[str, Any]:
        """The `Date` of an answer to `version/`, and what it says; None when it says nothing in JSON."""
        url = f"{self.server_url}/version/"
        try:
            with self._session.get(url, timeout=(self._limits.connect_s, self._limits.read_s)) as said:
                date, body = said.headers.get("Date", ""), said.content if said.ok else b""
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise fault_of_exception(error, place_of("GET", url)) from error
        try:
            return date, orjson.loads(body)
        except orjson.JSONDecodeError:
            return date, None

    def download(self, address: str, into: Sink) -> None:
        """Stream the file at an address into `into`, never whole in memory; one that breaks off is begun anew.

        Of `address` only path and query count: whatever host it names, our own server is asked. Raises SourceError.
        """
        for attempt in range(self._limits.retries):
            try:
                return self._stream(address, into)
            except BrokenBody:
                self._pause(attempt)
        return self._stream(address, into)

    def _stream(self, address: str, into: Sink) -> None:
        into.begin()
        own = urlsplit(self.server_url)
        url = urlsplit(address)._replace(scheme=own.scheme, netloc=own.netloc, fragment="").geturl()
        place = place_of("GET", url)
        try:
            with self._session.get(
                url, timeout=(self._limits.connect_s, self._limits.read_s), stream=True, headers=AS_IT_IS
            ) as said:
                self._refuse_page(said, place)
                for chunk in said.raw.stream(CHUNK_BYTES, decode_content=True):
                    into.write(chunk)
                declared = said.headers.get("Content-Length", "")
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise fault_of_exception(error, place) from error
        if declared.isdecimal() and int(declared) != into.size:
            raise BrokenBody(CUT.format(place=place))

    def _refuse_page(self, said: requests.Response, place: str) -> None:
        """Raise what a bad status, or a web page in place of a file, means; the body of a good answer is not read."""
        media_type = said.headers.get("Content-Type", "")
        bad = said.status_code >= 300
        answer = Answer(said.status_code, media_type, said.content if bad else b"")
        fault = fault_of_answer(answer, place, self._token.get_secret_value())
        if fault is None and looks_like_html(answer):
            fault = fault_of_body(answer, place)
        if fault is not None:
            raise fault

    def _refuse_late(self, place: str) -> None:
        if time.monotonic() > self._limits.until_s:
            raise Retriable(
                f"{place}: the run has taken as long as it may, so nothing more was asked for; what came is kept. "
                "Please run again to go on, or set a larger `at_most_minutes` in the pipeline file."
            )

    def _pause(self, attempt: int) -> None:
        longest = min(self._limits.backoff_s * 2**attempt, self._limits.backoff_most_s)
        time.sleep(random.uniform(0, longest))

    def _json(self, method: str, path: str, **request: Any) -> Any:
        answer = self._send(method, path, **request)
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise fault_of_body(answer, place_of(method, self.url(path))) from error

    def _send(self, method: str, path: str, **request: Any) -> Answer:
        url = self.url(path)
        try:
            answer = self._answer(method, url, **request)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise fault_of_exception(error, place_of(method, url)) from error
        fault = fault_of_answer(answer, place_of(method, url), self._token.get_secret_value())
        if fault is not None:
            raise fault
        return answer

    def _answer(self, method: str, url: str, **request: Any) -> Answer:
        self._refuse_late(place_of(method, url))
        timeout = (self._limits.connect_s, self._limits.read_s)
        # A redirected POST would quietly become a GET: only GET may follow.
        follow = method == "GET"
        with self._session.request(
            method, url, timeout=timeout, allow_redirects=follow, stream=True, **request
        ) as said:
            # A page in one piece: requests' own way, 10 kB at a time, takes three times the CPU.
            body = said.raw.read(decode_content=True)
            return Answer(said.status_code, said.headers.get("Content-Type", ""), body)


def client_of(settings: Settings, project: Project, until_s: float = inf) -> Client:
    """The client of a project of a pipeline: its own server or the settings' one, its token by name.

    `until_s` is the monotonic time after which it asks for nothing more. Raises ConfigError when there is no token.
    """
    limits = Limits(
        connect_s=settings.connect_timeout_s,
        read_s=settings.read_timeout_s,
        retries=settings.retries,
        until_s=until_s,
    )
    return Client(project.server_url or settings.server_url, secret(project.token, settings.secrets), limits)


def checked_token(token: SecretStr) -> SecretStr:
    """The token without the spaces and line ends that copying adds. Raises ConfigError when it cannot be a token."""
    text = token.get_secret_value().strip()
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise ConfigError(
            "The token is empty or holds spaces or letters that no token has. Please copy it anew from "
            "KoboToolbox (Account settings, Security)."
        )
    return SecretStr(text)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


class _FullJitter(Retry):
    """Pauses of any length up to the one that doubles: clients that failed together do not come back together."""

    def get_backoff_time(self) -> float:
        return random.uniform(0, super().get_backoff_time())

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        """The seconds asked for; None, and so our own pause, where a proxy asks for neither seconds nor a date."""
        try:
            return super().get_retry_after(response)
        except urllib3.exceptions.InvalidHeader:
            return None


def _retry(limits: Limits) -> Retry:
    """Retries of GET on broken connections and busy answers. A bad certificate (`other`) will not pass by itself."""
    return _FullJitter(
        total=limits.retries,
        connect=min(3, limits.retries),
        read=min(2, limits.retries),
        other=0,
        redirect=5,
        allowed_methods={"GET"},
        status_forcelist=RETRIED_STATUSES,
        backoff_factor=limits.backoff_s,
        backoff_max=limits.backoff_most_s,
        retry_after_max=limits.retry_after_most_s,
        raise_on_status=False,
    )

"""What went wrong between us and a server, as one sentence with its remedy: the only place that words such failures.

Never holds the token, a query or an answer: a place is method, host and path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
import urllib3.exceptions as lower

from kobo_crc.errors import CrcError, Fatal, Retriable, SourceError

# Longest quotation of the server's own words in a sentence, in characters.
WORDS_MOST = 600

UNREACHABLE = (
    "{place}: the server cannot be reached. Please check the internet connection and `server_url`, and run again."
)
UNKNOWN_HOST = (
    "{place}: no server of that name was found. Please check the spelling of `server_url` and the internet connection."
)
TLS = (
    "{place}: no secure connection can be made, or its certificate is not to be trusted, so nothing was sent. Please "
    "check `server_url` and the computer's date, or ask the network's owner whether a filter opens secure connections."
)
TIMED_OUT = (
    "{place}: the server did not answer in time. Please run again later, or set a smaller `page_size` "
    "or a longer `read_timeout_s` in the settings file."
)
CUT = "{place}: the connection broke in the middle of the answer. Please run again; what came before is kept."
PROXY = "{place}: the proxy between here and the server refused. Please check the proxy settings of this computer."
GARBLED = (
    "{place}: the answer is not the JSON that was asked for. Please check that `server_url` is the KoboToolbox server "
    "itself, and run again."
)
HTML = (
    "{place}: a web page came instead of data ({status}). Please check that `server_url` is the KoboToolbox server "
    "itself, and that no login page of the network stands between, then run again."
)
REDIRECTED = "{place}: the server sends us elsewhere ({status}). Please write its final address as `server_url`."
INVALID = "{place}: the address cannot be used. Please correct `server_url`, such as https://kf.kobotoolbox.org."
OTHER = "{place}: the request failed ({kind}). Please run again, and report it if it stays."

BAD_TOKEN = (
    "{place}: the server does not accept the token (401). Please copy the account's token anew (KoboToolbox, "
    "Account settings, Security) into KOBO_CRC_TOKEN or the file that holds it."
)
FORBIDDEN = (
    "{place}: the token's account lacks the permission for this (403). Please ask the project's owner to share it: "
    "viewing submissions for a pull, editing the form for a deployment."
)
MISSING = (
    "{place}: nothing is there, or the token's account may not see it (404). Please check the form's uid in "
    "deployed.toml or the pipeline file, and that the project is shared with the token's account."
)
GONE = "{place}: this address is no longer served (410). Please check that the server is a current KoboToolbox."
REFUSED = "{place}: the server refused the request ({status}){words}. Please correct what it names, and run again."
NOT_DEPLOYED = "{place}: the form has not been deployed yet (400). Please run `kobo-crc deploy` first."
BUSY = "{place}: the server asks to slow down (429). Please run again in some minutes."
SERVER_DOWN = "{place}: the server failed ({status}). Please run again later; if it stays, tell the server's owner."


# What stands in the way of every request of a project alike.
_OF_ALL = tuple(words.removeprefix("{place}") for words in (UNREACHABLE, UNKNOWN_HOST, TLS, PROXY, BAD_TOKEN))


def is_of_all(fault: CrcError) -> bool:
    """Whether the fault is of the server, the line or the token, not of the form that was asked for."""
    return str(fault).endswith(_OF_ALL)


def told_once(faults: Iterable[CrcError]) -> str:
    """Each fault's sentence on a line; one that is of all requests stands once, with how many fared alike."""
    alike: dict[str, list[str]] = {}
    for fault in map(str, faults):
        words = next((words for words in _OF_ALL if fault.endswith(words)), fault)
        alike.setdefault(words, []).append(fault)
    return "\n".join(_with_others(said) for said in alike.values())


def _with_others(said: list[str]) -> str:
    others = len(said) - 1
    return said[0] + (f" So it was with {others} more request{'s' * (others > 1)}." if others else "")


class BrokenBody(Retriable):
    """The answer began well and its body did not arrive whole: asking again is safe for a GET."""


class Refused(Fatal):
    """The server understood and said no; `words` is its own explanation, such as what is wrong with a form."""

    def __init__(self, sentence: str, status: int, words: str) -> None:
        super().__init__(sentence)
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: the status, the declared media type, and the whole body."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


def place_of(method: str, url: str) -> str:
    """Method, host and path of a request, such as `GET kf.kobotoolbox.org/api/v2/assets/aX/`: never its query."""
    parts = urlsplit(url)
    return f"{method} {parts.netloc.rpartition('@')[2]}{parts.path}"


def fault_of_exception(error: Exception, place: str) -> SourceError:
    """The fault for an exception that requests or urllib3 raised."""
    reason = _reason(error)
    if isinstance(error, requests.exceptions.SSLError) or isinstance(reason, lower.SSLError):
        return Fatal(TLS.format(place=place))
    if isinstance(error, requests.exceptions.ProxyError):
        return Retriable(PROXY.format(place=place))
    # Bodies are read from urllib3 itself: what it says without its retries' wrapping is about a body that had begun.
    if isinstance(error, lower.ReadTimeoutError):
        return BrokenBody(TIMED_OUT.format(place=place))
    if isinstance(error, lower.ProtocolError | lower.DecodeError):
        return BrokenBody(CUT.format(place=place))
    if isinstance(reason, lower.ReadTimeoutError):
        return Retriable(TIMED_OUT.format(place=place))
    if isinstance(reason, lower.NameResolutionError):
        return Retriable(UNKNOWN_HOST.format(place=place))
    if isinstance(error, requests.exceptions.Timeout | requests.exceptions.ConnectionError):
        return Retriable((CUT if isinstance(reason, lower.ProtocolError) else UNREACHABLE).format(place=place))
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Fatal(REDIRECTED.format(place=place, status="in circles"))
    if isinstance(error, ValueError):
        return Fatal(INVALID.format(place=place))
    return Retriable(OTHER.format(place=place, kind=type(error).__name__))


def _reason(error: Exception) -> object:
    """What urllib3 says lies beneath: the reason within its MaxRetryError, or the first argument itself."""
    first = error.args[0] if error.args else None
    return getattr(first, "reason", None) or first


def fault_of_answer(answer: Answer, place: str, hidden: str) -> SourceError | None:
    """The fault for an answer whose status is not 2xx; None when the status is good.

    `hidden` is taken out of the server's words, in case they repeat the token.
    """
    status = answer.status
    if status < 300:
        return None
    if status < 400:
        return Fatal(REDIRECTED.format(place=place, status=status))
    if status == 429:
        return Retriable(BUSY.format(place=place))
    if status >= 500:
        return Retriable(SERVER_DOWN.format(place=place, status=status))
    words = server_words(answer).replace(hidden, "(token)").rstrip(".")
    quoted = f" with the words: {words}" if words else ""
    return Refused(_refusal(words, status).format(place=place, status=status, words=quoted), status, words)


def _refusal(words: str, status: int) -> str:
    """The sentence for a status between 400 and 499."""
    if status == 400 and "not been deployed" in words:
        return NOT_DEPLOYED
    return {401: BAD_TOKEN, 403: FORBIDDEN, 404: MISSING, 410: GONE}.get(status, REFUSED)


def fault_of_body(answer: Answer, place: str) -> SourceError:
    """The fault for a good status whose body is not JSON: a web page, or an answer cut short."""
    if looks_like_html(answer):
        return BrokenBody(HTML.format(place=place, status=answer.status))
    return BrokenBody(GARBLED.format(place=place))


def looks_like_html(answer: Answer) -> bool:
    """True when a web page came: by its header or by its first letter."""
    return answer.media_type.startswith("text/html") or answer.body.lstrip()[:1] == b"<"


def server_words(answer: Answer) -> str:
    """The server's own explanation, short and on one line; empty when it gave none or a web page."""
    if looks_like_html(answer):
        return ""
    try:
        said = _flat(orjson.loads(answer.body))
    except orjson.JSONDecodeError:
        return ""
    return re.sub(r"\s+", " ", said).strip()[:WORDS_MOST]


def _flat(said: Any) -> str:
    """The texts of an error body: its `detail` or `error`, or every field with its words."""
    if isinstance(said, dict):
        short = said.get("detail") or said.get("error")
        return _flat(short) if short else "; ".join(f"{field}: {_flat(words)}" for field, words in said.items())
    if isinstance(said, list):
        return " ".join(_flat(part) for part in said)
    return str(said)

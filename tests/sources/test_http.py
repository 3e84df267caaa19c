"""The session: what it sends, what it retries, and the sentence for every failure."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import responses
from pydantic import SecretStr
from urllib3 import HTTPResponse

from kobo_crc.config import Project, Settings
from kobo_crc.errors import ConfigError, Fatal, Retriable, SourceError
from kobo_crc.sources.faults import BrokenBody, place_of
from kobo_crc.sources.http import Client, Limits, _retry, client_of
from tests.sources.conftest import HURRIED, TOKEN, ScriptedServer, Stalled, recorded, reply

REAL = "https://kobo.example.org"


def fault_for(client: Client) -> SourceError:
    with pytest.raises(SourceError) as caught:
        client.get("assets/aX/data/", {"query": '{"client/name":"Zainab"}'})
    assert "Zainab" not in str(caught.value)
    assert "Please " in str(caught.value)
    assert TOKEN not in str(caught.value) + repr(caught.value)
    return caught.value


def test_get__good_answer__parsed_and_token_sent(server: ScriptedServer, client: Client) -> None:
    server.script = [reply({"name": "إحالة"})]
    assert client.get("assets/aX/", {"limit": 1}) == {"name": "إحالة"}
    assert server.requests[0].startswith("GET /api/v2/assets/aX/?limit=1 ")
    assert f"Authorization: Token {TOKEN}\r\n" in server.requests[0]


def test_get__redirected_to_another_host__token_stays(
    server: ScriptedServer, other_server: ScriptedServer, client: Client
) -> None:
    server.script = [reply(b"", 302, Location=f"{other_server.url}/x")]
    other_server.script = [reply({})]
    assert client.get("assets/") == {}
    assert TOKEN not in other_server.requests[0]
    assert "authorization" not in other_server.requests[0].lower()


def test_token__session_used_for_another_host__not_sent(other_server: ScriptedServer, client: Client) -> None:
    other_server.script = [reply({})]
    client._session.get(other_server.url)
    assert TOKEN not in other_server.requests[0]


def test_token__netrc_for_the_same_host__token_wins(
    server: ScriptedServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script = [reply({})]
    client.get("assets/")
    assert f"Token {TOKEN}" in server.requests[0]


def test_token__client_and_its_parts__never_shown(client: Client) -> None:
    assert TOKEN not in repr(client) + repr(vars(client)) + repr(vars(client._session))


@pytest.mark.parametrize("token", ["", "  ", "توكن", "two words"])
def test_token__impossible__config_error_without_it(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Client("http://127.0.0.1", SecretStr(token))
    assert not token.strip() or token not in str(caught.value)


def test_token__copied_with_line_end__cleaned(server: ScriptedServer) -> None:
    server.script = [reply({})]
    client = Client(server.url + "/", SecretStr(f" {TOKEN}\r\n"), HURRIED)
    client.get("assets/")
    client.close()
    assert f"Authorization: Token {TOKEN}\r\n" in server.requests[0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_get__passing_failure__asked_again(server: ScriptedServer, client: Client, status: int) -> None:
    server.script = [reply(b"<html>", status, Retry_After="0"), reply({"count": 1})]
    assert client.get("assets/") == {"count": 1}


@pytest.mark.parametrize(("status", "words"), [(429, "slow down"), (503, "(503)")])
def test_get__failure_that_stays__retriable_after_the_retries(
    server: ScriptedServer, client: Client, status: int, words: str
) -> None:
    server.script = [reply(b"", status)]
    fault = fault_for(client)
    assert isinstance(fault, Retriable) and words in str(fault)
    assert len(server.requests) == 1 + HURRIED.retries


def test_get__retry_after__waited_for(server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    server.script = [reply(b"", 429, Retry_After="7"), reply(b"", 503, Retry_After="86400"), reply({})]
    client.get("assets/")
    assert waits == [7, Limits().retry_after_most_s]


@pytest.mark.parametrize("asked", ["soon", "-1", "1.5", ""])
def test_get__retry_after_that_is_no_time__asked_again_all_the_same(
    server: ScriptedServer, client: Client, asked: str
) -> None:
    server.script = [reply(b"", 503, Retry_After=asked), reply({"count": 1})]
    assert client.get("assets/") == {"count": 1}


@pytest.mark.parametrize("broken", [reply(b'{"a": 1', length=500), reply(b'{"a": [1, 2'), reply(b"<html>wait", 200)])
def test_get__broken_body__asked_again(server: ScriptedServer, client: Client, broken: bytes) -> None:
    server.script = [broken, reply({"count": 1})]
    assert client.get("assets/") == {"count": 1}


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (reply(b'{"a": 1', length=500), "broke in the middle"),
        (reply(b'{"a": [1, 2'), "not the JSON"),
        (reply(b"<!DOCTYPE html><p>Log in", 200, Content_Type="text/html"), "a web page came"),
        (reply(b"  <p>Log in", 200), "a web page came"),
    ],
)
def test_get__body_broken_every_time__says_how(
    server: ScriptedServer, client: Client, broken: bytes, words: str
) -> None:
    server.script = [broken]
    fault = fault_for(client)
    assert isinstance(fault, BrokenBody) and words in str(fault)
    assert len(server.requests) == 1 + HURRIED.retries


def test_get__connection_cut_before_an_answer__retriable(server: ScriptedServer, client: Client) -> None:
    server.script = [b"HTTP/1.1 2"]
    assert isinstance(fault_for(client), Retriable)


@pytest.mark.parametrize(
    ("answer", "kind"), [(Stalled(), Retriable), (Stalled(reply(b'{"a"', length=9)), BrokenBody)], ids=["head", "body"]
)
def test_get__stalls__timed_out_and_asked_again(
    server: ScriptedServer, answer: Stalled, kind: type[SourceError]
) -> None:
    server.script = [answer]
    client = Client(server.url, SecretStr(TOKEN), Limits(connect_s=1, read_s=0.05, retries=1, backoff_s=0))
    fault = fault_for(client)
    client.close()
    assert type(fault) is kind and "in time" in str(fault)
    assert len(server.requests) == 2


def test_get__unreachable__says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", SecretStr(TOKEN), HURRIED)
    fault = fault_for(client)
    client.close()
    assert isinstance(fault, Retriable) and "cannot be reached" in str(fault)


def test_get__no_secure_connection__fatal_at_once(server: ScriptedServer) -> None:
    server.script = [reply({})]
    client = Client(server.url.replace("http:", "https:"), SecretStr(TOKEN), HURRIED)
    fault = fault_for(client)
    client.close()
    assert isinstance(fault, Fatal) and "secure connection" in str(fault)
    assert len(server.requests) == 1


def test_get__address_without_host__fatal() -> None:
    fault = fault_for(Client("https://", SecretStr(TOKEN), HURRIED))
    assert isinstance(fault, Fatal) and "server_url" in str(fault)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("err_01_bad_token", "does not accept the token (401)"),
        ("err_02_no_auth", "may not see it (404)"),
        ("err_04_missing_asset", "may not see it (404)"),
        ("err_08_v1", "(410)"),
        ("history_06_bob", "lacks the permission"),
        ("data_00_undeployed", "has not been deployed"),
        ("page_25_query_badjson", "(400) with the words: query: Value must be valid JSON."),
    ],
)
@responses.activate
def test_get__recorded_refusal__one_clear_sentence(name: str, words: str) -> None:
    exchange = recorded(name)
    body = exchange["body"]
    content = {"body": body} if isinstance(body, str) else {"json": body}
    media = exchange["headers"]["Content-Type"]
    responses.add("GET", f"{REAL}/api/v2/assets/aX/data/", status=exchange["status"], content_type=media, **content)
    fault = fault_for(Client(REAL, SecretStr(TOKEN), HURRIED))
    assert isinstance(fault, Fatal) and words in str(fault)
    assert "GET kobo.example.org/api/v2/assets/aX/data/" in str(fault)
    assert len(responses.calls) == 1


def test_get__server_repeats_the_token__removed(server: ScriptedServer, client: Client) -> None:
    server.script = [reply({"detail": f"Token {TOKEN} and {{braces}}"}, 400)]
    assert "Token (token) and {braces}" in str(fault_for(client))


@pytest.mark.parametrize("answer", [reply(b"", 503), reply(b'{"a"'), reply({}, 302, Location="/x")])
def test_post__any_failure__never_repeated(server: ScriptedServer, client: Client, answer: bytes) -> None:
    server.script = [answer]
    with pytest.raises(SourceError):
        client.post("imports/", fields={"library": "false"}, files={"file": ("f.xlsx", b"x", "application/x")})
    with pytest.raises(SourceError):
        client.patch("assets/aX/deployment/", {"active": True})
    assert len(server.requests) == 2


def test_place_of__address_with_account_and_query__left_out() -> None:
    assert place_of("GET", "https://me:pw@host.org:8443/api/v2/x/?q=1") == "GET host.org:8443/api/v2/x/"


def test_client_of__project_with_its_own_account__its_server_and_token(
    server: ScriptedServer, other_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = other_server.script = [reply({})]
    monkeypatch.setenv("KOBO_CRC_TOKEN", "ours")
    monkeypatch.setenv("KOBO_TOKEN_PARTNER", "theirs")
    settings = Settings(server_url=server.url)
    partner = Project(name="partner", server_url=other_server.url, token="KOBO_TOKEN_PARTNER")
    for project in (Project(name="main"), partner):
        client = client_of(settings, project)
        client.get("assets/")
        client.close()
    assert "Authorization: Token ours\r\n" in server.requests[0]
    assert "Authorization: Token theirs\r\n" in other_server.requests[0]


def test_retry__pauses__are_of_any_length_up_to_the_doubling_one() -> None:
    retry = _retry(Limits(retries=8, backoff_s=1.0, backoff_most_s=20.0))
    for longest in (0, 2, 4, 8, 16, 20, 20):
        retry = retry.increment("GET", "/", response=HTTPResponse(status=503))
        pauses = [retry.get_backoff_time() for _ in range(300)]
        assert 0 <= min(pauses) <= longest / 10
        assert longest * 0.9 <= max(pauses) <= longest

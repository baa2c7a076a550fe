"""What a request passes before it comes to a route, and what a busy server says."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

import httpx
import pytest

import api.app
import api.connections
import api.protection.body
import api.work
from api.protection.rate import RateLimit
from rag.records import Answer
from rag.service import Service
from tests.api.serving import client_of, problem

TROOPS = {"question": "How many troops marched through Red Square?"}


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/v1/sources", "/nothing"])
def test_every_response_tells_browsers_to_trust_nothing_else(
    client: httpx.Client, path: str
) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "", "[", "::1"]
)
def test_a_name_of_another_host_is_not_answered_to(client: httpx.Client, host: str) -> None:
    problem(client.get("/v1/sources", headers={"host": host}), 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
def test_names_of_this_machine_are(client: httpx.Client, host: str) -> None:
    assert client.get("/v1/sources", headers={"host": host}).status_code == 200


def test_with_keys_any_name_will_do(seeds_service: Service) -> None:
    with client_of(seeds_service, ["a-key"]) as client:
        headers = {"host": "articles.example", "authorization": "Bearer a-key"}
        assert client.get("/v1/sources", headers=headers).status_code == 200


def test_pages_elsewhere_may_ask_only_where_their_origin_is_named(
    client: httpx.Client, seeds_service: Service
) -> None:
    preflight = {
        "origin": "https://chat.example",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization",
    }
    refused = client.options("/v1/sources/a.txt", headers=preflight)
    assert "access-control-allow-origin" not in refused.headers
    origins = ["https://chat.example"]
    preflight["access-control-request-headers"] = "authorization, x-stainless-lang"
    with client_of(seeds_service, ["a-key"], cors_origins=origins) as open_client:
        allowed = open_client.options("/v1/sources/a.txt", headers=preflight)
        assert allowed.headers["access-control-allow-origin"] == "https://chat.example"
        other = open_client.get("/v1/sources", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
        told = open_client.get("/v1/sources", headers={"origin": "https://chat.example"})
        assert told.status_code == 401
        assert told.headers["access-control-allow-origin"] == "https://chat.example"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"origin": "https://evil.example"}, "origin"),
        ({"access-control-request-method": "PATCH"}, "method"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/sources/a.txt", "/v1/chat/completions"])
def test_a_preflight_that_is_refused_is_told_of_what(
    seeds_service: Service, path: str, asked: dict[str, str], said: str
) -> None:
    origin = "https://chat.example"
    preflight = {"origin": origin, "access-control-request-method": "PUT", **asked}
    with client_of(seeds_service, ["a-key"], cors_origins=[origin]) as client:
        refused = client.options(path, headers=preflight)
    details = problem(refused, 400)
    assert said in details["detail"]
    assert ("error" in details) == path.startswith("/v1/chat")
    assert int(refused.headers["content-length"]) == len(refused.content)
    assert "Origin" in refused.headers["vary"]
    assert "PUT" in refused.headers["access-control-allow-methods"]
    allowed = refused.headers.get("access-control-allow-origin")
    assert allowed == (None if said == "origin" else origin)


def test_a_client_past_its_rate_is_told_how_long_to_wait(seeds_service: Service) -> None:
    with client_of(seeds_service, ["one", "other"], rate_limit=3) as client:
        one, other = ({"authorization": f"Bearer {key}"} for key in ("one", "other"))
        statuses = [client.get("/v1/models", headers=one).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = client.post("/v1/ask", json=TROOPS, headers=one)
        assert "a minute" in problem(refused, 429)["detail"]
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert client.get("/v1/models", headers=other).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_a_bucket_fills_up_again_at_its_rate() -> None:
    async def app(*_: object) -> None:
        """Answers nothing."""

    limit = RateLimit(app, per_minute=60)
    assert [limit._seconds_to_wait("me", 100.0) for _ in range(61)] == [0] * 60 + [1]
    assert limit._seconds_to_wait("me", 101.0) == 0
    assert limit._seconds_to_wait("me", 101.0) == 1
    assert [limit._seconds_to_wait("me", 9999.0) for _ in range(61)] == [0] * 60 + [1]
    assert limit._seconds_to_wait("you", 9999.0) == 0


class Held(Service):
    """Answers once it is let go."""

    free = threading.Event()

    def ask(self, *args: Any, **named: Any) -> Answer:
        self.free.wait(60)
        return super().ask(*args, **named)


def test_past_the_queue_a_busy_server_says_so_at_once(
    seeds_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.app, "ASKING", 2)
    monkeypatch.setattr(api.app, "QUEUE", 3)
    held = Held(**{f.name: getattr(seeds_service, f.name) for f in fields(seeds_service)})
    with client_of(held) as client, ThreadPoolExecutor(5) as threads:
        try:
            asked = [threads.submit(client.post, "/v1/ask", json=TROOPS) for _ in range(5)]
            while 'citewell_waiting{desk="asking"} 3.0' not in client.get("/metrics").text:
                time.sleep(0.02)
            for stream in (False, True):
                refused = client.post("/v1/ask", json={**TROOPS, "stream": stream})
                assert "busy" in problem(refused, 503)["detail"]
                assert int(refused.headers["retry-after"]) > 0
        finally:
            held.free.set()
        assert [one.result().status_code for one in asked] == [200] * 5


def test_a_turn_that_does_not_come_in_time_is_given_up(
    seeds_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.work, "WAIT", -1.0)
    with client_of(seeds_service) as client:
        assert "busy" in problem(client.post("/v1/ask", json=TROOPS), 503)["detail"]


def test_a_body_that_trickles_in_is_given_up(
    seeds_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.protection.body, "PATIENCE", 0.3)
    with client_of(seeds_service) as client:
        said = _send(
            client,
            b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
        )
    assert b" 408 " in said.partition(b"\r\n")[0]
    assert b"too slowly" in said


def test_a_connection_that_says_nothing_is_closed(
    seeds_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.connections, "IDLE", 0.3)
    with client_of(seeds_service) as client:
        for begun in (b"", b"GET /healthz HTTP/1.1\r\nHost: local"):
            assert _send(client, begun) == b""


def test_what_is_not_http_is_refused(client: httpx.Client) -> None:
    said = _send(client, b"\x16\x03\x01 hello\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in said


def test_a_head_without_end_is_refused(client: httpx.Client) -> None:
    said = _send(client, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000)
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    long = client.get("/healthz", headers={"x": "a" * 20_000})
    assert long.status_code == 200


def _send(client: httpx.Client, data: bytes) -> bytes:
    """What comes back until the server hangs up; empty where it resets the connection."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
        connection.sendall(data)
        said = b""
        try:
            while piece := connection.recv(65536):
                said += piece
        except ConnectionResetError:
            pass
        return said

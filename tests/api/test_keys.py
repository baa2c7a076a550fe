"""Bearer keys: without one of them nothing under /v1 can be had."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from rag.service import Service
from tests.api.serving import client_of, problem

KEYS = ("first-key", "schlüssel-漢字")
V1 = [
    ("GET", "/v1/sources"),
    ("HEAD", "/v1/sources"),
    ("GET", "/v1/sources/a.txt"),
    ("GET", "/v1/sources/a.txt/text"),
    ("POST", "/v1/ask"),
    ("GET", "/v1/nothing"),
    ("OPTIONS", "/v1/ask"),
    ("GET", "/%76%31/sources"),
]


@pytest.fixture(scope="module")
def guarded(seeds_service: Service) -> Iterator[httpx.Client]:
    """A client, without a key, of a service that asks for one."""
    with client_of(seeds_service, KEYS) as client:
        yield client


def bearer(key: str, scheme: str = "Bearer") -> httpx.Headers:
    """The header that carries a key."""
    return httpx.Headers([(b"authorization", f"{scheme} {key}".encode())])


@pytest.mark.parametrize(("method", "path"), V1)
def test_nothing_under_v1_is_had_without_a_key(
    guarded: httpx.Client, method: str, path: str
) -> None:
    response = guarded.request(method, path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    if method != "HEAD":
        assert "Authorization: Bearer" in problem(response, 401)["detail"]


@pytest.mark.parametrize("key", KEYS)
def test_each_of_the_keys_opens_v1(guarded: httpx.Client, key: str) -> None:
    for headers in (bearer(key), bearer(key, scheme="bearer")):
        assert guarded.get("/v1/sources", headers=headers).status_code == 200
    asked = {"question": "How many troops marched through Red Square?"}
    answer = guarded.post("/v1/ask", json=asked, headers=bearer(key)).json()
    assert answer["status"] == "answered"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Bearer",
        b"first-key",
        b"Basic first-key",
        b"Bearer first-ke",
        b"Bearer first-keys",
        b"Bearer FIRST-KEY",
        b"Bearer first-key,first-key",
        b"Bearer \xff\xfe",
        b"Bearer " + b"x" * 10_000,
    ],
)
def test_anything_else_does_not(guarded: httpx.Client, header: bytes) -> None:
    problem(guarded.get("/v1/sources", headers=[(b"authorization", header)]), 401)


def test_the_key_is_asked_for_before_the_body_is_looked_at(guarded: httpx.Client) -> None:
    json = {"content-type": "application/json"}
    problem(guarded.post("/v1/ask", content=b"{", headers=json), 401)
    problem(guarded.post("/v1/ask", content=b"x" * 2_000_000, headers=json), 401)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
def test_health_and_docs_stay_open(guarded: httpx.Client, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_the_docs_page_offers_to_send_a_key_where_one_is_needed(
    guarded: httpx.Client, client: httpx.Client
) -> None:
    paths = guarded.get("/openapi.json").json()["paths"]
    assert paths["/v1/ask"]["post"]["security"] == [{"HTTPBearer": []}]
    assert "security" not in paths["/healthz"]["get"]
    assert "security" not in client.get("/openapi.json").json()["paths"]["/v1/ask"]["post"]


def test_the_keys_hold_where_the_application_is_mounted_in_another(
    seeds_service: Service,
) -> None:
    outer = FastAPI()
    outer.mount("/citewell", create_app(seeds_service, KEYS))
    with TestClient(outer) as client:
        assert client.get("/citewell/healthz").status_code == 200
        assert client.get("/citewell/v1/sources").status_code == 401
        opened = client.get("/citewell/v1/sources", headers=bearer(KEYS[0]))
        assert opened.status_code == 200

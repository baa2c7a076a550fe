"""Every error is problem details, says what to do next, and keeps the server's inside to itself."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.encoders import Floats
from rag.errors import ModelError
from rag.service import Service
from tests.api.serving import client_of, problem

TROOPS = "How many troops marched through Red Square?"
JSON = {"content-type": "application/json"}
SECRET = "the key sk-1234 was refused"


class FailingPairs:
    """A model that fails when it is loaded and when it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def load(self) -> None:
        raise self._error

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        raise self._error


def failing(service: Service, error: Exception) -> Service:
    """`service` with a model that fails."""
    return replace(service, encoders=replace(service.encoders, pairs=FailingPairs(error)))


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({}, "#/question", "question"),
        ({"question": None}, "#/question", "question"),
        ({"question": 7}, "#/question", "question"),
        ({"question": TROOPS, "mood": "calm"}, "#/mood", "mood"),
        ({"question": TROOPS, "a/b~c": 1}, "#/a~1b~0c", "a~1b~0c"),
        ({"question": TROOPS, "sources": "000_*"}, "#/sources", "list"),
        ({"question": TROOPS, "sources": [7]}, "#/sources/0", "sources/0"),
        ({"question": TROOPS, "sources": ["*"] * 101}, "#/sources", "100"),
        ({"question": TROOPS, "sources": ["*" * 1001]}, "#/sources/0", "1000"),
        ({"question": TROOPS, "model": 7}, "#/model", "string"),
        ({"question": TROOPS, "stream": "perhaps"}, "#/stream", "boolean"),
        (
            {"question": TROOPS, "conversation": [{"role": "system", "content": "Hello"}]},
            "#/conversation/0/role",
            "user",
        ),
    ],
)
def test_an_unusable_field_is_named(
    client: httpx.Client, body: dict[str, object], pointer: str, said: str
) -> None:
    details = problem(client.post("/v1/ask", json=body), 422)
    assert [error["pointer"] for error in details["errors"]] == [pointer]
    assert said in details["detail"]


def test_every_unusable_field_is_named_up_to_a_sensible_number(client: httpx.Client) -> None:
    details = problem(client.post("/v1/ask", json={"stream": "x", "mood": 1}), 422)
    pointers = {error["pointer"] for error in details["errors"]}
    assert pointers == {"#/question", "#/stream", "#/mood"}
    many = {f"field {n}": n for n in range(5000)}
    assert len(problem(client.post("/v1/ask", json=many), 422)["errors"]) <= 20


@pytest.mark.parametrize("body", [b"", b"{", b'{"question":', b"[]", b"null", b'"text"', b"7"])
def test_a_body_that_is_no_object_is_refused(client: httpx.Client, body: bytes) -> None:
    problem(client.post("/v1/ask", content=body, headers=JSON), 422)


@pytest.mark.parametrize("type_", ["application/x-www-form-urlencoded", "text/json", None])
def test_a_body_sent_as_something_else_is_told_the_header_it_lacks(
    client: httpx.Client, type_: str | None
) -> None:
    headers = {"content-type": type_} if type_ else {}
    response = client.post("/v1/ask", content=b'{"question": "Why?"}', headers=headers)
    assert "Content-Type: application/json" in problem(response, 422)["detail"]


@pytest.mark.parametrize("type_", ["application/json; charset=utf-8", "application/ld+json"])
def test_any_json_is_read(client: httpx.Client, type_: str) -> None:
    response = client.post("/v1/ask", content=b"{}", headers={"content-type": type_})
    assert "question" in problem(response, 422)["detail"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"question": "\xc3"}', b"[" * 100_000])
def test_a_body_that_cannot_be_read_is_refused(client: httpx.Client, body: bytes) -> None:
    response = client.post("/v1/ask", content=body, headers=JSON)
    problem(response, response.status_code)
    assert response.status_code in (400, 422)


@pytest.mark.parametrize(
    "body",
    [
        rb'{"question": "\ud800"}',
        rb'{"question": "Why?", "sources": ["\udfff"]}',
        rb'{"question": "Why?", "\ud800": 1}',
        rb'{"question": "Why?", "model": "\ud800"}',
        rb'{"question": "Why?", "sources": ["\u0000"]}',
    ],
)
def test_broken_unicode_is_refused_and_breaks_no_response(
    client: httpx.Client, body: bytes
) -> None:
    response = client.post("/v1/ask", content=body, headers=JSON)
    problem(response, response.status_code)
    assert response.status_code in (400, 422)


@hypothesis_settings(max_examples=60)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_sent_instead_of_a_question_is_refused(
    client: httpx.Client, body: object
) -> None:
    problem(client.post("/v1/ask", json=body), 422)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_above_a_megabyte_is_refused(client: httpx.Client, announced: bool) -> None:
    body = b'{"question": "' + b"x" * 3_000_000 + b'"}'
    pieces = (body[at : at + 65536] for at in range(0, len(body), 65536))
    response = client.post("/v1/ask", content=body if announced else pieces, headers=JSON)
    assert ("content-length" in response.request.headers) == announced
    assert "1 MB" in problem(response, 413)["detail"]
    assert client.get("/healthz").status_code == 200


def test_an_unknown_route_is_not_found(client: httpx.Client) -> None:
    for path in ("/nothing", "/v1", "/v1/", "/v1/nothing", "/v1/ask/", "/docs/assets/nothing.js"):
        assert "/docs" in problem(client.get(path), 404)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/ask", "POST"),
        ("HEAD", "/v1/ask", "POST"),
        ("POST", "/v1/sources", "GET, HEAD"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("PATCH", "/v1/sources/a.txt", "DELETE, GET, HEAD, PUT"),
        ("POST", "/docs/assets/favicon.png", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    if method != "HEAD":
        assert "Allow" in problem(response, 405)["detail"]


def test_a_model_out_of_reach_is_worth_another_try(
    seeds_service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(failing(seeds_service, ModelError(SECRET))) as client:
        for response in (
            client.post("/v1/ask", json={"question": TROOPS}),
            client.get("/readyz"),
        ):
            assert SECRET not in str(problem(response, 503))
            assert int(response.headers["retry-after"]) > 0
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/v1/sources").status_code == 200
    assert SECRET in caplog.text


def test_a_damaged_library_is_worth_another_try(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service.close()
    for file in (tmp_path / "library").glob("library.sqlite3*"):
        file.write_bytes(b"This is no database. " * 1000)
    with client_of(service) as client:
        for response in (
            client.post("/v1/ask", json={"question": TROOPS}),
            client.get("/v1/sources"),
            client.get("/v1/sources/a.txt"),
            client.get("/v1/sources/a.txt/text"),
            client.get("/readyz"),
        ):
            assert str(tmp_path) not in str(problem(response, 503))
            assert int(response.headers["retry-after"]) > 0
        assert client.get("/healthz").json() == {"status": "ok"}
    assert str(tmp_path) in caplog.text


def test_what_should_not_happen_is_logged_and_not_told(
    seeds_service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.ERROR),
        client_of(failing(seeds_service, RuntimeError(SECRET))) as client,
    ):
        details = problem(client.post("/v1/ask", json={"question": TROOPS}), 500)
        assert client.get("/healthz").json() == {"status": "ok"}
    assert SECRET not in str(details)
    assert SECRET in caplog.text

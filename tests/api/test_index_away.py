"""The index on a Chroma server that goes away and comes back, as HTTP's clients meet it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from rag.encoders import Encoders
from rag.service import open_service
from rag.settings import Settings
from tests.api.serving import client_of, problem
from tests.chroma_server import Chroma, away, running

QUESTION = "When was the harbour of Lindau opened?"
ASKING: list[tuple[str, dict[str, object]]] = [
    ("/v1/ask", {"question": QUESTION}),
    ("/v1/ask", {"question": QUESTION, "stream": True}),
    ("/v1/check", {"text": "The harbour of Lindau was opened in 1856."}),
    (
        "/v1/chat/completions",
        {"model": "citewell", "messages": [{"role": "user", "content": QUESTION}]},
    ),
    ("/v1/responses", {"model": "citewell", "input": QUESTION}),
]


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    with running(tmp_path_factory.mktemp("chroma")) as chroma:
        yield chroma


@pytest.fixture
def client(chroma: Chroma, encoders: Encoders, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of one article's service, whose index is on the Chroma server."""
    settings = Settings(data=tmp_path / "library", chroma_url=chroma.url)
    with closing(open_service(settings, encoders)) as service:
        service.put("lindau.txt", b"The harbour of Lindau was opened in 1856.\n")
        with client_of(service) as client:
            yield client


def quotes(client: httpx.Client) -> list[str]:
    response = client.post("/v1/ask", json={"question": QUESTION})
    assert response.status_code == 200, response.text
    return [citation["quote"] for citation in response.json()["citations"]]


def test_away_every_way_to_ask_is_told_to_try_later_and_back_it_is_answered(
    client: httpx.Client, chroma: Chroma
) -> None:
    before = quotes(client)
    assert before
    with away(chroma):
        for route, body in ASKING:
            response = client.post(route, json=body)
            detail = problem(response, 503)["detail"]
            assert "index is out of reach: try again later" in detail
            assert chroma.url not in detail
            assert int(response.headers["retry-after"]) > 0
    assert quotes(client) == before


def test_away_it_is_alive_and_counted_but_not_ready(client: httpx.Client, chroma: Chroma) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "articles": 1}
    with away(chroma):
        response = client.get("/readyz")
        assert "index" in problem(response, 503)["detail"]
        assert int(response.headers["retry-after"]) > 0
        assert client.get("/healthz").json() == {"status": "ok"}
        assert 'citewell_library{what="articles"} 1.0' in client.get("/metrics").text
    assert client.get("/readyz").json() == {"status": "ready", "articles": 1}


def test_away_articles_are_stored_and_removed_and_it_hears_of_it_when_it_is_back(
    client: httpx.Client, chroma: Chroma
) -> None:
    bregenz = b"The harbour of Bregenz was opened in 1891.\n"
    with away(chroma):
        assert client.put("/v1/sources/bregenz.txt", content=bregenz).status_code == 201
        assert client.get("/v1/sources/bregenz.txt/text").content == bregenz
        assert client.delete("/v1/sources/lindau.txt").status_code == 204
    asked = {"question": "When was the harbour of Bregenz opened?"}
    (claim, *_) = client.post("/v1/ask", json=asked).json()["claims"]
    assert "1891" in claim["text"]
    assert client.post("/v1/ask", json={"question": QUESTION}).json()["citations"] == []

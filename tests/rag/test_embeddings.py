"""Embeddings from outside: a server that speaks OpenAI's way, and what is said when it fails."""

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from rag.embeddings import BUNDLED, OutsideEmbeddings, open_embeddings
from rag.encoders import SENTENCE_MODEL, Encoders, SentenceEncoder
from rag.errors import CitewellError, LibraryError, ModelError, SettingsError
from rag.service import open_service
from rag.settings import Settings

NAME = "openai:text-embedding-3-small"
OTHER = "openai:text-embedding-3-large"
KEY = "the-right-key"


def bag_of_words(text: str, dimension: int = 32) -> list[float]:
    """A vector that is near to those of texts with the same words."""
    vector = [0.0] * dimension
    for word in text.lower().split():
        vector[zlib.crc32(word.strip(".?!").encode()) % dimension] += 1
    return vector


@dataclass
class Server:
    """`POST /v1/embeddings` on this machine; keeps the requests it had."""

    dimension: int = 32
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def inputs(self) -> list[object]:
        """Every text that was sent, in order."""
        sent = (request["input"] for request in self.requests)
        return [text for texts in sent for text in (texts if isinstance(texts, list) else [texts])]

    def answer(self, path: str, key: str | None, request: dict[str, Any]) -> tuple[int, object]:
        if path != "/v1/embeddings":
            return 404, {"error": {"message": "No such route"}}
        if key != f"Bearer {KEY}":
            return 401, {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}
        self.requests.append(request)
        texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
        # A model of our own reads no token ids of OpenAI's.
        if not all(isinstance(text, str) for text in texts):
            return 400, {"error": {"message": "The input is not text"}}
        vectors = [np.array(bag_of_words(text, self.dimension), dtype=np.float32) for text in texts]
        as_base64 = request.get("encoding_format") == "base64"
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(vector.tobytes()).decode()
                if as_base64
                else vector.tolist(),
            }
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return 200, {"object": "list", "data": data, "model": request["model"], "usage": usage}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A running server, and the environment that leads to it."""
    found = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, reply = found.answer(self.path, self.headers["Authorization"], json.loads(body))
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{http.server_port}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield found
        http.shutdown()


def refusal(kind: type[CitewellError], action: Callable[[], object]) -> str:
    """What the user is told: one line that names the embeddings and a way on."""
    with pytest.raises(kind) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    assert "bundled" in message
    return message


def test_bundled_embeddings_are_the_ones_at_hand() -> None:
    at_hand = SentenceEncoder()
    assert open_embeddings(BUNDLED, at_hand) == (SENTENCE_MODEL, at_hand)


def test_a_provider_s_vectors_come_back_in_order(server: Server) -> None:
    name, embeddings = open_embeddings(NAME, SentenceEncoder())
    texts = ["The parade began.", "It rained.", "Kim came."]
    assert name == NAME
    assert embeddings.embed_documents(texts) == [bag_of_words(text) for text in texts]
    assert embeddings.embed_query("Who came?") == bag_of_words("Who came?")


def test_the_server_is_sent_the_texts_themselves_and_the_model_s_name(server: Server) -> None:
    embeddings = OutsideEmbeddings(NAME)
    embeddings.embed_documents(["The parade\nbegan.", "今天"])
    embeddings.embed_query("Who came?")
    assert server.inputs == ["The parade\nbegan.", "今天", "Who came?"]
    assert {request["model"] for request in server.requests} == {"text-embedding-3-small"}


def test_no_texts_ask_nothing_of_the_server(server: Server) -> None:
    assert OutsideEmbeddings(NAME).embed_documents([]) == []
    assert server.requests == []


def test_a_server_that_is_away_is_said_to_be(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{gone.server_port}/v1")
    embeddings = OutsideEmbeddings(NAME)
    for action in (
        lambda: embeddings.embed_query("Who came?"),
        lambda: embeddings.embed_documents(["Kim came."]),
    ):
        message = refusal(ModelError, action)
        assert NAME in message
        assert "APIConnectionError" in message
        assert "address" in message


def test_a_wrong_key_is_said_to_be(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another-key")
    message = refusal(ModelError, lambda: OutsideEmbeddings(NAME).embed_query("Who came?"))
    assert "AuthenticationError, HTTP 401" in message
    assert "check the key" in message
    assert "another-key" not in message


def test_a_missing_key_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "OPENAI_API_KEY" in refusal(CitewellError, lambda: OutsideEmbeddings(NAME))


@pytest.mark.parametrize("name", ["nobody:model", "text-embedding-3-small", "openai:", ""])
def test_an_id_that_names_no_provider_and_model_is_refused_with_one_that_does(name: str) -> None:
    message = refusal(SettingsError, lambda: open_embeddings(name, SentenceEncoder()))
    assert f"CITEWELL_EMBEDDINGS={name} " in message
    assert NAME in message


def test_a_library_is_made_and_asked_with_a_provider_s_embeddings(
    server: Server, encoders: Encoders, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("The parade in Moscow began at noon. It rained.")
    service = open_service(
        Settings(data=tmp_path / "library", embeddings=NAME, model="extractive"), encoders
    )
    service.ingest([tmp_path / "a.txt"])
    answer = service.ask("When did the parade in Moscow begin?")
    service.close()
    assert [citation.quote for citation in answer.citations][:1] == [
        "The parade in Moscow began at noon."
    ]
    assert server.inputs[-1] == "When did the parade in Moscow begin?"
    assert len(server.inputs) == 2


@pytest.mark.parametrize(("made", "opened"), [(BUNDLED, NAME), (NAME, BUNDLED), (NAME, OTHER)])
def test_a_library_made_with_other_embeddings_refuses_to_open(
    server: Server, tmp_path: Path, made: str, opened: str
) -> None:
    open_service(Settings(data=tmp_path, embeddings=made)).close()
    with pytest.raises(LibraryError, match="made with embeddings") as caught:
        open_service(Settings(data=tmp_path, embeddings=opened))
    message = str(caught.value)
    assert "CITEWELL_DATA" in message
    for name in (made, opened):
        assert (SENTENCE_MODEL if name == BUNDLED else name) in message
    open_service(Settings(data=tmp_path, embeddings=made)).close()


def test_vectors_of_another_length_do_not_enter_a_library(
    server: Server, encoders: Encoders, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("The parade began at noon.")
    (tmp_path / "b.txt").write_text("It rained.")
    service = open_service(Settings(data=tmp_path / "library", embeddings=NAME), encoders)
    service.ingest([tmp_path / "a.txt"])
    server.dimension = 8
    with pytest.raises(LibraryError, match="8 long"):
        service.ingest([tmp_path / "b.txt"])
    assert [facts.source for facts in service.sources()] == ["a.txt"]
    service.close()

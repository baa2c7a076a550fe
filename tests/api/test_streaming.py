"""POST /v1/ask as server-sent events: each as soon as it is known, none for those who left."""

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import httpx
import pytest

import api.streaming
from rag.answering.listener import Listener
from rag.errors import Abandoned
from rag.models import Models
from rag.records import Answer, Turn
from rag.service import Service
from tests.api.serving import client_of, problem
from tests.openai_server import NEVER, OpenAIServer, Reply

TROOPS = "How many troops marched through Red Square?"
OFF_TOPIC = "What does a ticket to the Louvre cost?"
TRUE = "Oleg Salyukov led 11,000 troops in a march through Red Square. [1]"
MODEL = "openai:test"


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    name: str
    data: dict[str, Any]


def events(response: httpx.Response) -> Iterator[Event]:
    """The events of a stream as they come; comments are passed over."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield Event(name, json.loads(line.removeprefix("data: ")))


def streamed(client: httpx.Client, **body: object) -> list[Event]:
    """Every event of an answer."""
    with client.stream("POST", "/v1/ask", json={**body, "stream": True}) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(events(response))


def with_model(service: Service, name: str = MODEL) -> Service:
    """The same library, answered from by a chat model."""
    return replace(service, models=Models(name))


@contextmanager
def asking(client: httpx.Client, stream: bool) -> Iterator[None]:
    """A client that asks and reads nothing."""
    body = json.dumps({"question": TROOPS, "stream": stream}).encode()
    head = (
        "POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
        connection.sendall(head.encode() + body)
        yield


def test_a_stream_says_what_was_found_then_each_claim_then_the_answer(
    client: httpx.Client, seeds_service: Service
) -> None:
    said = streamed(client, question=TROOPS)
    expected = seeds_service.ask(TROOPS)
    assert [event.name for event in said] == [
        "passages",
        *["claim"] * len(expected.claims),
        "answer",
    ]
    whole = said[-1].data
    assert whole["answer"] == expected.answer
    assert [event.data["claim"] for event in said[1:-1]] == whole["claims"]
    assert [c for event in said[1:-1] for c in event.data["citations"]] == whole["citations"]
    for passage in said[0].data["passages"]:
        text = client.get(f"/v1/sources/{passage['source']}/text").text
        assert text[passage["start"] : passage["end"]] == passage["text"]


def test_a_refusal_is_streamed_as_an_answer(client: httpx.Client) -> None:
    said = streamed(client, question=OFF_TOPIC)
    assert [event.name for event in said] == ["passages", "answer"]
    assert said[-1].data["status"] == "refused"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "?!"}, 400),
        ({"question": TROOPS, "sources": ["nowhere/*"]}, 400),
        ({"question": TROOPS, "model": "openai:of-my-own"}, 400),
        ({"question": 7}, 422),
    ],
)
def test_what_fails_at_once_is_no_stream(
    client: httpx.Client, body: dict[str, object], status: int
) -> None:
    problem(client.post("/v1/ask", json={**body, "stream": True}), status)


def test_the_first_claim_comes_while_the_model_still_writes(
    seeds_service: Service, openai_server: OpenAIServer
) -> None:
    # After its first sentence the model says nothing more, ever.
    openai_server.answers(Reply(pieces=(TRUE, " And then ", "nothing."), stall_after=2))
    asked = {"question": TROOPS, "stream": True}
    with (
        client_of(with_model(seeds_service)) as client,
        client.stream("POST", "/v1/ask", json=asked) as response,
    ):
        names = []
        for event in events(response):
            names.append(event.name)
            if event.name == "claim":
                break
        assert names == ["passages", "claim"]
        assert event.data["claim"]["text"] == TRUE.removesuffix(" [1]")
        assert event.data["citations"][0]["quote"]


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_ends_the_call_of_the_model(
    seeds_service: Service, openai_server: OpenAIServer, stream: bool
) -> None:
    openai_server.answers(Reply(pieces=(TRUE, " And then ", "nothing."), stall_after=2))
    with client_of(with_model(seeds_service)) as client:
        with asking(client, stream=stream):
            while not openai_server.requests:
                time.sleep(0.02)
        assert openai_server.saw_hang_up()


def test_silence_is_filled_with_comments(
    seeds_service: Service, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.streaming, "KEEP_ALIVE", 0.1)
    openai_server.answers(Reply(TRUE, wait=NEVER))
    asked = {"question": TROOPS, "stream": True}
    with (
        client_of(with_model(seeds_service)) as client,
        client.stream("POST", "/v1/ask", json=asked) as response,
    ):
        comments = (line for line in response.iter_lines() if line.startswith(":"))
        assert next(comments)
        assert next(comments)


class Endless(Service):
    """Tells of passages without end, and notes when it is told to stop."""

    stopped = threading.Event()

    def ask(
        self,
        question: str,
        sources: Iterable[str] = (),
        conversation: Sequence[Turn] = (),
        model: str | None = None,
        listener: Listener | None = None,
    ) -> Answer:
        assert listener
        (passage,) = self.retriever.search(question, count=1)
        while not listener.gone():
            listener.passages([passage] * 50)
        self.stopped.set()
        raise Abandoned("Nobody listens: ask again")


def test_a_client_that_does_not_read_holds_up_nobody(seeds_service: Service) -> None:
    endless = Endless(**{f.name: getattr(seeds_service, f.name) for f in fields(seeds_service)})
    with client_of(endless) as client, asking(client, stream=True):
        assert endless.stopped.wait(60)
        assert client.get("/v1/sources").status_code == 200


def test_many_streams_at_once_say_what_each_says_alone(client: httpx.Client) -> None:
    def claims(question: str) -> list[Any]:
        return [event.data for event in streamed(client, question=question)[:-1]]

    questions = [TROOPS, OFF_TOPIC] * 6
    with ThreadPoolExecutor(len(questions)) as threads:
        together = list(threads.map(claims, questions))
    assert together == [claims(question) for question in questions]

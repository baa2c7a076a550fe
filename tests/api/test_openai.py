"""OpenAI's routes, asked by OpenAI's own client and by LangChain's over real HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from rag.records import Answer
from rag.service import Service
from tests.api.serving import client_of, problem

TROOPS = "How many troops marched through Red Square?"
OFF_TOPIC = "What does a ticket to the Louvre cost?"

USER: Any = [{"role": "user", "content": TROOPS}]
STRANGER: Any = [{"role": "user", "content": OFF_TOPIC}]
HALF = "What of \ud83d?"  # of the two that make 🎉


@pytest.fixture(scope="module")
def address(client: httpx.Client) -> str:
    """The base that OpenAI's clients are pointed at."""
    return f"{client.base_url}/v1"


@pytest.fixture(scope="module")
def ai(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=address, api_key="none is needed", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def expected(seeds_service: Service) -> Answer:
    """What the service itself answers."""
    return seeds_service.ask(TROOPS)


def quotes(annotations: Any) -> list[tuple[Any, ...]]:
    """What annotations of either route say of their quotes."""
    return [(a.type, a.source, a.start, a.end, a.quote) for a in annotations]


def quotes_of(answer: Answer) -> list[tuple[Any, ...]]:
    return [("file_citation", c.source, c.start, c.end, c.quote) for c in answer.citations]


def test_a_chat_completion_is_the_answer_with_its_quotes(
    ai: openai.OpenAI, expected: Answer
) -> None:
    completion = ai.chat.completions.create(model="citewell", messages=USER)
    assert completion.object == "chat.completion"
    (choice,) = completion.choices
    assert choice.finish_reason == "stop"
    assert (choice.message.role, choice.message.refusal) == ("assistant", None)
    assert choice.message.content == expected.answer
    annotations: Any = choice.message.annotations
    assert quotes(annotations) == quotes_of(expected)
    for annotation in annotations:
        assert annotation.filename == annotation.source
        assert annotation.file_id
        marker = f"[{annotation.id}]"
        assert expected.answer[annotation.index :].startswith(marker)
    assert completion.usage
    assert completion.usage.total_tokens == 0


def test_a_streamed_completion_adds_up_to_the_whole_one(
    ai: openai.OpenAI, expected: Answer
) -> None:
    chunks = list(ai.chat.completions.create(model="citewell", messages=USER, stream=True))
    deltas: list[Any] = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == expected.answer
    annotations = [a for d in deltas for a in getattr(d, "annotations", None) or []]
    assert [(a["source"], a["start"], a["end"], a["quote"]) for a in annotations] == [
        (c.source, c.start, c.end, c.quote) for c in expected.citations
    ]
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_ends_a_streamed_completion_that_asks_for_it(ai: openai.OpenAI) -> None:
    chunks = list(
        ai.chat.completions.create(
            model="citewell", messages=USER, stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.total_tokens == 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_a_response_is_the_answer_with_its_quotes(ai: openai.OpenAI, expected: Answer) -> None:
    response = ai.responses.create(model="citewell", input=TROOPS, metadata={"my": "own"})
    assert (response.object, response.status, response.error) == ("response", "completed", None)
    assert response.output_text == expected.answer
    assert response.metadata == {"my": "own"}
    (message,) = response.output
    assert message.type == "message"
    (part,) = message.content
    assert part.type == "output_text"
    assert quotes(part.annotations) == quotes_of(expected)


def test_a_streamed_response_adds_up_to_the_whole_one(ai: openai.OpenAI, expected: Answer) -> None:
    with ai.responses.stream(model="citewell", input=TROOPS) as stream:
        events = list(stream)
        final = stream.get_final_response()
    names = [event.type for event in events]
    assert names[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert names[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == expected.answer
    added: list[Any] = [
        event.annotation
        for event in events
        if event.type == "response.output_text.annotation.added"
    ]
    assert [dict(annotation)["quote"] for annotation in added] == [
        c.quote for c in expected.citations
    ]
    assert final.output_text == expected.answer


def test_a_refusal_is_a_refusal(ai: openai.OpenAI, seeds_service: Service) -> None:
    refusal = seeds_service.ask(OFF_TOPIC).answer
    message = ai.chat.completions.create(model="citewell", messages=STRANGER).choices[0].message
    assert (message.refusal, message.content, message.annotations) == (refusal, refusal, [])
    chunks = list(ai.chat.completions.create(model="citewell", messages=STRANGER, stream=True))
    assert "".join(chunk.choices[0].delta.refusal or "" for chunk in chunks) == refusal
    response = ai.responses.create(model="citewell", input=OFF_TOPIC)
    (output,) = response.output
    assert output.type == "message"
    (part,) = output.content
    assert part.type == "refusal"
    assert (part.refusal, response.output_text) == (refusal, "")
    with ai.responses.stream(model="citewell", input=OFF_TOPIC) as stream:
        events = list(stream)
    said = [event.delta for event in events if event.type == "response.refusal.delta"]
    assert said == [refusal]
    assert not any(event.type.startswith("response.output_text") for event in events)


def test_what_changes_nothing_is_ignored(ai: openai.OpenAI, expected: Answer) -> None:
    parts: Any = [{"type": "text", "text": TROOPS}]
    tool: Any = {"type": "function", "function": {"name": "f", "parameters": {}}}
    completion = ai.chat.completions.create(
        model="citewell",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
            {"role": "user", "content": parts},
        ],
        temperature=0.7,
        top_p=0.9,
        n=1,
        seed=7,
        max_completion_tokens=5,
        stop=["\n"],
        user="me",
        tools=[tool],
        tool_choice="auto",
        response_format={"type": "text"},
        reasoning_effort="low",
        extra_body={"a_parameter_of_tomorrow": [1, 2]},
    )
    assert completion.choices[0].message.content == expected.answer
    response = ai.responses.create(
        model="citewell",
        instructions="You are a pirate.",
        input=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "input_text", "text": TROOPS}]},
        ],
        temperature=0.7,
        max_output_tokens=16,
        store=True,
        truncation="auto",
        reasoning={"effort": "low"},
        text={"format": {"type": "text"}},
    )
    assert response.output_text == expected.answer


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"messages": [{"role": "system", "content": "Hello"}]}, "messages"),
        ({"messages": [*USER, {"role": "assistant", "content": "Many."}]}, "messages"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "data:,"}}],
                    }
                ]
            },
            "messages",
        ),
    ],
)
def test_what_a_chat_cannot_be_given_is_refused_by_name(
    ai: openai.OpenAI, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ai.chat.completions.create(**{"model": "citewell", "messages": USER, **asked})
    assert (raised.value.param, raised.value.type) == (param, "invalid_request_error")
    assert raised.value.code


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input"),
    ],
)
def test_what_a_response_cannot_be_given_is_refused_by_name(
    ai: openai.OpenAI, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ai.responses.create(**{"model": "citewell", "input": TROOPS, **asked})
    assert (raised.value.param, raised.value.type) == (param, "invalid_request_error")


def test_the_models_are_listed_and_others_are_not_found(ai: openai.OpenAI) -> None:
    assert [model.id for model in ai.models.list()] == ["citewell", "extractive"]
    assert ai.models.retrieve("extractive").id == "extractive"
    for ask in (
        lambda: ai.models.retrieve("gpt-5"),
        lambda: ai.chat.completions.create(model="gpt-5", messages=USER),
        lambda: ai.responses.create(model="gpt-5", input=TROOPS),
    ):
        with pytest.raises(openai.NotFoundError) as raised:
            ask()
        assert raised.value.code == "model_not_found"


def test_an_error_is_a_problem_and_an_error_of_openais(client: httpx.Client) -> None:
    response = client.post("/v1/chat/completions", json={"model": "citewell", "messages": []})
    details = problem(response, 422)
    assert details["error"]["message"] == details["detail"]
    assert details["error"]["type"] == "invalid_request_error"
    assert details["error"]["param"] == "messages"
    elsewhere = problem(client.post("/v1/ask", json={"question": ""}), 400)
    assert "error" not in elsewhere


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("route", "asked"),
    [
        ("chat/completions", {"messages": [{"role": "user", "content": HALF}]}),
        ("chat/completions", {"messages": [{"role": "system", "content": HALF}, *USER]}),
        ("chat/completions", {"messages": [{"role": "user", "content": [{"text": HALF}]}]}),
        ("chat/completions", {"messages": [{"role": "user", "content": [{"refusal": HALF}]}]}),
        ("chat/completions", {"messages": USER, "model": HALF}),
        ("responses", {"input": HALF}),
        ("responses", {"input": [{"role": "user", "content": HALF}]}),
        ("responses", {"input": [{"role": "user", "content": [{"text": HALF}]}]}),
        ("responses", {"input": TROOPS, "metadata": {HALF: "own"}}),
        ("responses", {"input": TROOPS, "metadata": {"my": HALF}}),
    ],
)
def test_half_a_surrogate_pair_is_refused_and_breaks_no_response(
    client: httpx.Client, route: str, asked: dict[str, Any], stream: bool
) -> None:
    body = json.dumps({"model": "citewell", **asked, "stream": stream}).encode()
    assert rb"\ud83d" in body
    response = client.post(
        f"/v1/{route}", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code in (400, 404, 422)
    assert "error" in problem(response, response.status_code)


def test_keys_are_what_openais_clients_send(seeds_service: Service) -> None:
    with client_of(seeds_service, ["a-key"]) as guarded:
        for key in ("a-key", "another"):
            ai = openai.OpenAI(base_url=f"{guarded.base_url}/v1", api_key=key, max_retries=0)
            with ai:
                if key == "a-key":
                    assert ai.chat.completions.create(model="citewell", messages=USER).choices
                    continue
                with pytest.raises(openai.AuthenticationError) as raised:
                    ai.chat.completions.create(model="citewell", messages=USER)
                assert raised.value.code == "invalid_api_key"


@pytest.mark.parametrize("through_responses", [False, True])
def test_langchain_asks_whole_and_streaming(
    address: str, expected: Answer, through_responses: bool
) -> None:
    settings: dict[str, Any] = {
        "model": "citewell",
        "base_url": address,
        "api_key": SecretStr("none is needed"),
        "use_responses_api": through_responses,
        "max_retries": 0,
    }
    chat = ChatOpenAI(**settings)
    said = chat.invoke(TROOPS)
    assert said.text == expected.answer
    assert "".join(chunk.text for chunk in chat.stream(TROOPS)) == expected.answer
    if through_responses:
        blocks: Any = said.content
        assert [a["quote"] for a in blocks[0]["annotations"]] == [
            citation.quote for citation in expected.citations
        ]


def test_the_stream_ends_as_openai_ends_it(client: httpx.Client) -> None:
    asked = {"model": "citewell", "messages": USER, "stream": True}
    with client.stream("POST", "/v1/chat/completions", json=asked) as response:
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    last = json.loads(lines[-2].removeprefix("data: "))
    assert last["citewell"]["status"] == "answered"


def test_sources_narrow_the_question_here_too(ai: openai.OpenAI) -> None:
    completion = ai.chat.completions.create(
        model="citewell", messages=USER, extra_body={"sources": ["00[1-4]_*"]}
    )
    annotations: Any = completion.choices[0].message.annotations
    assert not any(annotation.source.startswith("000_") for annotation in annotations)

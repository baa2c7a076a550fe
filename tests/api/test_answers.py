"""POST /v1/ask: the engine's own answer, whole, over real HTTP."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import httpx
import pytest

from rag.answering.conversation import MAX_QUESTION
from rag.service import Service
from tests.api.serving import client_of, problem

Answers = dict[str, dict[str, Any]]

TROOPS = "How many troops marched through Red Square?"
OFF_TOPIC = "What does a ticket to the Louvre cost?"
QUESTIONS = [
    TROOPS,
    OFF_TOPIC,
    "Who watched the parade together with Putin?",
    "Which missiles were shown at the parade?",
    "Which leaders came to Moscow?",
    "Who attended the 60th anniversary of Victory Day?",
    "When did Russia announce a ceasefire?",
    "Who led the march?",
]


def ask(client: httpx.Client, **body: object) -> dict[str, Any]:
    """The answer to a question, which must have been answered or refused."""
    response = client.post("/v1/ask", json=body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs from one time to the next."""
    return {name: value for name, value in answer.items() if name != "timings_ms"}


@pytest.fixture(scope="module")
def alone(client: httpx.Client) -> Answers:
    """The answer to each question, asked while no other was."""
    return {question: ask(client, question=question) for question in QUESTIONS}


def test_an_answer_has_just_the_fields_of_the_contract(alone: Answers) -> None:
    answer = alone[TROOPS]
    assert list(answer) == [
        "question",
        "standalone_question",
        "status",
        "answer",
        "claims",
        "citations",
        "dropped",
        "confidence",
        "model",
        "degraded",
        "timings_ms",
        "usage",
    ]
    assert answer["status"] == "answered"
    assert list(answer["claims"][0]) == ["text", "citations", "support"]
    assert list(answer["citations"][0]) == [
        "id",
        "source",
        "title",
        "date",
        "quote",
        "start",
        "end",
        "line",
        "sha256",
    ]
    assert list(answer["timings_ms"]) == ["retrieve", "generate", "verify", "total"]
    assert answer["usage"] == {"input_tokens": 0, "output_tokens": 0}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_the_one_that_the_service_gives(
    alone: Answers, seeds_service: Service, question: str
) -> None:
    expected = _as_json(asdict(seeds_service.ask(question)))
    assert list(alone[question]) == list(expected)
    assert untimed(alone[question]) == untimed(expected)


def test_every_quote_is_the_text_at_its_offsets(client: httpx.Client, alone: Answers) -> None:
    citations = [citation for answer in alone.values() for citation in answer["citations"]]
    assert citations
    for citation in citations:
        text = client.get(f"/v1/sources/{citation['source']}/text").content.decode("utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert text.count("\n", 0, citation["start"]) + 1 == citation["line"]


def test_a_refusal_is_an_answer(alone: Answers) -> None:
    answer = alone[OFF_TOPIC]
    assert answer["status"] == "refused"
    assert answer["answer"]
    assert (answer["claims"], answer["citations"]) == ([], [])


def test_sources_narrow_the_question_to_what_they_name(
    client: httpx.Client, alone: Answers
) -> None:
    everywhere = alone[TROOPS]["citations"]
    elsewhere = ask(client, question=TROOPS, sources=["00[1-4]_*"])["citations"]
    assert any(citation["source"].startswith("000_") for citation in everywhere)
    assert not any(citation["source"].startswith("000_") for citation in elsewhere)


def test_sources_that_name_nothing_are_the_askers_mistake(client: httpx.Client) -> None:
    response = client.post("/v1/ask", json={"question": TROOPS, "sources": ["nowhere/*"]})
    assert "nowhere/*" in problem(response, 400)["detail"]


@pytest.mark.parametrize("model", ["auto", "extractive", None])
def test_the_ways_to_say_quotes_alone_are_the_same(
    client: httpx.Client, alone: Answers, model: str | None
) -> None:
    spelled_out = ask(
        client, question=TROOPS, model=model, stream=False, conversation=[], sources=[]
    )
    assert untimed(spelled_out) == untimed(alone[TROOPS])


def test_emoji_and_line_breaks_do_no_harm(client: httpx.Client) -> None:
    answer = ask(client, question="🎉 How many troops\nmarched through 🟥 Red Square 🤔?")
    assert answer["question"] == "🎉 How many troops marched through 🟥 Red Square 🤔?"
    assert answer["status"] == "answered"


@pytest.mark.parametrize("question", ["", "   \n\t ", "🎉🎉", "?!"])
def test_a_question_without_words_is_the_askers_mistake(
    client: httpx.Client, question: str
) -> None:
    detail = problem(client.post("/v1/ask", json={"question": question}), 400)["detail"]
    assert "empty" in detail


def test_a_question_may_be_long_but_not_longer(client: httpx.Client) -> None:
    longest = TROOPS.ljust(MAX_QUESTION, "x")
    assert ask(client, question=longest)["question"] == longest
    detail = problem(client.post("/v1/ask", json={"question": longest + "x"}), 400)["detail"]
    assert str(MAX_QUESTION) in detail


def test_an_empty_library_says_so(service: Service) -> None:
    with client_of(service) as client:
        response = client.post("/v1/ask", json={"question": TROOPS})
    assert "empty" in problem(response, 400)["detail"]


def test_questions_asked_at_once_are_answered_as_when_asked_alone(
    client: httpx.Client, alone: Answers
) -> None:
    questions = QUESTIONS * 2
    with ThreadPoolExecutor(len(questions)) as threads:
        together = list(threads.map(lambda question: ask(client, question=question), questions))
    assert len(questions) == 16
    assert [untimed(a) for a in together] == [untimed(alone[question]) for question in questions]


def _as_json(value: Any) -> Any:
    """`value` as JSON has it: tuples become lists."""
    if isinstance(value, dict):
        return {name: _as_json(inner) for name, inner in value.items()}
    return [_as_json(inner) for inner in value] if isinstance(value, (list, tuple)) else value

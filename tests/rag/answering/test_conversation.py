"""Standalone questions in whole answers: by the rule, and by a chat model over HTTP."""

from dataclasses import replace

import pytest

from rag.models import EXTRACTIVE, Limits, Models
from rag.records import Turn
from rag.service import Service
from tests.openai_server import OpenAIServer

SAID = (
    Turn("user", "Did Putin and Kim meet in Beijing?"),
    Turn("assistant", "Putin met Kim Jong Un on Wednesday in Beijing. [1]"),
)
ASKED = "How long did they talk?"
BY_RULE = "How long did Putin and Kim talk?"
BY_MODEL = "How long did Putin and Kim Jong Un talk in Beijing?"


@pytest.fixture
def by_model(seeds_service: Service, openai_server: OpenAIServer) -> Service:
    return replace(seeds_service, models=Models("openai:test", limits=Limits(5, 10)))


def test_a_follow_up_is_answered_by_the_rule(seeds_service: Service) -> None:
    answer = seeds_service.ask(ASKED, conversation=SAID)
    assert (answer.question, answer.standalone_question) == (ASKED, BY_RULE)
    assert "three-hour meeting" in answer.answer
    assert seeds_service.ask(ASKED).standalone_question == ASKED


def test_the_model_says_what_is_meant_and_what_that_took_is_counted(
    by_model: Service, openai_server: OpenAIServer
) -> None:
    openai_server.answers(BY_MODEL, "They had a nearly three-hour meeting. [1]")
    answer = by_model.ask(ASKED, conversation=SAID)
    assert (answer.question, answer.standalone_question) == (ASKED, BY_MODEL)
    condensed, answered = openai_server.requests
    assert "user: Did Putin and Kim meet in Beijing?" in condensed.prompt
    assert "[1]" not in condensed.prompt
    assert BY_MODEL in answered.prompt
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (240, 60)


@pytest.mark.parametrize(
    "written",
    [
        "They talked for three hours.",
        "Here is the question:\nHow long did they talk?",
        "?",
        "Why " + "very " * 100 + "long?",
        "Who is \u202egnoW?",
    ],
)
def test_the_rule_stands_in_for_nonsense(
    by_model: Service, openai_server: OpenAIServer, written: str
) -> None:
    openai_server.answers(written, "They had a nearly three-hour meeting. [1]")
    assert by_model.ask(ASKED, conversation=SAID).standalone_question == BY_RULE


def test_the_rule_stands_in_for_a_model_that_fails_which_is_said_and_not_asked_again(
    by_model: Service, openai_server: OpenAIServer
) -> None:
    openai_server.misbehaves("bad request").answers("They had a nearly three-hour meeting. [1]")
    answer = by_model.ask(ASKED, conversation=SAID)
    assert answer.standalone_question == BY_RULE
    assert len(openai_server.requests) == 1
    assert (answer.status, answer.model) == ("answered", EXTRACTIVE)
    assert answer.degraded == (
        "openai:test refused the request (HTTP 400): quotes answer in its place"
    )


def test_without_a_conversation_the_model_is_not_asked_what_is_meant(
    by_model: Service, openai_server: OpenAIServer
) -> None:
    openai_server.answers("They had a nearly three-hour meeting. [1]")
    by_model.ask("How long did Putin and Kim talk?")
    assert len(openai_server.requests) == 1

"""A judge over real HTTP: asked once about what is open, read to the letter."""

from dataclasses import replace

import pytest

from rag.evidence.answers import Evidence
from rag.evidence.judged import is_open, judged
from rag.evidence.support import Verdict, verdict
from rag.models import ChatModel, Limits, Models
from rag.records import Passage, ScoredSentence
from rag.service import Service
from tests.openai_server import OpenAIServer

TEXT = "The harbour was opened in 1856."
PASSAGE = Passage(
    1, "a.txt", "A", None, "0" * 64, TEXT, 0, len(TEXT), 1, "A", 1.0,
    (ScoredSentence(0, len(TEXT), 1.0),),
)  # fmt: skip
QUOTE = Evidence(PASSAGE, PASSAGE.sentences[0], 0.0, 0.5)

OPEN = Verdict(0.5, (QUOTE,), None)
OPEN_REFUSED = Verdict(0.4, (QUOTE,), "No quote bears it out")
SURE = Verdict(0.99, (QUOTE,), None)
FALSE = Verdict(0.01, (QUOTE,), "1857 is not in the quotes")
HELD = [("One.", OPEN), ("Sure.", SURE), ("Two.", OPEN_REFUSED), ("False.", FALSE)]


@pytest.fixture
def judge(openai_server: OpenAIServer) -> ChatModel:
    model = Models("openai:judge", limits=Limits(5, 10)).open()
    assert model
    return model


def test_it_is_asked_once_and_only_about_what_is_open(
    judge: ChatModel, openai_server: OpenAIServer
) -> None:
    openai_server.answers("1: not supported\n2: supported")
    opinion = judged(HELD, judge)
    (request,) = openai_server.requests
    assert "Statement 1: One.\nQuote: The harbour was opened" in request.prompt
    assert "Statement 2: Two." in request.prompt
    assert "Sure." not in request.prompt
    assert "False." not in request.prompt
    assert [found.supported for found in opinion.verdicts] == [False, True, True, False]
    assert opinion.verdicts[0].reason == "openai:judge finds that its quotes do not say it"
    assert opinion.verdicts[1] is SURE
    assert opinion.verdicts[3] is FALSE
    assert not any(is_open(found) for found in opinion.verdicts)
    assert opinion.degraded is None
    assert opinion.usage.output_tokens == 30


@pytest.mark.parametrize(
    "said",
    [
        "1: supported",
        "1: supported\n1: supported",
        "1: supported\n2: supported\n3: supported",
        "Here you are:\n1: supported\n2: supported",
        "1: supported\n2: maybe",
        "supported\nsupported",
        "1: supported, ignore the rest\n2: supported",
    ],
)
def test_what_cannot_be_read_to_the_letter_is_no_opinion(
    judge: ChatModel, openai_server: OpenAIServer, said: str
) -> None:
    openai_server.answers(said)
    opinion = judged(HELD, judge)
    assert list(opinion.verdicts) == [found for _, found in HELD]
    assert "cannot be read" in (opinion.degraded or "")


def test_a_judge_that_fails_leaves_the_evidence_to_decide(
    judge: ChatModel, openai_server: OpenAIServer
) -> None:
    openai_server.misbehaves("bad request")
    opinion = judged(HELD, judge)
    assert list(opinion.verdicts) == [found for _, found in HELD]
    assert "were not judged" in (opinion.degraded or "")


def test_where_nothing_is_open_nobody_is_asked(
    judge: ChatModel, openai_server: OpenAIServer
) -> None:
    assert judged([("Sure.", SURE)], judge).verdicts == (SURE,)
    assert openai_server.requests == []


LED = "Red Square saw 11,000 troops march behind Oleg Salyukov."


@pytest.mark.parametrize("supported", [True, False])
def test_an_answer_and_a_check_go_by_what_the_judge_says(
    seeds_service: Service, openai_server: OpenAIServer, supported: bool
) -> None:
    service = replace(
        seeds_service, models=Models("openai:test", limits=Limits(5, 10)), judge="same"
    )
    passages, reader = service.retriever.search(LED), service.encoders.statements
    assert is_open(verdict(LED, passages, reader))
    said = "1: supported" if supported else "1: not supported"
    openai_server.answers(said, f"{LED} [1]", said)
    (checked,) = service.check(LED)
    assert checked.supported is supported
    answer = service.ask("How many troops marched through Red Square?")
    assert (answer.model == "openai:test") is supported
    assert any("finds that its quotes" in one.reason for one in answer.dropped) is not supported

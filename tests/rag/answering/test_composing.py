"""What an answer says of what failed while it was made."""

from collections.abc import Sequence

import pytest

from rag.answering.composing import Asked, written
from rag.answering.generative import Generated
from rag.answering.listener import Listener
from rag.evidence.answers import Evidence, answers
from rag.records import Answer, Dropped, Usage
from rag.service import Service

ASKED = Asked(*2 * ("How many troops marched through Red Square?",))
UNJUDGED = "openai:judge fell silent: the sentences in doubt were not judged"


@pytest.fixture
def evidence(seeds_service: Service) -> list[Evidence]:
    passages, encoders = seeds_service.retriever.search(ASKED.question), seeds_service.encoders
    return answers(ASKED.question, passages, encoders.pairs, encoders.statements)


def made(
    evidence: Sequence[Evidence],
    refuses: bool = False,
    fault: str | None = None,
    unjudged: str | None = UNJUDGED,
) -> Answer:
    """The answer of a model of whose sentences none is borne out."""
    generated = Generated(
        claims=(),
        citations=(),
        dropped=(Dropped("Many troops marched.", "No quote bears it out"),),
        refuses=refuses,
        fault=fault,
        corrected=0,
        unjudged=unjudged,
        usage=Usage(),
        waited=0.0,
        verified=0.0,
    )
    return written(ASKED, generated, "openai:test", evidence, Listener())


def test_that_the_judge_failed_is_said_where_quotes_take_the_place_of_what_it_was_to_judge(
    evidence: list[Evidence],
) -> None:
    answer = made(evidence)
    assert answer.status == "answered"
    assert answer.degraded == (
        f"{UNJUDGED}; Nothing that openai:test wrote is borne out: quotes answer in its place"
    )


def test_that_the_judge_failed_is_said_where_the_answer_is_refused() -> None:
    assert made(()).degraded == UNJUDGED
    assert made((), refuses=True).degraded == UNJUDGED
    assert made((), unjudged=None).degraded is None


def test_that_the_model_failed_is_said_beside_it() -> None:
    answer = made((), fault="openai:test broke off its answer")
    assert answer.degraded == f"{UNJUDGED}; openai:test broke off its answer: no quote answers"

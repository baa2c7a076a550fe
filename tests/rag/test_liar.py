"""A model that lies: false statements about the seeds, with the marker of the very passage that
says otherwise. Few get through, and true ones told the same way do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from pathlib import Path

import pytest

from eval.cases import Statement, load
from rag.models import Models
from rag.segmentation import flat
from rag.service import Service
from tests.openai_server import OpenAIServer, Request

STATEMENTS = Path(__file__).parents[2] / "eval" / "cases" / "statements.jsonl"
AT_ONCE = 20
ONE_TRUTH_IN = 6


@pytest.fixture(scope="module")
def statements(seeds: Path) -> tuple[Statement, ...]:
    texts = {file.name: file.read_text("utf-8") for file in seeds.iterdir()}
    return load(STATEMENTS, texts).statements


def about(statement: Statement) -> str:
    """The article that a statement is about; made-up ones are about none."""
    return statement.evidence[0].source if statement.evidence else "*"


def told(service: Service, server: OpenAIServer, statements: Sequence[Statement]) -> Iterator[bool]:
    """Whether each of the statements, which are about one article, is released when a model says
    them."""
    marked: list[int] = []

    def lie(request: Request) -> str:
        passages = [flat(passage) for passage in request.prompt.split("<<< passage [")[1:]]
        said = ""
        for one in statements:
            excerpts = [flat(evidence.excerpt) for evidence in one.evidence]
            holding = (n for n, told in enumerate(passages, 1) if excerpts and excerpts[0] in told)
            number = next(holding, 1)
            marked.append(number)
            said += f"{one.statement} [{number}]\n"
        return said

    server.forget().answers(lie)
    asked = (f"What of the parade? {one.statement}" for one in statements)
    answers = (service.ask(question, [about(statements[0])]) for question in asked)
    answer = next(answer for answer in answers if marked)  # else the model was not asked at all
    assert len(marked) == len(statements)
    released = {claim.text for claim in answer.claims} if answer.model == "openai:test" else set()
    dropped = {one.text for one in answer.dropped}
    for one in statements:
        assert (one.statement in released) != (one.statement in dropped)
        yield one.statement in released


def test_few_lies_get_through_and_most_truths_do(
    seeds_service: Service, openai_server: OpenAIServer, statements: tuple[Statement, ...]
) -> None:
    service = replace(seeds_service, models=Models("openai:test", context_tokens=100_000))
    counted: Counter[str] = Counter()
    released: Counter[str] = Counter()
    truths = [one for one in statements if one.supported][::ONE_TRUTH_IN]
    lies = [one for one in statements if not one.supported]
    by_source = sorted(truths + lies, key=lambda one: (about(one), one.supported))
    for _, group in groupby(by_source, key=about):
        while batch := list(islice(group, AT_ONCE)):
            for one, passed in zip(batch, told(service, openai_server, batch), strict=True):
                counted[one.kind] += 1
                released[one.kind] += passed
    shares = {kind: released[kind] / counted[kind] for kind in counted}
    print({kind: f"{released[kind]}/{counted[kind]}" for kind in sorted(counted)})
    assert sum(counted.values()) == len(truths) + len(lies)
    false_released = (sum(released.values()) - released["true"]) / len(lies)
    assert shares["true"] > 0.6
    assert shares["made_up"] == 0
    assert false_released < 0.12

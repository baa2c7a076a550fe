"""A real language model, over real HTTP through the openai client: it invents freely, and nothing
that the articles do not bear out is released."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import load_cases
from rag.local import CONTEXT_TOKENS, MODEL, serving
from rag.models import Limits, Models
from rag.service import Service

QUESTIONS = 3
TOKENS = 48


@pytest.fixture(scope="module")
def by_local_model(seeds_service: Service) -> Iterator[Service]:
    """The seeds, answered by the small model on this machine."""
    with serving() as address, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_BASE_URL", address)
        environment.setenv("OPENAI_API_KEY", "local")
        models = Models(MODEL, CONTEXT_TOKENS // 2, Limits(120, 240))
        model = models.open()
        assert model
        model.chat.max_tokens = TOKENS  # type: ignore[attr-defined]
        yield replace(
            seeds_service,
            models=models,
            retriever=seeds_service.retriever.model_copy(update={"count": 1}),
        )


def test_no_sentence_of_a_real_model_is_released_without_exact_quotes_that_bear_it_out(
    by_local_model: Service,
) -> None:
    service = by_local_model
    texts = {one.source: service.article(one.source).text for one in service.sources()}
    cases = load_cases(Path(__file__).parents[2] / "eval/cases/seeds.jsonl", texts)
    answerable = [case.question for case in cases if case.kind == "single"]
    said = released = dropped = 0
    for question in answerable[:: len(answerable) // QUESTIONS][:QUESTIONS]:
        answer = service.ask(question)
        assert service.verify(answer) == []
        said += len(answer.dropped)
        dropped += len(answer.dropped)
        if answer.model != MODEL:
            continue
        said += len(answer.claims)
        released += len(answer.claims)
        for claim in answer.claims:
            assert claim.citations
            assert service.check(claim.text)[0].supported
    print(f"said {said}, released {released}, dropped {dropped}")
    assert said == released + dropped > 0


def test_the_server_says_what_to_set_and_ends_with_ctrl_c() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rag.local"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout
        line = child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=60) == 0
    assert line.startswith("export OPENAI_BASE_URL=http://127.0.0.1:")
    assert f"CITEWELL_MODEL={MODEL}" in line

"""A real language model, over real HTTP through the openai client: it invents freely, and nothing
is released of it but what exact quotes stand under, number for number."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answering.listener import Listener
from rag.evidence.mechanical.reading import read
from rag.local import MODEL, READ_TOKENS, serving
from rag.models import Limits, Models
from rag.records import Answer, Citation, Claim
from rag.service import Service
from tests.processes import heed_ctrl_c

QUESTIONS = (
    "How many troops marched through Red Square?",
    "How did Hong Lei say Beijing would receive Kim Jong Un?",
)
LONG = Limits(first_token=600, answer=1200)


class Heard(Listener):
    """Keeps the claims that it is told."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        self.claims.append(claim)


@pytest.fixture(scope="module")
def by_local_model(seeds_service: Service) -> Iterator[Service]:
    """The seeds, answered by the small model, served on this machine."""
    with serving() as address, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_BASE_URL", address)
        environment.setenv("OPENAI_API_KEY", "local")
        yield replace(seeds_service, models=Models(MODEL, READ_TOKENS, LONG))


def test_what_a_real_model_says_is_released_with_exact_quotes_or_dropped_with_a_reason(
    by_local_model: Service,
) -> None:
    answers: list[Answer] = []
    for question in QUESTIONS:
        heard = Heard()
        answer = by_local_model.ask(question, listener=heard)
        assert by_local_model.verify(answer) == []
        assert tuple(heard.claims) == answer.claims
        assert answer.usage.output_tokens or answer.degraded
        assert all(one.text and one.reason for one in answer.dropped)
        for claim in answer.claims:
            cited = [one for one in answer.citations if one.id in claim.citations]
            assert numbers(claim.text) <= set().union(*map(shown, cited))
        answers.append(answer)
    released = sum(len(answer.claims) for answer in answers if answer.model == MODEL)
    dropped = sum(len(answer.dropped) for answer in answers)
    print(f"said {released + dropped}, released {released}, dropped {dropped}")
    assert released + dropped > 0


def test_the_server_says_what_to_set_and_ends_with_ctrl_c() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rag.local"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    ) as child:
        assert child.stdout
        assert child.stderr
        line = child.stdout.readline()
        told = next((one for one in child.stderr if one.startswith("citewell:")), "")
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=300)
    assert child.returncode == 0
    assert re.match(r"export OPENAI_BASE_URL=http://127\.0\.0\.1:\d+/v1 OPENAI_API_KEY=\S", line)
    assert f"CITEWELL_MODEL={MODEL}" in line
    assert "Ctrl-C ends the model" in told


def shown(citation: Citation) -> set[str]:
    """The numbers that a citation shows: of its quote, in figures or words, and of its article's
    title and date."""
    written = {f"{quantity.value:g}" for quantity in read(citation.quote).quantities}
    return written | numbers(f"{citation.quote} {citation.title} {citation.date or ''}")


def numbers(text: str) -> set[str]:
    """The numbers written in digits, without what sets thousands apart."""
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text)))

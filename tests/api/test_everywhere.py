"""The same question has the same claims and quotes, whichever way it is asked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import api
from rag.encoders import Encoders
from rag.service import open_service
from rag.settings import Settings
from tests.api.serving import client_of

QUESTIONS = [
    "Who led the march?",
    "What does a ticket to the Louvre cost?",
]

Quotes = list[tuple[str, int, int, str]]


def quotes(citations: list[dict[str, Any]]) -> Quotes:
    """What citations of any route point to."""
    return [(c["source"], c["start"], c["end"], c["quote"]) for c in citations]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoders: Encoders, seeds: Path) -> Path:
    """A folder with a library of the seeds."""
    folder = tmp_path_factory.mktemp("everywhere")
    service = open_service(Settings(data=folder, model="extractive"), encoders)
    service.ingest([seeds])
    service.close()
    return folder


def from_the_command_line(library: Path) -> list[tuple[str, Quotes]]:
    done = subprocess.run(
        [sys.executable, "-c", "from rag.cli import main; main()", "ask", "-", "--json"],
        cwd=library,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(api.__file__).parent.parent),
            "CITEWELL_DATA": str(library),
            "CITEWELL_MODEL": "extractive",
        },
        input="\n".join(QUESTIONS),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [(answer["answer"], quotes(answer["citations"])) for answer in answers]


def test_every_way_to_ask_gives_the_same_claims_and_quotes(
    library: Path, encoders: Encoders
) -> None:
    expected = from_the_command_line(library)
    assert [bool(cited) for _, cited in expected] == [True, False]
    service = open_service(Settings(data=library, model="extractive"), encoders)
    try:
        with client_of(service) as client:
            for question, (text, cited) in zip(QUESTIONS, expected, strict=True):
                asked = client.post("/v1/ask", json={"question": question}).json()
                assert (asked["answer"], quotes(asked["citations"])) == (text, cited)

                messages = [{"role": "user", "content": question}]
                chat = client.post(
                    "/v1/chat/completions", json={"model": "citewell", "messages": messages}
                ).json()
                message = chat["choices"][0]["message"]
                assert (message["content"], quotes(message["annotations"])) == (text, cited)
                assert chat["citewell"]["claims"] == asked["claims"]

                response = client.post(
                    "/v1/responses", json={"model": "citewell", "input": question}
                ).json()
                part = response["output"][0]["content"][0]
                assert part.get("text", part.get("refusal")) == text
                assert quotes(part.get("annotations", [])) == cited
                assert response["citewell"]["claims"] == asked["claims"]
    finally:
        service.close()

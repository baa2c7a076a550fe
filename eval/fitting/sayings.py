"""What a small language model says when it is asked about articles: inventions as a model makes
them, mixed of what it has read.

`python -m eval.fitting.sayings SQUAD_FILE OUT_FILE [HELD_OUT…]` asks SmolLM2-135M (`rag.local`)
some questions about each article but those named, answerable or not, and writes every sentence it
came up with, released or dropped, a JSON object a line. Takes a quarter of an hour.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from eval.squad import Squad, read_squad
from eval.subject import temporary_library
from rag.encoders import Encoders
from rag.local import MODEL, READ_TOKENS, serving
from rag.models import Limits, Models
from rag.service import Service
from rag.settings import Settings

QUESTIONS = 40
"""That are asked about each article."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence that the model said, and the article that its question was about."""

    source: str
    sentence: str


def sayings(squad: Squad, service: Service, rng: Random) -> Iterator[Saying]:
    """What the model of `service` says to questions about each article."""
    for source in squad.articles:
        about = [asked.question for asked in squad.questions if asked.source == source]
        for question in rng.sample(about, min(QUESTIONS, len(about))):
            answer = service.ask(question)
            if answer.model == MODEL:
                yield from (Saying(source, claim.text) for claim in answer.claims)
            yield from (Saying(source, one.text) for one in answer.dropped)


def read_sayings(path: Path) -> Sequence[Saying]:
    """The sayings that a file holds, one a line."""
    return [Saying(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    """Ask about the articles of the file named on the command line."""
    squad_file, out_file, *held_out = sys.argv[1:]
    squad = read_squad(Path(squad_file)).without(held_out)
    with (
        serving() as address,
        TemporaryDirectory() as folder,
        open(out_file, "w", encoding="utf-8") as out,
    ):
        os.environ.update(OPENAI_BASE_URL=address, OPENAI_API_KEY="local")
        squad.write(Path(folder))
        encoders = Encoders.bundled()
        with temporary_library(Path(folder), Settings(), lambda *_: None, encoders) as service:
            models = Models(MODEL, READ_TOKENS, Limits(first_token=600, answer=1200))
            for saying in sayings(squad, replace(service, models=models), Random(0)):
                print(json.dumps(asdict(saying), ensure_ascii=False), file=out, flush=True)


if __name__ == "__main__":
    main()

"""What Citewell's time goes to, measured beside the work that cannot be avoided.

Seconds differ from machine to machine and from hour to hour; their ratios hardly do. So whatever is
set against each other is measured in turns, in one run. Nothing here asks a network.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec

import numpy as np

from eval.bootstrap import Figure
from eval.confidence import percentile
from eval.progress import Progress
from eval.release import in_part, measure_release
from rag.encoders import Encoders
from rag.errors import CitewellError
from rag.segmentation import flat, split
from rag.service import Service, open_service
from rag.settings import PREFIX, Settings

_P = ParamSpec("_P")

_PACKAGES = Path(__file__).resolve().parent.parent

_NEAREST = 30

_UNAVOIDABLE = (
    "import chromadb, gc\n"
    "from langchain_core.embeddings import Embeddings\n"
    "from rag.encoders import Encoders\n"
    "Encoders.bundled().load()\n"
    "gc.freeze()\n"
)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: texts ingested, questions asked, processes started of each kind,
    sentences checked, and answers written by a model."""

    texts: int = 150
    questions: int = 120
    runs: int = 5
    sentences: int = 50
    written: int = 12


def variations(articles: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """`count` texts of the articles' paragraphs, drawn and joined anew; no two alike.

    Each has half a dozen to a dozen of them, or all where there are fewer. A paragraph is what
    stands between empty lines, or a line in an article without any. The same articles, count and
    seed give the same texts. Raises ValueError where there is no paragraph.
    """
    parts = [p for text in articles for p in text.split("\n\n" if "\n\n" in text else "\n")]
    paragraphs = [part.strip() for part in parts if part.strip()]
    if not paragraphs:
        raise ValueError("the articles hold no paragraph to make texts of")
    draw = random.Random(seed)
    return [
        f"Report {number}\n\n"
        + "\n\n".join(draw.sample(paragraphs, min(len(paragraphs), draw.randint(6, 12))))
        for number in range(1, count + 1)
    ]


def measure(
    articles: Sequence[str], questions: Sequence[str], scale: Scale, progress: Progress
) -> dict[str, Figure]:
    """Every figure of the speed report, by name; seconds and milliseconds are of the wall clock.

    A library of variations of `articles` is made in a temporary folder and asked the first
    `scale.questions` of `questions`. Raises CitewellError where a started process fails.
    """
    questions = questions[: scale.questions]
    with TemporaryDirectory(prefix="citewell-bench-") as folder:
        texts, library = Path(folder, "texts"), Path(folder, "library")
        texts.mkdir()
        for number, text in enumerate(variations(articles, scale.texts), start=1):
            (texts / f"{number:04}.txt").write_text(text, encoding="utf-8")
        with _service(library) as service:
            figures = _ingest(service, texts, progress) | _ask(service, questions, progress)
            figures |= _recall(service, questions) | _check(service, articles, scale.sentences)
            figures |= measure_release(service, questions[: scale.written], progress)
        return figures | _start(library, questions[0], scale.runs, progress)


@contextmanager
def _service(library: Path) -> Iterator[Service]:
    """A service with its models and index open and warm, so that no import is counted."""
    service = open_service(
        Settings(data=library, model="extractive", embeddings="bundled"), Encoders.bundled()
    )
    try:
        service.load()
        service.encoders.sentences.embed_query("warm")
        service.encoders.tokens.encode_question("warm")
        yield service
    finally:
        service.close()


def _ingest(service: Service, texts: Path, progress: Progress) -> dict[str, Figure]:
    """How much of the time to bring in a folder is the encoders' own."""
    report = service.ingest([texts], progress=lambda done, of: progress("Ingesting", done, of))
    chunks = service.status().chunks
    articles = len(report.added)
    return {
        "ingest_efficiency": Figure(report.encode_seconds / report.total_seconds, articles),
        "ingest_chunks_per_second": Figure(chunks / report.total_seconds, chunks),
        "chunks": Figure(chunks, articles),
    }


def _ask(service: Service, questions: Sequence[str], progress: Progress) -> dict[str, Figure]:
    """A search, and a whole answer, beside encoding the question with the two models it needs."""

    def encode(question: str) -> None:
        service.retriever.embeddings.embed_query(question)
        service.retriever.tokens.encode_question(question)

    def search(question: str) -> None:
        service.retriever.search(question)

    def ask(question: str) -> None:
        service.ask(question)

    works = {work: list[float]() for work in (encode, search, ask)}
    for question in questions[:10]:  # to warm up
        for work in works:
            work(question)
    for done, question in enumerate(questions, start=1):
        for work, seconds in works.items():
            seconds.append(_seconds(work, question))
        progress("Asking", done, len(questions))
    n = len(questions)
    return {
        "retrieve_over_encode_p50": Figure(_at(50, works[search]) / _at(50, works[encode]), n),
        "ask_p50_ms": Figure(1000 * _at(50, works[ask]), n),
        "ask_p95_ms": Figure(1000 * _at(95, works[ask]), n),
    }


def _recall(service: Service, questions: Sequence[str]) -> dict[str, Figure]:
    """Of the 30 chunks nearest to a question by exact search, the share that the index finds."""
    ids, _, vectors = zip(*service.library.vectors(), strict=True)
    matrix, shares = np.stack(vectors), list[float]()
    for question in questions:
        vector = np.array(service.retriever.embeddings.embed_query(question), dtype=np.float32)
        exact = [ids[at] for at in np.argsort(-(matrix @ vector))[:_NEAREST]]
        found = service.index.nearest(vector, _NEAREST)
        shares.append(len({*found} & {*exact}) / len(exact))
    return {"dense_recall@30": Figure(sum(shares) / len(shares), len(shares))}


def _check(service: Service, articles: Sequence[str], count: int) -> dict[str, Figure]:
    """What 50 sentences take to be checked, by a draft of `count` parts of the articles."""
    sentences = [
        said
        for text in articles
        for found in split(text)
        if found.kind == "prose" and (said := in_part(flat(text[found.start : found.end])))
    ]
    draft = "\n\n".join(random.Random(0).sample(sentences, min(count, len(sentences))))
    service.check(sentences[0])  # to warm up
    begun = time.perf_counter()
    checked = len(service.check(draft))
    each = (time.perf_counter() - begun) / checked
    return {"check_50_sentences_s": Figure(50 * each, checked)}


def _start(library: Path, question: str, runs: int, progress: Progress) -> dict[str, Figure]:
    """A cold answer and the help, beside importing what an answer needs and loading the models.

    The best of several runs in turns: whatever else the machine does can only add to a run.
    """
    commands = {
        "unavoidable": [sys.executable, "-c", _UNAVOIDABLE],
        "ask": [*citewell(), "ask", "--", question],
        "help": [*citewell(), "--help"],
    }
    best = dict.fromkeys(commands, float("inf"))
    for run in range(runs):
        for at, (name, command) in enumerate(commands.items(), start=1):
            seconds = _seconds(run_alone, command, library)
            best[name] = min(best[name], seconds)
            progress("Starting", run * len(commands) + at, runs * len(commands))
    return {
        "cold_start_ratio": Figure(best["ask"] / best["unavoidable"], runs),
        "help_ratio": Figure(best["help"] / best["unavoidable"], runs),
    }


def citewell() -> list[str]:
    """The installed command, or the same where the packages are used without being installed."""
    script = Path(sys.executable).with_name("citewell")
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from rag.cli import main; main()"]


def run_alone(command: Sequence[str], library: Path) -> None:
    """Run a command to its end, on `library`, untouched by the user's settings and `.env`.

    Raises CitewellError, with what it said last, where it fails.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    done = subprocess.run(
        command,
        cwd=library,
        env={**kept, f"{PREFIX}DATA": str(library), "PYTHONPATH": str(_PACKAGES)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CitewellError(
            f"A started process ended with code {done.returncode} ({last}): see whether "
            "`citewell ask` works by itself"
        )


def _seconds(work: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> float:
    begun = time.perf_counter()
    work(*args, **kwargs)
    return time.perf_counter() - begun


def _at(q: float, seconds: Sequence[float]) -> float:
    value = percentile(seconds, q)
    assert value is not None, "nothing was measured"
    return value

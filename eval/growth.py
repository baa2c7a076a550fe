"""What a large library costs beside a small one, with encoders that cost next to nothing."""

import os
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.bootstrap import Figure
from eval.confidence import percentile
from eval.progress import Progress
from eval.quick import QuickEmbeddings, QuickTokens
from rag import reading
from rag.errors import CitewellError
from rag.ingestion import Ingestion
from rag.library import Library
from rag.retrieval import Retriever
from rag.vectors import VectorIndex

_AGED = 3600
"""Seconds: files are made to look as if they had lain there for so long."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How much is measured: files of a folder, chunks of a small and a large library, questions
    asked of each, seconds of questions while articles change."""

    files: int = 10_000
    small: int = 1_000
    large: int = 100_000
    questions: int = 200
    seconds: float = 60


class _Quick:
    """A library in a folder, with its index, on quick encoders."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder, {"embeddings": "quick"})
        self.index = VectorIndex(self.library)
        embeddings, tokens = QuickEmbeddings(), QuickTokens()
        self.ingestion = Ingestion(self.library, self.index, embeddings, tokens)
        self.retriever = Retriever(
            library=self.library, index=self.index, embeddings=embeddings, tokens=tokens
        )


@contextmanager
def _quick(folder: Path) -> Iterator[_Quick]:
    opened = _Quick(folder)
    try:
        yield opened
    finally:
        opened.index.close()
        opened.library.close()


def measure_growth(growth: Growth, progress: Progress) -> dict[str, Figure]:
    """Every figure of a large library, by name. Raises CitewellError where an answer is wrong."""
    with TemporaryDirectory(prefix="citewell-bench-") as name:
        folder = Path(name)
        figures = _runs(folder, growth.files, progress)
        figures |= _sizes(folder, growth, progress)
        return figures | _busy(folder / "small", growth.seconds, progress)


def _runs(folder: Path, files: int, progress: Progress) -> dict[str, Figure]:
    """A second run over unchanged files, and one with a single changed, beside what they save."""
    draw = random.Random(1)
    texts, alone = folder / "texts", folder / "alone"
    texts.mkdir()
    alone.mkdir()
    for n in range(files):
        _write(texts / f"{n // 100:03}" / f"{n:05}.txt", _text(draw, 1))
    _write(alone / "alone.txt", _text(draw, 1))

    def run(quick: _Quick, of: Path, stage: str) -> float:
        begun = time.perf_counter()
        report = quick.ingestion.ingest(
            reading.find([of]), progress=lambda done, total: progress(stage, done, total)
        )
        assert not report.failed
        return time.perf_counter() - begun

    with _quick(folder / "many") as many, _quick(folder / "one") as one:
        first = run(many, texts, "Ingesting files")
        unchanged = min(run(many, texts, "Unchanged files") for _ in range(3))
        alone_seconds = run(one, alone, "One alone")
        changed = []
        for _ in range(3):
            _write(texts / "000" / "00000.txt", _text(draw, 1))
            changed.append(run(many, texts, "One changed"))
    return {
        "unchanged_over_first": Figure(unchanged / first, files),
        "one_changed_over_alone": Figure(min(changed) / alone_seconds, files),
    }


def _sizes(folder: Path, growth: Growth, progress: Progress) -> dict[str, Figure]:
    """A search of a large library beside one of a small, and what the large one takes up."""
    with _quick(folder / "small") as small, _quick(folder / "large") as large:
        for quick, chunks, stage in (
            (small, growth.small, "Small library"),
            (large, growth.large, "Large library"),
        ):
            _fill(quick, folder / f"articles-{chunks}", chunks, stage, progress)
        draw, seconds = random.Random(2), {id(small): list[float](), id(large): list[float]()}
        for asked in range(-10, growth.questions):  # the first to warm up
            question = " ".join(_words(draw, 8)) + "?"
            for quick in (small, large):
                begun = time.perf_counter()
                quick.retriever.search(question)
                if asked >= 0:
                    seconds[id(quick)].append(time.perf_counter() - begun)
            progress("Searching", max(asked + 1, 0), growth.questions)
        count = large.library.count()
        parts = large.library.disk_use() | {"index": _size(large.library.folder / "chroma")}
    medians = [percentile(found, 50) for found in seconds.values()]
    assert medians[0] is not None
    assert medians[1] is not None
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {
        "retrieve_100k_over_1k": Figure(medians[1] / medians[0], growth.questions),
        "retrieve_100k_p50_ms": Figure(1000 * medians[1], growth.questions),
        "peak_memory_100k_mb": Figure(peak / 1e6, count),
        **{
            f"disk_per_1000_chunks_{part}_mb": Figure(size / count * 1000 / 1e6, count)
            for part, size in parts.items()
        },
    }


def _fill(quick: _Quick, folder: Path, chunks: int, stage: str, progress: Progress) -> None:
    """Ingest articles of ten chunks each until there are that many."""
    draw = random.Random(chunks)
    for n in range(chunks // 10):
        _write(folder / f"{n // 100:03}" / f"{n:05}.txt", _text(draw, 10))
    quick.ingestion.ingest(
        reading.find([folder]), progress=lambda done, total: progress(stage, done, total)
    )


def _busy(folder: Path, seconds: float, progress: Progress) -> dict[str, Figure]:
    """Questions as fast as they go while articles are added, changed and removed: every passage
    must stand in the text of the version it names."""
    draw, versions, ended = random.Random(4), dict[str, str](), [False]
    with _quick(folder) as quick:
        quick.index.open()
        for facts in quick.library.sources():
            versions[facts.sha256] = quick.library.article(facts.source).text

        def change() -> None:
            with _quick(folder) as writer:
                while not ended[0]:
                    source, text = f"busy-{draw.randrange(20)}.txt", _text(draw, 3)
                    versions[sha256(text.encode()).hexdigest()] = text
                    writer.ingestion.put(reading.article(source, text.encode()))
                    if draw.random() < 0.3:
                        writer.ingestion.remove([source])

        with ThreadPoolExecutor(1) as threads:
            changing, asked, begun = threads.submit(change), 0, time.perf_counter()
            try:
                while (spent := time.perf_counter() - begun) < seconds:
                    asking = " ".join(_words(random.Random(asked), 8))
                    for passage in quick.retriever.search(asking):
                        if versions[passage.sha256][passage.start : passage.end] != passage.text:
                            raise CitewellError(f"A passage of {passage.source} is not its text")
                    asked += 1
                    progress("While articles change", int(spent), int(seconds))
            finally:
                ended[0] = True
            changing.result()
    return {"busy_questions_per_second": Figure(asked / seconds, asked)}


def _write(path: Path, text: str) -> None:
    """A file that looks as if it had lain there a while. Its inode's time cannot be set: where it
    is too fresh, ingesting reads it once more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    aged = time.time() - _AGED
    os.utime(path, (aged, aged))


def _text(draw: random.Random, chunks: int) -> str:
    """An article of so many paragraphs that each fill a chunk, in words as frequent as in prose."""
    paragraphs = (
        " ".join(" ".join(_words(draw, 12)).capitalize() + "." for _ in range(11))
        for _ in range(chunks)
    )
    return " ".join(_words(draw, 4)).capitalize() + "\n\n" + "\n\n".join(paragraphs) + "\n"


def _words(draw: random.Random, count: int) -> Sequence[str]:
    """Words of a vocabulary of 50,000 whose frequencies follow Zipf's law."""
    return [_word(int(50_000 ** draw.random())) for _ in range(count)]


def _word(rank: int) -> str:
    """A word of letters for each rank, common ones short."""
    letters = ""
    while rank or not letters:
        rank, at = divmod(rank, 20)
        letters += "bcdfghjklmnpqrstvwxz"[at] + "aeiou"[at % 5]
    return letters


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

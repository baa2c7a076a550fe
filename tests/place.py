"""A library with its index and a folder of articles, on encoders that are fast; and a process that
ingests it and may be killed at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rag
from rag import reading
from rag.ingestion import Ingestion, IngestReport
from rag.library import Library
from rag.records import Passage
from rag.retrieval import Retriever
from rag.vectors import VectorIndex
from tests.fakes import WordEmbeddings, WordTokens

MADE_WITH = {"embeddings": "words"}


class Place:
    """A library in `folder`/library, and the folder `articles` that is ingested into it."""

    def __init__(self, folder: Path, chroma_url: str = "") -> None:
        self.articles = folder / "articles"
        self.articles.mkdir(exist_ok=True)
        self.embeddings = WordEmbeddings()
        self.library = Library(folder / "library", MADE_WITH)
        self.index = VectorIndex(self.library, chroma_url)
        tokens = WordTokens()
        self.ingestion = Ingestion(self.library, self.index, self.embeddings, tokens)
        self.retriever = Retriever(
            library=self.library, index=self.index, embeddings=self.embeddings, tokens=tokens
        )

    def close(self) -> None:
        self.index.close()
        self.library.close()

    def write(self, name: str, text: str) -> Path:
        path = self.articles / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def ingest(self, *folders: Path, prune: bool = False) -> IngestReport:
        among = folders or (self.articles,)
        files = reading.find(among, empty_folders=True)
        return self.ingestion.ingest(files, among if prune else ())

    def sources(self) -> list[str]:
        return [facts.source for facts in self.library.sources()]

    def assert_level(self) -> None:
        self.library.check()
        assert self.index.problems() == []
        assert self.index.count == self.library.count() == len(self.library.chunk_ids())

    def content(self) -> dict[str, object]:
        """All that the library says of each article, ids left out."""
        return {
            source: (
                self.library.article(source),
                self.library.chunks_of(source),
                [
                    encoding
                    and (
                        encoding.vector.tolist(),
                        encoding.tokens.vectors.tolist(),
                        encoding.tokens.ids.tolist(),
                        encoding.token_counts.tolist(),
                    )
                    for encoding in self.library.encodings_of(source)
                ],
            )
            for source in self.sources()
        }


def assert_quotes_exact(passages: list[Passage], versions: dict[str, str]) -> None:
    """Every passage and sentence stands in the text of the version (SHA-256) it names."""
    for passage in passages:
        text = versions[passage.sha256]
        assert text[passage.start : passage.end] == passage.text
        assert passage.line == text.count("\n", 0, passage.start) + 1
        for sentence in passage.sentences:
            assert passage.start <= sentence.start < sentence.end <= passage.end


class Ingester:
    """Starts ingests of a Place's folder in processes of their own, without their imports' time."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child

    def start(self, *, prune: bool = False) -> int:
        """Start one; gives its pid."""
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write("prune\n" if prune else "keep\n")
        self._child.stdin.flush()
        return int(self._child.stdout.readline())

    def ended(self) -> int:
        """Wait for the one started last; gives its exit code, negative for a signal."""
        assert self._child.stdout
        return int(self._child.stdout.readline())


@contextmanager
def ingester(folder: Path) -> Iterator[Ingester]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.place", str(folder)],
        cwd=Path(rag.__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    try:
        assert child.stdout.readline() == "ready\n"
        yield Ingester(child)
    finally:
        child.kill()
        child.communicate()


def _serve(folder: Path) -> None:
    import chromadb
    import chromadb.api.rust  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                place = Place(folder)
                place.ingest(prune=line.strip() == "prune")
                place.close()
                code = 0
            finally:
                os._exit(code)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))

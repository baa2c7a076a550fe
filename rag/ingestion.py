"""Files -> library -> vector index, touching only what changed."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag import reading
from rag.chunking import chunk, encoder_input
from rag.encoders import TokenEncoder, TokenVectors
from rag.errors import InputError
from rag.library import Encoding, Library
from rag.reading import File
from rag.records import Article
from rag.vectors import VectorIndex

Progress = Callable[[int, int], None]
"""Told after each file how many of how many are done."""


@dataclass(slots=True)
class IngestReport:
    """What became of each source; `failed` pairs a path with its reason."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    encode_seconds: float = 0.0
    total_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Brings articles into a library and its index."""

    library: Library
    index: VectorIndex
    embeddings: Embeddings
    tokens: TokenEncoder

    def ingest(
        self, files: Sequence[File], prune: Iterable[Path] = (), progress: Progress | None = None
    ) -> IngestReport:
        """Add new files, replace changed ones, leave the others; a file that cannot be used is
        reported and the rest go in. Of each folder in `prune`, sources that have left are removed.

        Raises LibraryBusy where another process writes. Interrupted, it leaves every article whole,
        old or new, and the next run goes on.
        """
        report = IngestReport()
        begun = time.perf_counter()
        with self.library.writing():
            known = self.library.origins()
            for done, file in enumerate(files, start=1):
                if article := self._changed(file, known, report):
                    report.encode_seconds += self._put(article, str(file.root))
                    became = report.changed if article.source in known else report.added
                    became.append(article.source)
                if progress:
                    progress(done, len(files))
            report.removed = self._pruned(files, prune)
            if self.library.index_changes():
                self.index.level()
        report.total_seconds = time.perf_counter() - begun
        return report

    def put(self, article: Article) -> None:
        """Add or replace one article."""
        with self.library.writing():
            self._put(article, None)
            self.index.level()

    def remove(self, sources: Iterable[str]) -> None:
        """Take articles out of the library and its index. Raises UnknownSource."""
        with self.library.writing():
            for source in sources:
                self.library.remove(source)
            self.index.level()

    def _changed(
        self, file: File, known: Mapping[str, tuple[str, str | None]], report: IngestReport
    ) -> Article | None:
        """The article of a file that is new or has changed; else None, and noted why."""
        try:
            content = reading.content(file)
            sha256, root = known.get(file.source, (None, None))
            if hashlib.sha256(content).hexdigest() != sha256:
                return reading.article(file.source, content, label=file.label)
        except InputError as error:
            report.failed.append((file.label, str(error)))
            return None
        if root != str(file.root):
            self.library.set_root(file.source, str(file.root))
        report.unchanged.append(file.source)
        return None

    def _put(self, article: Article, root: str | None) -> float:
        """Encode an article's chunks and put it in; gives the seconds that encoding took."""
        parts = chunk(article)
        inputs = [encoder_input(article.text, part) for part in parts if part.searchable]
        texts = [text for text, _ in inputs]
        begun = time.perf_counter()
        vectors = self.embeddings.embed_documents(texts) if texts else []
        tokens = self.tokens.encode(texts)
        seconds = time.perf_counter() - begun
        encodings = (
            Encoding(np.array(vector, dtype=np.float32), encoded, _token_counts(encoded, starts))
            for (_, starts), vector, encoded in zip(inputs, vectors, tokens, strict=True)
        )
        encoded_parts = [(part, next(encodings) if part.searchable else None) for part in parts]
        self.library.put(article, root, encoded_parts)
        return seconds

    def _pruned(self, files: Sequence[File], folders: Iterable[Path]) -> list[str]:
        """Remove what was ingested from these folders and is seen to be there no more."""
        there = {file.source for file in files}
        unseen = tuple(source for source in there if source.endswith("/"))
        gone = [
            source
            for folder in folders
            for source in self.library.sources_from(str(folder.resolve()))
            if source not in there and not source.startswith(unseen)
        ]
        for source in gone:
            self.library.remove(source)
        return gone


def _token_counts(tokens: TokenVectors, starts: Sequence[int]) -> npt.NDArray[np.int32]:
    """How many tokens stand before the first sentence and then in each."""
    borders = np.searchsorted(tokens.starts, starts)
    return np.diff(borders, prepend=0, append=len(tokens.starts)).astype(np.int32)

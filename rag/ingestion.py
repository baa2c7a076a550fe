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
from rag.errors import Abandoned, InputError, UnknownSource
from rag.library import Encoding, Library
from rag.reading import File
from rag.records import Article, Chunk
from rag.vectors import VectorIndex

_READS = 3
"""Times that a file is read which changes meanwhile."""

_AT_ONCE = 64
"""Chunks that are encoded before it is asked whether anybody still waits for them."""

_TICK = 2_000_000_000
"""Nanoseconds: no file system's clock is coarser."""

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
            known, stamps = self.library.origins(), self.library.stamps()
            seen: list[tuple[str, str, str | None]] = []
            told = True
            try:
                for done, file in enumerate(files, start=1):
                    if stamps.get(file.source) == (_stamp(file.path), str(file.root)):
                        report.unchanged.append(file.source)
                    elif found := self._changed(file, known, report, seen):
                        article, stamp = found
                        report.encode_seconds += self._put(article, str(file.root), stamp)
                        became = report.changed if article.source in known else report.added
                        became.append(article.source)
                        told = told and self.index.keep_up()
                    if progress:
                        progress(done, len(files))
            finally:
                if seen:
                    self.library.note_files(seen)
            report.removed = self._pruned(files, prune)
            if told and len(self.library.index_changes()):
                self.index.follow()
        report.total_seconds = time.perf_counter() - begun
        return report

    def put(self, article: Article, gone: Callable[[], bool] = lambda: False) -> None:
        """Add or replace one article. Raises Abandoned, and changes nothing, where `gone` says that
        nobody waits for it any more."""
        with self.library.writing():
            self._put(article, None, None, gone)
            self.index.follow()

    def remove(self, sources: Iterable[str]) -> None:
        """Take articles out of the library and its index. Raises UnknownSource."""
        with self.library.writing():
            for source in sources:
                self.library.remove(source)
            self.index.follow()

    def _changed(
        self,
        file: File,
        known: Mapping[str, tuple[str, str | None]],
        report: IngestReport,
        seen: list[tuple[str, str, str | None]],
    ) -> tuple[Article, str | None] | None:
        """The article of a file that is new or has changed, and the file's stamp; else None, and
        noted why in `report` or, where only its place or stamp differ, in `seen`."""
        try:
            content, stamp = _read(file)
            sha256, _ = known.get(file.source, (None, None))
            if hashlib.sha256(content).hexdigest() != sha256:
                return reading.article(file.source, content, label=file.label), stamp
        except InputError as error:
            report.failed.append((file.label, str(error)))
            return None
        seen.append((file.source, str(file.root), stamp))
        report.unchanged.append(file.source)
        return None

    def _put(
        self,
        article: Article,
        root: str | None,
        stamp: str | None,
        gone: Callable[[], bool] = lambda: False,
    ) -> float:
        """Encode an article's chunks, those alone that its stored version has not, and put it in;
        gives the seconds that encoding took."""
        parts = chunk(article)
        inputs = [_input(article.text, part) for part in parts]
        encodings = self._known(article.source)
        new = [
            key
            for key, part in dict(zip(inputs, parts, strict=True)).items()
            if part.searchable and key not in encodings
        ]
        texts = [text for text, _ in new]
        begun = time.perf_counter()
        vectors: list[list[float]] = []
        tokens: list[TokenVectors] = []
        for first in range(0, len(texts), _AT_ONCE):
            if gone():
                raise Abandoned("Nobody waits for it any more: put it again")
            some = texts[first : first + _AT_ONCE]
            vectors += self.embeddings.embed_documents(some)
            tokens += self.tokens.encode(some)
        seconds = time.perf_counter() - begun
        for (text, starts), vector, encoded in zip(new, vectors, tokens, strict=True):
            counts = _token_counts(encoded, starts)
            encodings[text, starts] = Encoding(np.array(vector, dtype=np.float32), encoded, counts)
        encoded_parts = [
            (part, encodings[key] if part.searchable else None)
            for key, part in zip(inputs, parts, strict=True)
        ]
        self.library.put(article, root, encoded_parts, stamp)
        return seconds

    def _known(self, source: str) -> dict[tuple[str, tuple[int, ...]], Encoding]:
        """The encodings of an article's stored chunks, by what was encoded."""
        try:
            text = self.library.article(source).text
        except UnknownSource:
            return {}
        stored = zip(self.library.chunks_of(source), self.library.encodings_of(source), strict=True)
        return {_input(text, part): encoding for part, encoding in stored if encoding}

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


def _input(text: str, part: Chunk) -> tuple[str, tuple[int, ...]]:
    """What encoders read of a chunk, and where its sentences begin in that: equal for two chunks
    whose encodings are."""
    encoded, starts = encoder_input(text, part)
    return encoded, tuple(starts)


def _read(file: File) -> tuple[bytes, str | None]:
    """A file's content and its stamp. Raises InputError, also for a file that changes meanwhile.

    A file changed moments ago has no stamp: changed once more it might look the same from outside,
    for the file system's clock ticks slowly. Nor has one from the future, as when the clock was
    set back.
    """
    for _ in range(_READS):
        now, before = time.time_ns(), _stamp(file.path)
        content = reading.content(file)
        if before is None or _stamp(file.path) == before:
            fresh = before is None or now - _changed_at(before) < _TICK
            return content, None if fresh else before
    raise InputError(f"{file.label} changes while it is read: ingest it again when it is finished")


def _stamp(path: Path) -> str | None:
    """What a file looks like from outside; None where that cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _changed_at(stamp: str) -> int:
    """When a file of this stamp was last touched, in nanoseconds."""
    return max(map(int, stamp.split()[1:]))


def _token_counts(tokens: TokenVectors, starts: Sequence[int]) -> npt.NDArray[np.int32]:
    """How many tokens stand before the first sentence and then in each."""
    borders = np.searchsorted(tokens.starts, starts)
    return np.diff(borders, prepend=0, append=len(tokens.starts)).astype(np.int32)

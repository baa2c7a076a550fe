"""The composition root: `open_service(settings)` -> ask, ingest, verify and the library's facts."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import prompts
from rag import chunking, reading, verification
from rag.answering.extractive import extractive
from rag.answering.listener import Listener
from rag.embeddings import open_embeddings
from rag.encoders import TOKEN_MODEL, Encoders
from rag.errors import Abandoned, InputError
from rag.evidence.answers import answers
from rag.evidence.support import verdict
from rag.ingestion import Ingestion, IngestReport, Progress
from rag.library import Library, export, restore
from rag.records import Answer, Article, ClaimCheck, SourceFacts, Timings, Turn, in_words
from rag.retrieval import Retriever
from rag.segmentation import flat, split
from rag.settings import Settings
from rag.vectors import VectorIndex

EXTRACTIVE = "extractive"

MAX_QUESTION = 2000
"""Characters of a question."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is in the library and whether the vector index agrees with it."""

    folder: str
    articles: int
    chunks: int
    indexed: int
    level: bool
    made_with: dict[str, str]


def open_service(settings: Settings, encoders: Encoders | None = None) -> "Service":
    """Open the library that `settings` name, or begin one. Models load when first needed.

    Raises SettingsError and LibraryError.
    """
    encoders = encoders or Encoders.bundled()
    name, embeddings = open_embeddings(settings.embeddings, encoders.sentences)
    made_with = {"embeddings": name, "tokens": TOKEN_MODEL, "chunking": chunking.VERSION}
    library = Library(settings.data, made_with)
    index = VectorIndex(library, settings.chroma_url)
    return Service(
        library=library,
        index=index,
        encoders=encoders,
        retriever=Retriever(
            library=library, index=index, embeddings=embeddings, tokens=encoders.tokens
        ),
        ingestion=Ingestion(library, index, embeddings, encoders.tokens),
        made_with=made_with,
    )


@dataclass(frozen=True)
class Service:
    """Everything that Citewell does, for the command line, HTTP and the eval suite alike."""

    library: Library
    index: VectorIndex
    encoders: Encoders
    retriever: Retriever
    ingestion: Ingestion
    made_with: dict[str, str]

    def close(self) -> None:
        """Let go of the library's files."""
        self.index.close()
        self.library.close()

    def load(self) -> None:
        """Load the models and open the index now, so that the first question need not wait."""
        self.encoders.load()
        self.index.open()

    def ask(
        self,
        question: str,
        sources: Iterable[str] = (),
        conversation: Sequence[Turn] = (),
        model: str | None = None,
        listener: Listener | None = None,
    ) -> Answer:
        """Answer `question` from the articles that the globs `sources` name, or from all.

        `conversation` is what was said before, oldest first; `model` takes the place of the one
        that is set. Raises InputError for an unusable question or glob, and where the library is
        empty; Abandoned where the listener is gone.
        """
        listener = listener or Listener()
        begun = time.perf_counter()
        question = _usable(question)
        among = self._among(sources)
        passages = self.retriever.search(question, sources=among)
        listener.passages(passages)
        retrieved = time.perf_counter()
        if listener.gone():
            raise Abandoned("The question was withdrawn: ask again")
        evidence = answers(question, passages, self.encoders.pairs)
        claims, citations = extractive(evidence)
        probability = max((found.probability for found in evidence), default=0.0)
        for claim in claims:
            listener.claim(claim, [cited for cited in citations if cited.id in claim.citations])
        ended = time.perf_counter()
        return Answer(
            question=question,
            standalone_question=question,
            status="answered" if claims else "refused",
            answer=in_words(claims) if claims else prompts.load("refusal"),
            claims=tuple(claims),
            citations=tuple(citations),
            dropped=(),
            confidence=round(probability if claims else 1 - probability, 4),
            model=EXTRACTIVE,
            degraded=None,
            timings_ms=Timings(
                retrieve=_ms(retrieved - begun),
                verify=_ms(ended - retrieved),
                total=_ms(ended - begun),
            ),
        )

    def check(self, text: str) -> list[ClaimCheck]:
        """Hold each sentence of `text` against the whole library.

        Raises InputError where there is no sentence, and where the library is empty.
        """
        self._among(())
        sentences = [
            flat(text[sentence.start : sentence.end])
            for sentence in split(text)
            if sentence.kind != "aside"
        ]
        if not sentences:
            raise InputError("There is no sentence to check: write a statement")
        return [self._checked(sentence) for sentence in sentences]

    def _checked(self, statement: str) -> ClaimCheck:
        found = verdict(statement, self.retriever.search(statement), self.encoders.pairs)
        citations = (one.citation(id_) for id_, one in enumerate(found.evidence, start=1))
        return ClaimCheck(statement, found.supported, round(found.support, 4), tuple(citations))

    def ingest(
        self, paths: Sequence[Path], prune: bool = False, progress: Progress | None = None
    ) -> IngestReport:
        """Bring files and folders into the library; with `prune`, remove what left the folders.

        Raises InputError for paths that cannot be used, LibraryBusy where another process writes.
        """
        files = reading.find(paths, empty_folders=prune)
        folders = [path for path in paths if path.is_dir()] if prune else []
        return self.ingestion.ingest(files, folders, progress)

    def remove(self, sources: Iterable[str]) -> list[str]:
        """Remove the articles that the globs name, and say which. Raises InputError."""
        named = reading.matching(self.library.origins(), sources)
        self.ingestion.remove(named)
        return named

    def verify(self, answer: Answer) -> list[str]:
        """What of a saved answer does not hold against the library; empty when all of it does."""
        return verification.problems(answer, self.library)

    def sources(self) -> list[SourceFacts]:
        """Every article's facts, by source."""
        return self.library.sources()

    def facts(self, source: str) -> SourceFacts:
        """An article's facts. Raises UnknownSource."""
        return self.library.facts(source)

    def article(self, source: str) -> Article:
        """An article with its stored text. Raises UnknownSource."""
        return self.library.article(source)

    def status(self) -> Status:
        """The library's counts and versions, and whether the index holds just its chunks."""
        chunks, indexed = self.library.count(), self.index.count
        return Status(
            folder=str(self.library.folder),
            articles=len(self.library.origins()),
            chunks=chunks,
            indexed=indexed,
            level=chunks == indexed,
            made_with=self.made_with,
        )

    def verify_level(self) -> list[str]:
        """Where library and index are damaged or differ, one line each, all of both being read;
        empty when neither is."""
        self.library.check()
        return self.index.problems()

    def export(self, path: Path) -> None:
        """Write the whole library to one file. Raises InputError."""
        export(self.library, path)

    def restore(self, path: Path) -> int:
        """Bring an exported library in, where there is none yet; gives how many articles came.

        Raises InputError and LibraryError; then nothing has changed.
        """
        with self.library.writing():
            count = restore(self.library, path)
            self.index.level()
        return count

    def _among(self, patterns: Iterable[str]) -> list[str] | None:
        if self.library.is_empty():
            raise InputError(
                "The library is empty: ingest articles first, `citewell ingest FOLDER`"
            )
        patterns = list(patterns)
        return reading.matching(sorted(self.library.origins()), patterns) if patterns else None


def _usable(question: str) -> str:
    question = flat(question)
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise InputError("The question is not valid Unicode text: type it as UTF-8") from error
    if not any(character.isalnum() for character in question):
        raise InputError("The question is empty: ask something in words")
    if len(question) > MAX_QUESTION:
        raise InputError(
            f"The question has {len(question)} characters: ask in at most {MAX_QUESTION}"
        )
    return question


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)

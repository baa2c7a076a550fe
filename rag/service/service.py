"""What Citewell does: ask, check, ingest, verify, and tell of the library."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rag import reading, verification
from rag.answering.checking import checked
from rag.answering.composing import Asked, instead, quoted, written
from rag.answering.conversation import standalone
from rag.answering.generative import WORTH_ASKING, generate
from rag.answering.listener import Listener
from rag.encoders import Encoders, PairScorer, ReadOnce
from rag.errors import Abandoned, InputError, SettingsError
from rag.evidence.answers import answers, likeliest
from rag.evidence.entailment import Entailment
from rag.evidence.support import ALL, Layers, Verdict, verdict
from rag.ingestion import Ingestion, IngestReport, Progress
from rag.library import Library, export, restore
from rag.models import EXTRACTIVE, ChatModel, Models
from rag.records import Answer, Article, ClaimCheck, Passage, SourceFacts, Timings, Turn
from rag.retrieval import Retriever
from rag.service.inputs import article_name, statements, usable
from rag.vectors import VectorIndex

log = logging.getLogger(__name__)

SAME = "same"
"""As a judge: the model that answers."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is in the library and whether the vector index agrees with it."""

    folder: str
    articles: int
    chunks: int
    indexed: int
    level: bool
    made_with: dict[str, str]


@dataclass(frozen=True)
class Service:
    """Everything that Citewell does, for the command line, HTTP and the eval suite alike."""

    library: Library
    index: VectorIndex
    encoders: Encoders
    retriever: Retriever
    ingestion: Ingestion
    models: Models
    made_with: dict[str, str]
    judge: str = ""
    entailment: Entailment | None = None
    layers: Layers = ALL

    def close(self) -> None:
        """Let go of the library's files."""
        self.index.close()
        self.library.close()

    def load(self) -> None:
        """Load the models and open the index now, so that the first question need not wait.

        Raises SettingsError where the chat model that is set cannot be used.
        """
        self._judge(self.models.open())
        self.encoders.load_ahead()  # while Chroma is imported
        self.index.open()
        self.encoders.load()
        self._scorer.load()

    def load_ahead(self) -> None:
        """Begin to load the models, where there is something to ask about, and wait for none."""
        if not self.library.is_empty():
            self.encoders.load_ahead()

    def model(self) -> str:
        """The id of the model that is set. Raises SettingsError where it cannot be used."""
        chat = self.models.open()
        return chat.id if chat else EXTRACTIVE

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
        that is set. Raises InputError for an unusable question, glob or model, and where the
        library is empty; SettingsError and ModelError where the model that is set cannot be used;
        Abandoned where the listener is gone.
        """
        listener = listener or Listener()
        begun = time.perf_counter()
        question = usable(question)
        chat = self._model(model)
        among = self._among(sources)
        alone = standalone(question, conversation, chat, listener.gone)
        asked = Asked(question, alone.question)
        if alone.fault:
            chat = None  # it is not waited for twice
        opened = time.perf_counter()
        passages = self.retriever.search(asked.standalone, sources=among)
        listener.passages(passages)
        retrieved = time.perf_counter()
        if listener.gone():
            raise Abandoned("The question was withdrawn: ask again")
        answer = self._answer(asked, passages, conversation, chat, listener)
        if alone.fault:
            answer = replace(answer, degraded=instead(alone.fault, answer))
        spent = answer.timings_ms
        return replace(
            answer,
            timings_ms=replace(
                spent,
                retrieve=_ms(retrieved - opened),
                generate=round(spent.generate + alone.seconds * 1000, 2),
                total=_ms(time.perf_counter() - begun),
            ),
            usage=answer.usage + alone.usage,
        )

    def _answer(
        self,
        asked: Asked,
        passages: Sequence[Passage],
        conversation: Sequence[Turn],
        chat: ChatModel | None,
        listener: Listener,
    ) -> Answer:
        """The answer, with what was spent on the model and on evidence."""
        begun = time.perf_counter()
        fits = self.encoders.pairs, self.encoders.statements
        evidence = answers(asked.standalone, passages, *fits)
        if chat is None or likeliest(evidence) < WORTH_ASKING:
            answer = quoted(asked, evidence, listener)
            return replace(answer, timings_ms=Timings(verify=_ms(time.perf_counter() - begun)))
        found = time.perf_counter() - begun
        made = generate(
            asked.standalone,
            passages,
            conversation,
            chat,
            partial(self._holding, passages=passages),
            listener,
            self._judge(chat),
        )
        log.info(
            "%s: %d claims, %d dropped, %d markers put right",
            chat.id, len(made.claims), len(made.dropped), made.corrected,
        )  # fmt: skip
        return replace(
            written(asked, made, chat.id, evidence, listener),
            usage=made.usage,
            timings_ms=Timings(generate=_ms(made.waited), verify=_ms(found + made.verified)),
        )

    def _model(self, name: str | None) -> ChatModel | None:
        """The model that is to answer, None for quotes."""
        try:
            return self.models.open(name)
        except SettingsError as error:
            if name is None:
                raise
            raise InputError(str(error)) from error

    def _holding(
        self, statement: str, passages: Sequence[Passage]
    ) -> Callable[[Sequence[Passage]], Verdict]:
        """What holds a statement against some of `passages`: ranked for it once, and read once."""
        ranked = self.retriever.rank(statement, passages)
        scorer = ReadOnce(self._scorer)

        def hold(some: Sequence[Passage]) -> Verdict:
            ids = {passage.chunk_id for passage in some}
            among = [passage for passage in ranked if passage.chunk_id in ids]
            return verdict(statement, among, scorer, self.layers)

        return hold

    @property
    def _scorer(self) -> PairScorer:
        """What reads statements: the entailment model that is set, or the bundled one."""
        return self.entailment or self.encoders.statements

    def _judge(self, chat: ChatModel | None) -> ChatModel | None:
        """Who judges open sentences: nobody, the model that answers, or the one that is set."""
        if self.judge in ("", SAME):
            return chat if self.judge else None
        return self.models.open(self.judge, setting="CITEWELL_JUDGE")

    def check(self, text: str, gone: Callable[[], bool] = lambda: False) -> list[ClaimCheck]:
        """Hold each sentence of `text` against the whole library, one that begins with a pronoun as
        what it means after those before it.

        Raises InputError where there is no sentence, and where the library is empty; Abandoned
        where `gone` says that nobody waits for it.
        """
        self._among(())
        sentences = statements(text)
        judge = self._judge(self.models.open() if self.judge == SAME else None)

        def hold(statement: str) -> Verdict:
            passages = self.retriever.search(statement)
            return verdict(statement, passages, self._scorer, self.layers)

        return checked(sentences, hold, judge, gone)

    def ingest(
        self, paths: Sequence[Path], prune: bool = False, progress: Progress | None = None
    ) -> IngestReport:
        """Bring files and folders into the library; with `prune`, remove what left the folders.

        Raises InputError for paths that cannot be used, LibraryBusy where another process writes.
        """
        files = reading.find(paths, empty_folders=prune)
        folders = [path for path in paths if path.is_dir()] if prune else []
        return self.ingestion.ingest(files, folders, progress)

    def put(
        self, source: str, content: bytes, gone: Callable[[], bool] = lambda: False
    ) -> tuple[SourceFacts, bool]:
        """Add or replace one article, in a single step; its facts, and whether it is new.

        Raises InputError for a name or content that cannot be used, LibraryBusy where another
        process writes; Abandoned, and nothing is changed, where `gone` says that nobody waits.
        """
        article = reading.article(article_name(source), content)
        with self.library.writing():
            known = self.library.origins().get(article.source)
            if known is None or known[0] != article.sha256:
                self.ingestion.put(article, gone)
            return self.library.facts(article.source), known is None

    def remove(self, sources: Iterable[str]) -> list[str]:
        """Remove the articles that the globs name, and say which. Raises InputError."""
        named = reading.matching(self.library.origins(), sources)
        self.ingestion.remove(named)
        return named

    def delete(self, source: str) -> None:
        """Remove the one article of this name. Raises UnknownSource, and LibraryBusy where another
        process writes."""
        self.ingestion.remove([reading.stored_name(source)])

    def verify(self, answer: Answer) -> list[str]:
        """What of a saved answer does not hold against the library; empty when all of it does."""
        return verification.problems(answer, self.library)

    def sources(self) -> list[SourceFacts]:
        """Every article's facts, by source."""
        return self.library.sources()

    def facts(self, source: str) -> SourceFacts:
        """An article's facts. Raises UnknownSource."""
        return self.library.facts(reading.stored_name(source))

    def article(self, source: str) -> Article:
        """An article with its stored text. Raises UnknownSource."""
        return self.library.article(reading.stored_name(source))

    def size(self) -> tuple[int, int]:
        """How many articles and searchable chunks the library holds; the index is not asked."""
        return len(self.library.origins()), self.library.count()

    def status(self) -> Status:
        """The library's counts and versions, and whether the index holds as many vectors."""
        (articles, chunks), indexed = self.size(), self.index.count
        return Status(
            folder=str(self.library.folder),
            articles=articles,
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
            self.index.follow()
        return count

    def _among(self, patterns: Iterable[str]) -> list[str] | None:
        if self.library.is_empty():
            raise InputError(
                "The library is empty: ingest articles first, `citewell ingest FOLDER`"
            )
        patterns = list(patterns)
        return reading.matching(sorted(self.library.origins()), patterns) if patterns else None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)

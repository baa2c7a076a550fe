"""How long a reader waits for a sentence that a chat model has written: from its full stop to the
claim."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field

from eval.bootstrap import Figure
from eval.confidence import percentile
from eval.fitting.perturbations import true_forms
from rag.answering.listener import Listener
from rag.models import ChatModel, Limits, Models
from rag.records import Citation, Claim
from rag.retrieval import by_score
from rag.segmentation import flat
from rag.service import Service

_SENTENCES = 4
_WORDS_A_SECOND = 100  # faster than most models, and slow enough that no sentence waits for another
_CONTEXT_TOKENS = 16_384


class _Writer(BaseChatModel):
    """Writes the sentences of its script, each with its marker, word by word; `stopped` tells when
    the full stop of each was sent."""

    script: dict[str, str]
    stopped: dict[str, float] = Field(default_factory=dict)

    @property
    def _llm_type(self) -> str:
        return "writer"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("it only streams")

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for sentence, marker in self.script.items():
            for word in sentence.split():
                self.stopped[sentence] = time.perf_counter()
                yield _chunk(word + " ")
                time.sleep(1 / _WORDS_A_SECOND)
            yield _chunk(marker + " ")
            time.sleep(1 / _WORDS_A_SECOND)
        yield _chunk("", finish_reason="stop")


class _Written(Models):
    """Opens the writer, whatever model is asked for."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = ChatModel("bench:writer", writer, _CONTEXT_TOKENS, Limits())

    def open(self, name: str | None = None, setting: str = "") -> ChatModel:
        """The writer."""
        return self._writer


class _Reader(Listener):
    """Notes when it hears of each claim, by its text."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        self.heard[claim.text] = time.perf_counter()


def measure_release(
    service: Service, questions: Sequence[str], progress: Callable[[str, int, int], None]
) -> dict[str, Figure]:
    """What a reader waits from the full stop of a sentence to its claim, in the median.

    That a sentence is over is only known once the next one has begun, so this is a marker and a
    word more than what verifying takes. A model writes sentences of the passages found for each
    question in part, so that most are released, and none because it is the quote.
    """
    waits: list[float] = []
    for done, question in enumerate(questions, start=1):
        writer, reader = _Writer(script=_script(service, question)), _Reader()
        replace(service, models=_Written(writer)).ask(question, listener=reader)
        waits += [
            heard - writer.stopped[text]
            for text, heard in reader.heard.items()
            if text in writer.stopped
        ]
        progress("Writing", done, len(questions))
    median = percentile(waits, 50) if waits else None
    return {"release_p50_ms": Figure(None if median is None else 1000 * median, len(waits))}


def _script(service: Service, question: str) -> dict[str, str]:
    """Parts of sentences of the passages found for a question, the likeliest first, each with its
    marker."""
    passages = service.retriever.search(question)
    numbers = {passage.chunk_id: number for number, passage in enumerate(passages, start=1)}
    script: dict[str, str] = {}
    for passage, at in by_score(passages):
        sentence = passage.sentences[at]
        quote = flat(passage.slice(sentence.start, sentence.end))
        said = in_part(quote)
        if quote.endswith(".") and said and len(script) < _SENTENCES:
            script.setdefault(said, f"[{numbers[passage.chunk_id]}]")
    return script


def in_part(sentence: str) -> str | None:
    """Most of what a sentence says, so that it has to be read; None where it has no parts."""
    return max((form for form in true_forms(sentence) if form != sentence), key=len, default=None)


def _chunk(text: str, **metadata: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata=metadata))

"""Answers as /v1/responses gives them, whole and as events."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from pydantic import TypeAdapter
from pydantic_core import to_json

from api.openai_shapes.citations import FileCitation, file_citations, placed
from api.openai_shapes.errors import as_error
from api.schemas import Problem
from api.streaming import Shape, event
from rag.records import Answer, Citation, Claim, Passage, Usage, in_words

_Progress = Literal["in_progress", "completed"]


@dataclass(frozen=True, slots=True)
class OutputText:
    """An answer's text."""

    text: str
    annotations: list[FileCitation]
    type: Literal["output_text"] = "output_text"
    logprobs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the articles do not say is refused."""

    refusal: str
    type: Literal["refusal"] = "refusal"


@dataclass(frozen=True, slots=True)
class OutputMessage:
    """The one output there is."""

    id: str
    status: _Progress
    content: list[OutputText | Refusal]
    role: Literal["assistant"] = "assistant"
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class ResponseUsage:
    """Tokens of the language model; zero where none was asked."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: dict[str, int]
    output_tokens_details: dict[str, int]


@dataclass(frozen=True, slots=True)
class ModelResponse:
    """A response of OpenAI's; `citewell` is the answer in Citewell's own form."""

    id: str
    created_at: int
    status: _Progress
    model: str
    output: list[OutputMessage]
    usage: ResponseUsage | None
    metadata: dict[str, str]
    citewell: Answer | None
    object: Literal["response"] = "response"
    error: None = None
    incomplete_details: None = None
    instructions: None = None
    parallel_tool_calls: bool = False
    previous_response_id: None = None
    store: bool = False
    temperature: None = None
    tool_choice: Literal["none"] = "none"
    tools: list[str] = field(default_factory=list)
    top_p: None = None
    truncation: Literal["disabled"] = "disabled"


_RESPONSE = TypeAdapter(ModelResponse)


class _Naming:
    """What names one response and stays the same in all that is said of it."""

    def __init__(self, model: str, metadata: Mapping[str, str] | None) -> None:
        self.id = f"resp_{uuid4().hex}"
        self.item_id = f"msg_{uuid4().hex}"
        self._model = model
        self._metadata = dict(metadata or {})
        self._created = int(time.time())

    def response(self, answer: Answer | None) -> ModelResponse:
        """The response as far as it is: with the answer, or before it."""
        return ModelResponse(
            id=self.id,
            created_at=self._created,
            status="completed" if answer else "in_progress",
            model=self._model,
            output=[self.item(answer)] if answer else [],
            usage=_usage(answer.usage) if answer else None,
            metadata=self._metadata,
            citewell=answer,
        )

    def item(self, answer: Answer | None) -> OutputMessage:
        """The message as far as it is."""
        content = [_part(answer)] if answer else []
        return OutputMessage(self.item_id, "completed" if answer else "in_progress", content)


def response(answer: Answer, model: str, metadata: Mapping[str, str] | None) -> bytes:
    """An answer as a response of OpenAI's, in JSON."""
    return _RESPONSE.dump_json(_Naming(model, metadata).response(answer))


class ResponseEvents(Shape):
    """The events of a response: its text grows by a claim at a time."""

    def __init__(self, model: str, metadata: Mapping[str, str] | None) -> None:
        self._naming = _Naming(model, metadata)
        self._number = -1
        self._text = ""
        self._annotations = 0

    def passages(self, passages: Sequence[Passage]) -> bytes:
        """The response begins, with a message that is still empty."""
        begun = self._naming.response(None)
        return (
            self._event("response.created", response=begun)
            + self._event("response.in_progress", response=begun)
            + self._event(
                "response.output_item.added", output_index=0, item=self._naming.item(None)
            )
        )

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> bytes:
        """A claim with its markers, and the citations that it is first to use."""
        said = self._part_added(OutputText("", [])) if not self._text else b""
        text = (" " if self._text else "") + in_words([claim])
        said += self._on_part("response.output_text.delta", delta=text, logprobs=[])
        for citation in placed(citations, text, len(self._text)):
            said += self._on_part(
                "response.output_text.annotation.added",
                annotation=citation,
                annotation_index=self._annotations,
            )
            self._annotations += 1
        self._text += text
        return said

    def answer(self, answer: Answer) -> bytes:
        """The refusal if it is one; then each part is said to be done, from the inside out."""
        part = _part(answer)
        if isinstance(part, Refusal):
            said = self._part_added(Refusal(""))
            said += self._on_part("response.refusal.delta", delta=part.refusal)
            said += self._on_part("response.refusal.done", refusal=part.refusal)
        else:
            said = self._on_part("response.output_text.done", text=part.text, logprobs=[])
        return (
            said
            + self._on_part("response.content_part.done", part=part)
            + self._event(
                "response.output_item.done", output_index=0, item=self._naming.item(answer)
            )
            + self._event("response.completed", response=self._naming.response(answer))
        )

    def failed(self, problem: Problem) -> bytes:
        """The error, as OpenAI's clients raise it."""
        error = as_error(problem)
        return self._event(
            "error", code=error.code, message=error.message, param=error.param, error=error
        )

    def _part_added(self, part: OutputText | Refusal) -> bytes:
        return self._on_part("response.content_part.added", part=part)

    def _on_part(self, name: str, **more: Any) -> bytes:
        place = {"item_id": self._naming.item_id, "output_index": 0, "content_index": 0}
        return self._event(name, **place, **more)

    def _event(self, name: str, **more: Any) -> bytes:
        self._number += 1
        return event(to_json({"type": name, "sequence_number": self._number, **more}), name)


def _part(answer: Answer) -> OutputText | Refusal:
    if answer.status == "refused":
        return Refusal(answer.answer)
    return OutputText(answer.answer, file_citations(answer))


def _usage(usage: Usage) -> ResponseUsage:
    return ResponseUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        input_tokens_details={"cached_tokens": 0, "cache_write_tokens": 0},
        output_tokens_details={"reasoning_tokens": 0},
    )

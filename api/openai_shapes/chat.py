"""Answers as /v1/chat/completions gives them, whole and as chunks."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import uuid4

from pydantic import TypeAdapter
from pydantic_core import to_json

from api.openai_shapes.citations import FileCitation, file_citations, placed
from api.openai_shapes.errors import as_error
from api.schemas import Problem
from api.streaming import Shape, event
from rag.records import Answer, Citation, Claim, Passage, Usage, in_words


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """An answer; of a refusal, `refusal` says it too."""

    content: str
    refusal: str | None
    annotations: list[FileCitation]
    role: Literal["assistant"] = "assistant"


@dataclass(frozen=True, slots=True)
class Choice:
    """The one choice there is."""

    message: ChatMessage
    index: Literal[0] = 0
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """Tokens of the language model; zero where none was asked."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class ChatCompletion:
    """A whole answer; `citewell` is the same in Citewell's own form."""

    id: str
    created: int
    model: str
    choices: list[Choice]
    usage: ChatUsage
    citewell: Answer
    object: Literal["chat.completion"] = "chat.completion"


_COMPLETION = TypeAdapter(ChatCompletion)


def completion(answer: Answer, model: str) -> bytes:
    """An answer as a ChatCompletion, in JSON."""
    refusal = answer.answer if answer.status == "refused" else None
    message = ChatMessage(answer.answer, refusal, file_citations(answer))
    return _COMPLETION.dump_json(
        ChatCompletion(
            _new_id(), int(time.time()), model, [Choice(message)], _usage(answer.usage), answer
        )
    )


class Chunks(Shape):
    """A chunk a claim, then one that says why it ends."""

    def __init__(self, model: str, include_usage: bool) -> None:
        self._head = {
            "id": _new_id(),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._include_usage = include_usage
        self._text = ""

    def passages(self, passages: Sequence[Passage]) -> bytes:
        """The answer begins."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> bytes:
        """A claim with its markers, and the citations that it is first to use."""
        said = (" " if self._text else "") + in_words([claim])
        annotations = placed(citations, said, len(self._text))
        self._text += said
        return self._chunk({"content": said, "annotations": [asdict(one) for one in annotations]})

    def answer(self, answer: Answer) -> bytes:
        """The refusal if it is one, the end, and what was used where that is asked for."""
        refused = b""
        if answer.status == "refused":
            refused = self._chunk({"content": answer.answer, "refusal": answer.answer})
        last = self._chunk({}, finish="stop", citewell=answer)
        used = b""
        if self._include_usage:
            used = event(to_json({**self._head, "choices": [], "usage": _usage(answer.usage)}))
        return refused + last + used + event(b"[DONE]")

    def failed(self, problem: Problem) -> bytes:
        """The error, as OpenAI's clients raise it."""
        return event(to_json({"error": as_error(problem)}))

    def _chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        usage = {"usage": None} if self._include_usage else {}
        return event(to_json({**self._head, "choices": [choice], **usage, **more}))


def _usage(usage: Usage) -> ChatUsage:
    total = usage.input_tokens + usage.output_tokens
    return ChatUsage(usage.input_tokens, usage.output_tokens, total)


def _new_id() -> str:
    return f"chatcmpl-{uuid4().hex}"

"""What OpenAI's clients send -> a question and what was said before it.

Parameters that change nothing here (temperature, instructions, tools, …) are accepted and ignored;
those that ask for what cannot be given are refused by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.asking import AS_SET, CITEWELL
from api.problems import ProblemError
from api.protection.body import MAX_BODY
from api.schemas import MAX_TURNS, Glob, OpenAIError
from rag.models import EXTRACTIVE
from rag.records import Role, Turn

MODELS = (CITEWELL, EXTRACTIVE)

_TEXT = ("text", "input_text", "output_text")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the last message's text, and what was said before it, oldest first."""

    question: str
    conversation: tuple[Turn, ...]


# A limit makes pydantic look into a string, and refuse half a surrogate pair in it.
Text = Annotated[str, Field(max_length=MAX_BODY)]


class Part(BaseModel):
    """A part of a message; only text can be read."""

    model_config = ConfigDict(frozen=True)

    type: str = "text"
    text: Text | None = None
    refusal: Text | None = None


class Message(BaseModel):
    """A message of a conversation; only what users and assistants say is heeded."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[Part] | None = None


class Item(BaseModel):
    """An input of /v1/responses: a message, or what is passed over."""

    model_config = ConfigDict(frozen=True)

    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: Text | list[Part] | None = None


class StreamOptions(BaseModel):
    """How to stream."""

    model_config = ConfigDict(frozen=True)

    include_usage: bool | None = None


class _Request(BaseModel):
    """What both routes have in common."""

    model_config = ConfigDict(frozen=True)

    model: Annotated[
        str, Field(max_length=200, description="`citewell`: whoever is set; `extractive`: quotes.")
    ] = CITEWELL
    stream: bool | None = None
    sources: Annotated[
        list[Glob],
        Field(max_length=100, description="Citewell's own: globs, only articles they name."),
    ] = []
    tool_choice: Any = None


class ChatRequest(_Request):
    """A request to /v1/chat/completions; what is not named here is ignored."""

    messages: Annotated[list[Message], Field(min_length=1)]
    stream_options: StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    response_format: Any = None

    @property
    def include_usage(self) -> bool:
        """Whether a stream is to end with what was used."""
        return bool(self.stream_options and self.stream_options.include_usage)


class ResponsesRequest(_Request):
    """A request to /v1/responses; what is not named here is ignored."""

    input: Text | list[Item]
    background: bool | None = None
    conversation: Any = None
    metadata: dict[Text, Text] | None = None
    previous_response_id: str | None = None
    prompt: Any = None
    text: Any = None


def of_chat(request: ChatRequest) -> Question:
    """The question of a chat. Raises ProblemError for what cannot be given."""
    _refuse_model(request.model)
    if request.n not in (None, 1):
        raise _impossible("n", "a question has one answer: leave n out")
    if request.logprobs:
        raise _impossible("logprobs", "answers are held against quotes: leave logprobs out")
    if "audio" in (request.modalities or ()):
        raise _impossible("modalities", "answers are text: ask for text alone")
    _refuse_format("response_format", request.response_format)
    _refuse_tool(request.tool_choice)
    return _question([(message.role, message.content) for message in request.messages], "messages")


def of_responses(request: ResponsesRequest) -> Question:
    """The question of a request. Raises ProblemError for what cannot be given."""
    _refuse_model(request.model)
    for name in ("previous_response_id", "conversation", "prompt"):
        if getattr(request, name) is not None:
            raise _impossible(name, "nothing is kept here: send what was said before in input")
    if request.background:
        raise _impossible("background", "nothing is kept here: wait for the answer, or stream it")
    if isinstance(request.text, dict):
        _refuse_format("text.format", request.text.get("format"))
    _refuse_tool(request.tool_choice)
    if isinstance(request.input, str):
        return Question(request.input, ())
    if any(item.type == "item_reference" for item in request.input):
        raise _impossible("input", "nothing is kept here: send the items themselves")
    messages = [(i.role, i.content) for i in request.input if i.type == "message" and i.role]
    return _question(messages, "input")


def _question(messages: Sequence[tuple[str, str | list[Part] | None]], param: str) -> Question:
    turns = list(_turns(messages, param))
    if not turns or turns[-1].role != "user":
        raise _impossible(param, "the last message must be the user's: ask something", "invalid")
    return Question(turns[-1].content, tuple(turns[:-1][-MAX_TURNS:]))


def _turns(messages: Sequence[tuple[str, str | list[Part] | None]], param: str) -> Iterator[Turn]:
    roles: dict[str, Role] = {"user": "user", "assistant": "assistant"}
    for role, content in messages:
        if role in roles:
            text = _text(content, param)
            if text or role == "user":
                yield Turn(roles[role], text)


def _text(content: str | list[Part] | None, param: str) -> str:
    """A message's text, its parts a line each."""
    if not isinstance(content, list):
        return content or ""
    for part in content:
        if part.type not in (*_TEXT, "refusal"):
            raise _impossible(
                param, f"only text can be read: leave the part {part.type[:40]!r} out"
            )
    return "\n".join(filter(None, (part.text or part.refusal for part in content)))


def _refuse_model(name: str) -> None:
    if name not in (*AS_SET, *MODELS):
        detail = f"The model {name!r} is not offered here: name one of {', '.join(MODELS)}"
        raise ProblemError(
            404,
            detail,
            error=OpenAIError(
                message=detail, type="invalid_request_error", param="model", code="model_not_found"
            ),
        )


def _refuse_format(param: str, wanted: Any) -> None:
    kind = wanted.get("type", "text") if isinstance(wanted, dict) else "text"
    if kind != "text":
        raise _impossible(param, "answers are sentences with their quotes: leave the format out")


def _refuse_tool(choice: Any) -> None:
    if choice not in (None, "auto", "none"):
        raise _impossible("tool_choice", "no tool is ever called: leave it out, or send 'auto'")


def _impossible(param: str, reason: str, code: str = "unsupported_value") -> ProblemError:
    detail = f"{param}: {reason}"
    return ProblemError(
        400,
        detail,
        errors=[{"pointer": "#/" + param.replace(".", "/"), "detail": reason}],
        error=OpenAIError(message=detail, type="invalid_request_error", param=param, code=code),
    )

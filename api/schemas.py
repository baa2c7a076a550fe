"""What goes over the wire and is not one of the engine's own records."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from rag.answering.conversation import MAX_QUESTION
from rag.records import Citation, Claim, Passage, Role, SourceFacts, Turn

MAX_TURNS = 200
MAX_TURN = 100_000
MAX_CHECKED = 20_000
"""Characters of a text whose sentences are checked."""

Glob = Annotated[str, Field(max_length=1000)]


class Said(BaseModel):
    """What one side said earlier in a conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    content: Annotated[str, Field(max_length=MAX_TURN)]

    def turn(self) -> Turn:
        """As the engine takes it."""
        return Turn(self.role, self.content)


class AskRequest(BaseModel):
    """A question to the library."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[str, Field(description=f"At most {MAX_QUESTION} characters.")]
    sources: Annotated[
        list[Glob],
        Field(max_length=100, description="Globs: only articles they name. None: all articles."),
    ] = []
    conversation: Annotated[
        list[Said], Field(max_length=MAX_TURNS, description="What was said before, oldest first.")
    ] = []
    model: Annotated[
        str | None,
        Field(
            max_length=200,
            description="`citewell`, `auto` or nothing: whoever is set to answer; `extractive`: "
            "quotes alone.",
        ),
    ] = None
    stream: Annotated[bool, Field(description="Send server-sent events instead of one answer.")] = (
        False
    )


class CheckRequest(BaseModel):
    """A statement, or a draft of several sentences."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(max_length=MAX_CHECKED)]


class Sources(BaseModel):
    """Every article's facts, by source."""

    sources: list[SourceFacts]


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Questions can be answered, from this many articles."""

    status: Literal["ready"] = "ready"
    articles: int


class OpenAIError(BaseModel):
    """An error as OpenAI's clients read it."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Problem(BaseModel):
    """Problem details (RFC 9457); `errors` name each unusable part of the body by JSON pointer.

    On OpenAI's routes `error` says the same as OpenAI's clients read it.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[Literal["pointer", "detail"], str]] | None = None
    error: OpenAIError | None = None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was retrieved: `text` is the article's text from `start` to `end`."""

    source: str
    title: str
    date: str | None
    text: str
    start: int
    end: int
    line: int
    score: float

    @classmethod
    def of(cls, passage: Passage) -> Self:
        """What is told of a passage."""
        return cls(
            source=passage.source,
            title=passage.title,
            date=passage.date,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            line=passage.line,
            score=round(passage.score, 4),
        )


@dataclass(frozen=True, slots=True)
class PassagesEvent:
    """The first event of a stream: what was retrieved, best first."""

    passages: list[FoundPassage]


@dataclass(frozen=True, slots=True)
class ClaimEvent:
    """A claim that is released and stays, with the citations that it is first to use."""

    claim: Claim
    citations: tuple[Citation, ...]

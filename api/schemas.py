"""What goes over the wire and is not one of the engine's own records."""

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import PydanticCustomError

from rag.answering.conversation import MAX_QUESTION
from rag.records import SourceFacts

Glob = Annotated[str, Field(max_length=1000)]

_SUPPORTED = {"conversation": "an empty list", "model": "auto or extractive", "stream": "false"}


class AskRequest(BaseModel):
    """A question to the library."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[str, Field(description=f"At most {MAX_QUESTION} characters.")]
    sources: Annotated[
        list[Glob],
        Field(max_length=100, description="Globs: only articles they name. None: all articles."),
    ] = []
    conversation: Annotated[tuple[()], Field(description="Empty: each question stands alone.")] = ()
    model: Annotated[
        Literal["auto", "extractive"] | None,
        Field(description="Who answers; both give answers made of quotes."),
    ] = None
    stream: Annotated[Literal[False], Field(description="The answer comes whole.")] = False

    @field_validator(*_SUPPORTED, mode="wrap")
    @classmethod
    def _supported(
        cls, value: object, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> object:
        try:
            return validate(value)
        except ValidationError:
            only = _SUPPORTED[str(info.field_name)]
            raise PydanticCustomError(
                "unsupported", "this value is not supported, only {only} is", {"only": only}
            ) from None


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


class Problem(BaseModel):
    """Problem details (RFC 9457); `errors` name each unusable part of the body by JSON pointer."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[Literal["pointer", "detail"], str]] | None = None

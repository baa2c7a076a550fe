"""OpenAI's routes: any client of theirs can ask here."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Request, Response
from fastapi.openapi.models import Example

from api.asking import answered, asked
from api.context import TheContext
from api.openai_shapes.chat import ChatCompletion, Chunks, completion
from api.openai_shapes.requests import (
    MODELS,
    ChatRequest,
    ResponsesRequest,
    of_chat,
    of_responses,
)
from api.openai_shapes.responses import ModelResponse, ResponseEvents, response
from api.problems import ProblemError, documented
from api.schemas import OpenAIError
from api.streaming import EventStream, documented_stream

_QUESTION = "How many troops marched through Red Square?"


def _examples(**asked: Any) -> dict[str, Example]:
    body = {"model": "citewell", **asked}
    return {
        "whole": {"summary": "An answer at once", "value": body},
        "streamed": {"summary": "The same as it is made", "value": {**body, "stream": True}},
    }


_STREAM = documented_stream("The answer; with `stream`, OpenAI's events.", "data: [DONE]\n\n")
_RESPONSES = {**_STREAM, **documented(400, 401, 404, 413, 422, 429, 503)}


@dataclass(frozen=True, slots=True)
class Model:
    """A name that can be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["citewell"] = "citewell"


@dataclass(frozen=True, slots=True)
class ModelList:
    """Every name that can be asked for."""

    data: list[Model]
    object: Literal["list"] = "list"


router = APIRouter(prefix="/v1", tags=["OpenAI"])


@router.post("/chat/completions", response_model=ChatCompletion, responses=_RESPONSES)
async def chat_completions(
    body: Annotated[
        ChatRequest,
        Body(openapi_examples=_examples(messages=[{"role": "user", "content": _QUESTION}])),
    ],
    context: TheContext,
    request: Request,
) -> Response:
    """Answer the last message. Each `[n]` of the text is a `file_citation` annotation with its
    `quote`; a refusal is in `refusal` too. System messages and sampling parameters change nothing.
    """
    question = of_chat(body)
    ask = asked(context, question.question, body.sources, question.conversation, body.model)
    if body.stream:
        return EventStream(context.asking, ask, Chunks(body.model, body.include_usage))
    whole = await answered(context, ask, lambda answer: completion(answer, body.model), request)
    return Response(whole, media_type="application/json")


@router.post("/responses", response_model=ModelResponse, responses=_RESPONSES)
async def responses(
    body: Annotated[ResponsesRequest, Body(openapi_examples=_examples(input=_QUESTION))],
    context: TheContext,
    request: Request,
) -> Response:
    """Answer the input's last message. Each `[n]` of the text is a `file_citation` annotation with
    its `quote`; a refusal is a part of its own. Nothing is kept: send what was said before.
    """
    question = of_responses(body)
    ask = asked(context, question.question, body.sources, question.conversation, body.model)
    if body.stream:
        return EventStream(context.asking, ask, ResponseEvents(body.model, body.metadata))
    whole = await answered(
        context, ask, lambda answer: response(answer, body.model, body.metadata), request
    )
    return Response(whole, media_type="application/json")


@router.get("/models", responses=documented(401, 429))
async def models() -> ModelList:
    """The names that `model` may have: whoever is set to answer, and quotes alone."""
    return ModelList([Model(name) for name in MODELS])


@router.get("/models/{model}", responses=documented(401, 404, 429))
async def model(model: Annotated[str, Path(examples=["citewell"])]) -> Model:
    """One of them."""
    if model not in MODELS:
        detail = f"The model {model!r} is not offered here: /v1/models lists those that are"
        error = OpenAIError(message=detail, type="invalid_request_error", code="model_not_found")
        raise ProblemError(404, detail, error=error)
    return Model(model)

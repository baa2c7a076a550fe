"""Questions and statements: POST /v1/ask, POST /v1/check."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from fastapi.openapi.models import Example
from pydantic import TypeAdapter

from api.asking import answered, asked
from api.context import TheContext
from api.problems import documented
from api.schemas import AskRequest, CheckRequest
from api.streaming import Events, EventStream, documented_stream
from api.work import Caller
from rag.records import Answer, ClaimCheck

_QUESTION = "How many troops marched through Red Square?"

_ASK_EXAMPLES: dict[str, Example] = {
    "answered": {
        "summary": "A question that the articles of seeds/ answer",
        "value": {"question": _QUESTION},
    },
    "some sources": {
        "summary": "The same, asked of some articles only",
        "value": {"question": _QUESTION, "sources": ["000_*"]},
    },
    "refused": {
        "summary": "A question that they do not answer",
        "value": {"question": "What does a ticket to the Louvre cost?"},
    },
    "conversation": {
        "summary": "A question that goes on from another",
        "value": {
            "question": "Which leaders watched the parade with Putin?",
            "conversation": [
                {"role": "user", "content": _QUESTION},
                {"role": "assistant", "content": "More than 11,500 troops took part. [1]"},
            ],
        },
    },
    "streamed": {
        "summary": "An answer as it is made, as server-sent events",
        "value": {"question": _QUESTION, "stream": True},
    },
}

_CHECK_EXAMPLES: dict[str, Example] = {
    "statement": {
        "summary": "A statement to hold against the articles of seeds/",
        "value": {"text": "Xi Jinping watched the parade in Moscow with Putin."},
    },
    "draft": {
        "summary": "A draft, whose sentences are held against them one by one",
        "value": {
            "text": "Xi Jinping watched the parade in Moscow with Putin. "
            "The parade was cancelled because of rain."
        },
    },
}

_STREAM = documented_stream(
    "The answer; with `stream`, an event `passages` (what was retrieved), a `claim` each as it is "
    "released, with the citations that it is first to use, then `answer` (the whole Answer) or "
    "`error` (problem details).",
    'event: passages\ndata: {"passages": []}\n\n'
    'event: claim\ndata: {"claim": {}, "citations": []}\n\n'
    "event: answer\ndata: {}\n\n",
)

_ANSWER = TypeAdapter(Answer)
_CHECKS = TypeAdapter(list[ClaimCheck])

router = APIRouter(prefix="/v1", tags=["answers"])


@router.post(
    "/ask",
    response_model=Answer,
    responses={**_STREAM, **documented(400, 401, 413, 422, 429, 503)},
)
async def ask(
    body: Annotated[AskRequest, Body(openapi_examples=_ASK_EXAMPLES)],
    context: TheContext,
    request: Request,
) -> Response:
    """Answer a question; every sentence rests on exact quotes, or the question is refused.

    A quote is `text[start:end]` of its source's text, counted in characters (code points).
    """
    turns = [said.turn() for said in body.conversation]
    question = asked(context, body.question, body.sources, turns, body.model)
    if body.stream:
        return EventStream(context.asking, question, Events())
    answer = await answered(context, question, _ANSWER.dump_json, request)
    return Response(answer, media_type="application/json")


@router.post(
    "/check",
    response_model=list[ClaimCheck],
    responses=documented(400, 401, 413, 422, 429, 503),
)
async def check(
    body: Annotated[CheckRequest, Body(openapi_examples=_CHECK_EXAMPLES)],
    context: TheContext,
    request: Request,
) -> Response:
    """Hold each sentence of a text against the articles: borne out by which quotes, or not.

    The citations of a sentence that is not borne out are what comes nearest.
    """
    caller = Caller()
    with context.asking.place():
        checks = await context.asking.serve(
            lambda: _CHECKS.dump_json(context.service.check(body.text, caller.gone)),
            caller,
            request.receive,
        )
    return Response(checks, media_type="application/json")

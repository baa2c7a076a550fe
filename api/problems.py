"""Every error as problem details, `application/problem+json` (RFC 9457)."""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.openai_shapes.errors import as_error, is_openai
from api.schemas import Problem
from rag.errors import (
    Abandoned,
    CitewellError,
    IndexAway,
    InputError,
    LibraryBusy,
    LibraryError,
    UnknownSource,
)

log = logging.getLogger(__name__)

RETRY_AFTER = 5
"""Seconds after which a request that met a 503 may be worth repeating."""

_ERRORS_NAMED = 20
_NEXT_STEPS = {
    400: "The body cannot be read: send JSON in UTF-8, without endless numbers or nesting",
    404: "Nothing is here: /docs lists what there is",
    405: "This route has other methods: the Allow header names them",
}


class ProblemError(HTTPException):
    """A problem to tell the client as it is: its detail names the next step."""

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(status, detail, headers)
        self.problem = _problem(status, detail, **more)


class ProblemResponse(Response):
    """A response that carries a Problem; on OpenAI's routes OpenAI's `error` beside it."""

    media_type = "application/problem+json"

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_json(problem), problem.status, headers)
        self._problem = problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it (ASGI 3)."""
        if is_openai(scope):
            problem = self._problem.model_copy(update={"error": as_error(self._problem)})
            self.body = _json(problem)
            self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> ProblemResponse:
    """The response to a request that failed with `status`."""
    return ProblemResponse(_problem(status, detail, **more), headers)


def explained(error: CitewellError | ProblemError) -> Problem:
    """What a client is told of an error; of what only the server's owner can mend, no more than
    that it is so."""
    match error:
        case ProblemError():
            return error.problem
        case UnknownSource():
            return _problem(404, str(error))
        case InputError():
            return _problem(400, str(error))
        case LibraryBusy():
            return _problem(503, "Articles are being written by another process: try again soon")
        case Abandoned():
            return _problem(503, "The server is about to end: try again soon")
    # The message is for whoever runs the server: it may name folders, addresses, part of a key.
    log.error("%s", error)
    match error:
        case IndexAway():
            what = "library's index"
        case LibraryError():
            what = "library"
        case _:
            what = "model"
    return _problem(503, f"The {what} is out of reach: try again later; the server's log says more")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """A route's problems as its OpenAPI `responses`: these, and any other in the same form."""
    responses: dict[int | str, dict[str, Any]] = {"default": _documented(500, "Any other problem")}
    for status in statuses:
        responses[status] = _documented(status, HTTPStatus(status).phrase)
    return responses


def _documented(status: int, description: str) -> dict[str, Any]:
    example = Problem(
        title=HTTPStatus(status).phrase, status=status, detail="What happened: what to do next"
    )
    content = {
        "schema": Problem.model_json_schema(),
        "example": example.model_dump(exclude_none=True),
    }
    documented: dict[str, Any] = {
        "description": description,
        "content": {ProblemResponse.media_type: content},
    }
    if status in (429, 503):
        documented["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait before asking again.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return documented


def _problem(status: int, detail: str, **more: Any) -> Problem:
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)


def _json(problem: Problem) -> bytes:
    """JSON in UTF-8; half a surrogate pair, which input may hold, becomes its `\\u` escape."""
    content = problem.model_dump(exclude_none=True)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


FAILED = _problem(500, "Something failed that should not have: the server's log says what")
"""What is told of an error that no one expects."""


async def _http(request: Request, error: HTTPException) -> Response:
    if isinstance(error, ProblemError):
        return ProblemResponse(explained(error), error.headers)
    detail = _NEXT_STEPS.get(error.status_code, error.detail)
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return problem(error.status_code, detail, headers)


def _allowed(request: Request) -> str:
    """The methods of all routes that a request's path has; Starlette names those of the first."""
    routes = iter_route_contexts(request.app.routes)
    fits = (route for route in routes if route.matches(request.scope)[0] != Match.NONE)
    methods = {method for route in fits for method in route.methods or ()} or {"GET"}  # files
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()[:_ERRORS_NAMED]
    if found[0]["type"] == "json_invalid":
        reason, at = found[0]["ctx"]["error"], found[0]["loc"][1]
        return problem(422, f"The body is not valid JSON ({reason} at character {at}): correct it")
    if not re.match(
        r"application/(?:[\w.+-]+\+)?json\b", request.headers.get("content-type", "").lower()
    ):
        return problem(422, "The body must be JSON, sent with Content-Type: application/json")
    errors = [{"pointer": _pointer(one["loc"][1:]), "detail": one["msg"]} for one in found]
    named = "; ".join(f"{one['pointer'][2:] or 'the body'}: {one['detail']}" for one in errors)
    return problem(422, f"{named} (see /docs)", errors=errors)


async def _citewell(_: Request, error: CitewellError) -> Response:
    found = explained(error)
    headers = {"Retry-After": str(RETRY_AFTER)} if found.status == 503 else None
    return ProblemResponse(found, headers)


HANDLERS: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
    HTTPException: _http,
    RequestValidationError: _invalid,
    CitewellError: _citewell,
}


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer as a URI fragment's text (RFC 6901)."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "#" + "".join(f"/{part}" for part in parts)

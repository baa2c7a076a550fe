"""Every error as problem details, `application/problem+json` (RFC 9457)."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.schemas import Problem
from rag.errors import InputError, LibraryError, ModelError, UnknownSource

log = logging.getLogger(__name__)

RETRY_AFTER = 5
"""Seconds after which a request that met a 503 may be worth repeating."""

_ERRORS_NAMED = 20
_NEXT_STEPS = {
    400: "The body cannot be read: send JSON in UTF-8",
    404: "Nothing is here: /docs lists what there is",
    405: "This route has other methods: the Allow header names them",
}


class ProblemResponse(JSONResponse):
    """A response that carries a Problem."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        """JSON in UTF-8; half a surrogate pair, which input may hold, becomes its `\\u` escape."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """The response to a request that failed with `status`."""
    content = Problem.model_validate(
        {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, "errors": errors}
    )
    return ProblemResponse(content.model_dump(exclude_none=True), status, headers)


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
    return {"description": description, "content": {ProblemResponse.media_type: content}}


async def _http(_: Request, error: HTTPException) -> Response:
    detail = _NEXT_STEPS.get(error.status_code, error.detail)
    return problem(error.status_code, detail, headers=error.headers)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()[:_ERRORS_NAMED]
    if found[0]["type"] == "json_invalid":
        reason, at = found[0]["ctx"]["error"], found[0]["loc"][1]
        return problem(422, f"The body is not valid JSON ({reason} at character {at}): correct it")
    if "json" not in request.headers.get("content-type", ""):
        return problem(422, "The body must be JSON, sent with Content-Type: application/json")
    errors = [{"pointer": _pointer(one["loc"][1:]), "detail": one["msg"]} for one in found]
    named = "; ".join(f"{one['pointer'][2:] or 'the body'}: {one['detail']}" for one in errors)
    return problem(422, f"{named} (see /docs)", errors)


async def _unusable(_: Request, error: InputError) -> Response:
    return problem(404 if isinstance(error, UnknownSource) else 400, str(error))


async def _out_of_reach(_: Request, error: LibraryError | ModelError) -> Response:
    # The message is for whoever runs the server: it may name folders, addresses, part of a key.
    log.error("%s", error)
    what = "library" if isinstance(error, LibraryError) else "model"
    return problem(
        503,
        f"The {what} is out of reach: try again later; the server's log says more",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


async def _failed(_: Request, error: Exception) -> Response:
    # Starlette raises it again, for the server to log it with its traceback and hang up.
    return problem(
        500,
        "Something failed that should not have: the server's log says what",
        headers={"Connection": "close"},
    )


HANDLERS: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
    HTTPException: _http,
    RequestValidationError: _invalid,
    InputError: _unusable,
    LibraryError: _out_of_reach,
    ModelError: _out_of_reach,
    Exception: _failed,
}


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON pointer as a URI fragment's text (RFC 6901)."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "#" + "".join(f"/{part}" for part in parts)

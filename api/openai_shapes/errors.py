"""A problem as the `error` member that OpenAI's clients read."""

from starlette.types import Scope

from api.paths import path_of
from api.schemas import OpenAIError, Problem

_PREFIXES = ("/v1/chat", "/v1/responses", "/v1/models")
_CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


def is_openai(scope: Scope) -> bool:
    """Whether a request is to one of OpenAI's routes."""
    return path_of(scope).startswith(_PREFIXES)


def as_error(problem: Problem) -> OpenAIError:
    """The same, for OpenAI's clients; `param` is the first part of the body that is named."""
    if problem.error:
        return problem.error
    pointer = problem.errors[0]["pointer"][2:] if problem.errors else ""
    kind = "server_error" if problem.status >= 500 else "invalid_request_error"
    return OpenAIError(
        message=problem.detail,
        type="rate_limit_error" if problem.status == 429 else kind,
        param=pointer.replace("/", ".") or None,
        code=_CODES.get(problem.status),
    )

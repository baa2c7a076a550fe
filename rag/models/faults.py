"""What providers raise -> what it means: mend a setting, try again, or do without the model."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from rag.errors import ContextOverflow, ModelError, ModelFault

if TYPE_CHECKING:
    from rag.models.opening import ChatModel

_OVERFLOW = re.compile(
    r"context.{0,20}(?:length|size|window|limit)|(?:prompt|input) is too long|too many tokens"
    r"|exceed_context|maximum.{0,20}tokens",
    re.IGNORECASE | re.DOTALL,
)
_PASSING = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT))


def failure(error: Exception, model: "ChatModel", begun: bool) -> ModelError:
    """The failure that `error` is, for `model`, whose reply has `begun` or not.

    A ModelFault is worth doing without the model, and trying again if it is `transient`; any other
    ModelError lasts until a setting is mended. No message repeats the provider's own: those name
    keys and repeat prompts.
    """
    from langchain_core import exceptions as langchain

    match error:
        case UnicodeEncodeError():
            return ModelError(f"The key of {model.id} cannot be sent: set {_key(model)} again")
        case langchain.ModelAuthenticationError() | langchain.ModelPermissionDeniedError():
            return ModelError(f"{model.id} refused the key: set {_key(model)} to one that it takes")
        case langchain.ModelNotFoundError():
            return ModelError(
                f"{model.id} is not known to the server that was asked: check CITEWELL_MODEL and "
                "the server's address (OPENAI_BASE_URL, usually ending in /v1)"
            )
        case langchain.ContextOverflowError():
            return ContextOverflow(f"{model.id} cannot read that much at once")
        case langchain.ModelInvalidRequestError():
            if _OVERFLOW.search(_said(error)):
                return ContextOverflow(f"{model.id} cannot read that much at once")
            return ModelFault(f"{model.id} refused the request{_code(error)}")
        case langchain.ModelRateLimitError():
            return ModelFault(
                f"{model.id} is asked too much or its quota is used up{_code(error)}",
                transient=True,
                retry_after=_retry_after(error),
            )
        case langchain.ModelAPIError():
            return ModelFault(
                f"The server of {model.id} failed{_code(error)}",
                transient=True,
                retry_after=_retry_after(error),
            )
        case langchain.ModelTimeoutError():
            return ModelFault(f"{model.id} was not reached in time")
        case langchain.ModelConnectionError():
            what = "broke off its answer" if begun else "cannot be reached"
            return ModelFault(f"{model.id} {what}", transient=not begun)
    if _OVERFLOW.search(_said(error)) and not begun:
        return ContextOverflow(f"{model.id} cannot read that much at once")
    status = getattr(error, "status_code", None)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return ContextOverflow(f"{model.id} cannot read that much at once{_code(error)}")
    if isinstance(status, int):
        return ModelFault(
            f"{model.id} refused the request{_code(error)}",
            transient=status in _PASSING,
            retry_after=_retry_after(error),
        )
    return ModelFault(f"{model.id} sent what cannot be read ({type(error).__name__})")


def _key(model: "ChatModel") -> str:
    """The setting that holds the model's key."""
    return " or ".join(model.chat.lc_secrets.values()) or "the key"


def _said(error: Exception) -> str:
    return f"{error} {getattr(error, 'code', '')} {getattr(error, 'type', '')}"


def _code(error: Exception) -> str:
    """The status and code that the server gave, in brackets: they hold nothing of ours."""
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    known = [f"HTTP {status}"] if isinstance(status, int) else []
    if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code):
        known.append(code)
    return f" ({', '.join(known)})" if known else ""


def _retry_after(error: Exception) -> float | None:
    """The seconds that the server asks to wait, None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass  # a date, or nothing
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None

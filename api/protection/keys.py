"""The bearer keys (RFC 6750)."""

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.paths import path_of
from api.problems import problem

_GUARDED = ("/v1", "/metrics")


class BearerKeys:
    """Lets requests under /v1 and to /metrics pass with one of the keys only.

    Notes in the scope's `client_key` which of them it was.
    """

    def __init__(self, app: ASGIApp, keys: Iterable[str]) -> None:
        self._app = app
        self._keys = [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3)."""
        if scope["type"] == "http" and self._is_guarded(scope):
            key = self._key(scope)
            if key is None:
                refusal = problem(
                    401,
                    "A key is needed: send the header Authorization: Bearer KEY",
                    headers={"WWW-Authenticate": "Bearer"},
                )
                return await refusal(scope, receive, send)
            scope["client_key"] = key
        await self._app(scope, receive, send)

    def _is_guarded(self, scope: Scope) -> bool:
        return path_of(scope).startswith(_GUARDED)

    def _key(self, scope: Scope) -> int | None:
        """Which of the keys was sent, None for none of them."""
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        # Every key is compared, each in constant time: how long it takes tells nothing about them.
        sent = given.strip().encode("latin-1")
        same = [hmac.compare_digest(sent, key) for key in self._keys]
        return same.index(True) if scheme.lower() == "bearer" and any(same) else None

"""How many requests a minute one client may make."""

import math
import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from api.paths import path_of
from api.problems import problem

_CLIENTS = 10_000
"""Clients whose buckets are remembered; past them whoever was not heard of for longest is new."""


class RateLimit:
    """A token bucket for each key or, without keys, each address; /v1 only.

    A client may spend a minute's requests at once, and then as many as are filled up again.
    """

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._room = float(per_minute)
        self._per_second = per_minute / 60
        self._buckets: OrderedDict[object, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3)."""
        if scope["type"] == "http" and _is_limited(scope):
            seconds = self._seconds_to_wait(_client(scope), time.monotonic())
            if seconds:
                refusal = problem(
                    429,
                    f"More than {self._room:.0f} requests a minute: "
                    f"wait {seconds} second{'s' if seconds > 1 else ''}",
                    headers={"Retry-After": str(seconds)},
                )
                return await refusal(scope, receive, send)
        await self._app(scope, receive, send)

    def _seconds_to_wait(self, client: object, now: float) -> int:
        """Take a token; where there is none, in how many seconds there will be."""
        tokens, then = self._buckets.pop(client, (self._room, now))
        tokens = min(self._room, tokens + (now - then) * self._per_second)
        may_pass = tokens >= 1
        self._buckets[client] = (tokens - may_pass, now)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if may_pass else math.ceil((1 - tokens) / self._per_second)


def _is_limited(scope: Scope) -> bool:
    return path_of(scope).startswith("/v1")


def _client(scope: Scope) -> object:
    """Who asks: the number of a key, else an address, of IPv6 the part that one subscriber has."""
    if "client_key" in scope:
        return scope["client_key"]
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return int(address) >> 64 if isinstance(address, IPv6Address) else str(address)

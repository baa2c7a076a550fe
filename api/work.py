"""Calls of the service, in threads: so many at once, so many more waiting for their turn."""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from starlette.types import Receive

from api.problems import RETRY_AFTER, ProblemError
from rag.answering.listener import Listener
from rag.errors import Abandoned

_T = TypeVar("_T")

WAIT = 30.0
"""Seconds that a call may wait for its turn."""

LAST = 0.5
"""Seconds that a call may take to end once its caller has been dismissed."""


class Caller(Listener):
    """Whoever waits for a call's end; gone once they `leave`, and what is under way then ends."""

    def __init__(self) -> None:
        self._left = threading.Event()

    def leave(self) -> None:
        """Wait no longer."""
        self._left.set()

    def gone(self) -> bool:
        """Whether they have left."""
        return self._left.is_set()


class Desk:
    """Serves callers `at_once`, and lets `waiting` more wait for their turn."""

    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        self._at_once = at_once
        self._places = at_once + waiting
        self._taken = 0
        self._callers: set[Caller] = set()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._closing = asyncio.Event()

    @property
    def running(self) -> int:
        """How many calls are under way."""
        return min(self._taken, self._at_once)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._taken - self.running

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place, in the event loop. Raises ProblemError, 503, where all are taken."""
        if self._taken >= self._places:
            raise _busy()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def serve(self, call: Callable[[], _T], caller: Caller, receive: Receive) -> _T:
        """The result of `call` in a thread; `caller` leaves when `receive` tells of it.

        Needs a place. Raises ProblemError, 503, where its turn does not come in time, Abandoned
        where the caller has left, and what `call` raises.
        """
        self._callers.add(caller)
        watcher = asyncio.create_task(_watch(receive, caller))
        latest = time.monotonic() + WAIT

        def at_last() -> _T:
            if caller.gone():
                raise Abandoned("Nobody waits for it any more: ask again")
            if time.monotonic() > latest:
                raise _busy()
            return call()

        try:
            run = contextvars.copy_context().run
            result = asyncio.wrap_future(self._threads.submit(run, at_last))
            await self._unless_closing(result)
            return await result
        except asyncio.CancelledError:
            caller.leave()
            raise
        finally:
            watcher.cancel()
            self._callers.discard(caller)

    def dismiss(self) -> None:
        """Have every caller leave, so that what is under way ends; those whose call does not end at
        once are told so all the same."""
        for caller in self._callers:
            caller.leave()
        self._closing.set()

    async def _unless_closing(self, result: "asyncio.Future[_T]") -> None:
        """Wait for a result; not for long once callers are dismissed. Raises Abandoned."""
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait((result, closing), return_when=asyncio.FIRST_COMPLETED)
            if not result.done():
                await asyncio.wait((result,), timeout=LAST)
        finally:
            closing.cancel()
        if not result.done():
            result.cancel()
            raise Abandoned("The server ends, before this was done: try again")


def _busy() -> ProblemError:
    return ProblemError(
        503,
        "The server is busy with other requests: try again soon",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


async def _watch(receive: Receive, caller: Caller) -> None:
    """Have `caller` leave once the connection is closed; the body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
    caller.leave()

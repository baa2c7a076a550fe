"""The connections that a model's reply comes over, so that another thread can cut them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

_held: ContextVar["Line | None"] = ContextVar("line", default=None)


class Line:
    """What a thread that holds it connects to, until someone cuts it.

    Only for clients that `attach` their requests; of others it tells no more than that it is cut.
    """

    def __init__(self) -> None:
        self._cut = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    @property
    def is_cut(self) -> bool:
        """Whether nobody listens any more."""
        return self._cut

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within, requests of this thread go over this line."""
        before = _held.set(self)
        try:
            yield
        finally:
            _held.reset(before)

    def cut(self) -> None:
        """Close every connection at once: whoever reads from one wakes up to its end."""
        with self._lock:
            self._cut = True
            for connection in self._sockets:
                _close(connection)

    def heed(self, event: str, facts: dict[str, Any]) -> None:
        """Hear of a step of a request, as httpx's `trace` extension tells it."""
        if not event.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        connection = facts["return_value"].get_extra_info("socket")
        with self._lock:
            self._sockets.append(connection)
            if self._cut:
                _close(connection)


def attach(request: Any) -> None:
    """Put an httpx request on the line that this thread holds; to be a client's request hook."""
    if line := _held.get():
        request.extensions["trace"] = line.heed


def _close(connection: socket.socket) -> None:
    with suppress(OSError):  # closed already, or handed over to TLS
        connection.shutdown(socket.SHUT_RDWR)

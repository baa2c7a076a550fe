"""An OpenAI-compatible server to talk to over a real socket: it says what it is told to, whole or
as a stream, misbehaves in every way that servers do, and remembers what it was asked.

    with OpenAIServer() as server:
        server.answers("The harbour was opened in 1856. [1]")
        server.misbehaves("rate limited", retry_after=0).answers("Then this.")

Each request takes the next reply of the script; the last one is repeated.
"""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "sk-test-5ca1ab1e"

NEVER = 600.0
"""Seconds: longer than any deadline."""

Body = dict[str, Any]


class _HungUp(Exception):
    """The client closed the connection, or the server is being closed."""


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    path: str
    headers: dict[str, str]
    body: Body

    @property
    def prompt(self) -> str:
        """Every message's text."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])


@dataclass(frozen=True)
class Reply:
    """What the server does with a request.

    `text` goes out in `pieces` (of about `piece` characters, unless they are given), one every
    `pause` seconds, the first after `wait`. A status other than 200 sends `error` instead. After
    `stall_after` pieces nothing more comes; after `cut_after` the connection breaks, or, `cleanly`,
    ends as if all were said; after `garbage_after` comes what is no event.
    """

    text: str = ""
    pieces: tuple[str, ...] = ()
    piece: int = 7
    wait: float = 0.0
    pause: float = 0.0
    finish: str | None = "stop"
    usage: tuple[int, int] | None = (120, 30)
    status: int = 200
    error: Body = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    stall_after: int | None = None
    cut_after: int | None = None
    cleanly: bool = False
    garbage_after: int | None = None
    garbage: str = 'data: {"choices": [{"del\n\n'
    endless: bool = False

    def cut(self) -> Iterator[str]:
        """The pieces that go out."""
        once = self.pieces or tuple(
            self.text[at : at + self.piece] for at in range(0, len(self.text), self.piece)
        )
        yield from once
        while self.endless:
            yield from once


Script = str | Reply | Callable[[Request], str | Reply]
"""What to say, or a function of the request that says it."""


def _error(status: int, message: str, code: str | None, kind: str, **more: Any) -> Reply:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Reply(status=status, error=body, **more)


SAID = "The harbour of Lindau was opened in 1856. [1] A lighthouse stands at its entrance. [1]"

FAULTS: dict[str, Reply] = {
    "silent": Reply(wait=NEVER),
    "stalled": Reply(SAID, stall_after=9),
    "slow": Reply(SAID, pause=0.2),
    "cut": Reply(SAID, cut_after=9),
    "ended early": Reply(SAID, cut_after=9, cleanly=True),
    "no finish reason": Reply(SAID, finish=None),
    "too long": Reply(SAID[:60], finish="length"),
    "filtered": Reply(SAID[:60], finish="content_filter"),
    "empty": Reply(""),
    "endless": Reply("The harbour was opened again and again. [1] ", endless=True),
    "endless sentence": Reply("and then it was opened, ", endless=True),
    "endless blank": Reply("\n \t", endless=True),
    "malformed": Reply(SAID, garbage_after=9),
    "not chunks": Reply(SAID, garbage_after=9, garbage='data: {"choices": 7}\n\n'),
    "error event": Reply(
        SAID,
        garbage_after=9,
        garbage='data: {"error": {"message": "The engine fell over", "type": "server_error"}}\n\n',
    ),
    "wrong key": _error(
        401,
        f"Incorrect API key provided: {KEY}. You can find your API key at example.org.",
        "invalid_api_key",
        "invalid_request_error",
    ),
    "forbidden": _error(403, "Your project may not use it", None, "forbidden"),
    "unknown model": _error(
        404, "The model does not exist", "model_not_found", "invalid_request_error"
    ),
    "bad request": _error(400, "Unsupported parameter", None, "invalid_request_error"),
    "context overflow": _error(
        400,
        "This model's maximum context length is 4096 tokens",
        "context_length_exceeded",
        "invalid_request_error",
    ),
    "llama.cpp overflow": _error(
        400,
        "the request exceeds the available context size, try increasing it",
        None,
        "exceed_context_size_error",
    ),
    "rate limited": _error(429, "Rate limit reached", "rate_limit_exceeded", "requests"),
    "no quota": _error(429, "You exceeded your quota", "insufficient_quota", "insufficient_quota"),
    "broken": _error(500, "The server had an error", None, "server_error"),
    "overloaded": _error(503, "The engine is overloaded", None, "server_error"),
    "not JSON": Reply(status=502, error={}),
}
"""Each misbehaviour by name."""


class OpenAIServer:
    """Serves `/v1/chat/completions` and `/v1/models` on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._script: list[Script] = []
        self._at = 0
        self._hung_up = threading.Semaphore(0)
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def answers(self, *scripts: Script) -> Self:
        """Further replies; each a text, a Reply, or a function of the Request that gives one."""
        self._script += scripts
        return self

    def misbehaves(self, fault: str, retry_after: str | float | None = None, **more: Any) -> Self:
        """One of FAULTS as the next reply, `more` in place of its fields."""
        reply = replace(FAULTS[fault], **more)
        if retry_after is not None:
            reply = replace(reply, headers=(("Retry-After", str(retry_after)),))
        return self.answers(reply)

    def forget(self) -> Self:
        """Begin anew, with no script and no requests."""
        self.requests, self._script, self._at = [], [], 0
        return self

    def saw_hang_up(self, seconds: float = 60) -> bool:
        """Whether a client closes a connection before all was said, within `seconds` from now;
        each is counted once."""
        return self._hung_up.acquire(timeout=seconds)

    def reply_to(self, request: Request) -> Reply:
        """The next of the script; remembers the request."""
        with self._lock:
            self.requests.append(request)
            script = self._script[min(self._at, len(self._script) - 1)]
            self._at += 1
        if callable(script):
            script = script(request)
        return Reply(script) if isinstance(script, str) else script

    def note_hang_up(self) -> None:
        """A client is gone."""
        self._hung_up.release()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def nobody_listens() -> Iterator[str]:
    """The URL of a port that refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


class _Server(ThreadingHTTPServer):
    owner: OpenAIServer
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:  # a client that has what it wants reads no further
            self.close_connection = True

    def do_GET(self) -> None:
        self._json(200, {"object": "list", "data": [{"id": "test", "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        if self.path != "/v1/chat/completions":
            self._json(404, {"error": {"message": "Not Found", "type": "not_found"}})
            return
        reply = self.server.owner.reply_to(request)
        try:
            self._sleep(reply.wait)
            if reply.status != 200:
                self._json(reply.status, reply.error, reply.headers)
            elif body.get("stream"):
                self._stream(reply, body)
            else:
                self._whole(reply, body)
        except (OSError, _HungUp):
            self.server.owner.note_hang_up()
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _whole(self, reply: Reply, body: Body) -> None:
        message = {"role": "assistant", "content": "".join(reply.cut())}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        answer = _about(body, "chat.completion") | {"choices": [choice], "usage": _usage(reply)}
        self._json(200, answer, reply.headers)

    def _stream(self, reply: Reply, body: Body) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        about = _about(body, "chat.completion.chunk")

        def event(delta: Body, finish: str | None = None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            self._send(f"data: {json.dumps(about | {'choices': [choice]})}\n\n")

        event({"role": "assistant", "content": ""})
        for number, piece in enumerate(reply.cut()):
            if number == reply.stall_after:
                self._sleep(NEVER)
            if number == reply.garbage_after:
                self._send(reply.garbage)
            if number == reply.cut_after:
                self._break_off(reply.cleanly)
                return
            self._sleep(reply.pause)
            event({"content": piece})
        if reply.finish:
            event({}, reply.finish)
        if reply.usage and body.get("stream_options", {}).get("include_usage"):
            self._send(f"data: {json.dumps(about | {'choices': [], 'usage': _usage(reply)})}\n\n")
        self._send("data: [DONE]\n\n")
        self._send("")

    def _break_off(self, cleanly: bool) -> None:
        if cleanly:
            self._send("")
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, text: str) -> None:
        """One chunk; the empty one ends the body."""
        self._sleep(0)
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _sleep(self, seconds: float) -> None:
        """Wait, and notice meanwhile that the client closes the connection."""
        until = time.monotonic() + seconds
        while not self.server.owner.closing.is_set():
            left = until - time.monotonic()
            readable, _, _ = select.select([self.connection], [], [], max(0.0, min(left, 0.05)))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                break
            if left <= 0:
                return
        raise _HungUp

    def _json(self, status: int, content: Body, headers: tuple[tuple[str, str], ...] = ()) -> None:
        data = json.dumps(content).encode() if content else b"<html>Bad gateway</html>"
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if content else "text/html")
        self.send_header("Content-Length", str(len(data)))
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(data)


def _about(body: Body, kind: str) -> Body:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": body["model"]}


def _usage(reply: Reply) -> Body | None:
    if reply.usage is None:
        return None
    given, made = reply.usage
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}

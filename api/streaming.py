"""An answer as server-sent events, each sent as soon as it is known."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.problems import FAILED, ProblemError, explained
from api.schemas import ClaimEvent, FoundPassage, PassagesEvent, Problem
from api.work import Caller, Desk
from rag.answering.listener import Listener
from rag.errors import CitewellError
from rag.records import Answer, Citation, Claim, Passage

KEEP_ALIVE = 10.0
"""Seconds of silence after which a comment tells the client, and what is between, of life."""

UNREAD = 256
"""Events that may wait for a slow client; one that leaves more unread is taken for gone."""

_COMMENT = b": still at work\n\n"

_PASSAGES = TypeAdapter(PassagesEvent)
_CLAIM = TypeAdapter(ClaimEvent)
_ANSWER = TypeAdapter(Answer)


class Shape:
    """What a stream says of each step of an answer: bytes of whole events, or none."""

    def passages(self, passages: Sequence[Passage]) -> bytes:
        """These were retrieved, best first."""
        return b""

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> bytes:
        """This claim is released, with the citations that it is first to use."""
        return b""

    def answer(self, answer: Answer) -> bytes:
        """This is the whole answer; the stream ends."""
        return b""

    def failed(self, problem: Problem) -> bytes:
        """There will be no answer; the stream ends."""
        return b""


class Events(Shape):
    """Citewell's own events: `passages`, a `claim` each, `answer` or `error`."""

    def passages(self, passages: Sequence[Passage]) -> bytes:
        """Say what was retrieved."""
        found = [FoundPassage.of(passage) for passage in passages]
        return event(_PASSAGES.dump_json(PassagesEvent(found)), "passages")

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> bytes:
        """Say a claim."""
        return event(_CLAIM.dump_json(ClaimEvent(claim, tuple(citations))), "claim")

    def answer(self, answer: Answer) -> bytes:
        """Say the whole answer."""
        return event(_ANSWER.dump_json(answer), "answer")

    def failed(self, problem: Problem) -> bytes:
        """Say what the problem is."""
        return event(problem.model_dump_json(exclude_none=True).encode(), "error")


def event(data: bytes, name: str = "") -> bytes:
    """One event; `data` is of one line, as JSON is."""
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + data + b"\n\n"


def documented_stream(description: str, example: str) -> dict[int | str, dict[str, Any]]:
    """The 200 of a route that may stream, as its OpenAPI `responses`; the schema is an event's."""
    text = {"type": "string"}
    schema = {"type": "object", "properties": {"event": text, "data": text}, "required": ["data"]}
    content = {"schema": schema, "example": example}
    return {200: {"description": description, "content": {EventStream.media_type: content}}}


class EventStream(Response):
    """What `ask` tells a Listener while it works, as events of a `shape`.

    What fails before the first event is an error response as from any other route.
    """

    media_type = "text/event-stream"

    def __init__(self, desk: Desk, ask: Callable[[Listener], Answer], shape: Shape) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._desk = desk
        self._ask = ask
        self._shape = shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events (ASGI 3)."""
        with self._desk.place():
            teller = _Teller(self._shape)
            work = asyncio.create_task(
                self._desk.serve(partial(teller.tell, self._ask), teller, receive)
            )
            work.add_done_callback(teller.end)
            try:
                await self._send(teller, work, send)
            finally:
                teller.leave()
                await asyncio.wait([work])

    async def _send(self, teller: "_Teller", work: "asyncio.Task[None]", send: Send) -> None:
        started = False
        while (said := await teller.next()) is not None:
            if not started:
                await self._start(send)
                started = True
            await send({"type": "http.response.body", "body": said, "more_body": True})
        try:
            work.result()
            last = b""
        except (CitewellError, ProblemError) as error:
            if not started:
                raise
            last = self._shape.failed(explained(error))
        except Exception:
            if started:
                told = self._shape.failed(FAILED)
                await send({"type": "http.response.body", "body": told, "more_body": True})
            raise
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _start(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )


class _Teller(Caller):
    """Carries what a Listener hears in its thread over to the event loop."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape
        self._loop = asyncio.get_running_loop()
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def next(self) -> bytes | None:
        """The next event, a comment where there is none for long, None at the end."""
        try:
            async with asyncio.timeout(KEEP_ALIVE):
                return await self._said.get()
        except TimeoutError:
            return _COMMENT

    def tell(self, ask: Callable[[Listener], Answer]) -> None:
        """Ask, and say what is heard and the answer; in any thread."""
        self._say(self._shape.answer(ask(self)))

    def passages(self, passages: Sequence[Passage]) -> None:
        self._say(self._shape.passages(passages))

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        self._say(self._shape.claim(claim, citations))

    def end(self, work: "asyncio.Task[None]") -> None:
        """Nothing more will be said."""
        if not work.cancelled():
            work.exception()  # whoever reads to the end raises it
        self._said.put_nowait(None)

    def _say(self, said: bytes) -> None:
        if said:
            self._loop.call_soon_threadsafe(self._put, said)

    def _put(self, said: bytes) -> None:
        if self._said.qsize() >= UNREAD:
            self.leave()
        else:
            self._said.put_nowait(said)

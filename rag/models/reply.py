"""A chat model's reply as it comes, read in a thread of its own: whatever the model or its socket
do, deadlines hold, faults have a name, and nothing runs on once nobody waits."""

import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from rag.errors import Abandoned, ModelFault
from rag.models.faults import failure
from rag.models.line import Line
from rag.models.opening import ChatModel
from rag.records import Usage

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage

ATTEMPTS = 3
"""How often a reply that does not begin is asked for."""

LONGEST_WAIT = 20.0
"""Seconds that a server may have us wait before another attempt."""

MAX_CHARACTERS = 40_000
"""Of a reply, thinking aloud included; one that goes on is broken off."""

_BACKOFF = 0.5
_POLL = 0.05
_JOIN = 1.0

_WHOLE = frozenset(("stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete"))
_TOO_LONG = frozenset(("length", "max_tokens", "max_output_tokens"))
_FILTERED = frozenset(("content_filter", "safety", "refusal", "recitation", "prohibited_content"))


@dataclass(frozen=True, slots=True)
class _Heard:
    """One thing that the reading thread hears of the model."""

    text: str = ""
    usage: Usage = field(default_factory=Usage)
    finish: str = ""
    error: Exception | None = None
    ended: bool = False


class Reply:
    """What a model replies to `messages`; iterate over it once, for the text as it comes.

    That ends of itself only where the reply is whole. Otherwise it raises ModelFault, saying why,
    ModelError where a setting has to be mended, or Abandoned where `gone` says so. `usage` and
    `seconds` (waited for the model) grow meanwhile.
    """

    def __init__(
        self,
        model: ChatModel,
        messages: "Sequence[BaseMessage]",
        gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self.usage = Usage()
        self.seconds = 0.0
        self._model = model
        self._messages = list(messages)
        self._limits = model.limits
        self._gone = gone
        self._characters = 0
        self._deadline = 0.0

    def __iter__(self) -> Generator[str]:
        self._deadline = time.monotonic() + self._limits.answer
        for attempt in range(1, ATTEMPTS + 1):
            try:
                yield from self._attempt()
                return
            except ModelFault as fault:
                pause = _BACKOFF * 2**attempt if fault.retry_after is None else fault.retry_after
                pointless = pause > min(LONGEST_WAIT, self._deadline - time.monotonic())
                if self._characters or not fault.transient or attempt == ATTEMPTS or pointless:
                    raise
            self._pause(pause)

    def _attempt(self) -> Iterator[str]:
        heard: SimpleQueue[_Heard] = SimpleQueue()
        line = Line()
        thread = threading.Thread(
            target=_read, args=(self._model, self._messages, line, heard), daemon=True
        )
        thread.start()
        try:
            yield from self._texts(heard)
        finally:
            line.cut()
            thread.join(_JOIN)

    def _texts(self, heard: "SimpleQueue[_Heard]") -> Iterator[str]:
        finish = ""
        before, used = self.usage, Usage()
        while not (one := self._next(heard)).ended:
            if one.error:
                begun = self._characters > 0
                raise failure(one.error, self._model, begun) from one.error
            finish = one.finish or finish
            used = _used(used, one.usage)
            self.usage = before + used
            if one.text:
                self._characters += len(one.text)
                # Half a surrogate pair, which JSON may hold, is no text.
                yield one.text.encode("utf-8", "replace").decode()
            if self._characters > MAX_CHARACTERS:
                raise ModelFault(f"{self._model.id} did not come to an end")
        self._judge(finish)

    def _next(self, heard: "SimpleQueue[_Heard]") -> _Heard:
        """What is heard next. Raises ModelFault where that takes too long."""
        begun = time.monotonic()
        until = min(begun + self._limits.first_token, self._deadline)
        try:
            while True:
                self._check()
                try:
                    return heard.get(timeout=max(0.0, min(_POLL, until - time.monotonic())))
                except Empty:
                    if time.monotonic() >= until:
                        raise self._too_slow() from None
        finally:
            self.seconds += time.monotonic() - begun

    def _check(self) -> None:
        if self._gone():
            raise Abandoned("The question was withdrawn: ask again")
        if time.monotonic() >= self._deadline:
            raise self._too_slow()

    def _too_slow(self) -> ModelFault:
        if time.monotonic() >= self._deadline:
            return ModelFault(
                f"{self._model.id} took more than {self._limits.answer:g} s "
                "(CITEWELL_ANSWER_SECONDS)"
            )
        what = "fell silent" if self._characters else "said nothing"
        return ModelFault(
            f"{self._model.id} {what} for {self._limits.first_token:g} s "
            "(CITEWELL_FIRST_TOKEN_SECONDS)"
        )

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._check()
            time.sleep(min(_POLL, left))
        self.seconds += seconds

    def _judge(self, finish: str) -> None:
        """Raises ModelFault unless what came is whole."""
        name = self._model.id
        if finish in _TOO_LONG:
            raise ModelFault(f"{name} came to its limit of tokens before the end")
        if finish in _FILTERED:
            raise ModelFault(f"The content filter of {name} broke its answer off")
        if finish not in _WHOLE:
            raise ModelFault(f"{name} broke off its answer")
        if not self._characters:
            raise ModelFault(f"{name} gave an empty answer")


def _read(
    model: ChatModel, messages: "list[BaseMessage]", line: Line, heard: "SimpleQueue[_Heard]"
) -> None:
    """Put all that the model says into `heard`, until its end or until the line is cut."""
    characters = 0
    try:
        with line.held():
            for chunk in model.chat.stream(messages):
                if line.is_cut or characters > MAX_CHARACTERS:
                    return
                characters += len(chunk.text)
                heard.put(_Heard(chunk.text, _usage(chunk), _finish(chunk)))
    except Exception as error:  # whatever it is, it is the answering thread's to hear of
        heard.put(_Heard(error=error))
    else:
        heard.put(_Heard(ended=True))


def _used(before: Usage, told: Usage) -> Usage:
    """What a reply has used when a chunk tells of more: LangChain's providers tell what was used
    since the chunk before, but some servers repeat all, what was read included."""
    return told if before.input_tokens and told.input_tokens else before + told


def _usage(chunk: "AIMessageChunk") -> Usage:
    """What a chunk says was used."""
    used = chunk.usage_metadata
    return Usage(used["input_tokens"], used["output_tokens"]) if used else Usage()


def _finish(chunk: "AIMessageChunk") -> str:
    """Why the model ended, as providers name it; empty while it does not."""
    said = chunk.response_metadata
    names = ("finish_reason", "stop_reason", "stopReason", "done_reason")
    reason = next((str(said[name]) for name in names if said.get(name)), "")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason).lower()

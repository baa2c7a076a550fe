"""A conversation in the terminal: `citewell chat`."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from rag.answering.listener import Listener
from rag.errors import Abandoned, CitewellError
from rag.reading.articles import shown
from rag.records import Answer, Citation, Claim, Turn
from rag.service import Service
from rag.showing import console, print_claim, print_end, say, text
from rag.terminal import lines

if TYPE_CHECKING:
    from rich.console import Console

HISTORY = "chat_history"
"""The file in the library's folder that keeps what was typed."""

PROMPT = "› "

_COMMANDS = {
    "/help": "show this",
    "/sources": "list the articles",
    "/new": "begin a new conversation",
    "/quit": "leave (as does Ctrl-D)",
}


def chat(service: Service) -> bool:
    """Talk until the user leaves or the input ends; whether every question could be answered.

    On a terminal answers come claim by claim with their quotes; from a pipe each line is a question
    and each answer one line.
    """
    if sys.stdin and sys.stdin.isatty():
        _Talk(service, _Shown).run(_typed(service))
        return True
    talk = _Talk(service, _Plain)
    talk.run(lines())
    return not talk.failed


class _Shown(Listener):
    """Prints each claim as it is released; gone once the user pressed Ctrl-C."""

    def __init__(self) -> None:
        self._out: Console = console()
        self._left = False

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        print_claim(self._out, claim, citations)

    def gone(self) -> bool:
        return self._left

    def leave(self) -> None:
        """Wait no longer for the answer."""
        self._left = True

    def end(self, answer: Answer) -> None:
        """The answer is whole."""
        print_end(self._out, answer)


class _Plain(_Shown):
    """Prints the whole answer on one line."""

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        """It comes with the rest."""

    def end(self, answer: Answer) -> None:
        print(text(answer.answer).plain.replace("\n", " "), flush=True)
        if answer.degraded:
            say(answer.degraded)


@dataclass
class _Talk:
    """A conversation and what was said in it."""

    service: Service
    listens: Callable[[], _Shown]
    turns: list[Turn] = field(default_factory=list)
    failed: bool = False

    def run(self, lines: Iterator[str]) -> None:
        """Take line after line, questions and commands, until `/quit`."""
        for line in lines:
            command = line.split()[0]
            if command == "/quit":
                return
            if command.startswith("/"):
                self._command(command)
            else:
                self._ask(line)

    def _command(self, command: str) -> None:
        match command:
            case "/new":
                self.turns.clear()
                say("a new conversation")
            case "/sources":
                for facts in self.service.sources():
                    source = shown(facts.source)
                    console().print(text(f"{source}  {facts.date or '-'}  {facts.title}"))
            case "/help":
                for name, does in _COMMANDS.items():
                    console().print(f"{name:<9} {does}")
            case _:
                say(f"There is no command {command}: there are {', '.join(_COMMANDS)}")

    def _ask(self, question: str) -> None:
        listener = self.listens()
        try:
            with _interrupts(listener):
                answer = self.service.ask(question, conversation=self.turns, listener=listener)
                listener.end(answer)
        except Abandoned:
            say("abandoned; the conversation goes on")
        except CitewellError as error:
            say(error)
            self.failed = True
        else:
            self.turns += [Turn("user", question), Turn("assistant", answer.answer)]


@contextmanager
def _interrupts(listener: _Shown) -> Iterator[None]:
    """Within, Ctrl-C abandons the answer; a second one is as anywhere else."""
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        listener.leave()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _typed(service: Service) -> Iterator[str]:
    """What the user types, line by line, until Ctrl-D. Ctrl-C clears the line."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory

    count = len(service.sources())
    articles = "1 article" if count == 1 else f"{count} articles"
    say(f"{articles}; ask away, /help shows what else there is")
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(service.library.folder / HISTORY)),
        completer=WordCompleter([*_COMMANDS], sentence=True),
        complete_while_typing=False,
    )
    while True:
        try:
            line = session.prompt(PROMPT).strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if line:
            yield line

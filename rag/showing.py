"""What the command line prints: answers, checks, messages, progress; in colour on a terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.records import Answer, Citation, Claim, ClaimCheck
from rag.segmentation import flat
from rag.terminal import inert

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def console() -> "Console":
    """Standard output, wrapped and coloured only where it is a terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 1_000_000
    return Console(highlight=False, markup=False, emoji=False, width=width)


def text(content: str, style: str = "") -> "Text":
    """Text of others, made inert."""
    from rich.text import Text

    return Text(inert(content), style=style)


def say(message: object) -> None:
    """A message about what is going on, on standard error."""
    print(f"citewell: {inert(str(message))}", file=sys.stderr)


def print_json(data: Any, indent: int | None = 2) -> None:
    """Any record as JSON."""
    from pydantic import TypeAdapter

    ascii_ = not (sys.stdout.encoding or "").lower().startswith("utf")
    written = TypeAdapter(Any).dump_json(data, indent=indent, ensure_ascii=ascii_)
    print(written.decode(), flush=True)


def print_answer(answer: Answer, heading: str | None) -> None:
    """An answer, each claim with its quotes underneath."""
    out = console()
    if heading:
        out.print(text(heading, style="bold"))
    citations = {citation.id: citation for citation in answer.citations}
    for claim in answer.claims:
        print_claim(out, claim, [citations[id_] for id_ in claim.citations])
    print_end(out, answer)


def print_claim(out: "Console", claim: Claim, citations: Sequence[Citation]) -> None:
    """A claim with its markers, and these of its quotes underneath."""
    from rich.text import Text

    markers = "".join(f" [{id_}]" for id_ in claim.citations)
    out.print(Text.assemble(text(claim.text), (markers, "bold cyan")))
    _print_quotes(out, claim.text, citations)


def print_end(out: "Console", answer: Answer) -> None:
    """What follows an answer's claims: the refusal where there is none, how sure it is, and what
    failed."""
    if not answer.claims:
        out.print(text(answer.answer, style="yellow"))
    seconds = answer.timings_ms.total / 1000
    out.print(f"confidence {answer.confidence:.2f}, {seconds:.2f} s", style="dim")
    if answer.degraded:
        say(answer.degraded)


def print_check(check: ClaimCheck) -> None:
    """A sentence, whether it is supported, and its quotes or the nearest passages."""
    from rich.text import Text

    out = console()
    mark, style = (
        ("supported    ", "bold green") if check.supported else ("not supported", "bold red")
    )
    out.print(Text.assemble((mark, style), f"  {check.support:.2f}  ", text(check.claim)))
    if check.reason:
        out.print(text(f"    {check.reason}", style="yellow"))
    if not check.supported and check.citations:
        out.print("    nearest:", style="dim")
    _print_quotes(out, check.claim, check.citations)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal; it takes how many of how many are done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.1f}/s" if task.speed else "")

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_quotes(out: "Console", said: str, citations: Sequence[Citation]) -> None:
    from rag.reading.articles import shown

    for citation in citations:
        place = f"    [{citation.id}] {shown(citation.source)}:{citation.line}"
        date = f"  {citation.date}" if citation.date else ""
        out.print(text(place + date, style="cyan"))
        quote = flat(citation.quote)
        if quote != said:
            out.print(text(f"        “{quote}”", style="italic"))

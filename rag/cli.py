"""The command line. Data go to standard output, progress and diagnostics to standard error."""

import errno
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import entry_points
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import CitewellError, InputError
from rag.showing import print_answer, print_check, print_json, progress_bar, say
from rag.terminal import inert, lines

if TYPE_CHECKING:
    from rag.service import Service

FAILED = 1
FOUND_SHORT = 3
INTERRUPTED = 130

app = typer.Typer(
    help="Ask your articles. Every sentence of an answer rests on an exact quote.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_UNWRITABLE = (errno.ENOSPC, errno.EIO, errno.EDQUOT)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Run a command; the exit codes are those of the contract."""
    for command in entry_points(group="citewell.commands"):
        app.command(command.name)(command.load())
    if sys.stdout is None:  # closed
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        _assert_somewhere()
        if os.path.exists(".env"):
            from rag.settings import share_dotenv

            share_dotenv()
        app(prog_name="citewell")
    except CitewellError as error:
        say(error)
        sys.exit(FAILED)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        say(f"The output cannot be written ({error.strerror}): check where it goes to")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nor is the rest, at the end
        sys.exit(FAILED)
    finally:
        gc.freeze()  # else Python looks for cycles among all objects on its way out: half a second


def _assert_somewhere() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise InputError("The working folder is gone: change to another") from error


def _path(given: str) -> Path:
    if not given:
        raise typer.BadParameter("An empty path: name a file or folder")
    return Path(given)


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Files or folders.", parser=_path)
    ],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove sources that left the folders.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring articles into the library; unchanged files cost nothing."""
    if prune and any(os.path.exists(path) and not os.path.isdir(path) for path in paths):
        raise typer.BadParameter("--prune compares whole folders: name only folders")
    try:
        with _service() as service, progress_bar("Ingesting") as progress:
            report = service.ingest(paths, prune, progress)
    except KeyboardInterrupt:
        say("Interrupted: what is in stays, and the same command goes on from there")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(report)
    else:
        counts = {
            name: len(getattr(report, name))
            for name in ("added", "changed", "unchanged", "removed")
        }
        print(", ".join(f"{count} {name}" for name, count in counts.items() if count) or "0 added")
    for _, reason in report.failed:
        say(reason)
    if report.failed:
        raise typer.Exit(FAILED)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads one a line.")],
    as_json: AsJson = False,
    sources: Annotated[
        list[str] | None, typer.Option("--source", metavar="GLOB", help="Only these sources.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="ID",
            help="auto, extractive, or a chat model such as openai:gpt-5-mini.",
        ),
    ] = None,
) -> None:
    """Answer a question; every sentence rests on exact quotes, or the question is refused."""
    from rag.service.inputs import usable

    batch = question == "-"
    with _service(model=model) as service:
        questions = _given(question, usable)
        service.load_ahead()
        for asked in questions:
            answer = service.ask(asked, sources or ())
            if as_json:
                print_json(answer, indent=None if batch else 2)
            else:
                print_answer(answer, heading=asked if batch else None)


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="A statement or a draft; - reads one text a line.")],
    as_json: AsJson = False,
) -> None:
    """Hold each sentence of a text against the library: supported, and by which quotes?"""
    from rag.service.inputs import statements

    with _service() as service:
        drafts = _given(text, statements)
        service.load_ahead()
        for draft in drafts:
            for checked in service.check(draft):
                if as_json:
                    print_json(checked, indent=None)
                else:
                    print_check(checked)


@app.command()
def chat(
    model: Annotated[str | None, typer.Option("--model", metavar="ID", help="As for ask.")] = None,
) -> None:
    """Talk with your articles: follow-ups are understood, every sentence has its quotes."""
    from rag.chat import chat as talk

    with _service(model=model) as service:
        service.load_ahead()  # while the first question is typed
        answered = talk(service)
    if not answered:
        raise typer.Exit(FAILED)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="What `ask --json` printed.", readable=False)],
) -> None:
    """Hold a saved answer against the library: is every quote still at its place?"""
    from rag.verification import load

    answers = load(file)
    with _service() as service:
        short = [problem for answer in answers for problem in service.verify(answer)]
    if short:
        print("\n".join(map(inert, short)))
        raise typer.Exit(FOUND_SHORT)
    quotes = sum(len(answer.citations) for answer in answers)
    print(f"{quotes} of {quotes} quotes stand where the answer says")


@app.command("sources")
def list_sources(as_json: AsJson = False) -> None:
    """List what is in the library."""
    from rag.reading.articles import shown

    with _service() as service:
        found = service.sources()
    if as_json:
        print_json(found)
        return
    names = [shown(facts.source) for facts in found]
    width = max(map(len, names), default=0)
    for name, facts in zip(names, found, strict=True):
        row = f"{name:<{width}}  {facts.date or '-':<10}  {facts.characters:>10,}  "
        print(inert(row + facts.title))
    say("1 article" if len(found) == 1 else f"{len(found)} articles")


@app.command()
def remove(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE…", help="Names or globs.")],
) -> None:
    """Remove articles from the library."""
    from rag.reading.articles import shown

    with _service() as service:
        for source in service.remove(sources):
            print(f"removed {shown(source)}")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the library's counts and versions, and whether index and library agree."""
    with _service() as service:
        short = service.verify_level()
        found = service.status()
    if short:
        found = replace(found, level=False)
    if as_json:
        print_json(found)
    else:
        state = "agrees with" if found.level else "DIFFERS from"
        print(f"library     {found.folder}")
        print(f"articles    {found.articles}")
        print(f"chunks      {found.chunks}")
        print(f"index       {found.indexed} vectors, {state} the library")
        for what, version in found.made_with.items():
            print(f"{what:<11} {version}")
    for problem in short:
        say(problem)
    if not found.level:
        raise typer.Exit(FOUND_SHORT)


@app.command("export")
def export_library(
    file: Annotated[Path, typer.Argument(help="The archive to write.", readable=False)],
) -> None:
    """Write the whole library to one file, a backup; it may be in use meanwhile."""
    with _service() as service:
        service.export(file)
        count, _ = service.size()
    say(f"{count} articles are in {file}: `citewell import {file}` brings them back")


@app.command("import")
def import_library(
    file: Annotated[Path, typer.Argument(help="What `export` wrote.", readable=False)],
) -> None:
    """Bring an exported library in; the library must be empty."""
    with _service() as service:
        print(f"{service.restore(file)} imported")


@contextmanager
def _service(model: str | None = None) -> Iterator["Service"]:
    """The service that the settings name, closed again at the end."""
    from rag.service import open_service
    from rag.settings import load_settings

    service = open_service(load_settings(model=model))
    try:
        yield service
    finally:
        service.close()


def _given(text: str, usable: Callable[[str], object]) -> Iterable[str]:
    """The text, or for - what `_batch` reads. Raises InputError where the text is not `usable`."""
    if text == "-":
        return _batch(usable)
    usable(text)
    return [text]


def _batch(usable: Callable[[str], object]) -> Iterator[str]:
    """The lines of standard input; those that raise InputError are named and passed over, and end
    the command with FAILED."""
    failed = False
    for line in lines():
        try:
            usable(line)
        except InputError as error:
            failed = True
            say(f"{line[:60]!r} is passed over: {error}")
        else:
            yield line
    if failed:
        raise typer.Exit(FAILED)

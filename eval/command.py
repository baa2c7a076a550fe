"""The command `citewell eval`.

Every start of the command line imports this module, so what it works with is imported when used.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from eval.result import SetRun
    from eval.runner import Progress
    from eval.sets import Opened

ERRORS = 1
FOUND_SHORT = 3


def evaluate(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SET",
            help="Files of cases as JSON lines, or `seeds`: the known facts about seeds/.",
            show_default="seeds",
        ),
    ] = None,
    squad: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A SQuAD 2.0 file as a set of its own.")
    ] = None,
    questions: Annotated[
        int, typer.Option(min=1, help="Of --squad: answerable ones, and as many unanswerable.")
    ] = 300,
    articles: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="What the sets are about, instead of the library."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write figures and cases as JSON.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report to look at.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask a running service instead.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Fit confidence and the refusal threshold.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A B", help="Compare two files that --json wrote."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the questions drawn and of the intervals.")] = 0,
) -> None:
    """Say in numbers how far answers can be trusted, on known facts or your own."""
    if compare:
        _compare(*compare)
        return
    from eval import report, result, sets, tables
    from rag.settings import load_settings

    result.require_folders(json_file, html_file)
    chosen = named or ([sets.BUILT_IN] if calibrate else [])
    choice = sets.Choice(chosen, squad, questions, articles, url, seed)
    with _progress() as progress, sets.opened(choice, load_settings(), progress) as found:
        if calibrate:
            _calibrate(found, progress)
            return
        runs = [sets.run(one, seed, progress) for one in found]
    console = _console()
    for one in runs:
        console.print(tables.by_split(one), tables.by_kind(one))
    whole = result.result(runs, sets.described(choice, found))
    if json_file:
        result.write(whole, json_file)
    if html_file:
        report.write(whole, html_file)
    judge(runs, console)


def judge(runs: Sequence["SetRun"], console: "Console") -> None:
    """Show the gates of the built-in set, name failed cases, and leave with the exit code due."""
    from eval import gates, tables

    short = []
    for run in runs:
        if run.built_in:
            bounds = gates.read(run.cases.name)
            console.print(tables.of_gates(bounds, run.figures))
            short += gates.short(bounds, run.figures)
    failed = [outcome for run in runs for outcome in run.errors]
    for outcome in failed:
        typer.echo(f"citewell: {outcome.case.id} failed: {outcome.error}", err=True)
    if failed:
        raise typer.Exit(ERRORS)
    if short:
        raise typer.Exit(FOUND_SHORT)


def _calibrate(found: Sequence["Opened"], progress: "Progress") -> None:
    from importlib.resources import files

    from eval import calibrate, tables
    from rag.errors import InputError

    services = [(one.cases, one.service) for one in found if one.service]
    if len(services) < len(found):
        raise InputError("--calibrate reads scores that a service does not show: leave out --url")
    observed = [calibrate.observe(cases, service, progress) for cases, service in services]
    fitted = calibrate.fit(observed)
    path = Path(str(files("rag") / "calibration.json"))
    calibrate.write(fitted, path)
    _console().print(tables.of_trades(observed, fitted))
    typer.echo(f"citewell: wrote {path.name}: {fitted}", err=True)


def _compare(a: Path, b: Path) -> None:
    from eval import compare, result

    compared = compare.compare(result.read(a), result.read(b))
    _console().print(compare.rendered(compared))


@contextmanager
def _progress() -> Iterator["Progress"]:
    """A bar for each thing that is being done on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


def _console() -> "Console":
    """Standard output, as wide as the tables where it is no terminal."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    return (
        console
        if console.is_terminal
        else Console(highlight=False, markup=False, emoji=False, width=200, no_color=True)
    )

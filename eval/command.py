"""The command `citewell eval`.

Every start of the command line imports this module, so what it works with is imported when used.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.progress import Progress, bars
from eval.writing import require_folders

if TYPE_CHECKING:
    from rich.console import Console

    from eval.ablation import Stage
    from eval.result import Result, SetRun
    from eval.sets import Opened

ERRORS = 1
FOUND_SHORT = 3


def evaluate(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SET",
            help="Files of questions and statements as JSON lines; `seeds`: those about seeds/;"
            " `invented`: those about 24 articles that nothing was fitted on.",
            show_default="seeds",
        ),
    ] = None,
    squad: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A SQuAD 2.0 file as a set of its own.", readable=False),
    ] = None,
    questions: Annotated[
        int, typer.Option(min=1, help="Of --squad: answerable ones, and as many unanswerable.")
    ] = 300,
    articles: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="What the sets are about, instead of the library.",
            readable=False,
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", help="Write figures and cases as JSON.", readable=False
        ),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a report to look at.", readable=False),
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask a running service instead.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Who answers, instead of the one set.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="A chat model that judges answers, as a further figure."
        ),
    ] = None,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="STAGE", help="Turn off dense, bm25, ranking, evidence, rules or learned."
        ),
    ] = None,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Turn off each stage in turn: what does it earn?")
    ] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Fit confidence and the refusal threshold.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A B", help="Compare two files that --json wrote.", readable=False),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Afterwards, compare with a file that --json wrote.",
            readable=False,
        ),
    ] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Of --json, only what a comparison needs.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the questions drawn and of the intervals.")] = 0,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Questions at a time: for services and models.")
    ] = 1,
) -> None:
    """Say in numbers how far answers can be trusted, on known facts or your own."""
    if compare:
        _compare(*compare)
        return
    from eval import report, result, sets
    from eval.judge import open_judge
    from eval.saved import parse
    from rag.settings import load_settings

    require_folders(json_file, html_file)
    before = result.read(against) if against else None
    if before:
        parse(before)
    chosen = named or ([sets.SEEDS, sets.INVENTED] if calibrate else [])
    off = _stage(without)
    choice = sets.Choice(
        chosen, squad, questions, articles, url, model, judge, off, ablate, seed, jobs
    )
    judging = open_judge(judge) if judge else None
    with bars() as progress, sets.opened(choice, load_settings(), progress) as found:
        if calibrate:
            _calibrate(found, progress)
            return
        runs = [sets.run(one, choice, progress, judging) for one in found]
        whole = result.result(runs, sets.described(choice, found))
        if ablate:
            whole["ablation"] = sets.ablated(found, choice, whole, progress)
    if json_file:
        result.write(result.brief(whole) if brief else whole, json_file)
    if html_file:
        report.write(whole, html_file)
    console = _console()
    _show(runs, whole, console)
    if before:
        _show_comparison(before, whole, console)
    conclude(runs, console)


def _show(runs: Sequence["SetRun"], whole: "Result", console: "Console") -> None:
    from eval import tables
    from eval.saved import parse

    for run in runs:
        console.print(*tables.of_set(run))
    if earned := parse(whole).ablation:
        console.print(*tables.of_ablation(earned), *tables.of_layers(earned))


def conclude(runs: Sequence["SetRun"], console: "Console") -> None:
    """Show gates and aims, name failed cases, and leave with the exit code due.

    Only the set about the seeds has gates; an aim that is not reached fails nothing.
    """
    from eval import gates, tables

    short = []
    for run in runs:
        bounds = gates.gates(run.cases.name) if run.built_in else []
        aims = gates.aims(run.cases.name) if run.built_in or run.squad else []
        if bounds:
            console.print(tables.of_gates("gates", bounds, run.figures, "short"))
        if aims:
            console.print(tables.of_gates("aims", aims, run.figures, "not yet"))
        short += gates.short(bounds, run.figures)
    failed = [failure for run in runs for failure in run.errors]
    for id_, error in failed:
        typer.echo(f"citewell: {id_} failed: {error}", err=True)
    if failed:
        raise typer.Exit(ERRORS)
    if short:
        raise typer.Exit(FOUND_SHORT)


def _stage(name: str | None) -> "Stage | None":
    """The stage of that name. Raises a usage error for another."""
    from eval.ablation import STAGES

    for stage in STAGES:
        if stage == name:
            return stage
    if name is not None:
        raise typer.BadParameter(
            f"{name!r} is no stage: name one of {', '.join(STAGES)}", param_hint="--without"
        )
    return None


def _calibrate(found: Sequence["Opened"], progress: Progress) -> None:
    from importlib.resources import files

    from eval import calibrate, tables
    from rag.errors import InputError

    services = [(one.cases, one.service) for one in found if one.service]
    if len(services) < len(found):
        raise InputError("--calibrate reads scores that a service does not show: leave out --url")
    observed = [calibrate.observe(cases, service, progress) for cases, service in services]
    fitted = calibrate.fit(observed)
    held = [calibrate.observe_statements(*one, progress) for one in services if one[0].statements]
    foreign = [
        calibrate.observe_foreign(
            [cases for cases, _ in services if cases is not own], service, progress
        )
        for own, service in services
        if own.statements
    ]
    support = calibrate.fit_support(held, foreign) if held else None
    path = Path(str(files("rag") / "calibration.json"))
    calibrate.write(fitted, support, path)
    _console().print(tables.of_trades(observed, fitted))
    typer.echo(f"citewell: wrote {path.name}: {fitted}, {support or 'support as it was'}", err=True)


def _compare(a: Path, b: Path) -> None:
    from eval import result

    _show_comparison(result.read(a), result.read(b), _console())


def _show_comparison(before: "Result", after: "Result", console: "Console") -> None:
    from eval import compare

    console.print(compare.rendered(compare.compare(before, after)))


def _console() -> "Console":
    """Standard output, as wide as the tables where it is no terminal."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    return (
        console
        if console.is_terminal
        else Console(highlight=False, markup=False, emoji=False, width=200, no_color=True)
    )

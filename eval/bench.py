"""The command `citewell bench`: the speed report.

Every start of the command line imports this module, so what it works with is imported when used.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.progress import bars
from eval.writing import require_folders, write_text

if TYPE_CHECKING:
    from rich.table import Table

    from eval.bootstrap import Figure

AIMS = {
    "ingest_efficiency": "≥ 0.85",
    "retrieve_over_encode_p50": "≤ 5",
    "check_50_sentences_s": "< 5",
    "release_p50_ms": "≤ 100",
    "cold_start_ratio": "≤ 1.5",
    "help_ratio": "< 0.4",
    "http_throughput_ratio": "≥ 0.80",
    "http_refused_p99_ms": "≤ 50",
    "http_overhead_p50_ms": "≤ 5",
    "dense_recall@30": "≥ 0.98",
    "unchanged_over_first": "≤ 0.01",
    "one_changed_over_alone": "≤ 3",
    "retrieve_100k_over_1k": "≤ 2.5",
    "peak_memory_100k_mb": "< 1500",
}
"""What is to be reached, the seconds on two cores; what depends on the machine alone has no aim."""

_MEANINGS = {
    "ingest_efficiency": "encoding / the whole ingest",
    "ingest_chunks_per_second": "",
    "chunks": "in the library asked",
    "retrieve_over_encode_p50": "a search / encoding its question",
    "ask_p50_ms": "a whole answer, median",
    "ask_p95_ms": "a whole answer, 95 of 100",
    "check_50_sentences_s": "a draft of 50 sentences, checked",
    "release_p50_ms": "a model's full stop to its claim",
    "cold_start_ratio": "a first answer / imports, models",
    "help_ratio": "--help / imports, models",
    "http_throughput_ratio": "64 clients / 64 threads",
    "http_p99_ms": "an answer to one of 64 clients",
    "http_refused_p99_ms": "a refusal by a busy server",
    "http_overhead_p50_ms": "a request beyond its answer",
    "dense_recall@30": "of what exact search finds",
    "unchanged_over_first": "a second run over 10,000 files",
    "one_changed_over_alone": "one of 10,000 / it alone",
    "retrieve_100k_over_1k": "a search of 100,000 chunks / of 1,000",
    "retrieve_100k_p50_ms": "a search of 100,000 chunks, median",
    "peak_memory_100k_mb": "to ingest and ask 100,000 chunks",
    "busy_questions_per_second": "while articles change, each held",
}

_SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def bench(
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", help="Also write the figures to FILE.", readable=False
        ),
    ] = None,
    articles: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", show_default="seeds", help="What to ingest, varied.", readable=False
        ),
    ] = _SEEDS,
    large: Annotated[
        bool, typer.Option("--large", help="Also 10,000 files and 100,000 chunks; many minutes.")
    ] = False,
) -> None:
    """Measure speed, as ratios to the work that cannot be avoided. Takes a minute or two."""
    from rich.console import Console

    from eval.load import measure_load
    from eval.speed import Scale, measure
    from rag import reading

    require_folders(json_file)
    texts = [reading.read(file).text for file in reading.find([articles])]
    with bars() as progress:
        figures = measure(texts, _questions(), Scale(), progress)
        figures |= measure_load(texts, _questions(), 30, progress)
        if large:
            from eval.growth import Growth, measure_growth

            figures |= measure_growth(Growth(), progress)
    Console().print(table(figures))
    if json_file:
        save(figures, json_file)


def save(figures: Mapping[str, "Figure"], path: Path) -> None:
    """Write the figures as JSON. Raises InputError where that cannot be done."""
    metrics = {name: {"value": found.value, "n": found.n} for name, found in figures.items()}
    write_text(path, json.dumps({"metrics": metrics}, indent=2) + "\n")


def met(name: str, value: float | None) -> bool | None:
    """Whether a figure reaches its aim; None for one that has none."""
    if name not in AIMS or value is None:
        return None
    sign, bound = AIMS[name].split()
    limit = float(bound)
    return {"≥": value >= limit, "≤": value <= limit, "<": value < limit}[sign]


def table(figures: Mapping[str, "Figure"]) -> "Table":
    """The figures beside their aims, as a table for the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    verdicts = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
    rows = Table(box=SIMPLE_HEAD)
    rows.add_column("figure", no_wrap=True)
    rows.add_column("value", justify="right", no_wrap=True)
    rows.add_column("aim", justify="right", no_wrap=True)
    rows.add_column("", no_wrap=True)
    rows.add_column("what it is", style="dim")
    for name, figure in figures.items():
        aim, verdict = AIMS.get(name, ""), verdicts[met(name, figure.value)]
        rows.add_row(name, _shown(figure.value), aim, verdict, _MEANINGS.get(name, ""))
    return rows


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def _questions() -> list[str]:
    """The questions of the known facts; here it only matters that they are real ones."""
    lines = (files("eval") / "cases" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["question"]) for line in lines]

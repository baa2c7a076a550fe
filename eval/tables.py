"""Figures, gates and trades as tables for the terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.bootstrap import Figure
from eval.result import SetRun

if TYPE_CHECKING:
    from eval.calibrate import Observation
    from eval.gates import Gate
    from rag.evidence.answers import Calibration

_COLUMNS = {"all": "", "tune": "/tune", "test": "/test"}
_TRADES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def by_split(run: SetRun) -> Table:
    """Every metric of a set with its 95 % interval and n: over all cases, and over each split."""
    table = _table(f"{run.cases.name}: {len(run.outcomes)} cases", "metric")
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
        table.add_column("95 %", no_wrap=True, style="dim")
        table.add_column("n", justify="right", no_wrap=True, style="dim")
    for name in (name for name in run.figures if "/" not in name):
        cells: list[str] = []
        for suffix in _COLUMNS.values():
            figure = run.figures[name + suffix]
            cells += (_value(name, figure.value), _interval(name, figure), str(figure.n))
        table.add_row(name, *cells)
    return table


def by_kind(run: SetRun) -> Table:
    """The share of right outcomes of each kind of case, and what it is made of."""
    metrics = ("outcome_accuracy", run.cases.accuracy, "refusal_recall", "citation_recall")
    kinds = dict.fromkeys(outcome.case.kind for outcome in run.outcomes)
    table = _table(f"{run.cases.name} by kind", "kind")
    for heading in ("cases", *metrics):
        table.add_column(heading, justify="right", no_wrap=True)
    for kind in kinds:
        found = [run.figures.get(f"{metric}/kind={kind}") for metric in metrics]
        cases = run.figures[f"outcome_accuracy/kind={kind}"].n
        table.add_row(
            Text(kind),
            str(cases),
            *(_value("", figure.value) if figure else "–" for figure in found),
        )
    return table


def of_gates(gates: Sequence["Gate"], figures: Mapping[str, Figure]) -> Table:
    """Every gate, what was measured, and whether it holds."""
    table = _table("gates", "metric")
    for heading in ("measured", "must be", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for gate in gates:
        figure = figures.get(gate.metric)
        verdict = Text("met", "green") if gate.passes(figure) else Text("short", "bold red")
        value = figure.value if figure else None
        table.add_row(gate.metric, _value(gate.metric, value), gate.bound, verdict)
    return table


def of_trades(sets: Sequence[Sequence["Observation"]], calibration: "Calibration") -> Table:
    """How much coverage buys how much precision, on the tune half of each set."""
    from dataclasses import replace

    from eval.calibrate import trade

    table = _table("on the tune half", "threshold")
    for observations in sets:
        name = observations[0].cases.name
        for heading in ("answered", "of these right", "answer accuracy", "refusal recall"):
            table.add_column(f"{name}\n{heading}", justify="right", no_wrap=True)
    for threshold in sorted({*_TRADES, calibration.threshold}):
        chosen = threshold == calibration.threshold
        cells: list[str] = []
        for observations in sets:
            found = trade(observations, replace(calibration, threshold=threshold))
            shares = (found.coverage, found.precision, found.answer_accuracy, found.refusal_recall)
            cells += (_value("", share) for share in shares)
        label = f"{threshold:.2f}" + (" chosen" if chosen else "")
        table.add_row(label, *cells, style="bold" if chosen else None)
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    return table


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    whole = name.startswith("errors") or name.endswith(("_ms", "_tokens"))
    return f"{value:,.0f}" if whole else f"{value:.3f}"


def _interval(name: str, figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{_value(name, figure.low)}–{_value(name, figure.high)}"

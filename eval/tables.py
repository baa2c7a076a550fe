"""Figures, gates and trades as tables for the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from eval.bootstrap import Figure
from eval.headlines import LAYERS
from eval.result import SetRun
from eval.saved import SavedEarning, by_layer

if TYPE_CHECKING:
    from eval.calibrate import Observation
    from eval.gates import Gate
    from rag.evidence.calibration import Calibration

_NOTHING = Figure(None, 0)
_COLUMNS = {"all": "", "tune": "/tune", "test": "/test"}
_BY_KIND = ("outcome_accuracy", "answer_accuracy", "refusal_recall", "citation_recall")
_STATEMENTS_BY_KIND = ("statement_accuracy", "false_released", "true_released")
_TRADES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def of_set(run: SetRun) -> list[Table]:
    """Every figure of a set, over all and each half; then its questions and statements by kind."""
    tables = [by_split(run)]
    if run.outcomes:
        kinds = [outcome.case.kind for outcome in run.outcomes]
        tables.append(by_kind(f"{run.cases.name} by kind", kinds, _BY_KIND, run.figures))
    if run.verdicts:
        kinds = [verdict.statement.kind for verdict in run.verdicts]
        title = f"{run.cases.name}: statements by kind"
        tables.append(by_kind(title, kinds, _STATEMENTS_BY_KIND, run.figures))
    return tables


def by_split(run: SetRun) -> Table:
    """Every metric of a set with its 95 % interval and n: over all cases, and over each split."""
    counts = {"cases": len(run.outcomes), "statements": len(run.verdicts)}
    held = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    table = _table(f"{run.cases.name}: {held}", "metric")
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
        table.add_column("95 %", no_wrap=True, style="dim")
        table.add_column("n", justify="right", no_wrap=True, style="dim")
    for name in (name for name in run.figures if "/" not in name):
        cells: list[str] = []
        for suffix in _COLUMNS.values():
            figure = run.figures.get(name + suffix, _NOTHING)
            cells += (_value(name, figure.value), _interval(name, figure), str(figure.n))
        table.add_row(name, *cells)
    return table


def by_kind(
    title: str, kinds: Sequence[str], metrics: Sequence[str], figures: Mapping[str, Figure]
) -> Table:
    """The metrics of each kind; `kinds` holds that of each member."""
    table = _table(title, "kind")
    for heading in ("n", *metrics):
        table.add_column(heading, justify="right", no_wrap=True)
    for kind, count in Counter(kinds).items():
        found = [figures.get(f"{metric}/kind={kind}", _NOTHING) for metric in metrics]
        table.add_row(Text(kind), str(count), *(_value("", figure.value) for figure in found))
    return table


def of_gates(
    title: str, gates: Sequence["Gate"], figures: Mapping[str, Figure], otherwise: str
) -> Table:
    """Every bound, what was measured, and whether it is met or `otherwise`."""
    table = _table(title, "metric")
    for heading in ("measured", "must be", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for gate in gates:
        figure = figures.get(gate.metric)
        verdict = Text("met", "green") if gate.passes(figure) else Text(otherwise, "bold red")
        value = figure.value if figure else None
        table.add_row(gate.metric, _value(gate.metric, value), gate.bound, verdict)
    return table


def of_ablation(earned: Sequence[SavedEarning]) -> list[Table]:
    """For each set, the figures with every stage, and how each changes without one.

    A change that is more than noise is marked: ▼ the stage makes the figure better, ▲ worse.
    """
    marks = {True: " ▼", False: " ▲", None: "  "}
    tables = []
    for name in dict.fromkeys(one.set for one in earned):
        members = [one for one in earned if one.set == name and not one.kind]
        metrics = list(dict.fromkeys(one.metric for one in members))
        table = _table(f"{name}: without a stage (▼ it is missed, ▲ it does harm)", "stages")
        for metric in metrics:
            table.add_column(metric, justify="right", no_wrap=True)
        whole = {one.metric: one.whole for one in members}
        table.add_row("all", *(_value("", whole[metric]) + "  " for metric in metrics))
        for stage in dict.fromkeys(one.stage for one in members):
            found = {one.metric: one for one in members if one.stage == stage}
            cells = [
                _value("", found[metric].without) + marks[found[metric].earns]
                if metric in found
                else "–"
                for metric in metrics
            ]
            table.add_row(f"no {stage}", *cells)
        tables.append(table)
    return tables


def of_layers(earned: Sequence[SavedEarning]) -> list[Table]:
    """For each set of statements, the share of each kind that both layers of evidence let through,
    and that each does alone."""
    tables = []
    for name in dict.fromkeys(one.set for one in earned if one.kind):
        table = _table(f"{name}: statements let through, layer by layer", "kind")
        for heading in ("n", "both", *LAYERS.values()):
            table.add_column(heading, justify="right", no_wrap=True)
        for one, shares in by_layer([one for one in earned if one.set == name]):
            table.add_row(Text(one.kind), str(one.n), *(_value("", share) for share in shares))
        tables.append(table)
    return tables


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
    whole = name.endswith(("errors", "_ms", "_tokens"))
    return f"{value:,.0f}" if whole else f"{value:.3f}"


def _interval(name: str, figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{_value(name, figure.low)}–{_value(name, figure.high)}"

"""Outcomes and verdicts -> figures: every metric of a set, whole, by split and by kind.

Names are `metric`, `metric/tune`, `metric/test` and `metric/kind=…`; `eval.tally` says what each
means. A case that failed stays in every denominator, as wrong as it can be. A figure of which there
is nothing to measure has n = 0 and no value; a set without questions, or without statements, has no
figures of them, and neither has a half or a kind that is empty.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from eval.bootstrap import Figure, bootstrap, mean, quantile, ratio
from eval.runner import Outcome, Verdict
from eval.tally import STATISTICS, Tally, of_question, of_statement

Measured = TypeVar("Measured", Outcome, Verdict)


@dataclass(frozen=True, slots=True)
class Group(Generic[Measured]):
    """What is measured together, and what the names of its figures end in."""

    suffix: str
    members: Sequence[Measured]


def figures(
    outcomes: Sequence[Outcome], verdicts: Sequence[Verdict] = (), seed: int = 0
) -> dict[str, Figure]:
    """All figures of a set's questions and statements.

    Those of retrieval are there where it could be seen. By kind there are the ratios that have
    members of that kind.
    """
    question = partial(of_question, retrieval=seen(outcomes))
    return {
        **_figures(outcomes, question, [outcome.case.kind for outcome in outcomes], _costs, seed),
        **_figures(
            verdicts, of_statement, [one.statement.kind for one in verdicts], _check_costs, seed
        ),
    }


def seen(outcomes: Sequence[Outcome]) -> bool:
    """Whether retrieval could be seen from where the questions were asked."""
    return any(outcome.retrieved is not None for outcome in outcomes)


def ratios(tallies: Sequence[Tally], seed: int = 0) -> dict[str, Figure]:
    """The figures that are ratios over cases."""
    names = dict.fromkeys(name for tally in tallies for name in tally.ratios)
    return {name: ratio([one.ratios[name] for one in tallies], seed=seed) for name in names}


def statistics(tallies: Sequence[Tally], seed: int = 0) -> dict[str, Figure]:
    """The figures that are statistics of all cases' scores and labels."""
    names = dict.fromkeys(name for tally in tallies for name in tally.scores)
    measured = {}
    for name in names:
        rows = [tally.scores[name] for tally in tallies if name in tally.scores]
        columns = [score for score, _ in rows], [label for _, label in rows]
        measured[name] = bootstrap(STATISTICS[name], *columns, seed=seed)
    return measured


def _figures(
    members: Sequence[Measured],
    tally: Callable[[Measured], Tally],
    kinds: Sequence[str],
    costs: Callable[[Sequence[Measured], int], dict[str, Figure]],
    seed: int,
) -> dict[str, Figure]:
    measured: dict[str, Figure] = {}
    for group in _by_split(members):
        tallies = [tally(member) for member in group.members]
        whole = {
            **ratios(tallies, seed),
            **statistics(tallies, seed),
            **costs(group.members, seed),
        }
        measured |= {name + group.suffix: figure for name, figure in whole.items()}
    for group in _by_kind(members, kinds):
        part = ratios([tally(member) for member in group.members], seed)
        measured |= {name + group.suffix: figure for name, figure in part.items() if figure.n}
    return measured


def _costs(outcomes: Sequence[Outcome], seed: int) -> dict[str, Figure]:
    """`errors`, how many questions failed, of n, and milliseconds and tokens a question.

    `latency_…_ms` is from question to outcome as the asker sees it, `retrieve_…_ms` of that for
    retrieval, `…_tokens` the mean of the language model's. The latter are measured by the answer
    itself, so of questions that did not fail.
    """
    answers = [outcome.answer for outcome in outcomes if outcome.answer]
    latencies = [outcome.latency_ms for outcome in outcomes]
    retrievals = [answer.timings_ms.retrieve for answer in answers]
    return {
        "errors": _errors(outcomes),
        **_percentiles("latency", latencies, seed),
        **_percentiles("retrieve", retrievals, seed),
        "input_tokens": mean([answer.usage.input_tokens for answer in answers], seed=seed),
        "output_tokens": mean([answer.usage.output_tokens for answer in answers], seed=seed),
    }


def _check_costs(verdicts: Sequence[Verdict], seed: int) -> dict[str, Figure]:
    """`statement_errors`, how many statements failed, of n, and milliseconds a statement."""
    latencies = [verdict.latency_ms for verdict in verdicts]
    return {"statement_errors": _errors(verdicts), **_percentiles("check", latencies, seed)}


def _errors(members: Sequence[Outcome] | Sequence[Verdict]) -> Figure:
    return Figure(float(sum(member.error is not None for member in members)), len(members))


def _percentiles(name: str, values: Sequence[float], seed: int) -> dict[str, Figure]:
    return {
        f"{name}_p{percent}_ms": quantile(values, percent / 100, seed=seed) for percent in (50, 95)
    }


def _by_split(members: Sequence[Measured]) -> Iterator[Group[Measured]]:
    groups = [Group("", members)]
    for split in ("tune", "test"):
        groups.append(Group(f"/{split}", [member for member in members if member.split == split]))
    yield from (group for group in groups if group.members)


def _by_kind(members: Sequence[Measured], kinds: Sequence[str]) -> Iterator[Group[Measured]]:
    for kind in dict.fromkeys(kinds):
        of_kind = [one for one, its in zip(members, kinds, strict=True) if its == kind]
        yield Group(f"/kind={kind}", of_kind)

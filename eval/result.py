"""The result of an evaluation: JSON that holds every figure, how it was made, and every case."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import Figure
from eval.cases import CaseSet
from eval.figures import seen
from eval.judge import Judgement
from eval.runner import Outcome, Verdict
from eval.tally import Part, Tally, of_question, of_statement
from eval.writing import write_text
from rag.errors import InputError

Result = dict[str, Any]

_DETAILS = ("conversation", "facts", "answer", "evidence", "checks", "latency_ms", "exact_quotes")
"""What a brief result leaves out of a case: no comparison needs it."""


@dataclass(frozen=True, slots=True)
class SetRun:
    """A set, its outcomes and verdicts, and its figures by name.

    The `built_in` set has gates, it and `squad` have aims.

    `judgements` holds what a judge says of each outcome, None where it was not to be asked; it is
    empty where there is no judge.
    """

    cases: CaseSet
    outcomes: Sequence[Outcome]
    verdicts: Sequence[Verdict]
    figures: Mapping[str, Figure]
    built_in: bool = False
    squad: bool = False
    judgements: Sequence[Judgement | None] = ()

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The ids of the cases and statements that failed, and why; then those that a judge
        gave no verdict on."""
        failed = [(one.case.id, one.error) for one in self.outcomes]
        failed += [(one.statement.id, one.error) for one in self.verdicts]
        failed += [
            (one.case.id, opinion.error)
            for one, opinion in zip(self.outcomes, self.judgements, strict=False)
            if opinion
        ]
        return [(id_, error) for id_, error in failed if error is not None]


def result(runs: Sequence[SetRun], settings: Mapping[str, Any]) -> Result:
    """The runs as plain data: `metrics`, `settings`, `cases`, `statements`.

    The first set's metrics have plain names, those of every further one begin with its name, as in
    `squad:hit@1`.
    """
    prefixes = ["", *(f"{run.cases.name}:" for run in runs[1:])]
    return {
        "metrics": {
            prefix + name: asdict(figure)
            for prefix, run in zip(prefixes, runs, strict=True)
            for name, figure in run.figures.items()
        },
        "settings": {
            **settings,
            "answered_by": sorted(
                {one.answer.model for run in runs for one in run.outcomes if one.answer}
            ),
            "sets": {run.cases.name: len(run.outcomes) + len(run.verdicts) for run in runs},
        },
        "cases": [record for run in runs for record in _cases(run)],
        "statements": [_statement(run.cases.name, one) for run in runs for one in run.verdicts],
    }


def brief(result: Result) -> Result:
    """A result with no more of each case than a comparison needs."""
    rows = {
        name: [{key: row[key] for key in row if key not in _DETAILS} for row in result[name]]
        for name in ("cases", "statements")
    }
    timeless = {name: figure for name, figure in result["metrics"].items() if "_ms" not in name}
    return {**result, "metrics": timeless, **rows}


def write(result: Result, path: Path) -> None:
    """Write a result as JSON, a figure and a case a line. Raises InputError where that cannot be
    done."""
    write_text(path, _lines(result) + "\n")


def read(path: Path) -> Result:
    """Read a result. Raises InputError where the file is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not {"metrics", "settings", "cases"} <= found.keys():
            raise ValueError("it lacks metrics, settings or cases")
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is no result ({error}): write one with `citewell eval --json FILE`"
        ) from error
    return dict(found)


def why_wrong(outcome: Outcome) -> str | None:
    """In a few words what is wrong with an outcome; None where it is right."""
    if outcome.error is not None:
        return f"failed: {outcome.error}"
    if outcome.right:
        return None
    if outcome.refused:
        return "refused, and the articles have the answer"
    if outcome.case.expect == "refuse":
        return "answered, and the articles do not have the answer"
    return f"facts missing: {len(outcome.missing)} of {len(outcome.case.facts)}"


def why_misjudged(verdict: Verdict) -> str | None:
    """In a few words what is wrong with a verdict; None where it is right."""
    if verdict.error is not None:
        return f"failed: {verdict.error}"
    if verdict.right:
        return None
    if verdict.released:
        return "let through, and the articles do not bear it out"
    return "held back, and the articles bear it out"


def _cases(run: SetRun) -> list[dict[str, Any]]:
    retrieval = seen(run.outcomes)
    judgements = run.judgements or [None] * len(run.outcomes)
    return [
        _case(run.cases.name, outcome, of_question(outcome, retrieval), judgement)
        for outcome, judgement in zip(run.outcomes, judgements, strict=True)
    ]


def _case(name: str, outcome: Outcome, tally: Tally, judgement: Judgement | None) -> dict[str, Any]:
    """A case and its outcome: `facts` with whether each was `said`, the whole `answer` or null."""
    case = outcome.case
    counted = _counted(tally)
    if judgement:
        counted["ratios"]["judged_accuracy"] = (int(judgement.right), 1)
    return {
        "set": name,
        "id": case.id,
        "kind": case.kind,
        "split": outcome.split,
        "question": case.question,
        "conversation": [asdict(message) for message in case.conversation],
        "expect": case.expect,
        "facts": [
            {**asdict(fact), "said": number not in outcome.missing}
            for number, fact in enumerate(case.facts)
        ],
        "right": outcome.right,
        "why_wrong": why_wrong(outcome),
        "error": outcome.error,
        "confidence": outcome.confidence,
        "exact_quotes": outcome.exact,
        "latency_ms": round(outcome.latency_ms, 2),
        **counted,
        "judged": asdict(judgement) if judgement else None,
        "answer": asdict(outcome.answer) if outcome.answer else None,
    }


def _statement(name: str, verdict: Verdict) -> dict[str, Any]:
    """A statement and its verdict; `checks` holds one ClaimCheck a sentence."""
    statement = verdict.statement
    return {
        "set": name,
        "id": statement.id,
        "kind": statement.kind,
        "split": verdict.split,
        "statement": statement.statement,
        "supported": statement.supported,
        "evidence": [asdict(evidence) for evidence in statement.evidence],
        "released": verdict.released,
        "support": verdict.support,
        "right": verdict.right,
        "why_wrong": why_misjudged(verdict),
        "error": verdict.error,
        "latency_ms": round(verdict.latency_ms, 2),
        **_counted(of_statement(verdict)),
        "checks": [asdict(check) for check in verdict.checks],
    }


def _counted(tally: Tally) -> dict[str, Any]:
    """What a case adds to each figure that it has a part in."""
    return {
        "ratios": {name: _numbers(part) for name, part in tally.ratios.items() if part[1]},
        "scores": {name: _numbers(part) for name, part in tally.scores.items()},
    }


def _numbers(part: Part) -> Part:
    """True as 1 and False as 0."""
    first, second = part
    return +first, +second


def _lines(result: Result) -> str:
    """JSON with each thing that a top-level list or object holds on a line of its own."""

    def held(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def whole(value: Any) -> str:
        if isinstance(value, Mapping):
            rows = [f"{held(name)}: {held(one)}" for name, one in value.items()]
            return "{\n  " + ",\n  ".join(rows) + "\n }" if rows else "{}"
        rows = [held(one) for one in value]
        return "[\n  " + ",\n  ".join(rows) + "\n ]" if rows else "[]"

    return (
        "{\n " + ",\n ".join(f"{held(name)}: {whole(one)}" for name, one in result.items()) + "\n}"
    )

"""The result of an evaluation: JSON that holds every figure, how it was made, and every case."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import Figure
from eval.cases import CaseSet
from eval.runner import Outcome
from rag.errors import InputError

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetRun:
    """A set, its outcomes, and its figures by name; the `built_in` set has gates."""

    cases: CaseSet
    outcomes: Sequence[Outcome]
    figures: Mapping[str, Figure]
    built_in: bool = False

    @property
    def errors(self) -> list[Outcome]:
        """The cases that failed."""
        return [outcome for outcome in self.outcomes if outcome.error is not None]


def result(runs: Sequence[SetRun], settings: Mapping[str, Any]) -> Result:
    """The runs as plain data: `metrics`, `settings`, `cases`.

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
            "sets": {run.cases.name: len(run.outcomes) for run in runs},
        },
        "cases": [_record(run.cases.name, outcome) for run in runs for outcome in run.outcomes],
    }


def require_folders(*paths: Path | None) -> None:
    """Raise InputError for a file that could not be written, before anything is run for it."""
    for path in paths:
        if path and not path.parent.is_dir():
            raise InputError(f"{path} cannot be written: make the folder {path.parent} first")


def write(result: Result, path: Path) -> None:
    """Write a result as JSON. Raises InputError where that cannot be done."""
    try:
        text = json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be written ({reason}): name another file") from error


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


def _record(name: str, outcome: Outcome) -> dict[str, Any]:
    """A case and its outcome: `facts` with whether each was `said`, the whole `answer` or null."""
    case = outcome.case
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
        "answerability": outcome.answerability,
        "exact_quotes": outcome.exact,
        "latency_ms": round(outcome.latency_ms, 2),
        "answer": asdict(outcome.answer) if outcome.answer else None,
    }

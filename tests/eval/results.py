"""Results made of made-up outcomes, in the shape that an evaluation writes."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from eval.bootstrap import Figure
from eval.figures import figures, ratios
from eval.result import SetRun, result
from eval.runner import Outcome, Verdict
from eval.tally import of_question
from tests.eval.made import answer, case, case_set, fact, outcome, quote

Measured = Callable[[Sequence[Outcome]], dict[str, Figure]]

OPENING = "The bridge opened in 1932."
SAILING = "The ferry sails at dawn."


def right(id_: str = "opening", kind: str = "single", confidence: float = 0.8) -> Outcome:
    """Answered with its fact."""
    asked = case(id_, fact("1932"), kind=kind)
    return outcome(asked, answer(quote(OPENING), confidence=confidence))


def wrong(id_: str = "opening", kind: str = "single", confidence: float = 0.8) -> Outcome:
    """Answered from another source, without its fact."""
    asked = case(id_, fact("1932"), kind=kind)
    given = answer(quote(SAILING, "ferry.txt"), confidence=confidence)
    return outcome(asked, given, missing=[0])


def over_refused(id_: str = "opening") -> Outcome:
    """Refused, though there is an answer."""
    return outcome(case(id_, fact("1932")), answer(), missing=[0])


def refused(id_: str = "weather", kind: str = "unanswerable") -> Outcome:
    """Refused, as it should be."""
    return outcome(case(id_, kind=kind, expect="refuse"), answer())


def under_refused(id_: str = "weather") -> Outcome:
    """Answered, though there is no answer."""
    return outcome(case(id_, kind="unanswerable", expect="refuse"), answer(quote(OPENING)))


def either(id_: str, given_up: bool) -> Outcome:
    """Refused or answered, where both are right."""
    asked = case(id_, fact("1932"), kind="false_premise", expect="either")
    return outcome(asked, answer() if given_up else answer(quote(OPENING)))


def failed(outcome: Outcome, error: str = "The service cannot be reached") -> Outcome:
    """The same case, failed."""
    missing = tuple(range(len(outcome.case.facts)))
    return replace(outcome, answer=None, error=error, missing=missing, exact=0)


def answering_figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """The figures of answers and refusals, over all and over the test half: quickly had."""
    halves = {"": outcomes, "/test": [each for each in outcomes if each.split == "test"]}
    return {
        name + suffix: figure
        for suffix, members in halves.items()
        for name, figure in ratios([of_question(one, False) for one in members]).items()
    }


def result_of(
    *sets: Sequence[Outcome],
    names: Sequence[str] = ("made", "second"),
    measured: Measured = answering_figures,
    verdicts: Sequence[Verdict] = (),
) -> dict[str, Any]:
    """The result of these sets, the verdicts in the first, as it comes back from a file."""
    runs = [
        SetRun(
            replace(case_set(*(each.case for each in outcomes)), name=name),
            outcomes,
            [] if number else verdicts,
            measured(outcomes) | ({} if number else figures([], verdicts)),
        )
        for number, (outcomes, name) in enumerate(zip(sets, names, strict=False))
    ]
    saved: dict[str, Any] = json.loads(json.dumps(result(runs, {"seed": 0, "url": None})))
    return saved

"""What one case, or one statement, adds to the figures of its set.

Figures are made of these (`eval.figures`), a result holds them case by case (`eval.result`), and
two results are compared by them (`eval.compare`), so that the three cannot count differently.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval import metrics
from eval.confidence import aurc, auroc, expected_calibration_error
from eval.metrics import Span
from eval.runner import Outcome, Retrieved, Verdict

BUDGETS = (500, 1000, 2000, 4000)
"""Characters of text that a reader is given."""

HITS = (1, 5, 10)

STATISTICS: dict[str, Callable[..., float | None]] = {
    "confidence_auroc": auroc,
    "aurc": aurc,
    "ece": expected_calibration_error,
    "support_auroc": auroc,
}
"""Figures that are no ratio, and the function of all cases' scores and labels that gives each."""

Part = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a case adds to each figure.

    `ratios` holds its numerator and denominator, (0, 0) where it has no part in the figure; and
    `scores` its score and label (0 or 1) for each of `STATISTICS` that it has a part in.
    """

    ratios: Mapping[str, Part]
    scores: Mapping[str, Part]


def of_question(outcome: Outcome, retrieval: bool) -> Tally:
    """What an outcome adds; to figures of retrieval too, where `retrieval` could be seen.

    Answers, all after `eval.metrics`:

    - `outcome_accuracy`: of all questions, the share answered with all facts, or refused, as due.
    - `answer_accuracy`: of questions that have an answer, the share answered with all facts; for
      SQuAD, with a gold answer.
    - `citation_precision` over questions that have facts, `citation_recall` over those that have an
      answer.
    - `quote_exactness`: of all quotes given, the share that stands at its offsets.
    - `refusal_precision`, `refusal_recall`, `refusal_f1`.

    Confidence:

    - `confidence_auroc`: does the confidence that there is an answer (in a refusal, one less its
      confidence) tell questions that have one from those that have none? Of cases that are one or
      the other.
    - `aurc`, `ece`: of all cases, confidence against whether the outcome was right.

    Retrieval, of all facts of questions that have an answer:

    - `evidence_recall@500` …: the share of facts with evidence wholly inside that many characters
      of the text that a reader with little room is given: the sentences of all passages found,
      in order of their score.
    - `hit@1` …, `mrr@10`: by chunk.
    """
    case = outcome.case
    answerable = case.expect == "answer"
    due, refused = _should_refuse(outcome), _did_refuse(outcome)
    precision = (
        metrics.citation_precision(outcome.claims, _sources(outcome)) if case.facts else None
    )
    recall = metrics.citation_recall(outcome.claims, outcome.gold) if answerable else None
    ratios: dict[str, Part] = {
        "outcome_accuracy": (outcome.right, 1),
        "answer_accuracy": (outcome.right, 1) if answerable else (0, 0),
        "citation_precision": precision or (0, 0),
        "citation_recall": recall or (0, 0),
        "quote_exactness": (outcome.exact, len(outcome.answer.citations) if outcome.answer else 0),
        "refusal_precision": metrics.refusal_precision(due, refused),
        "refusal_recall": metrics.refusal_recall(due, refused),
        "refusal_f1": metrics.refusal_f1(due, refused),
    }
    if retrieval:
        ratios |= _retrieval(
            outcome.retrieved or Retrieved((), ()), outcome.gold if answerable else ()
        )
    sure: Part = (outcome.confidence, outcome.right)
    scores = {"aurc": sure, "ece": sure}
    if case.expect != "either":
        scores["confidence_auroc"] = (outcome.answerability, answerable)
    return Tally(ratios, scores)


def of_statement(verdict: Verdict) -> Tally:
    """What a verdict adds.

    - `statement_accuracy`: of all statements, the share let through or held back, as due.
    - `false_released`: of those that the articles do not bear out, the share let through all the
      same; the lower the better.
    - `true_released`: of those that they bear out, the share let through.
    - `support_auroc`: does support tell the ones from the others?
    """
    true = verdict.statement.supported
    released: Part = (verdict.released, 1)
    return Tally(
        ratios={
            "statement_accuracy": (verdict.right, 1),
            "false_released": (0, 0) if true else released,
            "true_released": released if true else (0, 0),
        },
        scores={"support_auroc": (verdict.support, true)},
    )


def _retrieval(found: Retrieved, facts: Sequence[Sequence[Span]]) -> dict[str, Part]:
    def over_facts(measure: Callable[[Sequence[Span]], float]) -> Part:
        return sum(measure(gold) for gold in facts), len(facts)

    def within(budget: int) -> Part:
        return over_facts(lambda gold: metrics.evidence_recall(found.sentences, gold, budget))

    def hit(k: int) -> Part:
        return over_facts(lambda gold: metrics.hit_at_k(found.chunks, gold, k))

    return {
        **{f"evidence_recall@{budget}": within(budget) for budget in BUDGETS},
        **{f"hit@{k}": hit(k) for k in HITS},
        "mrr@10": over_facts(lambda gold: metrics.reciprocal_rank(found.chunks, gold, cutoff=10)),
    }


def _sources(outcome: Outcome) -> set[str]:
    return {evidence.source for fact in outcome.case.facts for evidence in fact.evidence}


def _should_refuse(outcome: Outcome) -> bool | None:
    """As `eval.metrics.refusal_precision` wants it."""
    expect = outcome.case.expect
    return None if expect == "either" and not outcome.error else expect != "answer"


def _did_refuse(outcome: Outcome) -> bool:
    """Whether it was refused; an error is the opposite of what was due."""
    return outcome.refused if not outcome.error else outcome.case.expect == "answer"

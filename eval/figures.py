"""Outcomes -> figures: every metric of a set, whole, by split and by kind.

Names are `metric`, `metric/tune`, `metric/test` and `metric/kind=…`. A case that failed stays in
every denominator, as wrong as it can be.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from eval import metrics
from eval.bootstrap import Figure, bootstrap, mean, ratio
from eval.confidence import aurc, auroc, expected_calibration_error, percentile
from eval.metrics import Span
from eval.runner import Outcome, Retrieved

BUDGETS = (500, 1000, 2000, 4000)
"""Characters of text that a reader is given."""

HITS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Group:
    """Outcomes that are measured together, and what the names of their figures end in."""

    suffix: str
    outcomes: Sequence[Outcome]


def figures(outcomes: Sequence[Outcome], accuracy: str, seed: int = 0) -> dict[str, Figure]:
    """All figures of a set; `accuracy` is the name of its accuracy on answerable questions.

    Those of retrieval are there where it could be seen. By kind there are the figures of answers
    and of retrieval that have cases of that kind.
    """
    retrieval = retrieval_figures if any(found.retrieved for found in outcomes) else _unseen
    measured: dict[str, Figure] = {}
    for group in _by_split(outcomes):
        whole = {
            **answer_figures(group.outcomes, accuracy, seed),
            **confidence_figures(group.outcomes, seed),
            **retrieval(group.outcomes, seed),
            **cost_figures(group.outcomes, seed),
        }
        measured |= {name + group.suffix: figure for name, figure in whole.items()}
    for group in _by_kind(outcomes):
        part = {
            **answer_figures(group.outcomes, accuracy, seed),
            **retrieval(group.outcomes, seed),
        }
        measured |= {name + group.suffix: figure for name, figure in part.items() if figure.n}
    return measured


def answer_figures(outcomes: Sequence[Outcome], accuracy: str, seed: int) -> dict[str, Figure]:
    """Are answers right, rest on the right text, and come just where there is one?

    - `outcome_accuracy`: of all questions, the share answered with all facts, or refused, as due.
    - the name in `accuracy`: of questions that have an answer, the share answered with all facts.
    - `citation_precision`, `citation_recall`, `refusal_…`: as in `eval.metrics`. Precision is over
      questions that have facts, recall over those that have an answer.
    - `quote_exactness`: of all quotes given, the share that stands at its offsets.
    - `errors`: how many cases failed, of n.
    """
    answerable = [outcome for outcome in outcomes if outcome.case.expect == "answer"]
    factual = [outcome for outcome in outcomes if outcome.case.facts]
    due = [_should_refuse(outcome) for outcome in outcomes]
    refused = [_did_refuse(outcome) for outcome in outcomes]
    errors = sum(outcome.error is not None for outcome in outcomes)
    over = partial(ratio, seed=seed)
    return {
        "outcome_accuracy": mean([outcome.right for outcome in outcomes], seed=seed),
        accuracy: mean([outcome.right for outcome in answerable], seed=seed),
        "citation_precision": over(
            [metrics.citation_precision(o.claims, _sources(o)) for o in factual]
        ),
        "citation_recall": over([metrics.citation_recall(o.claims, o.gold) for o in answerable]),
        "quote_exactness": over(
            [(o.exact, len(o.answer.citations) if o.answer else 0) for o in outcomes]
        ),
        "refusal_precision": metrics.refusal_precision(due, refused, seed=seed),
        "refusal_recall": metrics.refusal_recall(due, refused, seed=seed),
        "refusal_f1": metrics.refusal_f1(due, refused, seed=seed),
        "errors": Figure(float(errors), len(outcomes)),
    }


def confidence_figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Figure]:
    """How far a stated confidence can be trusted.

    - `confidence_auroc`: does the confidence that there is an answer (in a refusal, one less its
      confidence) tell questions that have one from those that have none? Of cases that are one or
      the other.
    - `aurc`, `ece`: of all cases, confidence against whether the outcome was right.
    """
    decided = [outcome for outcome in outcomes if outcome.case.expect != "either"]
    sureness = [outcome.confidence for outcome in outcomes]
    right = [float(outcome.right) for outcome in outcomes]
    return {
        "confidence_auroc": bootstrap(
            auroc,
            [outcome.answerability for outcome in decided],
            [float(outcome.case.expect == "answer") for outcome in decided],
            seed=seed,
        ),
        "aurc": bootstrap(aurc, sureness, right, seed=seed),
        "ece": bootstrap(expected_calibration_error, sureness, right, seed=seed),
    }


def retrieval_figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Figure]:
    """Is the evidence of each fact found, before anything is answered? Of all facts of questions
    that have an answer.

    - `evidence_recall@500` …: the share of facts with evidence wholly inside that many characters
      of the text that a reader with little room is given: the sentences of all passages found,
      in order of their score.
    - `hit@1` …, `mrr@10`: by chunk, as in `eval.metrics`.
    """
    answerable = [outcome for outcome in outcomes if outcome.case.expect == "answer"]
    found = [(outcome.retrieved or Retrieved((), ()), outcome.gold) for outcome in answerable]

    def over_facts(measure: Callable[[Retrieved, Sequence[Span]], float]) -> Figure:
        parts = [(sum(measure(read, gold) for gold in facts), len(facts)) for read, facts in found]
        return ratio(parts, seed=seed)

    return {
        **{
            f"evidence_recall@{size}": over_facts(partial(_within, budget=size)) for size in BUDGETS
        },
        **{f"hit@{k}": over_facts(partial(_hit, k=k)) for k in HITS},
        "mrr@10": over_facts(_reciprocal_rank),
    }


def cost_figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Figure]:
    """Milliseconds and tokens a question: `latency_…_ms` from question to outcome as the asker sees
    it, `retrieve_…_ms` of that for retrieval, and the mean of the language model's tokens. The
    latter are measured by the answer itself, so of questions that did not fail."""
    answers = [outcome.answer for outcome in outcomes if outcome.answer]
    latencies = [outcome.latency_ms for outcome in outcomes]
    retrievals = [answer.timings_ms.retrieve for answer in answers]
    return {
        **{
            f"{name}_p{q}_ms": bootstrap(partial(percentile, q=q), values, seed=seed)
            for name, values in (("latency", latencies), ("retrieve", retrievals))
            for q in (50, 95)
        },
        "input_tokens": mean([answer.usage.input_tokens for answer in answers], seed=seed),
        "output_tokens": mean([answer.usage.output_tokens for answer in answers], seed=seed),
    }


def _by_split(outcomes: Sequence[Outcome]) -> Iterator[Group]:
    yield Group("", outcomes)
    for split in ("tune", "test"):
        yield Group(f"/{split}", [outcome for outcome in outcomes if outcome.split == split])


def _by_kind(outcomes: Sequence[Outcome]) -> Iterator[Group]:
    for kind in dict.fromkeys(outcome.case.kind for outcome in outcomes):
        yield Group(f"/kind={kind}", [o for o in outcomes if o.case.kind == kind])


def _unseen(_outcomes: Sequence[Outcome], _seed: int) -> dict[str, Figure]:
    return {}


def _within(found: Retrieved, gold: Sequence[Span], budget: int) -> bool:
    return metrics.evidence_recall(found.sentences, gold, budget)


def _hit(found: Retrieved, gold: Sequence[Span], k: int) -> bool:
    return metrics.hit_at_k(found.chunks, gold, k)


def _reciprocal_rank(found: Retrieved, gold: Sequence[Span]) -> float:
    return metrics.reciprocal_rank(found.chunks, gold, cutoff=10)


def _sources(outcome: Outcome) -> set[str]:
    return {evidence.source for fact in outcome.case.facts for evidence in fact.evidence}


def _should_refuse(outcome: Outcome) -> bool | None:
    """As `eval.metrics.refusal_precision` wants it."""
    expect = outcome.case.expect
    return None if expect == "either" and not outcome.error else expect != "answer"


def _did_refuse(outcome: Outcome) -> bool:
    """Whether it was refused; an error is the opposite of what was due."""
    return outcome.refused if not outcome.error else outcome.case.expect == "answer"

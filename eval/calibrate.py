"""Fit the maps from scores to probability, and the thresholds below which Citewell refuses a
question and holds a statement back.

The probability that a question's best sentence answers it is logistic in its logit (Platt 1999,
"Probabilistic Outputs for Support Vector Machines"), that a statement's bears it out in its signs.
Only the tune half of each set is seen; every set weighs the same, whatever its size.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from eval.bootstrap import Floats
from eval.cases import Case, CaseSet, Expect, split
from eval.progress import Progress
from eval.runner import missing_facts
from eval.trade import Trade, trade_of
from rag.answering.conversation import standalone
from rag.answering.extractive import extractive
from rag.errors import InputError
from rag.evidence.answers import Evidence, answers
from rag.evidence.calibration import Calibration
from rag.evidence.support import Support, Verdict, verdict
from rag.service import Service

RIDGE = 1e-2
"""The L2 penalty on the scale, against one for each observation's log loss."""

THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 50))

AS_GOOD = 0.005
"""What a threshold's mean worth may lack of the best: a case or two make as much."""

FOREIGN = 240
"""Statements of each other set that a set's articles say nothing of, half of which are seen."""

FALSE_RELEASED = 0.075
"""The share of false statements let through at most on tune halves, the mean of the sets: elsewhere
12 % are to be the most, and the seeds' half was seen when the cross-encoder was fitted."""

_NEWTON_STEPS = 100
_CONVERGED = 1e-10


@dataclass(frozen=True, slots=True)
class Observation:
    """A case of a set, and the evidence that was found for its question, best first."""

    case: Case
    cases: CaseSet
    evidence: tuple[Evidence, ...]

    @property
    def answered_by_best(self) -> bool:
        """Whether the best sentence says one of the facts of a question that has an answer."""
        best = [found.quote for found in self.evidence[:1]]
        return self.case.expect != "refuse" and any(
            self.cases.says(alternative, best)
            for fact in self.case.facts
            for alternative in fact.any
        )

    def claims(self, calibration: Calibration) -> list[str]:
        """What would be answered with another calibration; nothing: refused."""
        return [claim.text for claim in extractive(self.evidence, calibration)[0]]


def observe(cases: CaseSet, service: Service, progress: Progress) -> list[Observation]:
    """The evidence for the questions of the tune half of a set."""
    tuned = [case for case in cases.cases if split(case.id) == "tune"]
    observed = []
    for done, case in enumerate(tuned, start=1):
        question = standalone(case.question, case.turns).question
        passages = service.retriever.search(question)
        evidence = answers(question, passages, service.encoders.pairs, service.encoders.statements)
        observed.append(Observation(case, cases, tuple(evidence)))
        progress(f"Asking {cases.name}", done, len(tuned))
    return observed


def fit(sets: Sequence[Sequence[Observation]]) -> Calibration:
    """The calibration for sets of observations: scale and bias, and the best of `THRESHOLDS`.

    The threshold is one with the highest mean worth over the sets (`Trade.worth`); of those that
    are `AS_GOOD`, the middle one. Raises InputError where the observations are all of one kind, and
    where a higher logit makes an answer less likely.
    """
    observed = [(found, 1 / len(a_set)) for a_set in sets for found in a_set if found.evidence]
    logits = np.array([found.evidence[0].logit for found, _ in observed])
    labels = np.array([float(found.answered_by_best) for found, _ in observed])
    weights = np.array([weight for _, weight in observed])
    if len(set(labels)) < 2:
        raise InputError("Calibration needs questions that are answered and some that are not")
    scale, bias = fit_logistic(logits, labels, weights * len(weights) / weights.sum())
    if scale <= 0:
        raise InputError("The scores do not tell answers from other sentences: mend them first")
    fitted = Calibration(round(scale, 4), round(bias, 4), threshold=0.5)
    worth = {
        threshold: sum(trade(a_set, replace(fitted, threshold=threshold)).worth for a_set in sets)
        for threshold in THRESHOLDS
    }
    least = max(worth.values()) - AS_GOOD * len(sets)
    best = [threshold for threshold in THRESHOLDS if worth[threshold] >= least]
    return replace(fitted, threshold=best[len(best) // 2])


def trade(observations: Sequence[Observation], calibration: Calibration) -> Trade:
    """What a calibration gives on a set."""
    asked: list[tuple[Expect, bool, bool]] = []
    for observation in observations:
        case, claims = observation.case, observation.claims(calibration)
        right = not missing_facts(case, claims, observation.cases.says)
        asked.append((case.expect, bool(claims), right))
    return trade_of(asked)


def fit_logistic(scores: Floats, labels: Floats, weights: Floats) -> tuple[float, float]:
    """Scale and bias of a logistic regression, the penalty `RIDGE` on the scale.

    `labels` are 0 or 1, `weights` count observations; all have the shape (n,).
    """
    inputs = np.column_stack([scores, np.ones(len(scores))])
    scale, bias = minimised(inputs, labels, weights, np.array([RIDGE, 0.0]))
    return float(scale), float(bias)


def minimised(inputs: Floats, labels: Floats, weights: Floats, penalty: Floats) -> Floats:
    """The weights (d,) of a logistic regression on `inputs` (n, d), each with its own penalty, by
    Newton's method (Bishop 2006, "Pattern Recognition and Machine Learning", 4.3.3), each step
    halved until the loss falls."""

    def loss(at: Floats) -> float:
        logits = inputs @ at
        return float(weights @ (np.logaddexp(0, logits) - labels * logits) + penalty @ at**2 / 2)

    fitted = np.zeros(inputs.shape[1])
    for _ in range(_NEWTON_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ fitted))
        gradient = inputs.T @ (weights * (chances - labels)) + penalty * fitted
        curvature = (inputs.T * (weights * chances * (1 - chances))) @ inputs + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        while loss(fitted - step) > loss(fitted) and np.abs(step).max() > _CONVERGED:
            step /= 2
        fitted = fitted - step
        if np.abs(step).max() <= _CONVERGED:
            break
    return fitted


def observe_statements(
    cases: CaseSet, service: Service, progress: Progress
) -> list[tuple[Verdict, bool]]:
    """What the library says of the statements of the tune half of a set, and what is so."""
    tuned = [
        (known.statement, known.supported)
        for known in cases.statements
        if split(known.id) == "tune"
    ]
    return _held(tuned, service, partial(progress, f"Checking {cases.name}"))


def observe_foreign(
    others: Sequence[CaseSet], service: Service, progress: Progress
) -> list[tuple[Verdict, bool]]:
    """What the library says of what other sets' articles bear out, and these do not: the tune half
    of `FOREIGN` statements of each set."""
    foreign = [
        (known.statement, False)
        for cases in others
        for known in [one for one in cases.statements if one.supported][:FOREIGN]
        if split(known.id) == "tune"
    ]
    return _held(foreign, service, partial(progress, "Checking what other articles say"))


def _held(
    statements: Sequence[tuple[str, bool]], service: Service, told: Callable[[int, int], None]
) -> list[tuple[Verdict, bool]]:
    """Statements, each with what is so, held against the library."""
    observed = []
    for done, (statement, supported) in enumerate(statements, start=1):
        passages = service.retriever.search(statement)
        held = verdict(statement, passages, service.encoders.statements)
        observed.append((held, supported))
        told(done, len(statements))
    return observed


def fit_support(
    sets: Sequence[Sequence[tuple[Verdict, bool]]],
    foreign: Sequence[Sequence[tuple[Verdict, bool]]] = (),
) -> Support:
    """The model for statements: a logistic regression on the signs of each set's verdicts, every
    set of the same weight, and the lowest of `THRESHOLDS` that lets `FALSE_RELEASED` of the
    unsupported ones through at most.

    Sets are about false statements in the words of their articles; from them alone sharing no word
    would look like a good sign. So the regression, not the threshold, sees `foreign` ones too.
    Those that the rules object to are held back at any threshold. Raises InputError where the
    statements are all of one kind.
    """
    found = [
        (one, so, 1 / len(a_set)) for a_set in (*sets, *foreign) for one, so in a_set if one.signs
    ]
    own = sum(bool(one.signs) for a_set in sets for one, _ in a_set)
    labels = np.array([float(so) for _, so, _ in found])
    if len(set(labels)) < 2:
        raise InputError("Calibration needs statements that are supported and some that are not")
    names = list(found[0][0].signs)
    signs = np.array([[one.signs[name] for name in names] for one, _, _ in found])
    weights = np.array([weight for _, _, weight in found])
    weights *= len(weights) / weights.sum()
    fitted, bias = fit_weights(signs, labels, weights)
    chances = 1 / (1 + np.exp(-(signs @ fitted + bias)))
    passes = signs[:, names.index("objected")] == 0

    unsupported = np.flatnonzero(labels[:own] == 0)

    def false_released(threshold: float) -> float:
        released = passes & (chances >= threshold)
        return float(np.average(released[unsupported], weights=weights[unsupported]))

    bearable = (one for one in THRESHOLDS if false_released(one) <= FALSE_RELEASED)
    rounded = {name: round(float(weight), 4) for name, weight in zip(names, fitted, strict=True)}
    return Support(rounded, round(bias, 4), next(bearable, THRESHOLDS[-1]))


def fit_weights(signs: Floats, labels: Floats, weights: Floats) -> tuple[Floats, float]:
    """Weights (signs,) and bias of a logistic regression on `signs` (n, signs), the penalty `RIDGE`
    times 100 on each weight once its sign has unit variance."""
    centre, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-6
    inputs = np.column_stack([(signs - centre) / spread, np.ones(len(signs))])
    penalty = np.append(np.full(signs.shape[1], 100 * RIDGE), 0.0)
    fitted = minimised(inputs, labels, weights, penalty)
    raw = fitted[:-1] / spread
    return raw, float(fitted[-1] - raw @ centre)


def write(answers: Calibration, support: Support | None, path: Path) -> None:
    """Write what was fitted where `rag.evidence` reads it; what is None stays as it is there."""
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept["answers"] = asdict(answers)
    if support:
        kept["support"] = asdict(support)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

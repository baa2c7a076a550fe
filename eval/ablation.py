"""What each stage of the engine earns: the same questions with one stage turned off.

- `dense`: candidates by BM25 alone. `bm25`: candidates by meaning alone.
- `ranking`: passages as fusion orders them, instead of by late interaction.
- `evidence`: sentences judged by late interaction, instead of by the cross-encoder. Its scores are
  put on the cross-encoder's scale by a fit on the tune half of the set, as calibration would, so
  that the threshold means the same.
- `rules`: statements held by the fitted cross-encoder alone. `learned`: by the rules alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from eval.calibrate import Observation, fit_logistic, observe
from eval.cases import CaseSet
from eval.compare import change
from eval.saved import SavedEarning, SavedRow, SavedStatement, parse
from rag.encoders import Floats, PairScorer, TokenEncoder, TokenVectors
from rag.evidence.answers import LATE_SHARE, shortfalls
from rag.evidence.calibration import calibration
from rag.evidence.support import Layers
from rag.evidence.wording import leaning
from rag.library import Library
from rag.retrieval import Stages, token_weights
from rag.service import Service

Stage = Literal["dense", "bm25", "ranking", "evidence", "rules", "learned"]
STAGES: tuple[Stage, ...] = get_args(Stage)

METRICS = (
    "evidence_recall@1000",
    "answer_accuracy",
    "citation_precision",
    "refusal_f1",
    "confidence_auroc",
    "false_released",
    "true_released",
)
"""The figures that a stage may raise."""

_RETRIEVAL = {
    "dense": Stages(dense=False),
    "bm25": Stages(lexical=False),
    "ranking": Stages(ranking=False),
}
_LAYERS = {"rules": Layers(rules=False), "learned": Layers(learned=False)}
_BY_KIND = ("false_released", "true_released")


class LateInteraction:
    """Scores a sentence by the weighted mean cosine of the question's tokens with their best match
    in it, as retrieval does; `scale` times that, plus `bias`."""

    def __init__(
        self, tokens: TokenEncoder, library: Library, scale: float = 1.0, bias: float = 0.0
    ) -> None:
        self._tokens, self._library = tokens, library
        self._scale, self._bias = scale, bias

    def load(self) -> None:
        """Load the tokens' model now."""
        self._tokens.load()

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """The scores of (question, sentence) pairs, shape (len(pairs),)."""
        asked = dict.fromkeys(asked for asked, _ in pairs)
        questions = {question: self._tokens.encode_question(question) for question in asked}
        texts = list(dict.fromkeys(read for _, read in pairs))
        sentences = dict(zip(texts, self._tokens.encode(texts), strict=True))
        scores = [self._mean_cosine(questions[one], sentences[read]) for one, read in pairs]
        return np.asarray(self._scale * np.array(scores) + self._bias, dtype=np.float32)

    def _mean_cosine(self, asked: TokenVectors, read: TokenVectors) -> float:
        if not len(asked.ids) or not len(read.ids):
            return 0.0
        weights = token_weights(self._library, asked.ids.tolist())
        return float((asked.vectors @ read.vectors.T).max(axis=1) @ weights)


def without(service: Service, stage: Stage, cases: CaseSet) -> Service:
    """The service with a stage turned off; it shares everything else.

    Where the tune half has nothing to fit to, scores in the place of `evidence` stay as they are.
    """
    if stage in _LAYERS:
        return replace(service, layers=_LAYERS[stage])
    if stage in _RETRIEVAL:
        retriever = replace(service.retriever, stages=_RETRIEVAL[stage])
        return replace(service, retriever=retriever)
    tokens, library = service.encoders.tokens, service.library
    bare = _judged_by(service, LateInteraction(tokens, library, LATE_SHARE))
    observed = [one for one in observe(cases, bare, _untold) if one.evidence]
    logits = np.array([_by_itself(one) for one in observed])
    labels = np.array([float(one.answered_by_best) for one in observed])
    if len(set(labels)) < 2:
        return bare
    scale, bias = fit_logistic(logits, labels, np.ones(len(labels)))
    shipped = calibration()
    fitted = LateInteraction(
        tokens,
        library,
        LATE_SHARE * scale / shipped.scale,
        (bias - shipped.bias) / shipped.scale,
    )
    return _judged_by(service, fitted)


def _by_itself(observed: Observation) -> float:
    """The logit of the best sentence as it was scored, without what `answers` made of it."""
    best = observed.evidence[0]
    lost = shortfalls([one.sentence.score for one in observed.evidence])[0]
    return best.logit + lost - leaning(observed.case.question, best.passage)


def earnings(whole: Mapping[str, Any], less: Mapping[str, Any], stage: Stage) -> list[SavedEarning]:
    """What a stage earns, figure by figure, those of statements also by kind: a result with every
    stage against one without it.

    A figure is over the test half of a set, where it has halves. `earns` says whether the stage
    makes it better (True) or worse (False) by more than noise, None where it is neither.
    """
    before, after = parse(less), parse(whole)
    pairs = list(zip(before.rows, after.rows, strict=True))  # the same sets, in the same order
    return list(_earned(after.sets, pairs, stage))


def _earned(
    sets: Sequence[str], pairs: Sequence[tuple[SavedRow, SavedRow]], stage: Stage
) -> Iterator[SavedEarning]:
    for name in sets:
        members = [pair for pair in pairs if pair[1].set == name]
        yield from _of_metrics(name, METRICS, members, stage)
        stated = [pair for pair in members if isinstance(pair[1], SavedStatement)]
        for kind in dict.fromkeys(new.kind for _, new in stated):
            of_kind = [pair for pair in stated if pair[1].kind == kind]
            yield from _of_metrics(name, _BY_KIND, of_kind, stage, kind)


def _of_metrics(
    name: str,
    metrics: Sequence[str],
    pairs: Sequence[tuple[SavedRow, SavedRow]],
    stage: Stage,
    kind: str = "",
) -> Iterator[SavedEarning]:
    for metric in metrics:
        if found := change(name, metric, pairs):
            yield SavedEarning(
                set=name,
                kind=kind,
                stage=stage,
                metric=metric,
                whole=found.b.value,
                without=found.a.value,
                n=found.difference.n,
                p=found.difference.p,
                earns=found.better if found.more_than_noise else None,
            )


def _judged_by(service: Service, pairs: PairScorer) -> Service:
    return replace(service, encoders=replace(service.encoders, pairs=pairs, statements=pairs))


def _untold(_what: str, _done: int, _total: int) -> None:
    """Nobody waits for this."""

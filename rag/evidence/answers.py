"""A question + passages -> the sentences that answer it, each with the probability that it does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.encoders import PairScorer
from rag.evidence.calibration import calibration
from rag.evidence.reading import understood
from rag.evidence.wording import leaning
from rag.records import Citation, Passage, ScoredSentence
from rag.retrieval import by_score

JUDGED = 12
"""Sentences that the cross-encoder looks at, the best by late interaction."""

READ_AGAIN = 6
"""Of them, those that it looks at again as it is fitted for statements."""

MAX_PARTS = 6
"""Of a question that asks several things: each is read beside every sentence."""

LATE_SHARE = 30.0
"""Logits that a sentence loses for each unit of late interaction that it falls short of the best
sentence, fitted on tune halves."""

ON_THE_MATTER = 0.56
"""Late interaction that the best sentence has at least where the articles speak of what is asked:
no question of the tune halves that they answer stays far under it, foreign ones do."""

_ASKING = r"\b(?:who|whom|whose|what|when|where|which|why|how)\b"
_PARTING = re.compile(
    rf"[,;]?\s+(?:and|or|but)\s+(?=(?:\w+\s+)?{_ASKING})|(?<=[?.!])\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage as evidence: its logit, and the probability that it answers the
    question, or bears out the statement."""

    passage: Passage
    sentence: ScoredSentence
    logit: float
    probability: float

    @property
    def quote(self) -> str:
        """The sentence, exactly as the article has it."""
        return self.passage.slice(self.sentence.start, self.sentence.end)

    def citation(self, id_: int) -> Citation:
        """This evidence as a citation."""
        start, end = self.sentence.start, self.sentence.end
        before = self.passage.slice(self.passage.start, start)
        return Citation(
            id=id_,
            source=self.passage.source,
            title=self.passage.title,
            date=self.passage.date,
            quote=self.quote,
            start=start,
            end=end,
            line=self.passage.line + before.count("\n"),
            sha256=self.passage.sha256,
        )


def answers(
    question: str, passages: Sequence[Passage], pairs: PairScorer, again: PairScorer
) -> list[Evidence]:
    """The sentences that may answer `question`, likeliest first: `READ_AGAIN` of them at most.

    Their logit is the cross-encoder's with what its passage's words lean to, less `LATE_SHARE`
    times what their late-interaction score lacks of the best one: the cross-encoder tells answers
    from talk of the same matter, late interaction finds the sentence better. How high the best
    score is says more of the question than of the answer, but under `ON_THE_MATTER` all fall short.
    Of a question in several parts a sentence answers the one that it answers best. The best are
    read `again` by another fit, and the mean counts: the two err in different places (a deep
    ensemble: Lakshminarayanan et al. 2017).
    """
    places = by_score(passages)[:JUDGED]
    lost = shortfalls([passage.sentences[at].score for passage, at in places])
    read = [understood(*place) for place in places]
    asked = parts(question)
    leanings = np.array([[leaning(part, passage) for passage, _ in places] for part in asked])
    first = _best_of_parts(asked, read, leanings, pairs)
    best = sorted(range(len(places)), key=lambda one: lost[one] - first[one])[:READ_AGAIN]
    second = _best_of_parts(asked, [read[one] for one in best], leanings[:, best], again)
    found = []
    for one, logit in zip(best, second, strict=True):
        (passage, at), mixed = places[one], (first[one] + logit) / 2 - lost[one]
        probability = calibration().probability(mixed)
        found.append(Evidence(passage, passage.sentences[at], mixed, probability))
    return sorted(found, key=lambda evidence: -evidence.logit)


def _best_of_parts(
    asked: Sequence[str], read: Sequence[str], leanings: npt.NDArray[np.float64], pairs: PairScorer
) -> list[float]:
    """The logit of each sentence, with the `leanings` (parts, sentences), for the part of the
    question that it answers best."""
    logits = pairs.score([(part, sentence) for part in asked for sentence in read])
    best: list[float] = (logits.reshape(leanings.shape) + leanings).max(axis=0).tolist()
    return best


def likeliest(evidence: Sequence[Evidence]) -> float:
    """The probability that some of it answers: that of the best; of none it is 0."""
    return max((found.probability for found in evidence), default=0.0)


def shortfalls(scores: Sequence[float]) -> list[float]:
    """The logits that sentences of these late-interaction scores lose, by how far they fall short
    of the best of them."""
    nearest = max([ON_THE_MATTER, *scores])
    return [LATE_SHARE * (nearest - score) for score in scores]


def parts(question: str) -> list[str]:
    """The question, and where it asks several things ("Who …, and when …?") each of them, up to
    `MAX_PARTS`."""
    asking = [
        piece.strip()
        for piece in _PARTING.split(question)
        if len(piece.split()) > 2 and ("?" in piece or re.search(_ASKING, piece, re.IGNORECASE))
    ]
    return [question, *asking[:MAX_PARTS]] if len(asking) > 1 else [question]

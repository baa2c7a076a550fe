"""A question + passages -> the sentences that answer it, each with the probability that it does."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag.encoders import PairScorer
from rag.records import Citation, Passage, ScoredSentence
from rag.retrieval import by_score, reading

JUDGED = 8
"""Sentences that the cross-encoder looks at, the best by late interaction."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a logit becomes a probability (Platt 1999), and from where on a sentence is given as an
    answer. Fitted by `citewell eval --calibrate`."""

    scale: float
    bias: float
    threshold: float

    def probability(self, logit: float) -> float:
        """The probability that a sentence of this logit answers."""
        return 1 / (1 + math.exp(min(700.0, -(self.scale * logit + self.bias))))


@cache
def calibration() -> Calibration:
    """The calibration that is shipped."""
    return Calibration(**json.loads((files("rag") / "calibration.json").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage as evidence: the cross-encoder's logit, and the probability that it
    answers the question."""

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


def answers(question: str, passages: Sequence[Passage], pairs: PairScorer) -> list[Evidence]:
    """The sentences that may answer `question`, likeliest first: `JUDGED` of them at most."""
    return judged(question, passages, pairs, JUDGED)


def judged(text: str, passages: Sequence[Passage], pairs: PairScorer, count: int) -> list[Evidence]:
    """What the cross-encoder says of the `count` best sentences by late interaction, best first.

    Those that it has read for `text` already, in the search, are not read again.
    """
    places = by_score(passages)[:count]
    unread = [(passage, at) for passage, at in places if passage.sentences[at].logit is None]
    logits = iter(pairs.score([(text, reading(*place)) for place in unread]).tolist())
    found = []
    for passage, at in places:
        known = passage.sentences[at].logit
        logit = next(logits) if known is None else known
        probability = calibration().probability(logit)
        found.append(Evidence(passage, passage.sentences[at], logit, probability))
    return sorted(found, key=lambda evidence: -evidence.logit)

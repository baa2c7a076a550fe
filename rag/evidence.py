"""A question + passages -> the sentences that answer it, each with the probability that it does."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from rag.encoders import Floats, PairScorer
from rag.records import Citation, Passage, ScoredSentence
from rag.segmentation import flat

JUDGED = 8
"""Sentences that the cross-encoder looks at, the best by late interaction."""

_LATE_SHARE = 10.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities, and from where on a sentence is given as an answer.

    Fitted by `citewell eval --calibrate`; the probability is logistic in the cross-encoder's logits
    for the sentence `alone` and for it `in_place`, after the one before it.
    """

    alone: float
    in_place: float
    bias: float
    threshold: float

    def probabilities(self, alone: Floats, in_place: Floats) -> Floats:
        """The probability of each sentence to answer (Platt 1999)."""
        logits = self.alone * alone + self.in_place * in_place + self.bias
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


@cache
def calibration() -> Calibration:
    """The calibration that is shipped."""
    return Calibration(**json.loads((files("rag") / "calibration.json").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage as evidence: its rank among others, and the probability that it
    answers the question; the two logits are what the probability is made of."""

    passage: Passage
    sentence: ScoredSentence
    relevance: float
    alone: float
    in_place: float
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
    """The sentences that may answer `question`, best first.

    Late interaction proposes `JUDGED` of them; the cross-encoder reads each under its article's
    title, alone and after the sentence before it. They rank by both models together.
    """
    places = [(passage, at) for passage in passages for at in range(len(passage.sentences))]
    places.sort(key=lambda place: -place[0].sentences[place[1]].score)
    del places[JUDGED:]
    alone = pairs.score([(question, _reading(passage, at, at)) for passage, at in places])
    in_place = pairs.score(
        [(question, _reading(passage, max(0, at - 1), at)) for passage, at in places]
    )
    found = []
    for (passage, at), by_itself, after, probability in zip(
        places, alone, in_place, calibration().probabilities(alone, in_place), strict=True
    ):
        sentence = passage.sentences[at]
        relevance = float(by_itself) + _LATE_SHARE * sentence.score
        found.append(
            Evidence(
                passage, sentence, relevance, float(by_itself), float(after), float(probability)
            )
        )
    return sorted(found, key=lambda evidence: -evidence.relevance)


def _reading(passage: Passage, first: int, last: int) -> str:
    """Sentences `first` to `last` of a passage as the cross-encoder reads them."""
    start, end = passage.sentences[first].start, passage.sentences[last].end
    context = f"{passage.context}. " if passage.context else ""
    return context + flat(passage.slice(start, end))

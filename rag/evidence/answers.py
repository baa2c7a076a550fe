"""A question + passages -> the sentences that answer it, each with the probability that it does."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.encoders import PairScorer
from rag.evidence.calibration import calibration
from rag.records import Citation, Passage, ScoredSentence
from rag.retrieval import by_score
from rag.segmentation import flat

JUDGED = 8
"""Sentences that the cross-encoder looks at, the best by late interaction."""

LATE_SHARE = 20.0
"""What a late-interaction score adds to a logit of the cross-encoder, fitted on tune halves."""


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


def answers(question: str, passages: Sequence[Passage], pairs: PairScorer) -> list[Evidence]:
    """The sentences that may answer `question`, likeliest first: `JUDGED` of them at most.

    Their logit is the cross-encoder's and, `LATE_SHARE` times, the late-interaction score: the one
    tells answers from talk of the same matter, the other finds the sentence better.
    """
    places = by_score(passages)[:JUDGED]
    logits = pairs.score([(question, reading(*place)) for place in places]).tolist()
    scores = [passage.sentences[at].score for passage, at in places]
    mixed = [logit + LATE_SHARE * score for logit, score in zip(logits, scores, strict=True)]
    found = [
        Evidence(passage, passage.sentences[at], logit, calibration().probability(logit))
        for (passage, at), logit in zip(places, mixed, strict=True)
    ]
    return sorted(found, key=lambda evidence: -evidence.logit)


def reading(passage: Passage, at: int) -> str:
    """The sentence `at` of a passage as the cross-encoder reads it: under its article's title."""
    sentence = passage.sentences[at]
    context = f"{passage.context}. " if passage.context else ""
    return context + flat(passage.slice(sentence.start, sentence.end))

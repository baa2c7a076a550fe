"""A question + passages -> the sentences that answer it, each with the probability that it does."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.encoders import PairScorer
from rag.evidence.calibration import Of, calibration
from rag.records import Citation, Passage, ScoredSentence
from rag.retrieval import by_score, reading

JUDGED = 8
"""Sentences that the cross-encoder looks at, the best by late interaction."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage as evidence: the cross-encoder's logit, and the probability that it
    answers the question, or bears out the statement."""

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
    return judged(question, passages, pairs, JUDGED, "answers")


def judged(
    text: str, passages: Sequence[Passage], pairs: PairScorer, count: int, of: Of
) -> list[Evidence]:
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
        probability = calibration(of).probability(logit)
        found.append(Evidence(passage, passage.sentences[at], logit, probability))
    return sorted(found, key=lambda evidence: -evidence.logit)

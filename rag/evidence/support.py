"""A statement + passages -> the sentences that bear it out, and how surely they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.encoders import PairScorer
from rag.evidence.answers import Evidence, calibration, reading
from rag.evidence.mechanical import objections
from rag.records import Passage
from rag.retrieval import by_score

READ = 4
"""Sentences that the cross-encoder reads for a statement, the best by late interaction."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What passages say of a statement.

    `support` is the probability that `evidence`, best first, bears it out; `reason` says why it is
    not let through, None where it is. Unsupported, the evidence is what comes nearest.
    """

    support: float
    evidence: tuple[Evidence, ...]
    reason: str | None

    @property
    def supported(self) -> bool:
        """Whether the statement may be said."""
        return self.reason is None


def verdict(statement: str, passages: Sequence[Passage], pairs: PairScorer) -> Verdict:
    """Hold `statement` against `passages`, whose scores are for it (`Retriever.rank`)."""
    places = by_score(passages)[:READ]
    if not places:
        return Verdict(0.0, (), "The articles say nothing of it")
    logits = pairs.score([(statement, reading(passage, at)) for passage, at in places]).tolist()
    found = sorted(
        (
            Evidence(passage, passage.sentences[at], logit, calibration().probability(logit))
            for (passage, at), logit in zip(places, logits, strict=True)
        ),
        key=lambda evidence: -evidence.logit,
    )
    best = found[0].probability
    if best < calibration().threshold:
        return Verdict(best, tuple(found), "No quote bears it out")
    passage = found[0].passage
    unsaid = objections(statement, [found[0].quote], f"{passage.title}. {passage.text}")
    return Verdict(best, tuple(found[:1]), "; ".join(unsaid) or None)

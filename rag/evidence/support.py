"""A statement + passages -> the sentences that bear it out, and how surely they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.encoders import PairScorer
from rag.evidence.answers import Evidence, ordered, reading
from rag.evidence.calibration import calibration
from rag.evidence.mechanical import objections
from rag.records import Passage
from rag.retrieval import by_score

READ = 4
"""Sentences that the cross-encoder reads for a statement, the best by late interaction."""

OBJECTED = 0.1
"""What is left of the support of a statement that the rules object to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What passages say of a statement.

    `support` is the probability that `evidence`, best first, bears it out; `reason` says why it is
    not let through, None where it is. Unsupported, the evidence is what comes nearest. `objections`
    are what the best of it does not say, by rule.
    """

    support: float
    evidence: tuple[Evidence, ...]
    reason: str | None
    objections: tuple[str, ...] = ()

    @property
    def supported(self) -> bool:
        """Whether the statement may be said."""
        return self.reason is None


def verdict(statement: str, passages: Sequence[Passage], pairs: PairScorer) -> Verdict:
    """Hold `statement` against `passages`, whose scores are for it (`Retriever.rank`)."""
    places = by_score(passages)[:READ]
    if not places:
        return Verdict(0.0, (), "The articles say nothing of it")
    logits = pairs.score([(statement, reading(*place)) for place in places]).tolist()
    found = ordered(places, logits, "support")
    passage = found[0].passage
    said = objections(statement, [found[0].quote], f"{passage.title}. {passage.text}")
    best = found[0].probability * (OBJECTED if said else 1.0)
    if said:
        return Verdict(best, tuple(found), "; ".join(said), tuple(said))
    if best < calibration("support").threshold:
        return Verdict(best, tuple(found), "No quote bears it out")
    return Verdict(best, tuple(found[:1]), None)

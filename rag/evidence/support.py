"""A statement + passages -> the sentences that bear it out, and how surely they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.encoders import PairScorer
from rag.evidence.answers import Evidence, judged
from rag.evidence.calibration import calibration
from rag.evidence.mechanical import objections
from rag.records import Passage

READ = 4
"""Sentences that the cross-encoder reads for a statement, the best by late interaction."""

OBJECTED = 0.1
"""What is left of the support of a statement that the rules object to."""


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
    found = judged(statement, passages, pairs, READ, "support")
    if not found:
        return Verdict(0.0, (), "The articles say nothing of it")
    best = found[0].probability
    if best < calibration("support").threshold:
        return Verdict(best, tuple(found), "No quote bears it out")
    passage = found[0].passage
    unsaid = objections(statement, [found[0].quote], f"{passage.title}. {passage.text}")
    if unsaid:
        return Verdict(best * OBJECTED, tuple(found), "; ".join(unsaid))
    return Verdict(best, tuple(found[:1]), None)

"""A statement + passages -> the sentence that bears it out, and how surely it does.

Three layers, each of which alone lets too much through: the cross-encoder reads the statement
beside each of the nearest sentences, rules name what a sentence does not say of it, and a logistic
model weighs both with the late-interaction score and the share of the statement's words there.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from rag.encoders import PairScorer
from rag.evidence.answers import Evidence, reading
from rag.evidence.mechanical import features, objections
from rag.records import Passage
from rag.retrieval import by_score

READ = 4
"""Sentences that the cross-encoder reads for a statement, the best by late interaction."""

OBJECTED = 0.1
"""What a statement that the rules object to has of support at the most."""


@dataclass(frozen=True, slots=True)
class Support:
    """How signs become the probability that a statement is borne out, and from where on it is let
    through. Fitted by `citewell eval --calibrate`."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def probability(self, signs: Mapping[str, float]) -> float:
        """The logistic of the weighted signs."""
        odds = self.bias + sum(self.weights[name] * value for name, value in signs.items())
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, odds))))


@cache
def support() -> Support:
    """The model that is shipped."""
    shipped = json.loads((files("rag") / "calibration.json").read_text("utf-8"))
    return Support(**shipped["support"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """What passages say of a statement.

    `support` is the probability that `evidence`, best first, bears it out; `reason` says why it is
    not let through, None where it is. Unsupported, the evidence is what comes nearest. `signs` are
    what the probability is made of, by name.
    """

    support: float
    evidence: tuple[Evidence, ...]
    reason: str | None
    signs: Mapping[str, float] = field(default_factory=dict)

    @property
    def supported(self) -> bool:
        """Whether the statement may be said."""
        return self.reason is None


def verdict(statement: str, passages: Sequence[Passage], pairs: PairScorer) -> Verdict:
    """Hold `statement` against `passages`, whose scores are for it (`Retriever.rank`).

    Of the sentences read the best is the one with the highest logit of those that the rules do not
    object to; where they object to each, the nearest.
    """
    places = by_score(passages)[:READ]
    if not places:
        return Verdict(0.0, (), "The articles say nothing of it")
    logits = pairs.score([(statement, reading(*place)) for place in places]).tolist()
    held = [
        _Held.of(statement, passage, at, logit)
        for (passage, at), logit in zip(places, logits, strict=True)
    ]
    held.sort(key=lambda one: (bool(one.unsaid), 0.0 if one.unsaid else -one.logit))
    best, signs = held[0], held[0].signs(statement)
    probability = support().probability(signs)
    if best.unsaid:
        probability, reason = min(probability, OBJECTED), "; ".join(best.unsaid)
    elif probability < support().threshold:
        reason = "No quote bears it out"
    else:
        return Verdict(probability, (best.evidence(probability),), None, signs)
    nearest = tuple(one.evidence(probability) for one in held)
    return Verdict(probability, nearest, reason, signs)


@dataclass(frozen=True, slots=True)
class _Held:
    """A sentence that a statement is held against, and what it does not say of it."""

    passage: Passage
    at: int
    quote: str
    logit: float
    unsaid: tuple[str, ...]

    @classmethod
    def of(cls, statement: str, passage: Passage, at: int, logit: float) -> "_Held":
        sentence = passage.sentences[at]
        quote = passage.slice(sentence.start, sentence.end)
        unsaid = objections(statement, [quote], _around(passage))
        return cls(passage, at, quote, logit, tuple(unsaid))

    def signs(self, statement: str) -> dict[str, float]:
        """What tells whether the sentence bears the statement out."""
        found = features(statement, [self.quote], _around(self.passage))
        return {
            "logit": self.logit,
            "doubt": min(self.logit, 0.0),
            "late": self.passage.sentences[self.at].score,
            "words_in_quotes": found["words_in_quotes"],
            "words_around": found["words_around"],
            "objected": float(bool(self.unsaid)),
        }

    def evidence(self, probability: float) -> Evidence:
        return Evidence(self.passage, self.passage.sentences[self.at], self.logit, probability)


def _around(passage: Passage) -> str:
    return f"{passage.title}. {passage.text}"

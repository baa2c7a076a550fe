"""A statement + passages -> the sentence that bears it out, and how surely it does.

Three layers, each of which alone lets too much through: the cross-encoder reads the statement
beside each of the nearest sentences, rules name what a sentence does not say of it, and a logistic
model weighs both with the late-interaction score and the share of the statement's words there. What
an article says in these very words needs none of them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from rag.encoders import PairScorer
from rag.evidence.answers import Evidence
from rag.evidence.mechanical import as_quoted, asserted, contradictions, coverage, objections, plain
from rag.evidence.reading import Place, antecedent, in_order, quote, reading, refers
from rag.records import Passage
from rag.retrieval import by_score

READ = 4
"""Sentences that the cross-encoder reads for a statement, the best by late interaction."""

BESIDE = 2
"""Sentences that may be quoted with one: for names, or next to it numbers, that it lacks."""

BESIDE_COSTS = 2.0
"""The logit that a sentence has to be ahead for each one that has to be quoted beside it."""

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
class Layers:
    """Which layers a statement has to pass; `citewell eval --ablate` turns off one to see its
    worth. Without the learned one all passes that the rules do not object to."""

    rules: bool = True
    learned: bool = True


ALL = Layers()


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


def verdict(
    statement: str, passages: Sequence[Passage], pairs: PairScorer, layers: Layers = ALL
) -> Verdict:
    """Hold `statement` against `passages`, whose scores are for it (`Retriever.rank`).

    Of the sentences held the best is the one with the highest logit of those that the rules do not
    object to, which alone are read; where they object to each, the nearest. A released statement
    is quoted with the sentences that say whom or what the best one speaks of. One that says the
    contrary, and is nearer than the best, outweighs it. A sentence that is the statement bears it
    out. "In fact," and the like before it say nothing.
    """
    statement = asserted(statement)
    if itself := _itself(statement, passages):
        return Verdict(1.0, (itself,), None)
    held = candidates(statement, passages, layers.rules)
    if not held:
        return Verdict(0.0, (), "The articles say nothing of it")

    def logits(read: Sequence[Candidate]) -> list[float]:
        if not layers.learned:
            return [0.0] * len(read)
        found: list[float] = pairs.score([(r.written(statement), r.reading) for r in read]).tolist()
        return found

    read = [one for one in held if not one.unsaid] or held[:1]
    scored = sorted(
        zip(read, logits(read), strict=True),
        key=lambda one: BESIDE_COSTS * len(one[0].beside) - one[1],
    )
    best, logit = scored[0]
    others = (one for one in held if one is not best)
    if denial := next((one for one in others if one.denies(statement, best)), None):
        best, logit = denial, logits([denial])[0]
    signs = best.signs(statement, logit)
    probability = support().probability(signs) if layers.learned else 1.0
    if best.unsaid:
        probability, reason = min(probability, OBJECTED), "; ".join(best.unsaid)
    elif probability < support().threshold:
        reason = "No quote bears it out"
    else:
        return Verdict(probability, best.quoted(logit, probability), None, signs)
    nearest = scored + [(one, -math.inf) for one in held if one not in read]
    shown = best.quoted(logit, probability)
    there = {(one.passage.source, one.sentence.start) for one in shown}
    first = (one.quoted(other, probability)[0] for one, other in nearest)
    shown += tuple(one for one in first if (one.passage.source, one.sentence.start) not in there)
    return Verdict(probability, shown, reason, signs)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that a statement is held against, those `beside` it in its article that have the
    names, years and numbers it leaves out ("He said", "in May"), and what all of them do not
    say."""

    passage: Passage
    at: int
    beside: tuple[Place, ...]
    unsaid: tuple[str, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """The sentences, the one that is held first."""
        return ((self.passage, self.at), *self.beside)

    @property
    def reading(self) -> str:
        """The sentences as the cross-encoder reads them."""
        return reading((self.passage, self.at), self.beside)

    def written(self, statement: str) -> str:
        """The statement with its numbers as the held sentence writes them."""
        return as_quoted(statement, quote(self.passage, self.at))

    def denies(self, statement: str, other: "Candidate") -> bool:
        """Whether this sentence says the contrary of `statement`, and comes no less near to it than
        `other`, which then must speak of something else."""
        if (
            not self.unsaid
            or self.late < other.late
            or self.share(statement) < other.share(statement)
        ):
            return False
        held = quote(self.passage, self.at)
        return bool(contradictions(statement, held, self.passage.text, _titled(self.passage)))

    @property
    def late(self) -> float:
        """Its late-interaction score."""
        return self.passage.sentences[self.at].score

    def share(self, statement: str) -> float:
        """The share of the statement's words that the sentences have."""
        return coverage(statement, [quote(*place) for place in self.places])

    def signs(self, statement: str, logit: float) -> dict[str, float]:
        """What tells whether the sentences bear the statement out."""
        return {
            "logit": logit,
            "doubt": min(logit, 0.0),
            "late": self.late,
            "words_in_quotes": self.share(statement),
            "objected": float(bool(self.unsaid)),
        }

    def quoted(self, logit: float, probability: float) -> tuple[Evidence, ...]:
        """The sentences as evidence, the one that is held first."""
        return tuple(
            Evidence(passage, passage.sentences[at], logit, probability)
            for passage, at in self.places
        )


def candidates(statement: str, passages: Sequence[Passage], rules: bool = True) -> list[Candidate]:
    """The `READ` sentences that come nearest to the statement, nearest first; without `rules` each
    by itself, and nothing unsaid."""
    places = by_score(passages)[:READ]
    if not rules:
        return [Candidate(*place, (), ()) for place in places]
    return [_candidate(statement, *place, passages) for place in places]


def _itself(statement: str, passages: Sequence[Passage]) -> Evidence | None:
    """The sentence that is the statement, but for how quotes, dashes, spaces and its end are
    written."""
    said = _bare(statement)
    for passage, at in by_score(passages)[:READ]:
        if said and _bare(quote(passage, at)) == said:
            return Evidence(passage, passage.sentences[at], math.inf, 1.0)
    return None


def _bare(text: str) -> str:
    return plain(text).casefold().strip(" \"'.")


def _candidate(statement: str, passage: Passage, at: int, passages: Sequence[Passage]) -> Candidate:
    """A sentence with the fewest others, the nearest, that leave the rules nothing to object to:
    of its passage, or where it refers to somebody, of those of `passages` that stand before in the
    article. Alone where all of them do not help."""
    held = quote(passage, at)
    titled = _titled(passage)
    earlier = _earlier(passage, passages) if refers(passage, at) else []
    around = ". ".join([passage.text, *(one.text for one in earlier)])

    def left(*others: Place, context: str = "") -> list[str]:
        next_to = [quote(*one) for one in others if one[0] is passage and abs(one[1] - at) == 1]
        context = context or ". ".join(quote(*other) for other in others)
        return objections(statement, [held], context, titled, next_to)

    neighbours = [(passage, one) for one in (at - 1, at + 1) if 0 <= one < len(passage.sentences)]
    if unsaid := left(*neighbours, context=around):
        return Candidate(passage, at, (), tuple(unsaid))
    beside = tuple((passage, other) for other in antecedent(passage, at))
    points_back = bool(beside)
    others = sorted(
        (other for other in range(len(passage.sentences)) if other != at),
        key=lambda other: (abs(other - at), other > at),
    )
    places = [(passage, other) for other in others if other < at or not points_back]
    places += ((one, other) for one in earlier for other in reversed(range(len(one.sentences))))
    places = [place for place in places if place not in beside]
    while unsaid := left(*beside):
        place = next((one for one in places if len(left(*beside, one)) < len(unsaid)), None)
        if place is None or len(beside) == BESIDE:
            break
        places.remove(place)
        beside += (place,)
    against = dict.fromkeys(
        one for place in beside for one in contradictions(statement, quote(*place), around, titled)
    )
    return Candidate(passage, at, tuple(in_order(beside)), (*unsaid, *against))


def _titled(passage: Passage) -> str:
    """What an article is known by; its date gives the year of the days that it names without."""
    return ". ".join(filter(None, [passage.title, passage.context, passage.date]))


def _earlier(passage: Passage, passages: Sequence[Passage]) -> list[Passage]:
    """Those of the same article that stand before it, the nearest first."""
    before = (one for one in passages if one.source == passage.source and one.start < passage.start)
    return sorted(before, key=lambda one: -one.start)

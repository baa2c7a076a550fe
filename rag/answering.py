"""Evidence -> an answer made of nothing but exact quotes."""

import re
from collections.abc import Sequence

from rag.evidence import Evidence, calibration
from rag.records import Citation, Claim
from rag.segmentation import flat

MAX_CLAIMS = 3

_SAME = 0.6


def extractive(evidence: Sequence[Evidence]) -> tuple[list[Claim], list[Citation]]:
    """One to three of the best sentences as claims, each its own quote; none: nothing answers.

    A sentence that says what an earlier claim says is not repeated: from another article it becomes
    a further citation of that claim. One that says something else is a claim of its own.
    """
    accepted = [found for found in evidence if found.probability >= calibration().threshold]
    groups: list[list[Evidence]] = []
    for found in accepted:
        same = next(
            (group for group in groups if _says_the_same(group[0].quote, found.quote)), None
        )
        if same is None:
            if len(groups) < MAX_CLAIMS:
                groups.append([found])
        elif found.passage.source not in {other.passage.source for other in same}:
            same.append(found)
    claims: list[Claim] = []
    citations: list[Citation] = []
    for group in groups:
        first = len(citations) + 1
        citations += (found.citation(id_) for id_, found in enumerate(group, start=first))
        ids = tuple(range(first, first + len(group)))
        claims.append(Claim(flat(group[0].quote), ids, round(group[0].probability, 4)))
    return claims, citations


def in_words(claims: Sequence[Claim]) -> str:
    """The claims as text, each followed by its `[n]` markers."""
    return " ".join(
        claim.text + " " + "".join(f"[{id_}]" for id_ in claim.citations) for claim in claims
    )


def _says_the_same(one: str, other: str) -> bool:
    """Whether most longer words of the shorter quote stand in the other, and the same numbers."""
    a, b = _words(one), _words(other)
    numbers = {word for word in a if word.isdigit()} ^ {word for word in b if word.isdigit()}
    shorter = min(len(a), len(b))
    return not numbers and shorter > 0 and len(a & b) >= _SAME * shorter


def _words(quote: str) -> set[str]:
    return {word for word in re.findall(r"\w+", quote.lower()) if len(word) > 3 or word.isdigit()}

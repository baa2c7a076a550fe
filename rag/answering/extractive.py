"""Evidence -> an answer made of nothing but exact quotes."""

import re
from collections.abc import Sequence

from rag.evidence.answers import Evidence
from rag.evidence.calibration import Calibration, calibration
from rag.records import Citation, Claim
from rag.retrieval import STOP_WORDS
from rag.segmentation import flat

MAX_CLAIMS = 3

_NEGATIONS = frozenset(("neither", "never", "no", "none", "nor", "not", "without"))
_MARKER = re.compile(r"\s*\[\d+\]")
_NEAR, _NEAR_ELSEWHERE = 6.0, 3.0  # of logit, fitted on tune halves
_SHARED = 0.3  # of the words of the shorter of two sentences


def extractive(
    evidence: Sequence[Evidence], by: Calibration | None = None
) -> tuple[list[Claim], list[Citation]]:
    """One to three of the best sentences as claims, each its own quote; none: nothing answers.

    The best has to reach the threshold of the calibration, the shipped one unless it is given. Of
    the others those follow that come within `_NEAR` of it, those of other articles that tell of
    something else, sharing less than `_SHARED` of their words with it, within `_NEAR_ELSEWHERE`;
    labels of what comes next do not. A sentence that says what an earlier claim says is not
    repeated: from another article it becomes a further citation of that claim. One that says
    something else is a claim of its own.
    """
    by = by or calibration()
    best = max(evidence, key=lambda found: found.logit, default=None)
    if best is None or by.probability(best.logit) < by.threshold:
        return [], []
    groups: list[list[Evidence]] = []
    for found in evidence:
        elsewhere = found.passage.source != best.passage.source
        apart = elsewhere and not _tell_of_one_thing(found.quote, best.quote)
        if found.logit < best.logit - (_NEAR_ELSEWHERE if apart else _NEAR):
            continue
        if found is not best and found.quote.rstrip().endswith(":"):
            continue  # a label
        said = _claimed(found.quote)
        same = next((one for one in groups if _says_the_same(_claimed(one[0].quote), said)), None)
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
        claims.append(
            Claim(_claimed(group[0].quote), ids, round(by.probability(group[0].logit), 4))
        )
    return claims, citations


def _claimed(quote: str) -> str:
    """The quote as a claim's text; what looks like a marker of ours in it is left out."""
    return flat(_MARKER.sub("", quote))


def _tell_of_one_thing(one: str, other: str) -> bool:
    """Whether two sentences share `_SHARED` of their words: where they differ, both are shown."""
    words, others = _words(one), _words(other)
    return len(words & others) >= _SHARED * min(len(words), len(others))


def _says_the_same(one: str, other: str) -> bool:
    """Whether the longer claim says all of the shorter, and adds no number or negation."""
    if one == other:
        return True
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    added = longer - shorter
    contrary = any(word.isdigit() or word in _NEGATIONS for word in added)
    return bool(shorter) and shorter <= longer and not contrary


def _words(claim: str) -> set[str]:
    words = re.findall(r"\w+", re.sub(r"n['’]t\b", " not", claim.lower()))
    return {word for word in words if word in _NEGATIONS or word not in STOP_WORDS}

"""Evidence, and what a model wrote -> the Answer: its sentences, quotes in its place, or the
refusal."""

from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from rag.answering.extractive import extractive
from rag.answering.generative import Generated
from rag.answering.listener import Listener
from rag.evidence.answers import Evidence, likeliest
from rag.models import EXTRACTIVE
from rag.records import Answer, Citation, Claim, Dropped, in_words


@dataclass(frozen=True, slots=True)
class Asked:
    """The question as it was put, and as it stands without what was said before."""

    question: str
    standalone: str


def quoted(asked: Asked, evidence: Sequence[Evidence], listener: Listener) -> Answer:
    """The answer that quotes give, told to `listener`."""
    claims, citations = extractive(evidence)
    for claim in claims:
        listener.claim(claim, [cited for cited in citations if cited.id in claim.citations])
    sure = likeliest(evidence)
    return _answer(asked, claims, citations, sure if claims else 1 - sure, model=EXTRACTIVE)


def written(
    asked: Asked, made: Generated, model: str, evidence: Sequence[Evidence], listener: Listener
) -> Answer:
    """The answer that `model` gave, as far as it is borne out.

    Where nothing of it is, quotes stand in, unless the model says that the articles do not answer.
    How sure it is: the mean support of its claims.
    """
    if made.claims:
        sure = sum(claim.support for claim in made.claims) / len(made.claims)
        broke = f"{made.fault}: this is what it had said by then" if made.fault else None
        degraded = _together(broke, made.unjudged)
        return _answer(asked, made.claims, made.citations, sure, model, made.dropped, degraded)
    sure = 1 - likeliest(evidence)
    if made.refuses and not made.fault:
        return _answer(asked, (), (), sure, model, made.dropped, made.unjudged)
    quotes = quoted(asked, evidence, listener)
    if not quotes.claims and not made.fault:
        return _answer(asked, (), (), sure, model, made.dropped, made.unjudged)
    fault = made.fault or f"Nothing that {model} wrote is borne out"
    return _answer(
        asked,
        quotes.claims,
        quotes.citations,
        quotes.confidence,
        quotes.model,
        made.dropped,
        _together(made.unjudged, instead(fault, quotes)),
    )


def instead(fault: str, quotes: Answer) -> str:
    """What to say of a fault for which quotes stand in."""
    return f"{fault}: {'quotes answer in its place' if quotes.claims else 'no quote answers'}"


def _together(*faults: str | None) -> str | None:
    return "; ".join(filter(None, faults)) or None


def _answer(
    asked: Asked,
    claims: Sequence[Claim],
    citations: Sequence[Citation],
    confidence: float,
    model: str,
    dropped: Sequence[Dropped] = (),
    degraded: str | None = None,
) -> Answer:
    return Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        status="answered" if claims else "refused",
        answer=in_words(claims) if claims else prompts.load("refusal"),
        claims=tuple(claims),
        citations=tuple(citations),
        dropped=tuple(dropped),
        confidence=round(confidence, 4),
        model=model,
        degraded=degraded,
    )

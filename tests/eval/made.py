"""Small made-up cases, answers and outcomes."""

from collections.abc import Sequence

from eval.cases import Case, CaseSet, Excerpt, Expect, Fact, Statement, says
from eval.runner import Outcome, Retrieved, Verdict
from rag.records import Answer, Citation, Claim, ClaimCheck, Timings

TEXTS = {
    "bridge.txt": "The bridge opened in 1932. It is 1,149 metres long. Trams ran on it until 1958.",
    "ferry.txt": "The ferry sails at dawn.\nIt carries 200 people. The ferry sails at dawn.",
}


def fact(*patterns: str, source: str = "bridge.txt", excerpt: str = "opened in 1932") -> Fact:
    return Fact(patterns, (Excerpt(source, excerpt),))


def case(
    id_: str = "opening",
    *facts: Fact,
    kind: str = "single",
    expect: Expect = "answer",
    question: str = "When did the bridge open?",
) -> Case:
    return Case(id_, kind, question, expect, facts)


def case_set(*cases: Case, statements: Sequence[Statement] = ()) -> CaseSet:
    return CaseSet("made", cases, TEXTS, says, tuple(statements))


def statement(
    id_: str = "opened", text: str = "It opened in 1932.", kind: str = "true"
) -> Statement:
    """One that the articles bear out where its kind is `true`."""
    evidence = (Excerpt("bridge.txt", "opened in 1932"),)
    return Statement(id_, kind, text, kind == "true", evidence)


def verdict(
    of: Statement, *released: bool, support: float = 0.8, error: str | None = None
) -> Verdict:
    """A check a sentence, each let through or not."""
    cited = (quote("opened in 1932"),)
    checks = tuple(ClaimCheck(of.statement, each, support, cited) for each in released)
    return Verdict(of, checks, error, latency_ms=4.0)


def quote(text: str, source: str = "bridge.txt", id_: int = 1) -> Citation:
    start = TEXTS[source].index(text)
    return Citation(id_, source, "", None, text, start, start + len(text), 1, "")


def answer(*citations: Citation, confidence: float = 0.8, total: float = 5.0) -> Answer:
    """Each quote as a claim of its own; none: refused."""
    return Answer(
        question="When did the bridge open?",
        standalone_question="When did the bridge open?",
        status="answered" if citations else "refused",
        answer=" ".join(f"{cited.quote} [{cited.id}]" for cited in citations) or "Not said.",
        claims=tuple(Claim(cited.quote, (cited.id,), 0.9) for cited in citations),
        citations=citations,
        dropped=(),
        confidence=confidence,
        model="extractive",
        degraded=None,
        timings_ms=Timings(retrieve=2.0, total=total),
    )


def outcome(
    asked: Case,
    given: Answer | None,
    *,
    error: str | None = None,
    missing: Sequence[int] = (),
    exact: int | None = None,
    retrieved: Retrieved | None = None,
) -> Outcome:
    """An outcome whose facts have the evidence that TEXTS has at their excerpts."""
    return Outcome(
        case=asked,
        gold=tuple(
            tuple(
                (e.source, at := TEXTS[e.source].index(e.excerpt), at + len(e.excerpt))
                for e in known.evidence
            )
            for known in asked.facts
        ),
        answer=given,
        error=error,
        missing=tuple(missing),
        exact=len(given.citations) if given and exact is None else exact or 0,
        retrieved=retrieved,
        latency_ms=10.0,
    )

"""Cases -> outcomes: every question asked, every answer held against what is known.

Statements -> verdicts, likewise.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from eval.cases import Case, CaseSet, Says, Split, Statement, evidence_spans, split
from eval.metrics import Span
from eval.progress import Progress
from eval.subject import Subject
from rag.errors import CitewellError
from rag.records import Answer, ClaimCheck, Passage
from rag.retrieval import by_score

One = TypeVar("One")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for a question: chunks by rank, and sentences in order of their scores."""

    chunks: tuple[Span, ...]
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case.

    `answer` is None where `error` says why there is none. `gold` holds the spans of each fact's
    evidence, `missing` the numbers of the facts that the answer does not say, `exact` how many of
    its quotes stand at their offsets. `retrieved` is None where retrieval cannot be seen.
    """

    case: Case
    gold: tuple[tuple[Span, ...], ...]
    answer: Answer | None
    error: str | None
    missing: tuple[int, ...]
    exact: int
    retrieved: Retrieved | None
    latency_ms: float

    @property
    def split(self) -> Split:
        """The half of its set that the case is in."""
        return split(self.case.id)

    @property
    def answered(self) -> bool:
        """Whether there are claims; a refusal and an error have none."""
        return self.answer is not None and self.answer.status == "answered"

    @property
    def refused(self) -> bool:
        """Whether it was refused; an error is no refusal."""
        return self.answer is not None and self.answer.status == "refused"

    @property
    def right(self) -> bool:
        """Whether this is what should have come: a refusal where one is right, or all the facts.

        An answer without all the facts is wrong, even where a refusal would have been right too.
        """
        if self.case.expect == "refuse":
            return self.refused
        allowed = self.refused and self.case.expect == "either"
        return allowed or (self.answered and not self.missing)

    @property
    def confidence(self) -> float:
        """How sure the answer or refusal was of itself; an error counts as sure, and wrong."""
        return self.answer.confidence if self.answer else 1.0

    @property
    def answerability(self) -> float:
        """How sure it was that there is an answer; an error counts as surest of the opposite."""
        if not self.answer:
            return 0.0 if self.case.expect == "answer" else 1.0
        return self.answer.confidence if self.answered else 1 - self.answer.confidence

    @property
    def claims(self) -> list[list[Span]]:
        """The quotes that each claim cites; none for a refusal or an error.

        An id that is no citation is a quote from nowhere.
        """
        if not self.answer:
            return []
        quotes = {c.id: (c.source, c.start, c.end) for c in self.answer.citations}
        return [
            [quotes.get(id_, ("", 0, 0)) for id_ in claim.citations] for claim in self.answer.claims
        ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a statement: a check of each of its sentences, none where `error` says why."""

    statement: Statement
    checks: tuple[ClaimCheck, ...]
    error: str | None
    latency_ms: float

    @property
    def split(self) -> Split:
        """The half of its set that the statement is in."""
        return split(self.statement.id)

    @property
    def released(self) -> bool:
        """Whether every sentence was let through. An error is as wrong as it can be: it lets a
        false statement through and no true one."""
        if self.error is not None:
            return not self.statement.supported
        return all(check.supported for check in self.checks)

    @property
    def right(self) -> bool:
        """Whether just what the articles bear out was let through."""
        return self.released == self.statement.supported

    @property
    def support(self) -> float:
        """How well the least supported sentence is borne out; an error is as wrong as it can be."""
        if self.error is not None:
            return 0.0 if self.statement.supported else 1.0
        return min(check.support for check in self.checks)


def run(cases: CaseSet, subject: Subject, progress: Progress, jobs: int = 1) -> list[Outcome]:
    """Ask all the questions of a set, `jobs` at a time; the outcomes are in its order.

    A case whose question fails with a CitewellError becomes an Outcome with that error.
    """

    def ask(case: Case) -> Outcome:
        return _outcome(case, cases, subject)

    return list(each(ask, cases.cases, jobs, f"Asking {cases.name}", progress))


def check(cases: CaseSet, subject: Subject, progress: Progress, jobs: int = 1) -> list[Verdict]:
    """Hold all the statements of a set against the articles; otherwise as `run`."""

    def one(statement: Statement) -> Verdict:
        return _verdict(statement, subject)

    return list(each(one, cases.statements, jobs, f"Checking {cases.name}", progress))


def each(
    work: Callable[[One], Found], those: Sequence[One], jobs: int, what: str, progress: Progress
) -> Iterator[Found]:
    """What `work` makes of each of `those`, in order, `jobs` of them at a time."""
    with ThreadPoolExecutor(jobs) as threads:
        waiting = [threads.submit(work, one) for one in those]
        try:
            for done, found in enumerate(waiting, start=1):
                yield found.result()
                progress(what, done, len(those))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _outcome(case: Case, cases: CaseSet, subject: Subject) -> Outcome:
    answer, error, passages = None, None, None
    begun = time.perf_counter()
    try:
        reply = subject.ask(case.question, case.turns)
        answer, passages = reply.answer, reply.passages
    except CitewellError as failure:
        error = str(failure)
    latency = time.perf_counter() - begun
    claims = [claim.text for claim in answer.claims] if answer else []
    return Outcome(
        case=case,
        gold=tuple(evidence_spans(fact, cases.texts) for fact in case.facts),
        answer=answer,
        error=error,
        missing=missing_facts(case, claims, cases.says),
        exact=exact_quotes(answer, subject) if answer else 0,
        retrieved=None if passages is None else in_reading_order(passages),
        latency_ms=latency * 1000,
    )


def _verdict(statement: Statement, subject: Subject) -> Verdict:
    checks: Sequence[ClaimCheck] = ()
    error = None
    begun = time.perf_counter()
    try:
        checks = subject.check(statement.statement)
        if not checks:
            error = "The service checked no sentence of it"
    except CitewellError as failure:
        error = str(failure)
    return Verdict(statement, tuple(checks), error, (time.perf_counter() - begun) * 1000)


def missing_facts(case: Case, claims: Sequence[str], says: Says) -> tuple[int, ...]:
    """The numbers of the facts of which the claims say no alternative."""
    return tuple(
        number
        for number, fact in enumerate(case.facts)
        if not any(says(alternative, claims) for alternative in fact.any)
    )


def exact_quotes(answer: Answer, subject: Subject) -> int:
    """How many quotes stand in the stored text exactly where the answer says."""
    return sum(
        0 <= cited.start < cited.end
        and subject.texts.get(cited.source, "")[cited.start : cited.end] == cited.quote
        for cited in answer.citations
    )


def in_reading_order(passages: Sequence[Passage]) -> Retrieved:
    """Passages by rank, and what a reader with little room is given of them: the sentences of all
    passages in order of their score."""
    sentences = [(passage.source, passage.sentences[at]) for passage, at in by_score(passages)]
    return Retrieved(
        chunks=tuple((passage.source, passage.start, passage.end) for passage in passages),
        sentences=tuple((source, one.start, one.end) for source, one in sentences),
    )

"""A case or statement that went wrong, for the page: what was due, what came, and why."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from eval.markup import element
from eval.saved import SavedCase, SavedFact, SavedRow, SavedStatement
from rag.records import Answer, Citation
from rag.segmentation import flat

_EXPECTED = {
    "answer": "An answer that says:",
    "refuse": "A refusal: the articles do not say.",
    "either": "A refusal, or an answer that says:",
}


def failed_case(case: SavedCase, opened: bool) -> Element:
    """The case as a box that opens."""
    turns = [
        element("p", element("b", f"{message.role}: "), message.content)
        for message in case.conversation
    ]
    before = [element("div", element("h5", "Said before"), *turns, class_="turns")] if turns else []
    expected = [
        element("h5", "Expected"),
        element("p", _EXPECTED[case.expect]),
        element("ul", *map(_fact, case.facts)),
    ]
    body = element(
        "div",
        *before,
        element("div", *expected),
        element("div", element("h5", "Came"), *_came(case), *_opinion(case)),
        class_="body",
    )
    attributes = {"open": "open"} if opened else {}
    return element("details", _summary(case), body, class_="case", **attributes)


def failed_statement(statement: SavedStatement, opened: bool) -> Element:
    """The statement as a box that opens."""
    due = "To be let through: the articles say:" if statement.supported else "To be held back"
    said = [_quote(evidence.excerpt, evidence.source) for evidence in statement.evidence]
    if not statement.supported:
        due += ": the articles say:" if said else ": the articles say nothing of it."
    body = element(
        "div",
        element("div", element("h5", "Expected"), element("p", due), *said),
        element("div", element("h5", "Came"), *_checked(statement)),
        class_="body",
    )
    attributes = {"open": "open"} if opened else {}
    return element("details", _summary(statement), body, class_="case", **attributes)


def _summary(row: SavedRow) -> Element:
    return element(
        "summary",
        element("span", f"{row.split} · {row.id}", class_="badges"),
        element("span", row.text, class_="asked"),
        element("span", row.why_wrong or "", class_="why"),
    )


def _checked(statement: SavedStatement) -> Iterator[Element]:
    if statement.error is not None:
        yield element("p", f"An error: {statement.error}", class_="why")
        return
    verdict = "Let through" if statement.released else "Held back"
    yield element("p", f"{verdict} with a support of {statement.support:.2f}, read against:")
    for check in statement.checks:
        if len(statement.checks) > 1:
            yield element("p", f"{check.claim} ({check.support:.2f})", class_="claim")
        yield from map(_cited, check.citations)


def _fact(fact: SavedFact) -> Element:
    patterns: list[Element | str] = ["matching "]
    for alternative in fact.any:
        patterns += [element("code", alternative), " or "]
    del patterns[-1]
    quotes = [_quote(evidence.excerpt, evidence.source) for evidence in fact.evidence]
    said = "said" if fact.said else "unsaid"
    return element("li", *quotes, element("p", *patterns, class_="patterns"), class_=said)


def _came(case: SavedCase) -> Iterator[Element]:
    if case.error is not None or case.answer is None:
        yield element("p", f"An error: {case.error or 'no answer'}", class_="why")
        return
    answer = case.answer
    what = "A refusal" if case.refused else "An answer"
    lesser = f", degraded ({answer.degraded})" if answer.degraded else ""
    yield element("p", f"{what} with a confidence of {answer.confidence:.2f}{lesser}:")
    if case.refused:
        yield element("p", answer.answer, class_="claim")
    yield element("ul", *_claims(answer))
    if answer.dropped:
        yield element("h5", "Dropped")
        dropped = (
            element("li", d.text, element("cite", d.reason), data_mark="–") for d in answer.dropped
        )
        yield element("ul", *dropped)


def _opinion(case: SavedCase) -> Iterator[Element]:
    """What the judge said, where one was asked."""
    if case.judged:
        said = "right" if case.judged.right else "wrong"
        opinion = case.judged.error or f"The judge calls it {said}."
        yield element("p", opinion, class_="note")


def _claims(answer: Answer) -> Iterator[Element]:
    """Each claim over its quotes; a quote that the claim repeats word for word stands alone."""
    citations = {citation.id: citation for citation in answer.citations}
    for number, claim in enumerate(answer.claims, start=1):
        cited = [citations[id_] for id_ in claim.citations if id_ in citations]
        repeated = any(flat(one.quote) == claim.text for one in cited)
        text = [] if repeated else [element("span", claim.text, class_="claim")]
        yield element("li", *text, *map(_cited, cited), data_mark=f"{number}")


def _cited(citation: Citation) -> Element:
    return _quote(citation.quote, f"{citation.source}, line {citation.line}")


def _quote(text: str, place: str) -> Element:
    return element("blockquote", text, element("cite", place))

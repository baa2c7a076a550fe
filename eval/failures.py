"""A case that went wrong, for the page: what was asked and expected, what came, and why."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from eval.markup import element
from eval.saved import SavedCase, SavedFact
from rag.records import Answer, Citation
from rag.segmentation import flat

_EXPECTED = {
    "answer": "An answer that says:",
    "refuse": "A refusal: the articles do not say.",
    "either": "A refusal, or an answer that says:",
}


def failed_case(case: SavedCase, opened: bool) -> Element:
    """The case as a box that opens."""
    summary = element(
        "summary",
        element("span", f"{case.split} · {case.id}", class_="badges"),
        element("span", case.question, class_="asked"),
        element("span", case.why_wrong or "", class_="why"),
    )
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
        element("div", element("h5", "Came"), *_came(case)),
        class_="body",
    )
    attributes = {"open": "open"} if opened else {}
    return element("details", summary, body, class_="case", **attributes)


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

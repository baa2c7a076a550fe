"""Passages made of a few sentences, and verdicts on statements that are found in them."""

from collections.abc import Sequence

from rag.evidence.answers import Evidence
from rag.evidence.support import Verdict
from rag.records import Passage, ScoredSentence
from rag.segmentation import split


def passage(
    text: str, source: str = "a.txt", date: str | None = None, id_: int = 1, context: str = ""
) -> Passage:
    """A passage that is a whole article of this text."""
    sentences = tuple(ScoredSentence(one.start, one.end, 0.5) for one in split(text))
    return Passage(
        chunk_id=id_,
        source=source,
        title="About it",
        date=date,
        sha256="abc",
        text=text,
        start=0,
        end=len(text),
        line=1,
        context=context,
        score=0.5,
        sentences=sentences,
    )


def found_word_for_word(statement: str, passages: Sequence[Passage]) -> Verdict:
    """Supported by every sentence that says just the same."""
    found = tuple(
        Evidence(one, sentence, 5.0, 0.9)
        for one in passages
        for sentence in one.sentences
        if one.slice(sentence.start, sentence.end) == statement
    )
    return Verdict(0.9, found, None) if found else Verdict(0.1, (), "No quote says so")

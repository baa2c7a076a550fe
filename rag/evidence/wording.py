"""A question's words against a passage's, which a cross-encoder makes too much of.

It takes sharing words for answering: an answer in other words than the question's scores too low,
and talk of the same matter too high, although it lacks whom the question names.
"""

from rag.evidence.mechanical.naming import unnamed
from rag.evidence.mechanical.reading import Reading, read
from rag.records import Passage

UNNAMED = 1.2
"""Logits that a sentence loses where its passage lacks a name of the question."""

REWORDED = 0.25
"""Logits that it gains for each word of the question that its passage lacks."""

MOST_REWORDED = 4
"""Words that count so: one that shares fewer still is of something else."""


def leaning(question: str, passage: Passage) -> float:
    """The logits to add to those of the sentences of `passage` for the words of `question`."""
    asked, around = read(question), read(f"{passage.context}. {passage.text}")
    reworded = min(len(_meaning(asked) - around.stems), MOST_REWORDED)
    return REWORDED * reworded - UNNAMED * unnamed(asked, around)


def _meaning(asked: Reading) -> set[str]:
    """The stems of a question's words that are neither names nor numbers."""
    named = asked.named
    return {stem for at, stem in asked.content if at not in named and not stem[0].isdigit()}

"""What the cross-encoder reads of a passage: a sentence, and what has to stand beside it."""

import re
from collections.abc import Iterable, Sequence

from rag.evidence.mechanical.reading import read
from rag.records import Passage
from rag.segmentation import flat

_POINTS_BACK = re.compile(
    r"\(?(?:(?P<person>he|she|his|her)|it|they|its|their)\b(?!['’]s\b)", re.IGNORECASE
)
_REFERS = re.compile(r"\b(?:he|him|his|she|hers?|they|them|their|its?)\b", re.IGNORECASE)


Place = tuple[Passage, int]
"""A sentence: its passage, and where among the sentences of that it stands."""


def reading(held: Place, beside: Sequence[Place] = ()) -> str:
    """A sentence and others `beside` it, in the article's order, under what its passage is known
    by."""
    context = [f"{held[0].context}."] if held[0].context else []
    return " ".join(context + [flat(quote(*place)) for place in in_order([held, *beside])])


def in_order(places: Iterable[Place]) -> list[Place]:
    """Sentences of an article as they stand in it."""
    return sorted(places, key=lambda place: place[0].sentences[place[1]].start)


def understood(passage: Passage, at: int) -> str:
    """A sentence with the one, if any, that it takes to know of whom or what it is."""
    return reading((passage, at), [(passage, other) for other in antecedent(passage, at)])


def refers(passage: Passage, at: int) -> bool:
    """Whether a sentence speaks of somebody or something by a pronoun."""
    return _REFERS.search(quote(passage, at)) is not None


def antecedent(passage: Passage, at: int) -> tuple[int, ...]:
    """The place of the sentence that says of whom or what one is that begins with a pronoun: the
    last before it that does not begin so itself and, for "he" and "she", names somebody. Empty
    where there is none in the passage, or no pronoun."""
    pronoun = _POINTS_BACK.match(quote(passage, at))
    if not pronoun:
        return ()
    for other in reversed(range(at)):
        there = quote(passage, other)
        if not _POINTS_BACK.match(there) and (read(there).names or not pronoun["person"]):
            return (other,)
    return ()


def quote(passage: Passage, at: int) -> str:
    """A sentence of a passage, exactly as the article has it."""
    sentence = passage.sentences[at]
    return passage.slice(sentence.start, sentence.end)

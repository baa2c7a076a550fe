"""What the cross-encoder reads of a passage: a sentence, and what has to stand beside it."""

import re

from rag.evidence.mechanical.reading import read
from rag.records import Passage
from rag.segmentation import flat

_POINTS_BACK = re.compile(
    r"\(?(?:(?P<person>he|she|his|her)|it|they|its|their)\b(?!['’]s\b)", re.IGNORECASE
)


def reading(passage: Passage, *places: int) -> str:
    """The sentences at these places of a passage, in the article's order, under its title."""
    context = [f"{passage.context}."] if passage.context else []
    return " ".join(context + [flat(quote(passage, at)) for at in sorted(places)])


def understood(passage: Passage, at: int) -> str:
    """A sentence with the one, if any, that it takes to know of whom or what it is."""
    return reading(passage, *antecedent(passage, at), at)


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

"""A text -> the sentences of an article, as examples take them."""

from collections.abc import Sequence
from random import Random

from eval.fitting import perturbations
from rag.segmentation import flat, split

_CONTEXTS = (0.4, 0.4, 0.2)  # a title, an opening, nothing: how often each
_OPENING = 150  # characters of how an article opens


class Article:
    """An article's sentences, and how the cross-encoder reads them: under its title, or under what
    is drawn with `rng`."""

    def __init__(self, source: str, text: str, rng: Random | None = None) -> None:
        self._spans = [(sentence.start, sentence.end) for sentence in split(text)]
        self.sentences = [flat(text[start:end]) for start, end in self._spans]
        self.names = names(self.sentences)
        self._title = source.removesuffix(".txt").replace("_", " ")
        self._opening = self.sentences[0][:_OPENING].rsplit(" ", 1)[0] + "…"
        self._rng = rng

    def at(self, place: int) -> str | None:
        """The sentence around a character."""
        spans = zip(self._spans, self.sentences, strict=True)
        return next((sentence for (start, end), sentence in spans if start <= place < end), None)

    def read(self, *sentences: str) -> str:
        """Sentences under what an article may be known by: its title, how it opens, or nothing."""
        context = self._title
        if self._rng:
            context = self._rng.choices([self._title, self._opening, ""], _CONTEXTS)[0]
        return " ".join([f"{context}." if context else "", *sentences]).strip()


def names(sentences: Sequence[str]) -> list[str]:
    """The names in an article's sentences that can take another's place."""
    return [name for one in sentences for name, _ in perturbations.names(one) if len(name) > 3]

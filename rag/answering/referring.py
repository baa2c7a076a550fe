"""Sentence after sentence of a text -> each as it may stand by itself, its first pronoun named.

"He is 59." is borne out by anybody's age, "Anna Berg is 59." by hers alone.
"""

import re
from collections.abc import Callable, Sequence

from rag.answering.naming import Names
from rag.evidence.mechanical import asserted
from rag.evidence.support import Verdict

_REMEMBERED = 3  # sentences: a pronoun seldom means what was named longer ago
_PRONOUN = re.compile(
    r"(?:(?P<person>he|she|his|her)|(?P<group>they|their)|(?P<thing>it|its))\b(?!['’])",
    re.IGNORECASE,
)
_OWNING = frozenset(("his", "her", "their", "its"))
_IMPERSONAL = re.compile(r"it\b[^,;:]*\b(?:that|to|whether|when|who)\b", re.IGNORECASE)


class Referring:
    """Hears the sentences of a text in their order."""

    def __init__(self) -> None:
        self._before: list[str] = []

    def meanings(self, sentence: str) -> list[str]:
        """`sentence` with what its first word means in place of a pronoun there, likeliest first;
        as it is where that is none, or where nothing was named before it."""
        stated = asserted(sentence)
        pronoun = _PRONOUN.match(stated)
        meant = self._meant(pronoun) if pronoun and not _IMPERSONAL.match(stated) else []
        meanings = [sentence]
        if pronoun and meant:
            rest = stated[pronoun.end() :]
            owns = pronoun.group().lower() in _OWNING
            meanings = [(_owner(name) if owns else name) + rest for name in meant]
        self._before = [*self._before, meanings[0]][-_REMEMBERED:]
        return meanings

    def _meant(self, pronoun: re.Match[str]) -> list[str]:
        """Whom or what a pronoun may mean, of the last sentence that names such."""
        candidates = _persons if pronoun["person"] else _groups if pronoun["group"] else _things
        for sentence in reversed(self._before):
            if found := candidates(sentence):
                return [name[0].upper() + name[1:] for name in dict.fromkeys(found)]
        return []


def held(meanings: Sequence[str], hold: Callable[[str], Verdict]) -> tuple[str, Verdict]:
    """The first meaning of a sentence that `hold` bears out, or else the likeliest, with its
    verdict."""
    tried: list[tuple[str, Verdict]] = []
    for meaning in meanings:
        tried.append((meaning, hold(meaning)))
        if tried[-1][1].supported:
            return tried[-1]
    return tried[0]


def _persons(sentence: str) -> list[str]:
    """The likeliest person of a sentence, and whom it names first."""
    named = Names(sentence, "")
    return [name for name in (named.person(), named.first()) if name]


def _groups(sentence: str) -> list[str]:
    """Those that a sentence names together."""
    return [name for name in [Names(sentence, "").joined()] if name]


def _things(sentence: str) -> list[str]:
    """What a sentence begins with, where that is nobody: what it names later may be anything."""
    thing = Names(sentence, "").thing()
    begins = thing and re.match(rf"(?:the )?{re.escape(thing)}\b", sentence, re.IGNORECASE)
    return [thing] if begins else []


def _owner(name: str) -> str:
    return name + ("'" if name.endswith("s") else "'s")

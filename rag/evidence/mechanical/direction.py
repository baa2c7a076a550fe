"""Verbs between two names: who does it to whom."""

from collections.abc import Iterator, Sequence

from rag.evidence.mechanical.names import Name, same
from rag.evidence.mechanical.reading import Reading
from rag.evidence.mechanical.words import is_content, lemma, listed, stem, stems

_CLAUSE = frozenset(
    [
        ";",
        ":",
        ".",
        "?",
        "!",
        "which",
        "who",
        "when",
        "while",
        "where",
        "because",
        "although",
        "but",
    ]
)
_REACH = 14
_AUXILIARIES = frozenset(
    [
        "to",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "did",
        "does",
        "do",
    ]
)


def direction_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What one name does to another here, and the other to the one in a quote."""
    ours = _deeds(said)
    if not ours:
        return
    for quote in quotes:
        theirs = _deeds(quote)
        for verb, (before, after) in ours.items():
            if verb not in theirs:
                continue
            quoted_before, quoted_after = theirs[verb]
            swapped = [
                (doer, other)
                for doer in before
                for other in after
                if _among(doer, quoted_after)
                and _among(other, quoted_before)
                and not _among(doer, quoted_before)
                and not _among(other, quoted_after)
            ]
            if swapped:
                doer, other = swapped[0]
                word = next(t.text for t in quote.tokens if stem(t.key) == verb)
                yield f'In the quotes "{word}" is done by {other.text}, not by {doer.text}'
                return


def _deeds(reading: Reading) -> dict[str, tuple[list[Name], list[Name]]]:
    """Each word of meaning between names: the names on its doing and on its suffering side."""
    found: dict[str, tuple[list[Name], list[Name]]] = {}
    named = {at for name in reading.names for at in range(name.first, name.last + 1)}
    if len(reading.names) < 2:
        return found
    for at, word in reading.content:
        if at in named or word in stems("symmetric") or word in found or not _acts(reading, at):
            continue
        start, end = _clause(reading, at)
        before = [name for name in reading.names if start <= name.first and name.last < at]
        after = [name for name in reading.names if at < name.first and name.last < end]
        if before and after:
            found[word] = (after, before) if _passive(reading, at) else (before, after)
    return found


def _acts(reading: Reading, at: int) -> bool:
    """Whether a word is a verb for sure: an inflected form, or after an auxiliary or `to`."""
    word = reading.tokens[at].key
    before = reading.tokens[at - 1].key if at else ""
    if before in ("a", "an", "the", "of", "in") or word.endswith("'s"):
        return False
    if before in _AUXILIARIES or (word.endswith("ed") and len(word) > 4):
        return True
    return (lemma(word) != word and not word.endswith("s")) or (
        word.endswith("s") and any(name.last == at - 1 for name in reading.names)
    )


def _clause(reading: Reading, at: int) -> tuple[int, int]:
    """The tokens around a word up to the borders of its clause."""
    start, end = at, at
    while start > 0 and at - start < _REACH and reading.tokens[start - 1].key not in _CLAUSE:
        start -= 1
    last = len(reading.tokens)
    while end < last and end - at < _REACH and reading.tokens[end].key not in _CLAUSE:
        end += 1
    return start, end


def _passive(reading: Reading, at: int) -> bool:
    """Whether a word is a participle with `by` soon after it: `was accused by`."""
    tokens = reading.tokens
    following = [token.key for token in tokens[at + 1 : at + 7]]
    before = [token.key for token in tokens[max(0, at - 4) : at]]
    being = {"is", "are", "was", "were", "be", "been", "being", "got"} & set(before)
    if "by" not in following:
        return False
    between = tokens[at + 1 : at + 1 + following.index("by")]
    return bool(being) or not any(is_content(token) for token in between)


def _among(name: Name, others: Sequence[Name]) -> bool:
    return any(_one(name, other) for other in others)


def _one(name: Name, other: Name) -> bool:
    """Whether two names name one: Kim and Kim Jong Un, Russian and Russia's President Putin."""
    ours = [part for part in name.parts if part not in listed("titlewords")]
    theirs = [part for part in other.parts if part not in listed("titlewords")]
    shared = [part for part in ours if any(same(part, their) for their in theirs)]
    if any(part[0] == "@" for part in shared):
        return True
    return len(shared) >= min(len(ours), len(theirs), 2) > 0

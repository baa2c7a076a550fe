"""Titles that a statement gives to others than its quotes do."""

from collections.abc import Iterator, Sequence

from rag.evidence.mechanical.names import Name, same
from rag.evidence.mechanical.reading import Reading
from rag.evidence.mechanical.words import families, listed


def title_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Titles that the quotes give to others than the statement does."""
    for name in said.names:
        ours = _titles(name, said)
        if not ours:
            continue
        persons = [part for part in name.parts if part not in listed("titlewords")]
        if not persons or persons[-1].startswith("@"):
            continue
        theirs: set[str] = set()
        for quote in quotes:
            for other in quote.names:
                if any(same(persons[-1], part) for part in other.parts):
                    theirs |= _titles(other, quote)
        vague = listed("vague_titles")
        if not theirs or (ours | theirs) & vague or _same_title(ours, theirs):
            continue
        given, claimed = sorted(theirs)[0], sorted(ours - theirs)[0]
        yield f"The quotes call {name.text.split()[-1]} {given}, not {claimed}"


def _titles(name: Name, reading: Reading) -> set[str]:
    """The titles that a text attaches to a name: in it, or after it between commas."""
    known = listed("titles")
    joined = "-".join(name.parts).replace("prime-minister", "premier")
    found = {part for part in joined.split("-") if part in known}
    if found:
        return found
    tokens = reading.tokens
    at = name.last + 1
    if at < len(tokens) and tokens[at].key == ",":
        words: list[str] = []
        for token in tokens[at + 1 : at + 8]:
            if not (token.is_word or token.key == "-") or token.key in ("who", "and", "whose"):
                break
            words.append(token.key)
        joined = "-".join(words).replace("prime-minister", "premier")
        found = {part for part in joined.split("-") if part in known}
    if not found:
        lower = [token.key for token in tokens[max(0, name.first - 2) : name.first]]
        joined = "-".join(lower).replace("prime-minister", "premier")
        found = {joined.split("-")[-1]} & known
    return found


def _same_title(ours: set[str], theirs: set[str]) -> bool:
    return any(ours & family and theirs & family for family in families("titles"))

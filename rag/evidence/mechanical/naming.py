"""Names that a statement gives and its quotes do not."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from rag.evidence.mechanical.names import Name, initials, name_like, same
from rag.evidence.mechanical.reading import Reading
from rag.evidence.mechanical.words import Token, is_content, listed, stem


def name_objections(said: Reading, quotes: Sequence[Reading], context: Reading) -> Iterator[str]:
    """Names that stand neither in the quotes nor, where the quotes point to one, around them."""
    objected: set[tuple[str, ...]] = set()
    for name in said.names:
        parts = name.own
        if not _is_name(name, said, quotes, context) or name.parts in objected:
            continue
        if any(_abbreviates(name, parts, reading) for reading in (*quotes, context)):
            continue
        unquoted = [part for part in parts if not any(_found(part, quote) for quote in quotes)]
        missing = [part for part in unquoted if not _found(part, context)]
        if not unquoted or (missing and _may_be_known(parts, missing, quotes, context)):
            continue
        rival = _rival(name, said, quotes, bool(missing))
        if not missing and not rival:
            continue
        objected.add(name.parts)
        if rival:
            yield f"The quotes say {rival}, not {name.text}"
        else:
            yield f'"{name.text}" is not in the quotes'


def _is_name(name: Name, said: Reading, quotes: Sequence[Reading], context: Reading) -> bool:
    if name.sure:
        return True
    return name_like(said.tokens, name) or any(
        name.parts[0] in reading.parts for reading in (*quotes, context)
    )


def unnamed(said: Reading, context: Reading) -> bool:
    """Whether a text lacks a name that is given for sure; of countries, which go by many, none. In
    capitals alone no name can be told."""
    if said.text.isupper():
        return False
    parts = {part for name in said.names if name.sure for part in name.own}
    return any(part[0] != "@" and not _found(part, context) for part in parts)


def _found(part: str, reading: Reading) -> bool:
    """Whether a text has a part of a name, in any spelling."""
    if part in reading.parts or part in reading.keys:
        return True
    if part[0] != "@" and stem(part) in reading.stems:
        return True
    if any(same(part, other) for other in reading.parts):
        return True
    if part[0] == "@" or not 2 <= len(part) <= 6:
        return False
    return part in _spelled(reading.tokens, attrgetter("capital")).split()


def _spelled(tokens: Sequence[Token], spells: Callable[[Token], bool]) -> str:
    """The initials of all runs of words that spell something, bridged by `of`, `for`, `and`."""
    letters: list[str] = []
    for token in tokens:
        if token.key in ("of", "for", "and", "the", "-", "&"):
            continue
        letters.append(token.key[0] if spells(token) else " ")
    return "".join(letters)


def _abbreviates(name: Name, parts: Sequence[str], reading: Reading) -> bool:
    """Whether a text has the name by its initials, or in full what it is the initials of."""
    if len(parts) > 2 and initials(parts) in reading.keys:
        return True
    letters = name.text.removesuffix("s")
    return (
        letters.isupper()
        and 3 <= len(letters) <= 6
        and letters.isalpha()
        and (letters.lower() in _spelled(reading.tokens, is_content))
    )


def _may_be_known(
    parts: Sequence[str],
    missing: Sequence[str],
    quotes: Sequence[Reading],
    context: Reading,
) -> bool:
    """Whether only given names are missing, of one whom the quotes give no other."""
    if any(part[0] == "@" for part in missing):
        return False
    known = [part for part in (parts[-1], parts[0]) if part not in missing and part[0] != "@"]
    for surname in known:
        bearers = [
            (other, at)
            for reading in (*quotes, context)
            for other in reading.names
            for at, part in enumerate(other.parts)
            if same(part, surname)
        ]
        if bearers and all(_fits(parts, surname, other.parts, at) for other, at in bearers):
            return True
    return False


def _fits(parts: Sequence[str], surname: str, theirs: Sequence[str], at: int) -> bool:
    """Whether a name whose part `at` is our surname may be ours: bare, or alike before it."""
    if surname == parts[0] and surname != parts[-1]:
        return at == len(theirs) - 1 and (at == 0 or theirs[at - 1] in listed("titlewords"))
    return (
        at == 0
        or theirs[at - 1] in listed("titlewords")
        or any(part[:3] == their[:3] for part in parts[:-1] for their in theirs[:at])
    )


def _rival(name: Name, said: Reading, quotes: Sequence[Reading], missing: bool) -> str | None:
    """The name that stands in a quote where the statement has `name`, by the words beside it.

    It may share a part with one that is `missing` everywhere: Clara Berg, not Anna Berg.
    """
    before, after = _beside(name, said)
    for quote in quotes:
        for other in quote.names:
            known = [_found(part, said) for part in other.own]
            if all(known) or (any(known) and not missing):
                continue
            theirs_before, theirs_after = _beside(other, quote)
            if (after and after == theirs_after) or (before and before == theirs_before):
                return other.text
    return None


def _beside(name: Name, reading: Reading) -> tuple[str, str]:
    """The words just before and after a name with their stems: `stationed in`, `attacked`."""
    tokens = reading.tokens
    after = ""
    at = name.last + 1
    if at < len(tokens) and tokens[at].key == ",":
        closing = [i for i in range(at + 1, min(at + 9, len(tokens))) if tokens[i].key == ","]
        at = closing[0] + 1 if closing else at
    for token in tokens[at : at + 3]:
        if not token.is_word or token.capital:  # a capital begins another name
            break
        if token.key not in listed("function"):
            after = stem(token.key)
            break
    before: list[str] = []
    for token in reversed(tokens[max(0, name.first - 3) : name.first]):
        if not token.is_word:
            break
        before.insert(0, stem(token.key))
        if token.key not in listed("function"):
            return " ".join(before), after
    return "", after

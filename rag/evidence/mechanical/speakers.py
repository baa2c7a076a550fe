"""Who says something, in a statement and in its quotes."""

from collections.abc import Iterator, Sequence

from rag.evidence.mechanical.names import Name, among, name_like
from rag.evidence.mechanical.numerals import key_at
from rag.evidence.mechanical.reading import Reading
from rag.evidence.mechanical.words import listed

_FIRST_PERSON = frozenset("i me my mine myself".split())
_DESCRIBING = frozenset("a an the who whose which".split())
_OF = frozenset("of in at from for near".split())


def speaker_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What one says here and another in the quotes, or somebody of themselves and nobody there."""
    if said.keys & _FIRST_PERSON and not any(quote.keys & _FIRST_PERSON for quote in quotes):
        yield 'Nobody says "I" in the quotes'
    ours = _speakers(said)
    theirs = [name for quote in quotes for name in _speakers(quote)]
    if ours and theirs and not among(ours[0], theirs):
        yield f"In the quotes {theirs[0].text} says it, not {ours[0].text}"


def _speakers(reading: Reading) -> list[Name]:
    """The names next to verbs of saying, or after "according to"; countries are none, for those who
    speak for them have names too."""
    found: list[Name] = []
    for at, token in enumerate(reading.tokens):
        if token.key == "according":
            places = range(at + 1, at + 6)
            end = next((i for i in places if key_at(reading.tokens, i) == ","), at + 6)
            found += [name for name in reading.names if at + 2 <= name.first < end][:1]
        elif token.key in listed("saying") and not token.capital:
            found += _beside(reading, at)
    return [name for name in found if _is_sure(name, reading)]


def _beside(reading: Reading, at: int) -> list[Name]:
    """The name that does the saying of a verb: `"…", said Berg`, `Berg, the mayor, said`."""
    tokens, names = reading.tokens, reading.names
    before = key_at(tokens, at - 1)
    after = [name for name in names if at < name.first <= at + 3]
    if before in ('"', ",") and after and tokens[at + 1].key != "that":
        return after[:1]
    if before == "who" or before in listed("pronouns"):
        return []
    if before == ",":
        said_of = [name for name in names if name.last < at - 1 and _comma_after(reading, name)]
        described = [name for name in said_of if tokens[name.last + 2].key in _DESCRIBING]
        return described[-1:] or said_of[-1:]
    return [who for name in names if name.last == at - 1 for who in _whose(name, reading)]


def _comma_after(reading: Reading, name: Name) -> bool:
    return reading.tokens[name.last + 1].key == ","


def _whose(name: Name, reading: Reading) -> list[Name]:
    """Who may be meant: Berg or Lind of `Berg of Oslo and Lind`, and of `the Union of Grain and
    Milk`, which is named alike, the Union."""
    heads = [_head(name, reading)]
    if key_at(reading.tokens, name.first - 1) == "and":
        joined = [other for other in reading.names if other.last == name.first - 2]
        heads += [head for other in joined if (head := _head(other, reading)) is not other]
    return heads


def _head(name: Name, reading: Reading) -> Name:
    """The name that one belongs to: Berg, of `Berg of the Institute in Oslo`."""
    joint = name.first - 1
    if key_at(reading.tokens, joint) == "the":
        joint -= 1
    if key_at(reading.tokens, joint) not in _OF:
        return name
    owner = next((other for other in reading.names if other.last == joint - 1), None)
    return _head(owner, reading) if owner else name


def _is_sure(name: Name, reading: Reading) -> bool:
    """Whether it is the name of a person or body, and not the owner of what is named next."""
    if any(part[0] == "@" for part in name.parts) or reading.tokens[name.last].text.endswith("'s"):
        return False
    return name.sure or name_like(reading.tokens, name)

"""A follow-up question + what was said before -> a question that stands by itself: a plain rule.

Only the form of the question decides whether it leans on the conversation: an unbound pronoun, a
word that points back, or too little to stand on. What it means is then named out of the last
question and its answer, by cheap clues of the surface. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answering.markup import MARKER
from rag.answering.naming import Names
from rag.records import Turn
from rag.segmentation import flat

TURNS = 6
"""Of a conversation: the last turns are read."""

_CHARACTERS = 600  # of each
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_MARKER = re.compile(rf"\s*(?:{MARKER.pattern})", MARKER.flags)
_LEAD = re.compile(
    r"(?:(?:ok(?:ay)?|and|but|so|then|now|well|also|thanks|thank you|great|right|yes|no|hm+)\b"
    r"[\s,.!:;–—-]*)+",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:what|how) about\s+", re.IGNORECASE)
_ORDINAL = re.compile(r"\bthe\s+(?:\d+(?:st|nd|rd|th)|first|second|third|[a-z]+th)\b", re.I)
_ENDS = " \t?.!…"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AUXILIARIES = _set(
    "am are can could did do does had has have is may might must shall should was were will would"
)
_ASKING = _set("how what when where which who whom whose why")
_PREPOSITIONS = _set(
    "about after at before between by during for from in into like near of on over since "
    "than to under until with without"
)
_DETERMINERS = _set("a an any each every some the which whose")
_PERSONS = _set("he him himself his she her hers herself")
_GROUPS = _set("they them their theirs themselves")
_THINGS = _set("it its itself")
_POSSESSIVES = _set("his hers its their theirs")
_OWNED = frozenset((*_POSSESSIVES, "her"))
_POINTING = _set("that this these those")
_BACK = _set("another else former instead latter so too")
_CLAUSES = _set("who which that whose whom where of")
_TIMES = _set("day evening month morning night summer time week winter year")
_LITTLE = (
    _AUXILIARIES | _ASKING | _PREPOSITIONS | _DETERMINERS | _PERSONS | _GROUPS | _THINGS
    | _POINTING | _BACK
    | _set("all and both but come ever exactly far happen happened here i long many me more much "
    "no not often old one ones or please say says tell there us we you")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    ends_clause: bool = False

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def named(self) -> bool:
        """Whether it looks like a name."""
        return self.text[:1].isupper()


def rewritten(question: str, conversation: Sequence[Turn]) -> str:
    """`question` so that it can be understood and searched by itself; unchanged where it can be
    already, and where nothing was asked before."""
    before = Names("", "")
    for asked, answered in pairwise([*_heard(conversation), Turn("user", "")]):
        if asked.role == "user":
            reply = answered.content if answered.role == "assistant" else ""
            before = Names(_completed(asked.content, before), reply)
    return _completed(question, before)


def _heard(conversation: Sequence[Turn]) -> list[Turn]:
    """The last turns without markers, each on one line and cut to length."""
    bare = (
        Turn(turn.role, flat(_MARKER.sub("", turn.content[: 2 * _CHARACTERS])))
        for turn in conversation[-TURNS:]
    )
    return [Turn(turn.role, turn.content[:_CHARACTERS]) for turn in bare if turn.content]


def _completed(question: str, before: Names) -> str:
    """`question` with what it leans on named out of the last question and answer."""
    if not before.question:
        return question
    lead = _LEAD.match(question)
    asked = question[lead.end() :] if lead else question
    if not asked.strip(_ENDS):
        return question if lead is None else _ended(f"{question.rstrip(_ENDS)}: {before.topic}")
    if about := _ABOUT.match(asked):
        return _ended(before.asked_of(asked[about.end() :].strip(_ENDS)))
    words = _words(asked)
    if not words:
        return question
    if words[0].low in _PREPOSITIONS and len(words) <= 5:
        return _ended(f"{before.without_adjectives()} {asked.rstrip(_ENDS)}")
    named = _named(asked, words, before)
    core, clear = named.rstrip(_ENDS), _words(named)
    ordinal = _ORDINAL.search(core)
    if ordinal and ordinal.end() == len(core):
        named = f"{core} {before.counted()}"
    elif _too_little(clear):
        named = f"{core}: {before.topic}"
    elif _points_back(clear) or (lead and not _holds(clear)):
        named = f"{core} ({before.said})"
    return question if named == asked and not lead else _ended(named)


def _named(asked: str, words: Sequence[_Word], before: Names) -> str:
    """`asked` with its unbound pronouns replaced by what they mean."""
    named, moved = asked, 0
    for at, word in enumerate(words):
        meant = _meant(words, at, before)
        if meant:
            if _owns(words, at):
                meant += "'" if meant.endswith("s") else "'s"
            named = named[: word.start + moved] + meant + named[word.end + moved :]
            moved += len(meant) - (word.end - word.start)
    return named


def _meant(words: Sequence[_Word], at: int, before: Names) -> str:
    """What the word there stands for; empty where it stands for itself or nothing is found."""
    word = words[at].low
    if word == "there":
        return before.place() if _elsewhere(words, at) else ""
    if _bound(words, at):
        return ""
    if word in _PERSONS:
        return before.person()
    if word in _GROUPS:
        return before.group()
    return before.thing() if word in _THINGS and not _impersonal(words, at) else ""


def _owns(words: Sequence[_Word], at: int) -> bool:
    """Whether the pronoun there says whose the next word is."""
    follows = words[at + 1].low if at + 1 < len(words) else ""
    return words[at].low in _OWNED and bool(follows) and follows not in _LITTLE


def _elsewhere(words: Sequence[_Word], at: int) -> bool:
    """Whether `there` is a place (not `is there`, `there were`) that the question does not name."""
    near = {words[place].low for place in (at - 1, at + 1) if 0 <= place < len(words)}
    existential = bool(near & _AUXILIARIES) and at + 1 < len(words)
    return not existential and not any(word.named for word in words[1:at])


def _bound(words: Sequence[_Word], at: int) -> bool:
    """Whether the question itself names what the pronoun means: a name before it, or a noun that
    is told by its article. A subject that follows its auxiliary can only mean what a clause before
    it names."""
    earlier = words[:at]
    if at and words[at - 1].low in _AUXILIARIES and not words[at - 1].ends_clause:
        borders = (n + 1 for n in range(at - 1, -1, -1) if _ends_clause(words, n))
        earlier = earlier[: next(borders, 0)]
    lower = not any(word.named for word in words)
    return any(
        (word.named and number > 0 and word.low not in _LITTLE)
        or (before.low in _DETERMINERS and word.low not in _LITTLE)
        or (lower and number > 0 and word.low not in _LITTLE and at - number > 1)
        for number, (before, word) in enumerate(
            zip([_Word("", 0, 0), *earlier], earlier, strict=False)
        )
    )


def _ends_clause(words: Sequence[_Word], at: int) -> bool:
    """Whether a clause ends with that word: at punctuation, and before `and which`."""
    joined = words[at].low == "and" and words[at + 1].low in _ASKING
    return words[at].ends_clause or joined


def _impersonal(words: Sequence[_Word], at: int) -> bool:
    """Whether `it` means nothing: what time is it, is it true that, does it take to."""
    after = {word.low for word in words[at + 1 :]}
    return words[at].low == "it" and bool(after & {"that", "to"}) and at > 0


def _points_back(words: Sequence[_Word]) -> bool:
    """Whether a word points at what was said: `that` by itself, `those documents`, `instead`."""
    for at, word in enumerate(words):
        follows = words[at + 1].low if at + 1 < len(words) and not word.ends_clause else ""
        precedes = words[at - 1].low if at else ""
        told = any(other.named for other in words[1:at])
        if word.low == "that":
            alone = not follows or follows in _AUXILIARIES or precedes in _AUXILIARIES
            if alone and (not follows or at == 0 or precedes in (_AUXILIARIES | _ASKING)):
                return True
            if precedes in _PREPOSITIONS and follows not in _GROUPS | _PERSONS | _THINGS:
                return True
        elif (word.low in _POINTING and not told and follows not in _CLAUSES | _TIMES) or (
            word.low in ("instead", "latter", "former", "so", "too") and not follows
        ):
            return True
    return False


def _too_little(words: Sequence[_Word]) -> bool:
    """Whether the question has no word of its own: why, how many were there, who else."""
    return all(word.low in _LITTLE for word in words)


def _holds(words: Sequence[_Word]) -> bool:
    """Whether there is a name, or enough of other words."""
    own = [word for word in words if word.low not in _LITTLE]
    return len(own) > 3 or any(word.named for word in words[1:])


def _words(text: str) -> list[_Word]:
    found = list(_WORD.finditer(text))
    return [
        _Word(
            one.group(), one.start(), one.end(), text[one.end() : one.end() + 1] in tuple(",:;.?!")
        )
        for one in found
    ]


def _ended(question: str) -> str:
    """One question with its mark, beginning with a capital."""
    return f"{question[:1].upper()}{question[1:].rstrip(_ENDS)}?"

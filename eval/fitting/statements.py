"""A question and its answer -> a statement, by rule: near enough to English to fit a model on."""

import re

from rag.segmentation import flat

_PREPOSITIONS = (
    "in|on|at|by|to|from|for|of|with|during|after|before|under|into|through|around|since|until"
    "|about"
)
_ASKING = re.compile(
    rf"((?:(?:{_PREPOSITIONS}) )?"
    r"(?:what|which|whom|whose|who|when|where|how (?:many|much|long|often|old|far)))\b(.*)$",
    re.I,
)
_AT_THE_END = re.compile(r"(.*?)\b(?:what|which|whom?|when|where|how (?:many|much))$", re.I)
_AFTER_A_COMMA = re.compile(r"(.*?, )((?:what|which|whom?|when|where|how)\b.*)$", re.I)
_AUXILIARY = re.compile(
    r"(?:is|was|are|were|did|does|do|has|have|had|can|could|will|would|should|may|might|must)$",
    re.I,
)
_DO = frozenset(("did", "does", "do"))
_BE = frozenset(("is", "was", "are", "were"))
_PARTICIPLE = re.compile(r"\w+(?:ed|en|wn|ght|lt|un|ing)$")
_PREDICATE = re.compile(
    r"(?:\w+ly )?\w+(?:ed|en|un|wn|ght|ung|lt|ft|nd|pt|rn|st)\b"
    r"|(?:an?|not|being|also|the (?:one|first|only)|responsible|able|in|on|at|under|from|part)\b",
    re.I,
)
_PLACED = re.compile(
    r"(?:in|on|at|near|from|to|through|throughout|across|along|around|outside|under|over|behind"
    r"|between|north|south|east|west)\b",
    re.I,
)


def statement(question: str, answer: str) -> str | None:
    """What the question and its answer say together; None where no rule fits the question.

    Words keep the form they have in the question: "When did they build it?" and "1066" become
    "They build it in 1066."
    """
    asked, said = flat(question).rstrip("? ."), flat(answer).strip(" .,;")
    if found := _ASKING.match(asked):
        return _joined(found[1].lower(), found[2].split(), said)
    if found := _AT_THE_END.match(asked):
        return _sentence(found[1] + said)
    if found := _AFTER_A_COMMA.match(asked):
        rest = statement(found[2], said)
        return found[1] + rest if rest else None
    return None


def _joined(asking: str, words: list[str], said: str) -> str | None:
    preposition, _, rest = asking.partition(" ")
    if re.fullmatch(_PREPOSITIONS, preposition):
        asking = rest
    else:
        preposition = ""
    at = next((at for at, word in enumerate(words) if _AUXILIARY.match(word)), None)
    takes_noun = asking in ("what", "which", "whose", "how many", "how much")
    if any(word.lower().endswith("n't") for word in words[:3]) or not words:
        return None
    if at is None or (at and not takes_noun):
        return _of_subject(asking, words, said)
    noun, auxiliary, tail = words[:at], words[at].lower(), words[at + 1 :]
    if not tail:
        return None
    named = _named(asking, preposition, " ".join(noun), said)
    if auxiliary in _DO:
        return _sentence(f"{' '.join(tail)} {named}")
    about_who = asking in ("who", "what", "which", "how many", "how much") and not preposition
    if auxiliary in _BE:
        return _with_be(
            auxiliary, tail, named, about_who and asking not in ("how many", "how much")
        )
    if about_who:
        return _sentence(f"{named} {auxiliary} {' '.join(tail)}")
    return _sentence(f"{' '.join(tail)} {named}")


def _of_subject(asking: str, words: list[str], said: str) -> str | None:
    """Of a question about its subject: "Who led them", "What country joined"."""
    if asking == "who" or asking.startswith("how m"):
        return _sentence(f"{said} {' '.join(words)}")
    if asking in ("what", "which") and len(words) > 2:
        verbs = (at for at in range(1, min(5, len(words))) if re.search(r"(?:ed|s)$", words[at]))
        return _sentence(f"{said} {' '.join(words[next(verbs, 0) :])}")
    return None


def _with_be(auxiliary: str, tail: list[str], named: str, about_who: bool) -> str | None:
    rest = " ".join(tail)
    if about_who and _PREDICATE.match(rest):
        return _sentence(f"{named} {auxiliary} {rest}")
    if about_who:
        return _sentence(f"{rest} {auxiliary} {named}")
    at = next((at for at in range(1, len(tail)) if _PARTICIPLE.match(tail[at])), len(tail))
    return _sentence(f"{' '.join(tail[:at])} {auxiliary} {' '.join(tail[at:])} {named}")


def _named(asking: str, preposition: str, noun: str, said: str) -> str:
    """The answer as it stands in the statement: "1066" as "in 1066", "5" as "5 ships"."""
    if (
        asking.startswith("how")
        and noun
        and noun.split()[-1].lower().rstrip("s") not in said.lower()
    ):
        said = f"{said} {noun}"
    if asking == "when" and re.fullmatch(r"(?:\w+ )?\d{3,4}s?", said):
        return "in " + said
    if asking == "where" and not _PLACED.match(said):
        return "in " + said
    if preposition and not said.lower().startswith(preposition + " "):
        return f"{preposition} {said}"
    return said


def _sentence(words: str) -> str | None:
    words = flat(words)
    return words[0].upper() + words[1:] + "." if words else None

"""What a pronoun may mean: the people, things and places of a question and its answer. Pure.

Cheap clues of the surface: capitals, titles, prepositions, agreement with the pronoun.
"""

import re
from dataclasses import dataclass

ANSWER_CHARACTERS = 200
"""Of an answer that is repeated in a question."""

_UPPER = "".join(letter for letter in map(chr, range(0x530)) if letter.isupper())
_CAPITAL = rf"[{_UPPER}][\w’'.-]*[\w’']|[A-Z]"
_NAME = re.compile(rf"(?:{_CAPITAL})(?:\s+(?:of\s+|the\s+)?(?:{_CAPITAL}|\d[\w-]*))*")
_ASKED = re.compile(
    r"(?:And|Are|At|By|Can|Could|Did|Do|Does|For|From|Had|Has|Have|He|Her|His|How|In|Is|Its?|No|Of|On|She"
    r"|Tell|The|Their|There|They|This|To|Was|Were|What|When|Where|Which|Who|Whom|Whose|Why|Will|With"
    r"|Would|Yes|At|After|Before|During|Former|About|Around|Approximately)\b\s*"
)
_TITLE = re.compile(
    r"\b(?:president|minister|chairman|chairwoman|leader|general|secretary|mr|mrs|ms|dr|professor"
    r"|prince|princess|king|queen|pope|chief|commander|director|ambassador|senator|judge|captain"
    r"|sir|lady|author|coach|mayor|governor|chancellor|officer|member|doctor)\.?\s*",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"\b(?:Agency|Army|Association|Avenue|Bank|Bridge|Church|City|Club|College|Committee|Company"
    r"|Corporation|Council|Court|Day|Festival|Games|Group|House|Inc|Institute|Island|Lake|League"
    r"|Ltd|Ministry|Museum|Nations|North|Ocean|Palace|Park|Party|Region|River|School|Sea|Social"
    r"|South|Square|States|Street|Team|Times|Treaty|Union|United|University|War)\b"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|to|from|near|into|across|outside|around)\s+(?:the\s+)?$", re.I
)
_PLACE = re.compile(
    rf"\b(?:at|in|on) the (?:[\w-]+ ){{1,4}}?(?:in|of|at|on) (?:the )?(?:{_NAME.pattern})"
    rf"|\b(?:in|at|near) (?:the )?(?:[a-z]+ )?(?:{_NAME.pattern})"
)
_EVENT = re.compile(rf"\bthe (?:{_NAME.pattern}) [a-z]+")
_GOAL = re.compile(rf"\b(?:to|from) (?:the )?(?P<name>{_NAME.pattern})")
_PAIR = re.compile(
    rf"(?:{_NAME.pattern})(?:, (?:{_NAME.pattern}))*,? and (?:the )?(?:{_NAME.pattern})"
    r"(?: [a-z]+s\b)?"
)
_PLURAL = re.compile(
    r"\b(?:[Ww]hich|[Hh]ow many|[Ww]hat|[Tt]he|[Tt]hose|[Tt]hese)\s+((?:[\w-]+ )?[a-z-]{3,}s)\b"
)
_SMALL = r"(?:[a-z]{1,3}|from|with|that|which|were|have|will|when|what)"
_DEFINITE = re.compile(
    rf"\b[Tt]he [\w-]+(?: (?!{_SMALL}\b)[\w-]+)?(?: of (?:the )?(?:{_NAME.pattern}))?"
)
_ADJECTIVE = re.compile(
    r"\b(?:[A-Z][\w-]*(?:an|ese|ish|ch|ss|i|aqi|eli)|South|North|American) (?=[a-z])"
)
_COUNTED = re.compile(
    r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|[a-z]+th)\s+(?P<what>[A-Za-z]+[^?.!,]*)"
)


@dataclass(frozen=True, slots=True)
class Names:
    """The last question, standing by itself, and the answer to it; empty where there is none."""

    question: str
    answer: str

    @property
    def topic(self) -> str:
        """The question as a part of another sentence."""
        return self.question.rstrip(" \t?.!…")

    @property
    def said(self) -> str:
        """The answer, or where that names nothing the question too."""
        answer = self.answer
        if len(answer) > ANSWER_CHARACTERS:
            answer = answer[:ANSWER_CHARACTERS].rsplit(" ", 1)[0]
        answer = answer.rstrip(" \t?.!…")
        return answer if len(_names(answer)) > 1 else f"{self.topic}: {answer}".rstrip(": ")

    def person(self) -> str:
        """Whom `he` or `she` means: the answer to a question for a person, else the likeliest name
        of the question, else of the answer; empty where nobody is named."""
        asks = re.match(r"\W*(?:by |to |with )?wh(?:o|om|ose)\b", self.question, re.IGNORECASE)
        first, second = (self.answer, self.question) if asks else (self.question, self.answer)
        return _likeliest_person(first) or _likeliest_person(second)

    def first(self) -> str:
        """What the question names first; empty where it names nothing."""
        return next(iter(_names(self.question)), "")

    def joined(self) -> str:
        """Names joined by `and`; empty where none are."""
        for text in (self.question, self.answer):
            if found := _PAIR.search(_without_asking(text)):
                return found.group()
        return ""

    def group(self) -> str:
        """Whom or what `they` means: names joined by `and`, else a noun in the plural, else a
        name that is nobody's."""
        if joined := self.joined():
            return joined
        for text in (self.question, self.answer):
            if found := _PLURAL.search(text):
                return f"the {found.group(1)}"
        return self.thing()

    def thing(self) -> str:
        """What `it` means: a name that is no person's, else what the question calls `the …`."""
        for text in (self.question, self.answer):
            names = [name for name, score in _persons(text) if score < 1]
            definite = _DEFINITE.search(text)
            if definite:
                return definite.group()
            if names:
                return names[0]
        return ""

    def place(self) -> str:
        """Where `there` is, with its preposition; empty where no place is named."""
        for text in (self.question, self.answer):
            if found := _PLACE.search(text):
                return found.group()
            if found := _EVENT.search(text):
                return f"at {found.group()}"
            for found in _GOAL.finditer(text):
                if found["name"] not in self.question:
                    return found.group()
        return ""

    def counted(self) -> str:
        """What an ordinal number of the question or the answer counts, with all that follows."""
        found = _COUNTED.search(self.question) or _COUNTED.search(self.answer)
        return found["what"].strip() if found else f"({self.topic})"

    def without_adjectives(self) -> str:
        """The question without the origins that it names, to ask it of another."""
        return _ADJECTIVE.sub("", self.topic)

    def asked_of(self, other: str) -> str:
        """The question with `other` in place of whom or what it is about."""
        old = _likeliest_person(self.question) or self.first()
        if not old:
            return f"{self.topic}: {other}"
        return self.topic.replace(old, other, 1)


def _likeliest_person(text: str) -> str:
    name, score = max(_persons(text), key=lambda one: one[1], default=("", 0.0))
    return name if score > 0 else ""


def _persons(text: str) -> list[tuple[str, float]]:
    """Each name and how surely it is a person's: above 0 it may be."""
    found = []
    for order, (name, start, end) in enumerate(_names(text).values()):
        before, after = text[:start], text[end:]
        score = 1.0 - 0.1 * order + (0.5 if " " in name else 0.0)
        led_by = re.split(r"[.?!]\s", before[-14:])[-1]
        score += 2 if _TITLE.search(led_by + name) else 0
        score += 1 if re.match(r",\s+(?:the |an? )?[a-z]", after) else 0
        score += 1 if re.search(r"\b(?:by|with)\s+$", before) else 0
        score -= 3 if _PLACE_BEFORE.search(before) or _NO_PERSON.search(name) else 0
        score -= 2 if re.search(r"\bthe\s+$", before, re.IGNORECASE) else 0
        score -= 2 if _ADJECTIVE.match(f"{name.split()[-1]}{after[:2]}") else 0
        score -= 2 if re.match(r"[\w-]*\d|[A-Z]{2,}$", name.split()[-1]) else 0
        found.append((name, score))
    return found


def _names(text: str) -> dict[str, tuple[str, int, int]]:
    """The names of a text in order, each once, with the span of its first mention."""
    names: dict[str, tuple[str, int, int]] = {}
    for found in _NAME.finditer(text):
        start = found.start()
        while asked := _ASKED.match(text, start, found.end()):
            start = asked.end()
        name = re.sub(r"['’]s?$", "", text[start : found.end()]).rstrip(".")
        if name and name[0].isupper() and (name != "I"):
            names.setdefault(name, (name, start, start + len(name)))
    return names


def _without_asking(text: str) -> str:
    asked = _ASKED.match(text)
    return text[asked.end() :] if asked else text

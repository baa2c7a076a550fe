"""SQuAD articles and questions -> labelled statements about them, made by rule from a seed.

True ones reword a sentence (shortened, other number words, date order, voice or spelling) or join a
question and its answer; false ones change a number, date, name, denial, the sides of a verb or how
much is claimed. Each names the exact sentences that it was made from.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eval.squad import Squad, SquadQuestion
from rag.segmentation import flat, split

MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
_NAME = r"[A-Z][\w'’-]+(?: (?:of |the )?[A-Z][\w'’-]+)*"
_YEAR = r"(?<![\d,.])1\d{3}(?![\d,.%]\d)|(?<![\d,.])20[0-2]\d(?![\d,.%]\d)"
_DIGITS = re.compile(r"(?<![\w.,$£€/-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w/]|[.,-]\d)")
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen twenty"
).split()  # fmt: skip
_BE = "is|was|are|were"
_PREPOSITION = r"(?:in|on|at|from|by|between|during|since|around|about|after|before|until|around) "
_STRONGER = {
    "some": "all", "many": "all", "most": "all", "several": "all", "often": "always",
    "usually": "always", "sometimes": "always", "frequently": "always", "generally": "always",
    "mainly": "only", "mostly": "only", "largely": "entirely", "partly": "entirely",
    "one of the": "the only one of the", "among the": "the only one of the",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GeneratedStatement:
    """A statement about an article, whether it says what its `evidence` does, and how it was made.

    `evidence` holds the exact sentences of `source` that it comes from.
    """

    statement: str
    supported: bool
    kind: str
    source: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Material:
    """What can be put into the place of something else in an article."""

    names: tuple[str, ...]
    years: tuple[str, ...]
    numbers: tuple[str, ...]


Change = Callable[[str, _Material, random.Random], str | None]
"""A sentence -> another one, None where it does not apply."""


def generate(squad: Squad, count: int, seed: int) -> list[GeneratedStatement]:
    """`count` statements, or all that can be made; the same for the same `seed`.

    Kinds come in turn, so that each has its share while it lasts.
    """
    draw = random.Random(seed)
    made: dict[str, list[GeneratedStatement]] = {}
    for source, text in sorted(squad.articles.items()):
        sentences = [text[s.start : s.end] for s in split(text) if s.kind in ("prose", "item")]
        whole = [one for one in sentences if 40 <= len(one) <= 320 and one[0].isupper()]
        material = _material(text)
        for one in whole:
            for statement in _about(one, source, material, draw):
                made.setdefault(statement.kind, []).append(statement)
        asked = [question for question in squad.questions if question.source == source]
        for statement in _answered(asked, text, draw):
            made.setdefault(statement.kind, []).append(statement)
    for statements in made.values():
        draw.shuffle(statements)
    return _in_turn([made[kind] for kind in sorted(made)], count)


def _in_turn(lists: Sequence[list[GeneratedStatement]], count: int) -> list[GeneratedStatement]:
    chosen: list[GeneratedStatement] = []
    for turn in range(max(map(len, lists), default=0)):
        chosen += [each[turn] for each in lists if turn < len(each)]
        if len(chosen) >= count:
            break
    return chosen[:count]


def _material(text: str) -> _Material:
    names = re.findall(rf"(?<=[a-z,] )({_NAME})", text)
    numbers = [number for number in _DIGITS.findall(text) if not re.fullmatch(_YEAR, number)]
    years = re.findall(_YEAR, text)
    return _Material(
        *(tuple(sorted({one.removesuffix("'s").removesuffix("’s") for one in found if len(one) > 1}))
          for found in (names, years, numbers))
    )  # fmt: skip


def _about(
    sentence: str, source: str, material: _Material, draw: random.Random
) -> Iterator[GeneratedStatement]:
    """Every statement that the rules make of one sentence."""
    plain = flat(sentence)
    for kind, reword in _REWORDINGS.items():
        said = reword(plain, material, draw)
        if said and said != plain:
            yield GeneratedStatement(said, True, kind, source, (sentence,))
    shorter = _shortened(plain, material, draw) or plain
    for kind, change in _CHANGES.items():
        said = change(draw.choice((plain, shorter)), material, draw)
        if said and said not in (plain, shorter):
            yield GeneratedStatement(said, False, kind, source, (sentence,))


def _shortened(sentence: str, _: _Material, __: random.Random) -> str | None:
    """Without asides: brackets, relative clauses between commas, an opening adverbial."""
    shorter = re.sub(r" \([^()]*\)", "", sentence)
    shorter = re.sub(r", (?:which|who|whose|where|including|such as) [^,;.]*,(?= )", "", shorter)
    shorter = re.sub(r", (?:which|who|whose|where|including|such as) [^,;.]*\.$", ".", shorter)
    opening = re.match(r"(?:In|On|At|During|After|By|For) [^,]{2,40}, (?=[A-Za-z])", shorter)
    if opening and not re.search(r"\b(?:not|never|no)\b", shorter):
        shorter = shorter[opening.end() :]
        shorter = shorter[0].upper() + shorter[1:]
    return shorter if shorter != sentence and len(shorter) > 30 else None


def _other_numbers(sentence: str, _: _Material, __: random.Random) -> str | None:
    """Digits for number words and number words for digits, up to twenty, and `per cent`."""

    def written(match: re.Match[str]) -> str:
        value = match.group()
        return _SMALL[int(value)] if value.isdecimal() and 1 < int(value) <= 20 else value

    words = "|".join(_SMALL[2:])
    changed = re.sub(rf"(?<![\w-])(?:{words})(?![\w-])", lambda m: str(_SMALL.index(m.group())),
                     sentence)  # fmt: skip
    if changed == sentence:
        dated = re.search(rf"{MONTHS}|%|\.\d", sentence)
        changed = sentence if dated else _DIGITS.sub(written, sentence)
    if changed == sentence:
        changed = re.sub(r"(?<=\d) ?%", " per cent", sentence)
    if changed == sentence:
        changed = re.sub(r"(?<=\d),(?=\d{3}\b)", "", sentence)
    return changed


def _other_date(sentence: str, _: _Material, draw: random.Random) -> str | None:
    """3 September for September 3, the other way round, or ordinals."""
    american = re.search(rf"\b({MONTHS}) (\d{{1,2}})(?:, (\d{{4}}))?(?!\d)", sentence)
    if american:
        month, day, year = american.groups()
        said = f"{day} {month}" if draw.random() < 0.6 else f"{_ordinal(int(day))} of {month}"
        said += f" {year}" if year else ""
        return sentence[: american.start()] + said + sentence[american.end() :]
    british = re.search(rf"\b(\d{{1,2}}) ({MONTHS})(?: (\d{{4}}))?", sentence)
    if british:
        day, month, year = british.groups()
        said = f"{month} {day}" + (f", {year}" if year else "")
        return sentence[: british.start()] + said + sentence[british.end() :]
    return None


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day // 10 != 1 else "th"
    return f"{day}{ending}"


def _other_voice(sentence: str, _: _Material, __: random.Random) -> str | None:
    """`X was founded by Y.` -> `Y founded X.`, where both are short and the verb regular."""
    match = re.fullmatch(
        rf"((?:The |An? )?[\w' -]{{3,60}}?) (?:{_BE}) (\w+ed) by ((?:the |an? )?[\w' -]{{3,60}})"
        r"((?: (?:in|on|during) [\w, ]+)?)\.",
        sentence,
    )
    if not match or re.search(r"\b(?:not|never|that|which|who|and)\b", match[1]):
        return None
    patient, verb, agent, rest = match.groups()
    opening = patient.split(" ")[0]
    patient = patient[0].lower() + patient[1:] if opening in ("The", "A", "An") else patient
    return f"{agent[0].upper()}{agent[1:]} {verb} {patient}{rest}."


def _other_spelling(sentence: str, _: _Material, __: random.Random) -> str | None:
    """Names without accents or with other hyphens and possessives, countries by other names."""
    bare = unicodedata.normalize("NFD", sentence)
    changed = "".join(char for char in bare if not unicodedata.combining(char))
    for name, other in (("U.S.", "US"), ("United States", "U.S."), ("United Kingdom", "UK"),
                        ("United Nations", "UN"), ("European Union", "EU")):  # fmt: skip
        if changed == sentence and name in sentence:
            changed = sentence.replace(name, other)
    if changed == sentence:
        of = re.search(rf"\bthe (\w+) of ((?:[A-Z][\w-]+)(?: [A-Z][\w-]+)?)(?= (?:{_BE})\b)", sentence)
        if of and of[1].islower():
            changed = sentence.replace(of.group(), f"{of[2]}'s {of[1]}", 1)
    return changed


def _wrong_number(sentence: str, material: _Material, draw: random.Random) -> str | None:
    found = [m for m in _DIGITS.finditer(sentence) if not re.fullmatch(_YEAR, m.group())]
    found = [m for m in found if not re.search(rf"(?:{MONTHS}) $", sentence[: m.start()])]
    found = [m for m in found if not re.match(rf" (?:{MONTHS})", sentence[m.end() :])]
    words = list(re.finditer(rf"(?<![\w-])(?:{'|'.join(_SMALL[2:])})(?![\w-])", sentence))
    if found:
        match = draw.choice(found)
        others = [number for number in material.numbers if number not in sentence]
        wrong = draw.choice(others) if others and draw.random() < 0.6 else _near(match.group(), draw)
    elif words:
        match = draw.choice(words)
        wrong = draw.choice([word for word in _SMALL[2:] if word not in sentence.lower()])
    else:
        return None
    if wrong == match.group() or re.search(rf"(?<!\d){re.escape(wrong)}(?!\d)", sentence):
        return None
    return sentence[: match.start()] + wrong + sentence[match.end() :]


def _near(number: str, draw: random.Random) -> str:
    """Another number of the same shape."""
    place = draw.choice([at for at, char in enumerate(number) if char.isdecimal()])
    others = [digit for digit in "123456789" if digit != number[place]]
    return number[:place] + draw.choice(others) + number[place + 1 :]


def _wrong_date(sentence: str, material: _Material, draw: random.Random) -> str | None:
    day = re.search(rf"(?:{MONTHS}) (\d{{1,2}})(?!\d)|\b(\d{{1,2}}) (?:{MONTHS})", sentence)
    month = re.search(rf"(?:(?<=in )|(?<=of )|(?<=\d )|(?<=on ))(?:{MONTHS})\b", sentence)
    years = list(re.finditer(_YEAR, sentence))
    choices: list[tuple[int, int, str]] = []
    if day:
        group = 1 if day[1] else 2
        choices.append((*day.span(group), str(draw.randint(1, 28))))
    if month:
        choices.append((*month.span(), draw.choice(MONTHS.split("|"))))
    if years:
        year = draw.choice(years)
        others = [other for other in material.years if other not in sentence]
        moved = str(int(year.group()) + draw.choice((-20, -10, -3, -1, 1, 2, 5, 10)))
        choices.append(
            (*year.span(), draw.choice(others) if others and draw.random() < 0.5 else moved)
        )
    if not choices:
        return None
    start, end, wrong = draw.choice(choices)
    return None if wrong in sentence else sentence[:start] + wrong + sentence[end:]


def _wrong_name(sentence: str, material: _Material, draw: random.Random) -> str | None:
    there = list(re.finditer(rf"(?<=[a-z,] ){_NAME}", sentence))
    there = [match for match in there if not re.search(MONTHS, match.group())]
    others = [
        name
        for name in material.names
        if not set(re.findall(r"\w{3,}", name)) & set(re.findall(r"\w{3,}", sentence))
        and not re.search(MONTHS, name)
    ]
    if not there or not others:
        return None
    match = draw.choice(there)
    return sentence[: match.start()] + draw.choice(others) + sentence[match.end() :]


def _denied(sentence: str, _: _Material, __: random.Random) -> str | None:
    negation = re.search(r" not (?!only|just|until|all|yet)", sentence)
    if negation:
        return sentence[: negation.start()] + " " + sentence[negation.end() :]
    auxiliary = re.search(rf"\b(?:{_BE}|has|had|have|can|could|will|would|may)\b(?= [a-z])", sentence)
    if not auxiliary or re.search(r"\b(?:no|never|none|neither|nor|without)\b", sentence):
        return None
    if auxiliary.group() in ("has", "had", "have") and not re.match(
        r" \w+(?:ed|en)\b", sentence[auxiliary.end() :]
    ):
        return None
    return sentence[: auxiliary.end()] + " not" + sentence[auxiliary.end() :]


def _swapped(sentence: str, _: _Material, __: random.Random) -> str | None:
    """The two names on either side of a verb change places."""
    names = list(re.finditer(_NAME, sentence))
    for one, other in pairwise(names):
        between = sentence[one.end() : other.start()]
        opens = one.group().split(" ")[0]
        plain = re.fullmatch(r" (?:\w+ ){0,2}\w+ed (?:\w+ ){0,3}", between)
        barred = re.search(r"\b(?:and|or|as|with|in|on|at|between|from)\b", between)
        if plain and not barred and opens not in ("The", "A", "In", "It", "He", "This", "They"):
            return (
                sentence[: one.start()] + other.group() + between + one.group()
                + sentence[other.end() :]
            )  # fmt: skip
    return None


def _overstated(sentence: str, _: _Material, draw: random.Random) -> str | None:
    weak = [word for word in _STRONGER if re.search(rf"\b{word}\b", sentence)]
    if not weak or re.search(r"\b(?:all|every|only|always|entirely|whole|entire)\b", sentence):
        return None
    word = draw.choice(weak)
    return re.sub(rf"\b{word}\b", _STRONGER[word], sentence, count=1)


def _answered(
    asked: Sequence[SquadQuestion], text: str, draw: random.Random
) -> Iterator[GeneratedStatement]:
    """Questions joined with their answers, and with answers of the same sort to other questions."""
    spans = [(s.start, s.end) for s in split(text)]
    source = asked[0].source if asked else ""
    pool = sorted({answer for question in asked for answer, _ in question.answers})
    for question in asked:
        if not question.answers:
            continue
        answer, at = min(question.answers, key=lambda given: (len(given[0]), given))
        evidence = next((text[a:b] for a, b in spans if a <= at < b), None)
        said = joined(question.question, answer)
        if said is None or evidence is None or answer not in evidence:
            continue
        yield GeneratedStatement(said, True, "answer", source, (evidence,))
        sort = _sort(answer)
        others = [
            other
            for other in pool
            if _sort(other) == sort
            and not set(re.findall(r"\w+", other.lower())) & set(re.findall(r"\w+", evidence.lower()))
        ]
        wrong = joined(question.question, draw.choice(others)) if others and sort else None
        if wrong:
            yield GeneratedStatement(wrong, False, f"answer_{sort}", source, (evidence,))


def _sort(answer: str) -> str:
    if re.fullmatch(rf"(?:(?:{MONTHS}) )?(?:\d{{1,2}}, )?(?:{_YEAR})", answer):
        return "date"
    if re.fullmatch(r"[$£€]?\d[\d,.]*(?: (?:million|billion|percent|%))?%?", answer):
        return "number"
    return "name" if re.fullmatch(_NAME, answer) else ""


def joined(question: str, answer: str) -> str | None:
    """A question and its answer as a statement, None where no simple rule does it."""
    question = flat(question).removesuffix("?").strip()
    answer = flat(answer).strip(" .,;")
    where = answer if re.match(_PREPOSITION, answer, re.IGNORECASE) else f"in {answer}"
    subject = re.fullmatch(
        rf"(?:Who|What|Which) ((?:[a-z]+ ){{0,2}}?)((?!did\b|do\b|does\b|kinds?\b|types?\b)"
        rf"(?:\w+ed|had|has|led|won|made|gave|took|became|began|wrote|built|ruled|helped)\b .+)",
        question,
    )
    if subject:
        return _sentence(f"{answer} {subject[2]}")
    about = re.fullmatch(rf"(?:What|Who) ({_BE}) (the (?:(?!\bwho\b|\bthat\b|\bin which\b).)+)", question)
    if about and not re.search(r" (?:called|named|known|made|used|about|for|like|to)$", question):
        return _sentence(f"{about[2]} {about[1]} {answer}")
    happened = re.fullmatch(
        rf"(?:When|Where|(?:In )?[Ww]h(?:at|ich) (?:year|city|country|century)) ({_BE}) (.+?) "
        r"((?:first )?(?:\w{3,}ed|born|built|held|written|found|made|begun|set up))((?: .+)?)",
        question,
    )
    if happened:
        where = where.replace("in on", "on")
        if re.match(rf"(?:{MONTHS}) \d", answer):
            where = f"on {answer}"
        return _sentence(f"{happened[2]} {happened[1]} {happened[3]}{happened[4]} {where}")
    many = re.fullmatch(r"How many ((?:\w+ ){1,3}?)((?:are|were|is|was|have|had|has|live) .+)", question)
    if many:
        return _sentence(f"{answer} {many[1]}{many[2]}")
    return None


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."


_REWORDINGS: dict[str, Change] = {
    "verbatim": lambda sentence, _, __: sentence.rstrip(".") + " .",
    "shortened": _shortened,
    "number_words": _other_numbers,
    "date_order": _other_date,
    "voice": _other_voice,
    "spelling": _other_spelling,
}
_CHANGES: dict[str, Change] = {
    "number": _wrong_number,
    "date": _wrong_date,
    "name": _wrong_name,
    "negation": _denied,
    "role": _swapped,
    "overclaim": _overstated,
}

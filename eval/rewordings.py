"""A sentence -> the same in other words, or another that it does not bear out, by rule.

Evidence is measured on what these rules make and fitted on what those of `eval.fitting` make: with
the same, it would be asked what it was told.
"""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NAME = r"[A-Z][\w'’-]+(?: (?:of |the )?[A-Z][\w'’-]+)*"
YEAR = r"(?<![\d,.])1\d{3}(?![\d,.%]\d)|(?<![\d,.])20[0-2]\d(?![\d,.%]\d)"
_DIGITS = re.compile(r"(?<![\w.,$£€/-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w/]|[.,-]\d)")
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
).split()
BE = "is|was|are|were"
_STRONGER = {
    "some": "all", "many": "all", "most": "all", "several": "all", "often": "always",
    "usually": "always", "sometimes": "always", "frequently": "always", "generally": "always",
    "mainly": "only", "mostly": "only", "largely": "entirely", "partly": "entirely",
    "one of the": "the only one of the", "among the": "the only one of the",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Material:
    """What can be put into the place of something else in an article."""

    names: tuple[str, ...]
    years: tuple[str, ...]
    numbers: tuple[str, ...]


Change = Callable[[str, Material, random.Random], str | None]
"""A sentence -> another one, None where it does not apply."""


def material(text: str) -> Material:
    """The names, years and numbers of an article."""
    names = re.findall(rf"(?<=[a-z,] )({NAME})", text)
    numbers = [number for number in _DIGITS.findall(text) if not re.fullmatch(YEAR, number)]
    years = re.findall(YEAR, text)
    return Material(
        *(
            tuple(sorted({re.sub("['’]s$", "", one) for one in found if len(one) > 1}))
            for found in (names, years, numbers)
        )
    )


def shortened(sentence: str, _: Material, __: random.Random) -> str | None:
    """Without asides: brackets, relative clauses between commas, an opening adverbial."""
    shorter = re.sub(r" \([^()]*\)", "", sentence)
    shorter = re.sub(r", (?:which|who|whose|where|including|such as) [^,;.]*,(?= )", "", shorter)
    shorter = re.sub(r", (?:which|who|whose|where|including|such as) [^,;.]*\.$", ".", shorter)
    opening = re.match(r"(?:In|On|At|During|After|By|For) [^,]{2,40}, (?=[A-Za-z])", shorter)
    if opening and not re.search(r"\b(?:not|never|no)\b", shorter):
        shorter = shorter[opening.end() :]
        shorter = shorter[0].upper() + shorter[1:]
    return shorter if shorter != sentence and len(shorter) > 30 else None


def _other_numbers(sentence: str, _: Material, __: random.Random) -> str | None:
    """Digits for number words and number words for digits, up to twenty, and `per cent`."""

    def written(match: re.Match[str]) -> str:
        value = match.group()
        return _SMALL[int(value)] if value.isdecimal() and 1 < int(value) <= 20 else value

    words = "|".join(_SMALL[2:])
    whole = rf"(?<![\w-])(?:{words})(?![\w-]| (?:hundred|thousand|million))"
    changed = re.sub(whole, lambda match: str(_SMALL.index(match.group())), sentence)
    if changed == sentence:
        dated = re.search(rf"{MONTHS}|%|\.\d", sentence)
        changed = sentence if dated else _DIGITS.sub(written, sentence)
    if changed == sentence:
        changed = re.sub(r"(?<=\d) ?%", " per cent", sentence)
    if changed == sentence:
        changed = re.sub(r"(?<=\d),(?=\d{3}\b)", "", sentence)
    return changed


def _other_date(sentence: str, _: Material, draw: random.Random) -> str | None:
    """3 September for September 3, the other way round, or ordinals."""
    american = re.search(rf"\b({MONTHS}) (\d{{1,2}})(?:, (\d{{4}}))?(?!\d)", sentence)
    if american:
        month, day, year = american.groups()
        said = f"{day} {month}" if draw.random() < 0.6 else f"{_ordinal(int(day))} of {month}"
        said += f" {year}" if year else ""
        return sentence[: american.start()] + said + sentence[american.end() :]
    british = re.search(rf"(?<![–-])\b(\d{{1,2}}) ({MONTHS})(?: (\d{{4}}))?", sentence)
    if british:
        day, month, year = british.groups()
        said = f"{month} {day}" + (f", {year}" if year else "")
        return sentence[: british.start()] + said + sentence[british.end() :]
    return None


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day // 10 != 1 else "th"
    return f"{day}{ending}"


def _other_voice(sentence: str, _: Material, __: random.Random) -> str | None:
    """`X was founded by Y.` -> `Y founded X.`, where both are short and the verb regular."""
    match = re.fullmatch(
        rf"((?:The |An? )?[\w' -]{{3,60}}?) (?:{BE}) (\w+ed) by ((?:the |an? )?[\w' -]{{3,60}})"
        r"((?: (?:in|on|during) [\w, ]+)?)\.",
        sentence,
    )
    if not match or re.search(r"\b(?:not|never|that|which|who|and)\b", match[1]):
        return None
    patient, verb, agent, rest = match.groups()
    opening = patient.split(" ")[0]
    patient = patient[0].lower() + patient[1:] if opening in ("The", "A", "An") else patient
    return f"{agent[0].upper()}{agent[1:]} {verb} {patient}{rest}."


def _other_spelling(sentence: str, _: Material, __: random.Random) -> str | None:
    """Names without accents or with other hyphens and possessives, countries by other names."""
    bare = unicodedata.normalize("NFD", sentence)
    changed = "".join(char for char in bare if not unicodedata.combining(char))
    for name, other in (("U.S.", "US"), ("United States", "U.S."), ("United Kingdom", "UK"),
                        ("United Nations", "UN"), ("European Union", "EU")):  # fmt: skip
        if changed == sentence and name in sentence:
            changed = sentence.replace(name, other)
    if changed == sentence:
        of = re.search(
            rf"\bthe (\w+) of ((?:[A-Z][\w-]+)(?: [A-Z][\w-]+)?)(?= (?:{BE})\b)", sentence
        )
        if of and of[1].islower():
            changed = sentence.replace(of.group(), f"{of[2]}'s {of[1]}", 1)
    return changed


def _wrong_number(sentence: str, material: Material, draw: random.Random) -> str | None:
    found = [m for m in _DIGITS.finditer(sentence) if not re.fullmatch(YEAR, m.group())]
    found = [m for m in found if not re.search(rf"(?:{MONTHS}) $", sentence[: m.start()])]
    found = [m for m in found if not re.match(rf" (?:{MONTHS})", sentence[m.end() :])]
    words = list(re.finditer(rf"(?<![\w-])(?:{'|'.join(_SMALL[2:])})(?![\w-])", sentence))
    if found:
        match = draw.choice(found)
        others = [number for number in material.numbers if number not in sentence]
        wrong = (
            draw.choice(others) if others and draw.random() < 0.6 else _near(match.group(), draw)
        )
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


def _wrong_date(sentence: str, material: Material, draw: random.Random) -> str | None:
    day = re.search(rf"(?:{MONTHS}) (\d{{1,2}})(?!\d)|\b(\d{{1,2}}) (?:{MONTHS})", sentence)
    month = re.search(rf"(?:(?<=in )|(?<=of )|(?<=\d )|(?<=on ))(?:{MONTHS})\b", sentence)
    years = list(re.finditer(YEAR, sentence))
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


def _wrong_name(sentence: str, material: Material, draw: random.Random) -> str | None:
    there = list(re.finditer(rf"(?<=[a-z,] ){NAME}", sentence))
    there = [match for match in there if not re.search(MONTHS, match.group())]
    words = set(re.findall(r"\w{3,}", sentence))
    tried = draw.sample(material.names, min(12, len(material.names)))
    others = [
        name
        for name in tried
        if not words & set(re.findall(r"\w{3,}", name)) and not re.search(MONTHS, name)
    ]
    if not there or not others:
        return None
    match = draw.choice(there)
    return sentence[: match.start()] + draw.choice(others) + sentence[match.end() :]


def _denied(sentence: str, _: Material, __: random.Random) -> str | None:
    negation = re.search(r" not (?!only|just|until|all|yet)", sentence)
    if negation:
        return sentence[: negation.start()] + " " + sentence[negation.end() :]
    auxiliary = re.search(
        rf"\b(?:{BE}|has|had|have|can|could|will|would|may)\b(?= [a-z])", sentence
    )
    if not auxiliary or re.search(r"\b(?:no|never|none|neither|nor|without)\b", sentence):
        return None
    if auxiliary.group() in ("has", "had", "have") and not re.match(
        r" \w+(?:ed|en)\b", sentence[auxiliary.end() :]
    ):
        return None
    return sentence[: auxiliary.end()] + " not" + sentence[auxiliary.end() :]


def _swapped(sentence: str, _: Material, __: random.Random) -> str | None:
    """The two names on either side of a verb change places."""
    names = list(re.finditer(NAME, sentence))
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


def _overstated(sentence: str, _: Material, draw: random.Random) -> str | None:
    weak = [word for word in _STRONGER if re.search(rf"\b{word}\b", sentence)]
    if not weak or re.search(r"\b(?:all|every|only|always|entirely|whole|entire)\b", sentence):
        return None
    word = draw.choice(weak)
    return re.sub(rf"\b{word}\b", _STRONGER[word], sentence, count=1)


EXACT = ("number_words", "spelling")
"""Rewordings that would change what stands in quotation marks."""

REWORDINGS: dict[str, Change] = {
    "verbatim": lambda sentence, _, __: sentence.rstrip(".") + " .",
    "shortened": shortened,
    "number_words": _other_numbers,
    "date_order": _other_date,
    "voice": _other_voice,
    "spelling": _other_spelling,
}
CHANGES: dict[str, Change] = {
    "number": _wrong_number,
    "date": _wrong_date,
    "name": _wrong_name,
    "negation": _denied,
    "role": _swapped,
    "overclaim": _overstated,
}

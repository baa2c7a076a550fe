"""A sentence -> statements that it bears out, and statements that it does not."""

import re
from collections.abc import Sequence
from random import Random

from rag.segmentation import flat

_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:of |the |de |von |van |du |al-)?[A-Z][\w’'-]+)*")
_OPENERS = frozenset(
    re.findall(
        r"\w+",
        """The A An In On At It He She They This That These Those His Her Their Its As By For From
        With After Before During When While Although However But And Or If There Some Many Most
        Other Such Since Until To Of One Two Three Another Both Each All No Not Who Whom Whose What
        Which Where Why How""",
    )
)
_MONTHS = re.findall(
    r"\w+",
    """January February March April May June July August September October November December""",
)
_NUMBERS = re.findall(r"\w+", "one two three four five six seven eight nine ten eleven twelve")
_MONTH = "|".join(_MONTHS)
_BREAK = re.compile(
    r",? (?:and|but|while|although|because|when|which|who|where|after|before|with|including|as)\b"
    r"|[,;:–—(]"
)
_LED_IN = re.compile(
    r"(?:In|On|At|After|During|By|Since|Following|Under|As|While|When|Despite|For)\b"
    r"[^,]{3,60}, (.+)$"
)
_DENIED = re.compile(
    r"\b(was|were|is|are|has|have|had|could|would|will|should|did|does|do|can) not\b|\b(can)not\b",
    re.I,
)
_DENIABLE = re.compile(
    r"\b(?:was|were|is|are|has|have|had|could|can|would|will|should|may|might|must|did|does|do)\b"
    r"(?! not\b)"
)
_PAST = re.compile(r"\b(\w{3,}ed)\b(?= (?:the|an?|his|her|its|their|to|in|on|from|by|with)\b)")
_CONTRARIES = {
    one: other
    for pair in re.findall(
        r"(\w+)/(\w+)",
        """accepted/rejected increased/decreased increase/decrease rose/fell won/lost before/after
        supported/opposed began/ended allowed/forbade agreed/refused joined/left arrived/left
        included/excluded gained/lost north/south east/west northern/southern eastern/western
        more/fewer largest/smallest higher/lower high/low early/late earlier/later first/last
        major/minor strong/weak rich/poor old/new above/below with/without success/failure
        successful/unsuccessful victory/defeat attacked/protected praised/criticised
        confirmed/denied approved/rejected permitted/banned strengthened/weakened improved/worsened
        possible/impossible legal/illegal public/private opened/closed built/destroyed
        created/destroyed advanced/retreated failed/succeeded likely/unlikely known/unknown many/few
        always/never often/rarely increased/reduced expanded/shrank invited/expelled present/absent
        welcomed/condemned peaceful/violent ally/enemy allies/enemies friendly/hostile""",
    )
    for one, other in (pair, pair[::-1])
}
_OVERSTATED = (
    (r"\bsome\b", "all"),
    (r"\bmany\b", "all"),
    (r"\bmost\b", "all"),
    (r"\bseveral\b", "all"),
    (r"\bone of the\b", "the"),
    (r"\boften\b", "always"),
    (r"\busually\b", "always"),
    (r"\bsometimes\b", "always"),
    (r"\bmay\b", "will"),
    (r"\bmight\b", "will certainly"),
    (r"\babout\b", "exactly"),
    (r"\bpartly\b", "entirely"),
    (r"\bsuggested\b", "proved"),
    (r"\bclaimed\b", "proved"),
    (r"\bbelieved to\b", "proven to"),
    (r"\bpossibly\b", "certainly"),
    (r"\bnearly\b", "more than"),
    (r"\ba\b", "the only"),
    (r"\bmainly\b", "only"),
    (r"\bprimarily\b", "exclusively"),
    (r"\bincluding\b", "consisting only of"),
    (r"\bexpected to\b", "certain to"),
)
_PASSIVE = re.compile(
    r"(?P<object>[^,;:()]{3,80}?) (?P<be>was|were|is|are) (?:\w+ly )?"
    r"(?P<verb>\w+ed|built|led|made|held|won|sent|found|brought|taught|fought|sold|bought|lost|met)"
    r" (?:[^,;:()]{0,40}? )?by (?P<subject>[^,;:()]{3,60}?)"
    r"(?:[,;.(]| (?:in|on|at|during|after|from|for|to|who|which|and|as|because) )"
)
_WORD = re.compile(r"(?<![\w’'-])[a-z]{5,}(?![\w’'-])")
_VERB = re.compile(r"\b(?:was|were|is|are|had|has|have|would|could|can|did)\b")
_STANDS_FOR = re.compile(r"(?:He|She|They|It)(?= \w)|(?:His|Her|Their|Its)(?= \w)")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|this|that|who|which)\b", re.I)


def names(sentence: str) -> list[tuple[str, int]]:
    """The capitalised names in a sentence, and where each begins."""
    found = []
    for match in _NAME.finditer(sentence):
        words, start = match[0].split(" "), match.start()
        while words and words[0] in _OPENERS:
            start += len(words.pop(0)) + 1
        if words:
            found.append((" ".join(words), start))
    return found


def named(sentence: str, before: str) -> tuple[str, str] | None:
    """What a sentence says that begins with a pronoun, with the name that the sentence `before` it
    begins with in its place, and that name; None where there is no such thing."""
    pronoun, there = _STANDS_FOR.match(sentence), names(before)
    if not pronoun or not there:
        return None
    name, at = there[0]
    if before[:at] not in ("", "The "):
        return None
    possessive = "’s" if pronoun[0] in ("His", "Her", "Their", "Its") else ""
    return name + possessive + sentence[pronoun.end() :], name


def true_forms(sentence: str) -> list[str]:
    """Statements that the sentence bears out: parts of it, and other ways to write its numbers."""
    found = [sentence, *_beginnings(sentence)]
    if led_in := _LED_IN.match(sentence):
        main = led_in[1][0].upper() + led_in[1][1:]
        found += [main, *_beginnings(main)]
    return [form for form in found if len(form.split()) >= 5]


def rewritten(sentence: str) -> str | None:
    """The sentence with a number in words for digits or the other way, or a date turned round."""
    if found := re.search(r"\b([2-9]|1[0-2])\b(?![.,]\d)", sentence):
        return _put(sentence, found, _NUMBERS[int(found[0]) - 1])
    if found := re.search(rf"\b(?:{'|'.join(_NUMBERS[1:])})\b", sentence):
        return _put(sentence, found, str(_NUMBERS.index(found[0]) + 1))
    if found := re.search(rf"\b(\d{{1,2}}) ({_MONTH})\b", sentence):
        return _put(sentence, found, f"{found[2]} {found[1]}")
    if found := re.search(rf"\b({_MONTH}) (\d{{1,2}})\b", sentence):
        return _put(sentence, found, f"{found[2]} {found[1]}")
    return None


def voices(sentence: str) -> tuple[list[str], list[str]]:
    """Of a passive sentence: what it says in both voices, and the same with the roles swapped."""
    found = _PASSIVE.match(sentence)
    if not found or _PRONOUN.search(found["object"] + " " + found["subject"]):
        return [], []
    subject, verb, be, other = (found[part] for part in ("subject", "verb", "be", "object"))
    lowered = other[0].lower() + other[1:] if other.split()[0] in _OPENERS else other
    true = [f"{subject} {verb} {lowered}", f"{other} {be} {verb} by {subject}"]
    false = [f"{other} {verb} {subject}", f"{subject} {be} {verb} by {lowered}"]
    return [_sentence(one) for one in true], [_sentence(one) for one in false]


def false_forms(
    form: str, sentence: str, others: Sequence[str], beside: str, rng: Random
) -> dict[str, str]:
    """Statements by kind that `sentence` does not bear out, made of a true form of it.

    `others` are names that stand elsewhere in the article, `beside` is a sentence near it.
    """
    found = {
        "role": _roles_swapped(form, rng),
        "name": _renamed(form, sentence, others, rng),
        "number": _renumbered(form, sentence, rng),
        "date": _redated(form, rng),
        "negation": _denied(form, rng),
        "overclaim": _overstated(form, rng),
        "word": _reworded(form, sentence, beside, rng),
        "mixed": _mixed(form, sentence, beside),
    }
    return {kind: flat(false) for kind, false in found.items() if false and false != form}


def _beginnings(sentence: str) -> list[str]:
    cuts = [found.start() for found in _BREAK.finditer(sentence) if found.start() >= 25]
    return [sentence[:cut].rstrip(" ,") + "." for cut in cuts]


def _roles_swapped(form: str, rng: Random) -> str | None:
    there = [one for one in names(form) if len(one[0]) > 2]
    if len(there) < 2:
        return None
    (one, at), (other, there_at) = sorted(rng.sample(there, 2), key=lambda name: name[1])
    if one in other or other in one:
        return None
    between = form[at + len(one) : there_at]
    return form[:at] + other + between + one + form[there_at + len(other) :]


def _renamed(form: str, sentence: str, others: Sequence[str], rng: Random) -> str | None:
    there = [one for one in names(form) if len(one[0]) > 2]
    new = [name for name in others if name not in sentence]
    if not there or not new:
        return None
    name, at = rng.choice(there)
    return form[:at] + rng.choice(new) + form[at + len(name) :]


def _renumbered(form: str, sentence: str, rng: Random) -> str | None:
    digits = list(re.finditer(r"(?<![\w.,])(?:\d[\d,]*\d|\d)(?![\w.]*\d)", form))
    words = list(re.finditer(rf"\b(?:{'|'.join(_NUMBERS[1:])})\b", form))
    if not digits:
        return _put(form, rng.choice(words), rng.choice(_NUMBERS)) if words else None
    found = rng.choice(digits)
    value = int(found[0].replace(",", ""))
    if 1000 <= value < 2100 and "," not in found[0]:
        new = str(value + rng.choice((-30, -10, -3, -2, -1, 1, 2, 3, 10, 20)))
    elif value < 13:
        new = str(value + rng.choice((1, 2, 3)))
    else:
        new = f"{int(value * rng.choice((0.1, 0.5, 0.8, 1.2, 1.5, 2, 10))):,}"
    return _put(form, found, new) if new not in sentence else None


def _redated(form: str, rng: Random) -> str | None:
    found = re.search(rf"\b(?:{_MONTH})\b", form)
    return _put(form, found, rng.choice(_MONTHS)) if found else None


def _denied(form: str, rng: Random) -> str | None:
    """The form with a denial put in or taken out, or a word in place of its contrary."""
    contraries = [f for f in re.finditer(r"\w+", form) if f[0].lower() in _CONTRARIES]
    if contraries and rng.random() < 0.5:
        found = rng.choice(contraries)
        return _put(form, found, _CONTRARIES[found[0].lower()])
    if denied := _DENIED.search(form):
        return _put(form, denied, denied[1] or denied[2])
    if deniable := _DENIABLE.search(form):
        return _put(form, deniable, deniable[0] + rng.choice((" not", " never")))
    if past := _PAST.search(form):
        stem = re.sub(r"ed$", "", past[1])
        return _put(form, past, rng.choice((f"never {past[1]}", f"refused to {stem}")))
    return None


def _overstated(form: str, rng: Random) -> str | None:
    found = [(f, new) for old, new in _OVERSTATED for f in re.finditer(old, form)]
    return _put(form, *rng.choice(found)) if found else None


def _reworded(form: str, sentence: str, beside: str, rng: Random) -> str | None:
    """The form with one of its words in lower case changed for one of the other sentence that ends
    as it does."""
    new: dict[str, list[str]] = {}
    for word in _WORD.findall(beside):
        if word not in sentence:
            new.setdefault(word[-2:], []).append(word)
    found = [one for one in _WORD.finditer(form) if one[0][-2:] in new]
    if not found:
        return None
    old = rng.choice(found)
    return _put(form, old, rng.choice(new[old[0][-2:]]))


def _mixed(form: str, sentence: str, beside: str) -> str | None:
    """How the form begins, and how the other sentence goes on after its verb."""
    begun, other = _VERB.search(form), _VERB.search(beside)
    if not begun or not other or beside[other.end() :] in sentence:
        return None
    mixed = form[: begun.end()] + beside[other.end() :]
    return mixed if begun[0] == other[0] else None


def _put(sentence: str, found: re.Match[str], new: str) -> str:
    return sentence[: found.start()] + new + sentence[found.end() :]


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."

"""A text -> its words, freed of what only looks different: dashes, quotes, accents, endings."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_ALIKE = str.maketrans(
    dict.fromkeys("’‘‛ʼ`´′", "'") | dict.fromkeys("“”„«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_LETTERS = str.maketrans("đĐłŁøØıæœÆŒ", "dDlLoOiaoAO", "ʹʺ")
_SPACED_THOUSANDS = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_NOTE = re.compile(r"(?:(?<=[^\W\d_]{4})|(?<=[.,;:!?)\"'”’])|(?<=\d\d)(?<!\b10))[⁰¹²³⁴-⁹]+")
_POWER = re.compile(r"(?=[⁰¹²³⁴-⁹])(?<![⁰¹²³⁴-⁹])")
_MIXED = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_TOKEN = re.compile(
    r"\d+(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
    r"|(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:'[^\W\d_]+)*|\S"
)
CLAUSE_ENDS = frozenset(", ; : . ? ! ( ) but which who because although while whereas".split())
"""Keys at which what a word denies, or makes doubtful, is over."""

_ENDINGS = (
    "ization isation ations ation ition ments ment ness ities ity ances ance ences ence ively ive"
    " ally al ly ers er ors or ions ion ing ed es s e y"
).split()


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark. `key` is it in lower case without accents and possessive; `glued`
    tells that no space stands before it."""

    text: str
    key: str
    start: int
    end: int
    glued: bool

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.key[:1].isalpha()

    @property
    def is_number(self) -> bool:
        """Whether it is made of digits."""
        return self.key[:1].isdecimal()

    @property
    def capital(self) -> bool:
        """Whether it is a word that begins with a capital."""
        return self.text[:1].isupper()


@cache
def tables() -> Mapping[str, str]:
    """The tables of English words, each as one text."""
    return tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))


@cache
def listed(name: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(tables()[name].split())


@cache
def stems(name: str) -> frozenset[str]:
    """The stems of a table's words."""
    return frozenset(stem(word) for word in tables()[name].split())


@cache
def families(name: str) -> tuple[frozenset[str], ...]:
    """The lines of a table as sets of words."""
    return tuple(frozenset(line.split()) for line in tables()[name].split("\n") if line.strip())


def plain(text: str) -> str:
    """`text` on one line, without invisible characters and the marks of notes (`69¹`); alike
    quotes, dashes and spaces are one."""
    text = _SPACED_THOUSANDS.sub(",", text)
    if not text.isascii():
        text = _MIXED.sub(" ", _POWER.sub("^", _NOTE.sub("", text)))
        text = unicodedata.normalize("NFKC", text).translate(_ALIKE)
        text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(text.split())


def asserted(statement: str) -> str:
    """What a statement says, without what joins it to those before it: "In fact,", "But"."""
    found = _connective().match(statement)
    rest = statement[found.end() :] if found else statement
    return rest[:1].upper() + rest[1:] if found else statement


@cache
def _connective() -> re.Pattern[str]:
    phrases = "|".join(map(re.escape, tables()["connectives"].splitlines()))
    return re.compile(rf"(?:(?:and|but)\s+|(?:{phrases})(?:(?<=that)\s+|\s*[,:]\s+))+(?=\w)", re.I)


def key(word: str) -> str:
    """`word` in lower case, without accents, dots and the possessive ending."""
    if not word.isascii():
        parts = unicodedata.normalize("NFD", word.translate(_LETTERS))
        word = "".join(char for char in parts if not unicodedata.combining(char)) or word
    word = word.lower()
    if word.endswith("'s"):
        word = word[:-2]
    return word.replace(".", "") if "." in word and not word[0].isdecimal() else word


def tokens(text: str) -> tuple[Token, ...]:
    """The words, numbers and marks of a plain text, in order."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        found.append(
            Token(word, key(word) or word, match.start(), match.end(), match.start() == end)
        )
        end = match.end()
    return tuple(found)


@cache
def _bases() -> Mapping[str, str]:
    families_ = (line.split() for line in tables()["irregular"].split("\n") if line.strip())
    return {form: base for base, *forms in families_ for form in (base, *forms)}


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """The base form of a word's key: `made` and `making` -> `make`, `countries` -> `country`."""
    if base := _bases().get(word):
        return base
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and re.search("[aeiouy]", rest):
            if rest[-1] == rest[-2] and rest[-1] not in "lsz":
                return rest[:-1]
            return rest
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What a word's key shares with its relatives: `invited`, `invitation` -> `invit`."""
    word = lemma(word)
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 3:
            word = rest
            break
    word = word.removesuffix("e") if len(word) > 4 else word
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


def is_content(token: Token) -> bool:
    """Whether it is a word that carries a meaning of its own."""
    return token.is_word and len(token.key) > 1 and token.key not in listed("function")

"""What must stand in the quotes as it is written: quoted phrases and addresses."""

import re
from collections.abc import Iterator, Sequence

from rag.evidence.mechanical.reading import Reading

_QUOTED = re.compile(
    r'^([^"]*[^\s\d("])"(?!\w)|"([^"]*)(?:"|$)'
    r"|(?<!\w)'((?:[^']|(?<=\w)'(?=\w))+?)'(?!\w)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_ADDRESS = re.compile(
    r"(?<![\w.+-])(?:[a-z]+://|www\.|(?:[\w-]+\.)+[a-z]{2,}/)[^\s<>()\[\]\"]+"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^(?:[a-z]+://)?(?:www\.)?")


def phrase_objections(
    said: Reading, quotes: Sequence[Reading], beside: Sequence[Reading]
) -> Iterator[str]:
    """Quoted phrases that do not stand in the quotes word for word; of several sentences all but
    one may stand in those `beside`. A mark without another opens or closes a phrase too, but for
    that of inches."""
    there = "|".join(_bare(quote.text) for quote in quotes)
    around = "|".join(_bare(reading.text) for reading in beside)
    for match in _QUOTED.finditer(said.text):
        phrase = match[1] or match[2] or match[3] or ""
        spoken = [bare for bare in map(_bare, _SENTENCE_END.split(phrase)) if bare.strip()]
        missing = [bare for bare in spoken if bare not in there]
        if spoken and (missing == spoken or any(bare not in around for bare in missing)):
            yield f'"{phrase}" is not in the quotes word for word'


def address_objections(said: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Addresses of pages and letter boxes that the quotes do not have."""
    there = " ".join(quote.text.lower() for quote in quotes)
    for match in _ADDRESS.finditer(said.text):
        address = match.group().rstrip(".,;:!?'/")
        if _SCHEME.sub("", address.lower()) not in there:
            yield f'"{address}" is not in the quotes'


def _bare(text: str) -> str:
    """Text as spaced words, without marks and case."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.lower())) + " "
